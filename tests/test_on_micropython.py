"""The shared tests once more, on a real 32-bit MicroPython: a case for each module."""

import re
import subprocess
from pathlib import Path

import pytest

from system.micropython import environment

TESTS = Path(__file__).resolve().parent
MODULES = sorted((TESTS / "shared").rglob("test_*.py"))
LIMIT_S = 300  # on a busy machine; the slowest module takes a tenth of it
HEAP = "heapsize=32m"  # the Unix port's two megabytes are less than 100,000 random frames need


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_module_passes_on_micropython(module: Path, micropython: Path) -> None:
    run = run_modules(micropython, module.parent, module.stem)

    assert run.returncode == 0, run.stdout + run.stderr
    functions = re.findall(r"^def test_", module.read_text(), re.M)
    assert f"micropython: {len(functions)} passed, 0 failed" in run.stdout


def test_a_failing_test_fails_the_run_and_says_where(micropython: Path, tmp_path: Path) -> None:
    source = "def test_wrong():\n    assert 1 == 2, 'so it is'\ndef test_right():\n    pass\n"
    (tmp_path / "test_planted.py").write_text(source)

    run = run_modules(micropython, tmp_path, "test_planted")

    assert run.returncode == 1
    assert "FAIL test_planted test_wrong" in run.stdout
    assert "so it is" in run.stdout
    assert "1 passed, 1 failed" in run.stdout


def test_a_run_of_nothing_is_a_failure(micropython: Path, tmp_path: Path) -> None:
    (tmp_path / "test_empty.py").write_text("")

    assert run_modules(micropython, tmp_path, "test_empty").returncode == 1
    assert run_modules(micropython, tmp_path).returncode == 1


def run_modules(program: Path, folder: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    surroundings = environment()
    surroundings["MICROPYPATH"] = f"{folder}:{TESTS / 'shared'}:{surroundings['MICROPYPATH']}"
    command = [program, "-X", HEAP, TESTS / "micropython_runner.py", *modules]
    return subprocess.run(
        command, env=surroundings, capture_output=True, text=True, timeout=LIMIT_S
    )

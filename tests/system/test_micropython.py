"""What is taken for a MicroPython, and what is not."""

import sys
from pathlib import Path

import pytest

from system.micropython import environment, find_micropython, runs_with_32_bits


def program(folder: Path, line: str) -> Path:
    path = folder / "micropython"
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def test_a_micropython_of_32_bits_is_taken(micropython: Path) -> None:
    assert runs_with_32_bits(micropython)


@pytest.mark.parametrize(
    "line", ["echo micropython False", "echo cpython True", "exit 1", "kill $$"]
)
def test_another_interpreter_or_64_bits_or_a_crash_is_not_taken(line: str, tmp_path: Path) -> None:
    assert not runs_with_32_bits(program(tmp_path, line))


def test_what_is_no_program_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("print(1)")

    assert not runs_with_32_bits(Path(sys.executable))
    assert not runs_with_32_bits(tmp_path / "text")
    assert not runs_with_32_bits(tmp_path / "missing")
    assert not runs_with_32_bits(tmp_path)


def test_the_one_that_the_environment_names_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program(tmp_path, "echo micropython True")
    monkeypatch.setenv("GROUNDSWELL_MICROPYTHON", str(named))
    monkeypatch.setenv("PATH", "")

    assert find_micropython(own=tmp_path / "missing") == named


def test_none_is_found_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROUNDSWELL_MICROPYTHON", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_micropython(own=tmp_path / "missing") is None


def test_micropython_finds_the_firmware_and_its_own_modules() -> None:
    places = environment()["MICROPYPATH"].split(":")

    assert (Path(places[0]) / "groundswell" / "wire.py").exists()
    assert (Path(places[1]) / "firmware" / "__init__.py").exists()
    assert ".frozen" in places

"""Which copy of the firmware starts, on real folders, by both interpreters."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.state.flash import Flash
from firmware.update.selection import Selection
from system.micropython import ROOT

NEVER_UPDATED = ("__init__", "launch", "state/__init__", "state/flash", "state/storage")
NEVER_UPDATED += ("update/__init__", "update/selection")
MAIN = """
import sys
sys.path.insert(0, {root!r} + "/boot")
from firmware import launch
launch.run("firmware.board", {root!r}, lambda: sys.stdout.write("restart\\n"))
"""
BOARD = """
import sys
from firmware.state import flash
from groundswell import part
def main():
    sys.stdout.write(part.NAME + " runs\\n")
"""

MACHINE = """
import sys
def say(text):
    sys.stdout.write(text + "\\n")
def WDT(timeout):
    say("watchdog %d" % timeout)
def reset():
    say("reset")
"""

Start = Callable[[], list[str]]


def copy_modules(names: tuple[str, ...], folder: Path) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "firmware" / f"{name}.py", folder / f"{name}.py")


@pytest.fixture(params=["cpython", "micropython"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    """Start the node once; return what it said."""
    program = sys.executable
    if request.param == "micropython":
        program = str(request.getfixturevalue("micropython"))
    copy_modules(NEVER_UPDATED, tmp_path / "boot" / "firmware")
    for slot in ("a", "b"):
        copy = tmp_path / slot / "firmware"
        (copy / "groundswell").mkdir(parents=True)
        copy_modules(("__init__", "state/__init__", "state/flash"), copy)
        (copy / "groundswell" / "__init__.py").touch()
        (copy / "groundswell" / "part.py").write_text(f"NAME = {slot!r}\n")
        (copy / "board.py").write_text(BOARD)

    def run() -> list[str]:
        command = [program, "-c", MAIN.format(root=str(tmp_path))]
        surroundings = {"MICROPYPATH": ".frozen", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, env=surroundings, capture_output=True, text=True, timeout=120
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return run


def selection(tmp_path: Path) -> Selection:
    return Selection(Flash(str(tmp_path)))


def test_a_node_that_was_never_updated_runs_what_it_was_flashed_with(start: Start) -> None:
    assert start() == ["a runs", "restart"]
    assert start() == ["a runs", "restart"]


def test_a_trial_runs_twice_and_then_the_former_copy(start: Start, tmp_path: Path) -> None:
    start()
    selection(tmp_path).switch("r2")

    assert [start()[0] for _ in range(4)] == ["b runs", "b runs", "a runs", "a runs"]
    assert selection(tmp_path).failed == "r2"


def test_a_confirmed_copy_stays(start: Start, tmp_path: Path) -> None:
    start()
    selection(tmp_path).switch("r2")
    start()
    selection(tmp_path).confirm((0, 2, 0))

    assert [start()[0] for _ in range(4)] == ["b runs"] * 4
    assert selection(tmp_path).floor == (0, 2, 0)


@pytest.mark.parametrize(
    ("harm", "is_confirmed"), [("gone", False), ("empty", True), ("syntax", True), ("name", False)]
)
def test_a_copy_that_does_not_load_is_left_at_once(
    start: Start, tmp_path: Path, harm: str, is_confirmed: bool
) -> None:
    start()
    selection(tmp_path).switch("r2")
    if is_confirmed:
        assert start() == ["b runs", "restart"]
        selection(tmp_path).confirm((0, 2, 0))
    spoilt = tmp_path / "b" / "firmware" / "groundswell" / "part.py"
    board = tmp_path / "b" / "firmware" / "board.py"
    if harm == "gone":
        spoilt.unlink()
    elif harm == "empty":
        board.write_text("")
    else:
        spoilt.write_text("def" if harm == "syntax" else "NAME = none")

    said = start()
    assert said[0].startswith("b does not load: ")
    assert said[1:] == ["restart"]
    assert start() == ["a runs", "restart"]
    assert selection(tmp_path).why.startswith("it does not load: ")


def test_a_copy_that_ends_with_an_error_is_started_again(start: Start, tmp_path: Path) -> None:
    board = tmp_path / "a" / "firmware" / "board.py"
    board.write_text(BOARD + "    raise OSError(5)\n")

    said = start()

    assert said[0] == "a runs"
    assert said[1].startswith("the firmware ended: OSError(5")
    assert said[2] == "restart"


def test_a_flash_that_cannot_be_read_is_tried_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    said = start()
    assert said[0].startswith("the flash: ")
    assert said[1:] == ["restart"]
    (tmp_path / "state").unlink()
    assert start() == ["a runs", "restart"]


def test_what_lies_in_rom_runs_until_there_is_an_update_and_again_when_that_fails(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "a").rename(tmp_path / "rom")
    (tmp_path / "b").rename(tmp_path / "an_update")
    assert start() == ["a runs", "restart"]
    (tmp_path / "an_update").rename(tmp_path / "b")
    selection(tmp_path).switch("r2")

    assert [start()[0] for _ in range(3)] == ["b runs", "b runs", "a runs"]
    assert selection(tmp_path).failed == "r2"


def test_an_update_that_does_not_load_is_left_for_the_rom(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a").rename(tmp_path / "rom")
    start()
    (tmp_path / "b" / "firmware" / "board.py").write_text("raise MemoryError")
    selection(tmp_path).switch("r2")

    assert start()[0].startswith("b does not load: ")
    assert start() == ["a runs", "restart"]


@pytest.mark.parametrize("is_spoilt", ["copy", "record"])
def test_the_rom_runs_where_a_copy_does_not_load_and_there_is_no_way_back(
    start: Start, tmp_path: Path, is_spoilt: str
) -> None:
    (tmp_path / "a").rename(tmp_path / "rom")
    start()
    selection(tmp_path).switch("r2")
    start()
    selection(tmp_path).confirm((0, 2, 0))
    selection(tmp_path).stage("r3")
    (tmp_path / "a" / "firmware").mkdir(parents=True)
    (tmp_path / "a" / "firmware" / "board.py").write_text("def")
    (tmp_path / "b" / "firmware" / "board.py").write_text("def")
    if is_spoilt == "record":
        for place in (tmp_path / "state").iterdir():
            place.write_bytes(b"\xff" * 40)

    for _ in range(2):
        said = start()
        assert said[0].startswith("b does not load: ")
        assert said[1:] == ["a runs", "restart"]


def test_a_copy_that_does_not_load_with_nothing_else_there_is_tried_again(
    start: Start, tmp_path: Path
) -> None:
    board = tmp_path / "a" / "firmware" / "board.py"
    board.write_text("def")
    said = start()
    assert [line.split(":")[0] for line in said] == ["a does not load", "nor does rom", "restart"]
    board.write_text(BOARD)

    assert start() == ["a runs", "restart"]


def test_a_spoilt_record_never_starts_a_copy_that_is_half_written(
    start: Start, tmp_path: Path
) -> None:
    start()
    selection(tmp_path).switch("r2")
    start()
    selection(tmp_path).confirm((0, 2, 0))
    selection(tmp_path).stage("")  # an update is about to be written over a
    for place in (tmp_path / "state").iterdir():
        place.write_bytes(b"\xff" * 40)

    assert start() == ["b runs", "restart"]
    assert (selection(tmp_path).active, selection(tmp_path).other) == ("b", "a")


def test_on_a_board_the_watchdog_is_on_before_a_copy_is_loaded(tmp_path: Path) -> None:
    copy_modules(NEVER_UPDATED, tmp_path / "boot" / "firmware")
    (tmp_path / "machine.py").write_text(MACHINE)
    copy = tmp_path / "a" / "firmware"
    copy.mkdir(parents=True)
    copy_modules(("__init__",), copy)
    (copy / "board.py").write_text("import machine\nmachine.say('loads')\ndef main(): pass\n")
    main = MAIN.replace(', lambda: sys.stdout.write("restart\\n")', "")
    command = [sys.executable, "-c", main.format(root=str(tmp_path))]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=120
    )

    assert done.stdout.splitlines() == ["watchdog 8000", "loads", "reset"], done.stderr


def test_a_spoilt_record_starts_the_first_copy(start: Start, tmp_path: Path) -> None:
    start()
    selection(tmp_path).switch("r2")
    for place in (tmp_path / "state").iterdir():
        place.write_bytes(b"\xff" * 40)

    assert start() == ["a runs", "restart"]

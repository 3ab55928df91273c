"""Waiting for other processes: until something holds, at most so long."""

import time
from collections.abc import Callable
from pathlib import Path

# Of what a quiet machine needs: others may use this one too, and who succeeds does not wait.
_PATIENCE = 3


def until(holds: Callable[[], object], within_s: float, what: str) -> None:
    """Wait for that; within_s: what a quiet machine needs at most."""
    deadline_s = time.monotonic() + _PATIENCE * within_s
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what}"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Return whether a process lives: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """Return the processes that this one started, and those that they started."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _parent(int(entry.name)) == pid:
            found += [int(entry.name), *descendants(int(entry.name))]
    return found


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None

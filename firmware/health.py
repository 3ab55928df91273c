"""What is wrong with this node, collected for its status: conditions, events, failures of tasks.

    health.hold(faults.CLOCK, is_wrong)         a condition: wrong until it is said to be right
    health.note(faults.OVERRUN, now_us)         an event: told for KEPT_US
    health.guard(faults.TASK_TIME, now_us, f)   runs f(); what it raises is counted and told

A task that fails is a mistake of ours that nobody expected. The others go on, and it rests for
REST_US, so that it cannot starve them; but commands, which come only when somebody asks, and the
next may be another. The tasks without which a node is none (VITAL) are tried
again at once, and CRASH_AFTER failures in a row raise CrashError: a start cures more than trying.
"""

import gc

from groundswell import faults

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

KEPT_US = 300000000  # ten statuses: nobody who looks misses it
REST_US = 10000000
VITAL = (faults.TASK_SAMPLING, faults.TASK_UPLINK)
CRASH_AFTER = 50  # two seconds of a loop of 32 ms


class CrashError(Exception):
    """A vital task fails again and again."""


class Health:
    """
    log   log(text), for whoever has a cable at the node
    """

    def __init__(self, log: "Callable[[str], None] | None" = None) -> None:
        self._log = log
        self._held = 0
        self._until_us: "dict[int, int]" = {}  # event -> until when it is told
        self._rests_until_us: "dict[int, int]" = {}
        self._in_a_row: "dict[int, int]" = {}
        self.failures: "dict[int, int]" = {}  # task -> how often it failed

    def bits(self, now_us: int) -> int:
        """Return the faults of now."""
        found = self._held
        for bit, until_us in self._until_us.items():
            if now_us < until_us:
                found |= bit
        return found

    def hold(self, bit: int, is_wrong: bool) -> None:
        self._held = self._held | bit if is_wrong else self._held & ~bit

    def note(self, bit: int, now_us: int) -> None:
        self._until_us[bit] = now_us + KEPT_US

    def say(self, text: str) -> None:
        if self._log is not None:
            self._log(text)

    def guard(
        self, task: int, now_us: int, function: "Callable[..., Any]", *arguments: "Any"
    ) -> "Any":
        """Return what the function returns; None if it failed or rests. Raises CrashError."""
        rests_until_us = self._rests_until_us.get(task)
        if rests_until_us is not None and now_us < rests_until_us:
            return None
        try:
            found = function(*arguments)
        except MemoryError as error:
            gc.collect()
            self.note(faults.MEMORY, now_us)
            self._failed(task, now_us, error)
            return None
        except Exception as error:  # noqa: BLE001  here is where a bug is told and survived
            self._failed(task, now_us, error)
            return None
        if task in self._in_a_row:
            del self._in_a_row[task]
        return found

    def _failed(self, task: int, now_us: int, error: Exception) -> None:
        times = self.failures.get(task, 0) + 1
        self.failures[task] = times
        self.note(task, now_us)
        in_a_row = self._in_a_row.get(task, 0) + 1
        self._in_a_row[task] = in_a_row
        if in_a_row == 1:
            self.say(f"{faults.failed(task)}: {error!r}")
        if task in VITAL:
            if in_a_row >= CRASH_AFTER:
                raise CrashError(f"{faults.failed(task)}: {error!r}")
        elif task != faults.TASK_COMMANDS:
            self._rests_until_us[task] = now_us + REST_US

"""Which of the two copies of the firmware runs: the folders `a` and `b`, and one small record.

    begin()                at each start, by what never changes on a node (launch.py)
    stage(release)         the other folder is about to be written over: no way back to it
    switch(release)        the other folder is whole: the next start tries it
    confirm(version)       it works: it is the one from now on
    roll_back(why)         it does not: the next start is the former one again

`switch` and `roll_back` are about the next start: what this object says remains true of the copy
that runs, and it takes no more changes (a copy must not confirm the one that comes after it).

A trial has TRIAL_STARTS starts to be confirmed in; after that, or if it does not even load, the
former copy runs again. The record is JSON, so that a later version may keep more in it than this
code, which a node has had since it was flashed, knows of. Written by storage.py: a cut of power
leaves the record before or after, never none. Where it is spoilt all the same, the copy runs that
was confirmed and not begun to be written over (CONFIRMED), else `a`.
"""

import json

from firmware.state import storage

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.update.staging import Files

NAME = "state/selection"
SLOTS = ("a", "b")
CONFIRMED = "confirmed"  # an empty file in the folder of an update that is whole and works
# Fewer than the crashes in a row after which a start is a safe one (starts.py), so that the former
# copy starts as usual.
TRIAL_STARTS = 2
# what is kept, and what is true of a node that was never updated
_NEVER_UPDATED = {
    "active": "a",
    "fallback": "",  # the folder that can be gone back to, if any
    "starts_left": None,  # of the trial; None: confirmed
    "release": "",  # what runs; "": what came by cable
    "former": "",  # what the fallback is
    "staged": "",  # what the other folder is being filled with
    "failed": "",  # what was rolled back last, and why
    "why": "",
    "floor": [0, 0, 0],  # highest version ever confirmed
}


class Selection:
    """Reads the record; never raises for what is in it."""

    def __init__(self, files: "Files") -> None:
        self._files = files
        self._record: "dict[str, Any]" = dict(_NEVER_UPDATED)
        self._is_over = False
        content = storage.load(files, NAME)
        found = {} if content is None else _readable(content)
        self._record.update(found or {"active": _confirmed(files)})

    @property
    def active(self) -> str:
        return str(self._record["active"])

    @property
    def other(self) -> str:
        return SLOTS[1 - SLOTS.index(self.active)]

    @property
    def is_on_trial(self) -> bool:
        return self._record["starts_left"] is not None

    @property
    def release(self) -> str:
        return str(self._record["release"])

    @property
    def staged(self) -> str:
        return str(self._record["staged"])

    @property
    def failed(self) -> str:
        return str(self._record["failed"])

    @property
    def why(self) -> str:
        return str(self._record["why"])

    @property
    def floor(self) -> "tuple[int, int, int]":
        major, minor, patch = self._record["floor"]
        return major, minor, patch

    def begin(self) -> str:
        """Count this start and return the folder to run.

        A flash that takes no writes cannot count: then a trial is not tried.
        """
        left = self._record["starts_left"]
        if left is None:
            return self.active
        try:
            if left > 0:
                self._change({"starts_left": left - 1})
                return self.active
            self.roll_back("it was started and never confirmed")
        except OSError:
            pass
        return str(self._record["fallback"])

    def stage(self, release: str) -> None:
        self._change({"staged": release, "fallback": ""})
        self._files.remove(f"{self.other}/{CONFIRMED}")

    def switch(self, release: str) -> None:
        self._change(
            {
                "active": self.other,
                "fallback": self.active,
                "starts_left": TRIAL_STARTS,
                "release": release,
                "former": self.release,
                "staged": "",
            }
        )
        self._is_over = True

    def confirm(self, version: "tuple[int, int, int]") -> None:
        floor = max(self.floor, version)
        was_on_trial = self.is_on_trial
        if was_on_trial or floor != self.floor:
            self._change({"starts_left": None, "floor": list(floor), "failed": "", "why": ""})
        if was_on_trial:  # else it came by cable, or lies in a ROM
            self._files.write(f"{self.active}/{CONFIRMED}", b"")

    def roll_back(self, why: str) -> bool:
        """Go back, from a confirmed copy too; False if there is nowhere to go back to."""
        if self._record["fallback"] not in SLOTS:
            return False
        self._change(
            {
                "active": self._record["fallback"],
                "fallback": "",
                "starts_left": None,
                "failed": self.release,
                "why": why,
                "release": self._record["former"],
            }
        )
        self._is_over = True
        return True

    def _change(self, changes: "dict[str, Any]") -> None:
        if self._is_over:
            return
        record = dict(self._record)
        record.update(changes)
        storage.save(self._files, NAME, json.dumps(record).encode())
        if "active" not in changes:
            self._record = record


def _confirmed(files: "Files") -> str:
    for slot in SLOTS:
        try:
            if files.read(f"{slot}/{CONFIRMED}") is not None:
                return slot
        except OSError:
            pass
    return SLOTS[0]


def _readable(content: bytes) -> "dict[str, Any]":
    """Return the record if it makes sense to this code, else nothing."""
    try:
        record = json.loads(str(content, "utf-8"))
        left = record["starts_left"]
        major, minor, patch = record["floor"]
        makes_sense = record["active"] in SLOTS and isinstance(major + minor + patch, int)
        # a trial without a way back would end nowhere
        makes_sense = makes_sense and (
            left is None or (isinstance(left, int) and record["fallback"] in SLOTS)
        )
    except (ValueError, KeyError, TypeError):
        return {}
    return record if makes_sense else {}

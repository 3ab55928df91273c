"""Nodes that are heard and shown but not believed, each with a dated reason: a TOML file.

[[node]]
id = "0000002a"               # as the console shows it
since = 2026-11-20
reason = "stands on a washing machine"

The engine reads it at its start and again whenever it changes; what is wrong with it then is
logged, and what was valid before stays.
"""

import datetime
import logging
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOST_NODES = 20_000
MOST_REASON = 120
MOST_BYTES = 8 << 20
_ID = re.compile(r"[0-9a-f]{8}")
_KEYS = {"id", "since", "reason"}
_log = logging.getLogger(__name__)

Doubts = Mapping[int, str]  # by node, why it has no vote


class WithoutVoteError(ValueError):
    """This file does not name nodes; the message says where."""


class WithoutVoteFile:
    """Follows the file. Raises WithoutVoteError at the start if it cannot be read."""

    def __init__(self, path: Path, say: Callable[[Doubts], None]) -> None:
        """say: takes what the file holds, whenever that is new."""
        self._path = path
        self._say = say
        self._seen = _stamp(path)
        say(read_without_vote(path))

    def look(self) -> None:
        """Read it again if it has changed."""
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            doubts = read_without_vote(self._path)
        except WithoutVoteError as error:
            _log.warning("%s: not taken; as before", error)
            return
        _log.info("%s: %d nodes without a vote", self._path, len(doubts))
        self._say(doubts)


def read_without_vote(path: Path) -> Doubts:
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise WithoutVoteError(f"{path}: larger than {MOST_BYTES >> 20} MiB")
        entries = tomllib.loads(text.decode()).get("node", [])
    except OSError as error:
        raise WithoutVoteError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WithoutVoteError(f"{path}: {error}") from error
    if not isinstance(entries, list) or len(entries) > MOST_NODES:
        raise WithoutVoteError(f"{path}: needs [[node]], at most {MOST_NODES}")
    try:
        return dict(_entry(entry) for entry in entries)
    except WithoutVoteError as error:
        raise WithoutVoteError(f"{path}: {error}") from error


def _entry(entry: Any) -> tuple[int, str]:
    name = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise WithoutVoteError(f"{str(name)[:20]!r} is no node: eight digits of 0-9 a-f")
    if unknown := set(entry) - _KEYS:
        raise WithoutVoteError(f"{name} has an unknown key {min(unknown)!r}")
    since, reason = entry.get("since"), entry.get("reason")
    if not isinstance(since, datetime.date):
        raise WithoutVoteError(f"{name}: since must be a date, like 2026-11-20")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MOST_REASON:
        raise WithoutVoteError(f"{name}: reason must have 1 to {MOST_REASON} characters")
    if not reason.isprintable():
        raise WithoutVoteError(f"{name}: reason must be one line of text")
    return int(name, 16), f"no vote since {since:%Y-%m-%d}: {reason.strip()}"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino

"""What the system said: the messages of triggers.jsonl and alerts.jsonl, grouped for the score."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failure import Failure, reason_of

# What fields raise that are not there, are of another type, or are no finite number.
_NOT_AS_AGREED = (KeyError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Detection:
    """One detection of one record; its times are those of its first message."""

    onset_s: float  # after the record's first sample
    published_s: float
    is_retracted: bool
    last_onset_s: float | None = None  # what its last message says, where there are several

    @property
    def refined_onset_s(self) -> float:
        return self.onset_s if self.last_onset_s is None else self.last_onset_s


@dataclass
class Played:
    """One record that `detect` has finished with."""

    detections: list[Detection]
    processed_s: float | None  # None: the node could not use the record
    error: str = ""


@dataclass(frozen=True)
class Version:
    """One message about one event; a cancel brings no source."""

    version: int
    type: str
    issued_us: int
    level: str
    origin_us: int | None
    lat_deg: float
    lon_deg: float
    magnitude: float
    mmi: Mapping[str, float]  # by area


@dataclass
class Thread:
    """All messages of one alert id, in the order in which they were published."""

    alert_id: str
    category: str
    versions: list[Version] = field(default_factory=list)

    @property
    def has_level(self) -> bool:
        return any(version.level != "none" for version in self.versions)


def read_triggers(path: Path) -> dict[str, Played]:
    """Return the finished records of a triggers.jsonl by record_id; unfinished ones are left out.

    Raises Failure with the line's number for anything that is not contracts.md section 1.
    """
    lines: dict[str, dict[int, list[dict[str, Any]]]] = {}
    finished: dict[str, Played] = {}
    for number, entry in _entries(path):
        try:
            record_id = str(entry["record_id"])
            if "error" in entry:
                finished[record_id] = Played([], None, str(entry["error"]))
            elif entry.get("done"):
                groups = lines.pop(record_id, {})
                detections = [_detection(messages) for messages in groups.values()]
                finished[record_id] = Played(detections, float(entry["processed_s"]))
            else:
                detection_id = int(entry["detection_id"])
                lines.setdefault(record_id, {}).setdefault(detection_id, []).append(entry)
        except _NOT_AS_AGREED as error:
            raise Failure(f"{path}, line {number} is no trigger message: {error!r}") from error
    return finished


def read_alerts(path: Path) -> dict[str, list[Thread]]:
    """Return the alert threads of every replayed event that ended with its `done` line.

    Raises Failure with the line's number for anything that is not contracts.md section 4.
    """
    open_threads: dict[str, dict[str, Thread]] = {}
    finished: dict[str, list[Thread]] = {}
    for number, entry in _entries(path):
        try:
            replayed = str(entry["event_replayed"])
            if entry.get("done"):
                finished[replayed] = list(open_threads.pop(replayed, {}).values())
                continue
            threads = open_threads.setdefault(replayed, {})
            _add_message(threads, entry)
        except _NOT_AS_AGREED as error:
            raise Failure(f"{path}, line {number} is no alert message: {error!r}") from error
    return finished


def read_threads(path: Path) -> list[Thread]:
    """Return every alert thread of a file of alerts, whether from a replay or from a broker."""
    threads: dict[str, dict[str, Thread]] = {}
    for number, entry in _entries(path):
        if entry.get("done"):
            continue
        try:
            _add_message(threads.setdefault(str(entry.get("event_replayed")), {}), entry)
        except _NOT_AS_AGREED as error:
            raise Failure(f"{path}, line {number} is no alert message: {error!r}") from error
    return [thread for of_replay in threads.values() for thread in of_replay.values()]


def threads_of(messages: Sequence[Mapping[str, Any]]) -> list[Thread]:
    """Return the alert threads in messages that are still in memory."""
    threads: dict[str, Thread] = {}
    for message in messages:
        _add_message(threads, message)
    return list(threads.values())


def _entries(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _entry(path, number, line)
    except UnicodeDecodeError as error:
        raise Failure(f"{path} is no text: JSON lines are wanted") from error
    except OSError as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error


def _entry(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Failure(f"{path}, line {number} is not JSON: {error}") from error
    if not isinstance(entry, dict):
        raise Failure(f"{path}, line {number} is no JSON object")
    return entry


def _detection(messages: Sequence[Mapping[str, Any]]) -> Detection:
    first = messages[0]
    return Detection(
        onset_s=float(first["onset_s"]),
        published_s=float(first["published_s"]),
        is_retracted=any(bool(message["is_retracted"]) for message in messages),
        last_onset_s=float(messages[-1]["onset_s"]),
    )


def _add_message(threads: dict[str, Thread], message: Mapping[str, Any]) -> None:
    alert_id = str(message["event_id"])
    thread = threads.setdefault(alert_id, Thread(alert_id, str(message["category"])))
    is_cancel = message["type"] == "cancel"
    thread.versions.append(
        Version(
            version=int(message["version"]),
            type=str(message["type"]),
            issued_us=int(message["issued_us"]),
            level=str(message.get("level", "none") if is_cancel else message["level"]),
            origin_us=None if is_cancel else int(message["origin_us"]),
            lat_deg=0.0 if is_cancel else float(message["lat_deg"]),
            lon_deg=0.0 if is_cancel else float(message["lon_deg"]),
            magnitude=0.0 if is_cancel else float(message["magnitude"]),
            mmi={str(area["id"]): float(area["mmi"]) for area in message.get("areas", ())},
        )
    )

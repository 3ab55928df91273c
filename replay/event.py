"""One recorded event through the whole chain: what its nodes said, then what the network did."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundswell import wire

from failure import Failure
from replay.chain import Chain, Uplink
from replay.node import messages_of
from replay.records import Record, Unusable, event_ids, read_records
from replay.sensors import counts_of
from vote.alert import Alert
from vote.ground.shaking import Area

FINAL_AFTER_US = 120_000_000  # the window of an event stays open for 40 s after its last change
FOLDER_HOLDS = ("eq_index.csv", "events.jsonl")
KNOWN_SHOWN = 8  # event ids named in the message about a wrong one


@dataclass
class EventReplay:
    """What came of replaying one event."""

    event_id: str
    alerts: list[dict[str, Any]] = field(default_factory=list)
    played: int = 0  # records
    unusable: dict[str, str] = field(default_factory=dict)  # record_id -> why
    lost_frames: int = 0

    def lines(self) -> list[dict[str, Any]]:
        """Return the output of contracts.md section 2."""
        named = [{**alert, "event_replayed": self.event_id} for alert in self.alerts]
        return [*named, {"event_replayed": self.event_id, "done": True}]


def chosen_events(data_dir: Path, wanted: str) -> list[str]:
    """Return one event_id, or all. Raises Failure for one that is not in events.jsonl."""
    _check_folder(data_dir)
    known = list(dict.fromkeys(event_ids(data_dir)))
    if wanted == "all":
        return known
    if wanted not in known:
        some = ", ".join(known[:KNOWN_SHOWN]) + (", ..." if len(known) > KNOWN_SHOWN else "")
        raise Failure(f"no event {wanted!r} in {data_dir / 'events.jsonl'}; it has {some}")
    return [wanted]


def usable_records(data_dir: Path, wanted: Sequence[str]) -> dict[str, list[Record]]:
    """Return the records with absolute time and a place, by event, in the order of the index."""
    records: dict[str, list[Record]] = {event_id: [] for event_id in wanted}
    for record in read_records(data_dir, "eq"):
        if record.event_id in records and record.has_absolute_time and record.has_place:
            records[record.event_id].append(record)
    return records


def _check_folder(data_dir: Path) -> None:
    """Raise Failure, which says what a data folder holds, unless this is one."""
    if not data_dir.is_dir():
        raise Failure(f"no data folder {data_dir}")
    missing = [name for name in FOLDER_HOLDS if not (data_dir / name).is_file()]
    if missing:
        raise Failure(
            f"{data_dir} holds no {' and no '.join(missing)}: a data folder holds "
            f"{' and '.join(FOLDER_HOLDS)}, and the recordings that the index names"
        )


def areas_of(records: Sequence[Record]) -> list[Area]:
    """Return one area a station, by name."""
    places = {record.place: record for record in records}
    return [Area(name, record.lat_deg, record.lon_deg) for name, record in sorted(places.items())]


def replay_event(
    event_id: str, records: Sequence[Record], sensor: str, seed: int, uplink: Uplink
) -> EventReplay:
    """Play all records of one event on one timeline, from their first sample to their last."""
    result = EventReplay(event_id)
    said = [published(record, sensor, seed, result) for record in records]
    result.alerts, result.lost_frames = heard(records, said, uplink)
    return result


def heard(
    records: Sequence[Record], said: Sequence[Sequence[tuple[int, str, Any]]], uplink: Uplink
) -> tuple[list[dict[str, Any]], int]:
    """Return the alerts of what these nodes said, as `published` gives it, and the frames lost."""
    chain = Chain(areas_of(records), uplink)
    alerts: list[Alert] = []
    end_us = 0
    for published_us, _, message in heapq.merge(*said):
        alerts += chain.advance(published_us)
        chain.publish(message, published_us)
        end_us = published_us
    alerts += chain.advance(end_us + FINAL_AFTER_US)
    return [alert.as_dict() for alert in alerts], chain.lost_frames


def published(
    record: Record, sensor: str, seed: int, result: EventReplay
) -> list[tuple[int, str, Any]]:
    """Return a node's messages with their times; the record_id and their order break ties."""
    try:
        counts, lsb_nm_s2 = counts_of(record, record.load(), sensor, seed)
        messages = list(messages_of(record, counts, lsb_nm_s2))
    except Unusable as problem:
        result.unusable[record.record_id] = str(problem)
        return []
    result.played += 1
    return list(timed(messages, record.record_id))


def timed(messages: Sequence[Any], name: str) -> Iterator[tuple[int, str, Any]]:
    """Yield (when it leaves the node, name and number, message): never before the one before."""
    latest_us = 0
    for number, message in enumerate(messages):
        latest_us = max(latest_us, _leaves_us(message) or 0)
        yield latest_us, f"{name}/{number:08d}", message


def _leaves_us(message: Any) -> int | None:
    if isinstance(message, (wire.Trigger, wire.Status)):
        return int(message.sent_us)
    if isinstance(message, wire.Shaking):
        return int(message.end_us)
    return None

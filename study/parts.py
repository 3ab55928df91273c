"""`python -m study.parts DATA_DIR`: the recorded earthquakes with only a part of their nodes.

Every node of a recorded network says what it said (detector and model, once); then the whole chain
from the uplink to the alerts hears random parts of the network, each part scored as `groundswell
score` does it. Other nodes first, other gaps, fewer votes: nothing else comes as near to
earthquakes that nobody has looked at, and what is told twice, wrongly or not at all is listed.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import fmean, median
from typing import Any

from rich.progress import track

from failure import Failure, reason_of
from replay.catalogue import Catalogue, read_catalogue
from replay.chain import Uplink
from replay.event import EventReplay, chosen_events, heard, published, usable_records
from replay.intervals import Share
from replay.network_score import score_event
from replay.outcomes import threads_of
from replay.records import Record
from replay.sensors import NAMES

SHARES = (0.35, 0.5, 0.65, 0.8)  # of the stations, one of these for each part
FEWEST = 3  # stations: with fewer nothing is told
TENTHS = 9  # of ten: the 90th percentile


@dataclass(frozen=True)
class Part:
    """One event as heard by some of its stations."""

    event_id: str
    part: int
    stations: tuple[str, ...]
    of_stations: int
    must_be_declared: bool
    is_declared: bool
    duplicates: int
    wrong: int
    withdrawn: int
    first_km: float | None
    final_km: float | None
    first_magnitude_error: float | None
    final_magnitude_error: float | None
    warned: int
    to_warn: int
    in_blind_zone: int  # not warned, and S came before the third P

    @property
    def went_wrong(self) -> str:
        """Return what should not have happened, or nothing."""
        is_missed = self.must_be_declared and not self.is_declared
        return what_went_wrong(is_missed, self.duplicates, self.wrong, self.withdrawn)


def what_went_wrong(is_missed: bool, duplicates: int, wrong: int, withdrawn: int) -> str:
    """Return what should not have happened to one event, or nothing."""
    found = {
        "missed": int(is_missed),
        "told twice": duplicates,
        "wrong": wrong,
        "withdrawn": withdrawn,
    }
    return ", ".join(f"{what} {count}" for what, count in found.items() if count)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m study.parts", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path)
    parser.add_argument("--event", default="all", metavar="ID", help="one event, or all")
    parser.add_argument("--parts", type=int, default=25, metavar="N", help="of each event")
    parser.add_argument("--seed", type=int, default=0, help="of the first part")
    parser.add_argument("--sensor", choices=NAMES, default="adxl355")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="every part, too")
    one = parser.parse_args(argv)
    try:
        if one.json:
            _write(one.json, "a", "")  # before a quarter of an hour of work
        parts = _played(one)
        if one.json:
            _write(one.json, "w", json.dumps([asdict(part) for part in parts], indent=1) + "\n")
    except Failure as failure:
        parser.error(str(failure))
    sys.stdout.writelines(f"{line}\n" for line in summary(parts))
    return 0


def _played(one: argparse.Namespace) -> list[Part]:
    records = usable_records(one.data_dir, chosen_events(one.data_dir, one.event))
    catalogue = read_catalogue(one.data_dir)
    numbers = range(one.seed, one.seed + one.parts)
    play = partial(parts_of, catalogue=catalogue, numbers=numbers, sensor=one.sensor)
    parts: list[Part] = []
    with ProcessPoolExecutor(one.workers) as pool:
        played = pool.map(play, records.keys(), records.values())
        for some in track(played, "events", total=len(records)):
            parts += some
    return parts


def parts_of(
    event_id: str,
    records: Sequence[Record],
    catalogue: Catalogue,
    numbers: Sequence[int],
    sensor: str,
) -> list[Part]:
    """Play every part of one event that has stations enough."""
    said = {
        record.record_id: published(record, sensor, 0, EventReplay(event_id)) for record in records
    }
    places = sorted({record.place for record in records})
    drawn = {number: drawn_stations(event_id, number, places) for number in numbers}
    return [
        _part(event_id, number, stations, records, said, catalogue)
        for number, stations in drawn.items()
        if len(stations) >= FEWEST
    ]


def drawn_stations(event_id: str, number: int, places: Sequence[str]) -> tuple[str, ...]:
    """Return which stations are there, the same for the same number."""
    rng = random.Random(f"{event_id}/{number}")
    share = rng.choice(SHARES)
    return tuple(place for place in places if rng.random() < share)


def _part(
    event_id: str,
    number: int,
    stations: tuple[str, ...],
    records: Sequence[Record],
    said: dict[str, list[tuple[int, str, Any]]],
    catalogue: Catalogue,
) -> Part:
    there = [record for record in records if record.place in stations]
    alerts, _ = heard(there, [said[record.record_id] for record in there], Uplink())
    truths = {r.record_id: catalogue.records[r.record_id] for r in there}
    score = score_event(event_id, threads_of(alerts), Catalogue(truths, catalogue.events))
    first, final = score.first, score.final
    return Part(
        event_id, number, stations, len({record.place for record in records}),
        score.must_be_declared, score.is_declared, score.duplicates, score.wrong,
        sum(alert["type"] == "cancel" for alert in alerts),
        first.location_km if first else None, final.location_km if final else None,
        first.magnitude if first else None, final.magnitude if final else None,
        sum(place.is_before_s for place in score.warnings), len(score.warnings),
        score.in_blind_zone,
    )  # fmt: skip


def summary(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the figures over all parts, and then each part in which something went wrong."""
    must = [part for part in parts if part.must_be_declared]
    located = [part for part in must if part.is_declared]
    yield f"{len(parts)} parts of {len({part.event_id for part in parts})} events"
    yield f"declared of those that must be: {_share(len(located), len(must))}"
    yield f"told twice {sum(part.duplicates for part in parts)}"
    yield f"wrong {sum(part.wrong for part in parts)}"
    yield f"withdrawn {sum(part.withdrawn for part in parts)}"
    warned, to_warn = sum(part.warned for part in must), sum(part.to_warn for part in must)
    yield f"warned before S where MMI >= 4 was recorded: {_share(warned, to_warn)}"
    blind = sum(part.in_blind_zone for part in must)
    yield f"  of the {to_warn - warned} others S had come to {blind} before the third P"
    if located:
        for name in ("first", "final"):
            km = sorted(getattr(part, f"{name}_km") for part in located)
            off = fmean(abs(getattr(part, f"{name}_magnitude_error")) for part in located)
            tenths = km[min(TENTHS * len(km) // 10, len(km) - 1)]
            yield f"{name}: {median(km):.1f} km, 90 % {tenths:.1f} km; magnitude {off:.2f} off"
    for part in parts:
        if part.went_wrong:
            of = f"{len(part.stations)} of {part.of_stations} stations"
            yield f"  {part.event_id} part {part.part}, {of}: {part.went_wrong}"


def _share(hits: int, trials: int) -> str:
    interval = Share(hits, trials).interval
    if interval is None:
        return "0 of 0"
    low, high = (100 * end for end in interval)
    return f"{hits} of {trials} = {100 * hits / trials:.1f} % ({low:.1f} to {high:.1f})"


def _write(path: Path, mode: str, text: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error


if __name__ == "__main__":
    raise SystemExit(main())

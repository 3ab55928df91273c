"""`python -m study.matrix DATA_DIR`: the recorded earthquakes under other conditions.

Each event goes through the whole chain again and again: other noise, other chips, slow and lossy
networks, and recordings as another folder may hold them (study/changes.py). One line a condition,
in the terms of `groundswell score`; then what should not have happened, and where.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.progress import track

from failure import Failure
from replay.catalogue import Catalogue, read_catalogue
from replay.chain import Uplink
from replay.compiled import compile_kernels
from replay.event import EventReplay, chosen_events, heard, published, usable_records
from replay.intervals import quantile
from replay.network_score import EventScore, score_event
from replay.outcomes import threads_of
from replay.records import Record
from study import changes
from study.parts import what_went_wrong

Said = list[tuple[int, str, Any]]
Known = dict[tuple[Record, str, int], Said]


@dataclass(frozen=True)
class Condition:
    name: str
    change: changes.Change = changes.as_they_are
    sensor: str = "adxl355"
    seed: int = 0
    latency_ms: int = 50
    drop_share: float = 0.0

    @property
    def uplink(self) -> Uplink:
        return Uplink(1000 * self.latency_ms, self.drop_share, self.seed)


CONDITIONS = (
    *(Condition(f"ADXL355, seed {seed}", seed=seed) for seed in range(10)),
    *(Condition(f"MPU6050, seed {seed}", sensor="mpu6050", seed=seed) for seed in range(3)),
    Condition("no noise added", sensor="none"),
    Condition("5 % lost", drop_share=0.05),
    *(Condition(f"20 % lost, seed {seed}", drop_share=0.2, seed=seed) for seed in range(3)),
    Condition("0.5 s late", latency_ms=500),
    Condition("2 s late", latency_ms=2000),
    Condition("2 s late, 20 % lost", latency_ms=2000, drop_share=0.2),
    *(Condition(change.__name__.replace("_", " "), change) for change in changes.CHANGES),
)


@dataclass(frozen=True)
class Outcome:
    """One event under one condition."""

    condition: str
    score: EventScore
    withdrawn: int
    unusable: dict[str, str]  # record_id -> why

    @property
    def went_wrong(self) -> str:
        """Return what should not have happened, or nothing."""
        score = self.score
        is_missed = score.must_be_declared and not score.is_declared
        return what_went_wrong(is_missed, score.duplicates, score.wrong, self.withdrawn)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m study.matrix", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path)
    parser.add_argument("--event", default="all", metavar="ID", help="one event, or all")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="conditions whose name holds it"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    one = parser.parse_args(argv)
    try:
        outcomes = _played(one)
    except Failure as failure:
        parser.error(str(failure))
    sys.stdout.writelines(f"{line}\n" for line in summary(outcomes))
    return 0


def _played(one: argparse.Namespace) -> list[Outcome]:
    conditions = [condition for condition in CONDITIONS if one.only in condition.name]
    if not conditions:
        names = ", ".join(condition.name for condition in CONDITIONS)
        raise Failure(f"no condition has {one.only!r} in its name: {names}")
    records = usable_records(one.data_dir, chosen_events(one.data_dir, one.event))
    catalogue = read_catalogue(one.data_dir)
    play = partial(outcomes_of, catalogue=catalogue, conditions=conditions)
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(one.workers, initializer=compile_kernels) as pool:
        for some in track(pool.map(play, records, records.values()), "events", len(records)):
            outcomes += some
    return outcomes


def outcomes_of(
    event_id: str,
    records: Sequence[Record],
    catalogue: Catalogue,
    conditions: Iterable[Condition],
) -> list[Outcome]:
    """Play one event under each condition; nodes that hear the same say the same again."""
    known: Known = {}
    outcomes = []
    for condition in conditions:
        played = condition.change(records, catalogue.records)
        replay = EventReplay(event_id)
        said = [_said(record, condition, replay, known) for record in played]
        alerts, _ = heard(played, said, condition.uplink)
        threads = threads_of(alerts)
        there = {record.place for record in played}
        kept = {r.record_id: catalogue.records[r.record_id] for r in records if r.place in there}
        score = score_event(event_id, threads, Catalogue(kept, catalogue.events))
        withdrawn = sum(alert["type"] == "cancel" for alert in alerts)
        outcomes.append(Outcome(condition.name, score, withdrawn, replay.unusable))
    return outcomes


def _said(record: Record, condition: Condition, replay: EventReplay, known: Known) -> Said:
    """Return what a node publishes; one whose samples are as recorded is asked once."""
    if isinstance(record, changes.Changed):
        return published(record, condition.sensor, condition.seed, replay)
    is_mems = record.sensor_class == "MEMS"  # nothing is added to those
    key = (record, "", 0) if is_mems else (record, condition.sensor, condition.seed)
    if key not in known:
        known[key] = published(record, condition.sensor, condition.seed, replay)
    return known[key]


HEADINGS = (
    "condition", "declared", "twice", "wrong", "taken back", "after 3rd P, s", "after 4th P, s",
    "first km", "final km", "magnitude", "MMI within one", "warned", "not played",
)  # fmt: skip


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the table, and then each event in which something went wrong."""
    by_condition: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_condition.setdefault(outcome.condition, []).append(outcome)
    yield _row(HEADINGS)
    yield _row("---" for _ in HEADINGS)
    for name, some in by_condition.items():
        yield _row((name, *_cells(some)))
    for outcome in outcomes:
        if outcome.went_wrong:
            yield f"  {outcome.condition}: {outcome.score.event_id}: {outcome.went_wrong}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield what stands below HEADINGS but for the first; medians with the 90th percentile."""
    scores = [outcome.score for outcome in outcomes]
    must = [score for score in scores if score.must_be_declared]
    told = [score for score in must if score.is_declared]
    yield f"{len(told)} of {len(must)}"
    yield str(sum(score.duplicates for score in scores))
    yield str(sum(score.wrong for score in scores))
    yield str(sum(outcome.withdrawn for outcome in outcomes))
    yield _spread([score.delay_s(score.third_p_us) for score in told])
    yield _spread([score.delay_s(score.fourth_p_us) for score in told])
    for errors in ([score.first for score in told], [score.final for score in told]):
        yield _spread([error.location_km if error else None for error in errors])
    yield " / ".join(
        f"{fmean(abs(error.magnitude) for error in errors if error):.2f}" if told else "-"
        for errors in ([score.first for score in told], [score.final for score in told])
    )
    pairs = [pair for score in scores for pair in score.intensity_final]
    yield f"{sum(abs(expected - recorded) <= 1.0 for expected, recorded in pairs)} of {len(pairs)}"
    warnings = [place for score in must for place in score.warnings]
    yield f"{sum(place.is_before_s for place in warnings)} of {len(warnings)}"
    yield str(sum(len(outcome.unusable) for outcome in outcomes))


def _spread(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    median, most = quantile(known, 0.5).value, quantile(known, 0.9).value
    return "-" if median is None or most is None else f"{median:.1f} / {most:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())

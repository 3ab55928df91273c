"""Runs the simple detectors and rules over the records of a folder, and scores them like ours."""

import concurrent.futures
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from replay.baseline_detectors import DETECTORS, FOR_THE_NETWORK, Samples, high_pass
from replay.baseline_rules import ASTUTI, ASTUTI_LEVEL_MPS2, TRIGGER_RULES, Declared, Mark, Station
from replay.catalogue import Catalogue, distance_km
from replay.intensity import MMI_LEAST, mmi_of_pga
from replay.intervals import Share
from replay.network_score import WARNED_FROM_MMI, WARNING_MMI, EventScore, score_event
from replay.node_score import score_nodes
from replay.outcomes import Detection, Played, Thread, Version
from replay.records import Record, Unusable, read_records
from replay.score import network_figures
from replay.sensors import counts_of

SENSOR, SEED = "adxl355", 0  # the defaults of `detect` and `replay`
PLUM_KM = 30.0
PEAK_CORNER_HZ = 0.1  # as the index's pga_ms2
PEAKS_HZ = 10.0
CHUNK = 8  # records a process takes at once

_NODE_FIGURES = (
    "recall_strong", "recall", "before_s_strong", "delay_median_s", "delay_p90_s",
    "false_in_noise", "false_in_quiet",
)  # fmt: skip
_NETWORK_FIGURES = ("must_be_declared", "declared_of_the_others", "after_fourth_p_median_s")


@dataclass(frozen=True)
class Heard:
    """What the baselines make of one record."""

    record: Record
    duration_s: float
    detections: dict[str, list[Detection]]  # by detector
    level_s: float | None  # the first sample above ASTUTI's level
    warning_s: float | None  # the first sample at WARNING_MMI
    peaks_mps2: Samples  # the largest so far, PEAKS_HZ


def run_baselines(data_dir: Path, catalogue: Catalogue) -> dict[str, Any]:
    """Return the figures of each baseline: of nodes, of networks, of warnings."""
    heard = list(_hear_all(read_records(data_dir, "all")))
    timed = [h for h in heard if h.record.has_absolute_time and h.record.has_place]
    return {
        "node": {
            detector.name: _node_figures(detector.name, heard, catalogue) for detector in DETECTORS
        },
        "network": _network_figures(timed, catalogue),
        "warned_before_s": _warning_figures(timed, catalogue),
    }


def hear(record: Record) -> Heard | None:
    """Return what the detectors say of one record, or None where no node could use it."""
    try:
        counts, lsb_nm_s2 = counts_of(record, record.load(), SENSOR, SEED)
    except Unusable:
        return None
    acc_mps2: Samples = counts.astype(np.float64).reshape(-1, 3).T * (lsb_nm_s2 / 1e9)
    peaks_mps2 = _running_peak(acc_mps2, record.rate_hz)
    return Heard(
        record,
        acc_mps2.shape[1] / record.rate_hz,
        {d.name: d.detections(acc_mps2, record.rate_hz) for d in DETECTORS},
        _first_s(peaks_mps2, ASTUTI_LEVEL_MPS2, record.rate_hz),
        _first_s(peaks_mps2, _pga_of_mmi(WARNING_MMI), record.rate_hz),
        peaks_mps2[_instants(len(peaks_mps2), record.rate_hz)],
    )


def _hear_all(records: Sequence[Record]) -> Iterator[Heard]:
    workers = min(os.cpu_count() or 1, max(1, len(records) // CHUNK))
    is_terminal = sys.stderr.isatty()
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        for number, heard in enumerate(pool.map(hear, records, chunksize=CHUNK)):
            if is_terminal:
                sys.stderr.write(f"\rbaselines: {number + 1} of {len(records)} records ")
            if heard is not None:
                yield heard


def _running_peak(acc_mps2: Samples, rate_hz: float) -> Samples:
    axes = [np.abs(high_pass(axis, PEAK_CORNER_HZ, rate_hz)) for axis in acc_mps2]
    return np.asarray(np.maximum.accumulate(np.max(axes, axis=0)))


def _instants(count: int, rate_hz: float) -> np.ndarray:
    """Return the last sample of each tenth of a second."""
    ends_s = np.arange(1, int(count / rate_hz * PEAKS_HZ) + 1) / PEAKS_HZ
    return np.asarray(np.clip(np.ceil(ends_s * rate_hz).astype(int) - 1, 0, count - 1))


def _first_s(peaks_mps2: Samples, level_mps2: float, rate_hz: float) -> float | None:
    index = int(np.searchsorted(peaks_mps2, level_mps2))
    return index / rate_hz if index < len(peaks_mps2) else None


def _pga_of_mmi(mmi: float) -> float:
    """Return the acceleration at which the yardstick reaches an intensity, by bisection."""
    low_mps2, high_mps2 = 1e-4, 100.0
    for _ in range(60):
        middle_mps2 = (low_mps2 * high_mps2) ** 0.5
        if mmi_of_pga(middle_mps2) < mmi:
            low_mps2 = middle_mps2
        else:
            high_mps2 = middle_mps2
    return high_mps2


def _node_figures(name: str, heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, Any]:
    played = {h.record.record_id: Played(h.detections[name], h.duration_s) for h in heard}
    figures: Any = score_nodes(catalogue.records, played)["all"]
    return {key: figures[key] for key in _NODE_FIGURES}


def _network_figures(heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, Any]:
    rules = [(rule, FOR_THE_NETWORK.name) for rule in TRIGGER_RULES]
    figures = {
        rule.name: _rule_figures(
            [
                score_event(event_id, _threads(rule.declare(marks, stations)), catalogue)
                for event_id, marks, stations in _by_event(heard, detector)
            ]
        )
        for rule, detector in rules
    }
    scores = [
        score_event(event_id, _threads(ASTUTI.declare(marks, stations)), catalogue)
        for event_id, marks, stations in _by_event(heard, None)
    ]
    return {**figures, ASTUTI.name: _rule_figures(scores)}


def _rule_figures(scores: Sequence[EventScore]) -> dict[str, Any]:
    figures = network_figures(scores)
    return {
        **{key: figures[key] for key in _NETWORK_FIGURES},
        "declared_twice": figures["duplicates"],
        "wrong": figures["wrong"],
        "declared_events": [
            score.event_id for score in scores if score.is_declared and score.must_be_declared
        ],
    }


def _by_event(
    heard: Sequence[Heard], detector: str | None
) -> Iterator[tuple[str, list[Mark], list[Station]]]:
    """Yield (event_id, triggers or level crossings in order of time, stations)."""
    events: dict[str, list[Heard]] = {}
    for one in heard:
        events.setdefault(one.record.event_id, []).append(one)
    for event_id, own in events.items():
        marks: list[Mark] = []
        stations = []
        for one in own:
            station = _station_of(one)
            stations.append(station)
            times_s = [] if one.level_s is None else [one.level_s]
            if detector is not None:
                times_s = [found.published_s for found in one.detections[detector]]
            marks += [Mark(station, station.start_us + round(t * 1e6)) for t in times_s]
        yield event_id, sorted(marks, key=lambda mark: mark.time_us), stations


def _station_of(heard: Heard) -> Station:
    record = heard.record
    end_us = record.start_us + round(heard.duration_s * 1e6)
    return Station(record.place, record.lat_deg, record.lon_deg, record.start_us, end_us)


def _threads(declared: Sequence[Declared]) -> list[Thread]:
    """A rule says no intensity, no magnitude and no level."""
    return [
        Thread(
            str(number),
            "live",
            [
                Version(
                    1,
                    "new",
                    one.issued_us,
                    "none",
                    one.origin_us,
                    one.lat_deg,
                    one.lon_deg,
                    0.0,
                    {},
                )
            ],
        )
        for number, one in enumerate(declared)
    ]


def _warning_figures(heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, Any]:
    """PLUM: the largest of the neighbours within 30 km; persistence: one's own so far."""
    plum, own = _Forecasts(), _Forecasts()
    for target in heard:
        truth = catalogue.records.get(target.record.record_id)
        if truth is None or truth.pga_mps2 is None or truth.s_s is None:
            continue
        s_us = truth.after_start_us(truth.s_s)
        neighbours = list(_neighbours(target, heard))
        if mmi_of_pga(truth.pga_mps2) >= WARNED_FROM_MMI:
            own.warned.append(_is_before(target, s_us))
            plum.warned.append(any(_is_before(one, s_us) for one in neighbours))
        if truth.event_id in catalogue.events:
            plum.note(mmi_of_pga(truth.pga_mps2), neighbours, s_us)
            own.note(mmi_of_pga(truth.pga_mps2), [target], s_us)
    own.final_hits.clear()  # in the end everybody knows what shook him
    return {
        "PLUM: neighbours within 30 km": plum.as_dict(),
        "persistence: one's own so far": own.as_dict(),
    }


@dataclass
class _Forecasts:
    """Places that a forecast by measured peaks was right or in time for."""

    warned: list[bool] = field(default_factory=list)
    final_hits: list[bool] = field(default_factory=list)
    hits_at_s: list[bool] = field(default_factory=list)

    def note(self, recorded_mmi: float, measuring: Sequence[Heard], s_us: int) -> None:
        """Compare with the largest that these have measured, in the end and when S comes."""
        final = max((_mmi_until(one, None) for one in measuring), default=MMI_LEAST)
        at_s = max((_mmi_until(one, s_us) for one in measuring), default=MMI_LEAST)
        self.final_hits.append(abs(final - recorded_mmi) <= 1.0)
        self.hits_at_s.append(abs(at_s - recorded_mmi) <= 1.0)

    def as_dict(self) -> dict[str, object]:
        named = {
            "warned_before_s": self.warned,
            "mmi_within_one_final": self.final_hits,
            "mmi_within_one_when_s_comes": self.hits_at_s,
        }
        return {name: Share(sum(hits), len(hits)).as_dict() for name, hits in named.items()}


def _mmi_until(heard: Heard, time_us: int | None) -> float:
    """Return the intensity of what a record shows up to a time, or in all."""
    known = len(heard.peaks_mps2)
    if time_us is not None:
        passed_s = (time_us - heard.record.start_us) / 1e6
        known = min(known, int(passed_s * PEAKS_HZ))
    return mmi_of_pga(float(heard.peaks_mps2[known - 1])) if known > 0 else MMI_LEAST


def _neighbours(target: Heard, heard: Sequence[Heard]) -> Iterator[Heard]:
    here = target.record
    for one in heard:
        there = one.record
        if there.event_id != here.event_id or there.place == here.place:
            continue
        if distance_km(here.lat_deg, here.lon_deg, there.lat_deg, there.lon_deg) <= PLUM_KM:
            yield one


def _is_before(heard: Heard, time_us: int) -> bool:
    if heard.warning_s is None:
        return False
    return heard.record.start_us + round(heard.warning_s * 1e6) < time_us


def tables_of(figures: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return one titled group of rows for each kind of baseline."""
    return {
        "Baselines: detectors": figures["node"],
        f"Baselines: rules (triggers: {FOR_THE_NETWORK.name})": figures["network"],
        "Baselines: warned (MMI 3.5) before S where 4 was recorded; MMI within one": figures[
            "warned_before_s"
        ],
    }

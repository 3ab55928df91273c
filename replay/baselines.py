"""Runs the simple detectors and rules over the records of a folder, and scores them like ours."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from replay.baseline_detectors import DETECTORS, FOR_THE_NETWORK
from replay.baseline_hearing import Heard, hear_all
from replay.baseline_rules import ASTUTI, TRIGGER_RULES, Declared, Mark, Station
from replay.baseline_warnings import warning_figures
from replay.catalogue import Catalogue
from replay.network_score import EventScore, score_event
from replay.node_score import score_nodes
from replay.outcomes import Played, Thread, Version
from replay.records import read_records
from replay.score import network_figures

_NODE_FIGURES = (
    "recall_strong", "recall", "before_s_strong", "delay_median_s", "delay_p90_s",
    "false_in_noise", "false_in_quiet",
)  # fmt: skip
_NETWORK_FIGURES = ("must_be_declared", "declared_of_the_others", "after_fourth_p_median_s")
_PLACE_FIGURES = ("location_median_km", "location_p90_km")


def run_baselines(data_dir: Path, catalogue: Catalogue) -> dict[str, Any]:
    """Return the figures of each baseline: of nodes, of networks, of warnings."""
    heard = list(hear_all(read_records(data_dir, "all")))
    timed = [h for h in heard if h.record.has_absolute_time and h.record.has_place]
    return {
        "node": {
            detector.name: _node_figures(detector.name, heard, catalogue) for detector in DETECTORS
        },
        "network": _network_figures(timed, catalogue),
        "warned_before_s": warning_figures(timed, catalogue),
    }


def _node_figures(name: str, heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, Any]:
    played = {h.record.record_id: Played(h.detections[name], h.duration_s) for h in heard}
    figures: Any = score_nodes(catalogue.records, played)["all"]
    return {key: figures[key] for key in _NODE_FIGURES}


def _network_figures(heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, Any]:
    marked_by = [*((rule, FOR_THE_NETWORK.name) for rule in TRIGGER_RULES), (ASTUTI, None)]
    return {
        rule.name: _rule_figures(
            [
                score_event(event_id, _threads(rule.declare(marks, stations)), catalogue)
                for event_id, marks, stations in _by_event(heard, detector)
            ]
        )
        for rule, detector in marked_by
    }


def _rule_figures(scores: Sequence[EventScore]) -> dict[str, Any]:
    figures: Any = network_figures(scores)
    return {
        **{key: figures[key] for key in _NETWORK_FIGURES},
        **{f"first_{key}": figures["first"][key] for key in _PLACE_FIGURES},
        "declared_twice": figures["duplicates"],
        "wrong": figures["wrong"],
        "declared_events": [
            score.event_id for score in scores if score.is_declared and score.must_be_declared
        ],
    }


def _by_event(
    heard: Sequence[Heard], detector: str | None
) -> Iterator[tuple[str, list[Mark], list[Station]]]:
    """Yield (event_id, triggers or level crossings in order of time, stations).

    detector: whose triggers; None: level crossings.
    """
    events: dict[str, list[Heard]] = {}
    for one in heard:
        events.setdefault(one.record.event_id, []).append(one)
    for event_id, own in events.items():
        marks: list[Mark] = []
        stations = []
        for one in own:
            station = one.station
            stations.append(station)
            times_s = [] if one.level_s is None else [one.level_s]
            if detector is not None:
                times_s = [found.published_s for found in one.detections[detector]]
            marks += [Mark(station, station.start_us + round(t * 1e6)) for t in times_s]
        yield event_id, sorted(marks, key=lambda mark: mark.time_us), stations


def _threads(declared: Sequence[Declared]) -> list[Thread]:
    """A rule says no intensity, no magnitude and no level."""
    return [Thread(str(number), "live", [_version_of(one)]) for number, one in enumerate(declared)]


def _version_of(one: Declared) -> Version:
    return Version(
        version=1,
        type="new",
        issued_us=one.issued_us,
        level="none",
        origin_us=one.origin_us,
        lat_deg=one.lat_deg,
        lon_deg=one.lon_deg,
        magnitude=0.0,
        mmi={},
    )


def tables_of(figures: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return one titled group of rows for each kind of baseline."""
    return {
        "Baselines: detectors": figures["node"],
        f"Baselines: rules (triggers: {FOR_THE_NETWORK.name})": figures["network"],
        "Baselines: warned (MMI 3.5) before S where 4 was recorded; MMI within one": figures[
            "warned_before_s"
        ],
    }

"""The whole score as one dictionary: node figures, network figures, real and synthetic apart."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from replay.catalogue import Catalogue, RecordTruth
from replay.intervals import Rate, Share, quantile
from replay.network_score import EventScore, SourceError, score_event
from replay.node_score import score_nodes
from replay.outcomes import Played, Thread
from replay.shaking_score import FELT_MMI

DEFINITIONS = (
    "P reference: analyst's label, else an accepted automatic pick, else ak135 (recall only, "
    "+- 3 s). A pick's residual is the index's, else to the median of the event's picks.",
    "A trigger's time is when its first message was published. Hit: between P - 2 s and S + 30 s "
    "and not retracted. False: before P - 2 s, in a noise record, or in the quiet part. A record "
    "of an event without an origin is noise.",
    "A record that the node could not use counts as missed where it has a P; a record whose "
    "predicted P lies outside it is not counted.",
    "Must be declared: four stations with absolute time within 200 km with PGA >= 0.02 m/s^2. "
    "Matched: origin within 30 s and epicentre within 100 km in any version.",
    "Third and fourth P: in order over the sites within 200 km, ak135's where no pick was "
    "accepted; the table says how many of the four are only predicted.",
    "Intensity: MMI from the recorded PGA, Worden 2012, within one unit of the expected one.",
)


def split_by_origin(catalogue: Catalogue) -> dict[str, Catalogue]:
    """Return the real and the synthetic part; a part without records is left out."""
    parts: dict[str, Catalogue] = {}
    for name, is_synthetic in (("real", False), ("synthetic", True)):
        records = {
            key: record
            for key, record in catalogue.records.items()
            if record.is_synthetic == is_synthetic
        }
        if records:
            parts[name] = Catalogue(records, catalogue.events)
    return parts


def score_triggers(catalogue: Catalogue, played: Mapping[str, Played]) -> dict[str, object]:
    """Return the node figures of each part of the data."""
    return {
        name: score_nodes(_records_of(part), played)
        for name, part in split_by_origin(catalogue).items()
    }


def score_events(catalogue: Catalogue, alerts: Mapping[str, Sequence[Thread]]) -> list[EventScore]:
    """Return the score of every replayed event, in the order of the alerts file."""
    return [score_event(event_id, threads, catalogue) for event_id, threads in alerts.items()]


def score_alerts(scores: Sequence[EventScore]) -> dict[str, object]:
    """Return the network figures of each part of the data."""
    parts = {
        "real": [score for score in scores if not score.is_synthetic],
        "synthetic": [score for score in scores if score.is_synthetic],
    }
    return {name: network_figures(part) for name, part in parts.items() if part}


def network_figures(scores: Sequence[EventScore]) -> dict[str, object]:
    must = [score for score in scores if score.must_be_declared]
    declared = [score for score in must if score.is_declared]
    after_third_s = _present(score.delay_s(score.third_p_us) for score in declared)
    after_fourth_s = _present(score.delay_s(score.fourth_p_us) for score in declared)
    hours = sum(score.span_h for score in scores)
    return {
        "events_replayed": len(scores),
        "must_be_declared": Share(len(declared), len(must)).as_dict(),
        "declared_of_the_others": Share(
            sum(score.is_declared for score in scores if not score.must_be_declared),
            len(scores) - len(must),
        ).as_dict(),
        "after_third_p_median_s": quantile(after_third_s, 0.5).as_dict(),
        "after_fourth_p_median_s": quantile(after_fourth_s, 0.5).as_dict(),
        "after_fourth_p_p90_s": quantile(after_fourth_s, 0.9).as_dict(),
        "first": _source_figures(score.first for score in declared),
        "final": _source_figures(score.final for score in declared),
        "duplicates": sum(score.duplicates for score in scores),
        "fits_another_event": sum(score.other_events for score in scores),
        "wrong": Rate(sum(score.wrong for score in scores), hours).as_dict(),
        "wrong_above_none": Rate(sum(score.wrong_with_level for score in scores), hours).as_dict(),
        "intensity_within_one": _intensity_figures(scores),
        "warned_before_s": _warning_figures(scores),
        "events": [event_figures(score) for score in scores],
    }


def event_figures(score: EventScore) -> dict[str, object]:
    """Return one line of the event table."""
    return {
        "event_id": score.event_id,
        "name": score.event.name if score.event else None,
        "magnitude": score.event.magnitude if score.event else None,
        "stations_near": score.stations_near,
        "stations_strong": score.stations_strong,
        "must_be_declared": score.must_be_declared,
        "declared": score.is_declared,
        "after_third_p_s": score.delay_s(score.third_p_us),
        "after_fourth_p_s": score.delay_s(score.fourth_p_us),
        "after_origin_s": score.delay_s(score.event.origin_us) if score.event else None,
        "predicted_of_first_four_p": score.predicted_of_four,
        "first": _source_dict(score.first),
        "final": _source_dict(score.final),
        "duplicates": score.duplicates,
        "fits_another_event": score.other_events,
        "wrong": score.wrong,
        "wrong_above_none": score.wrong_with_level,
        "warned_before_s": sum(warning.is_before_s for warning in score.warnings),
        "to_be_warned": len(score.warnings),
    }


def _records_of(catalogue: Catalogue) -> dict[str, RecordTruth]:
    """Return the records; those of an event without an origin (a door, thunder) as noise."""
    return {
        key: dataclasses.replace(record, event_id="")
        if catalogue.events and record.event_id not in catalogue.events
        else record
        for key, record in catalogue.records.items()
    }


def _present(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _source_figures(errors: Iterable[SourceError | None]) -> dict[str, object]:
    known = [error for error in errors if error is not None]
    magnitudes = [error.magnitude for error in known]
    places_km = [error.location_km for error in known]
    return {
        "location_median_km": quantile(places_km, 0.5).as_dict(),
        "location_p90_km": quantile(places_km, 0.9).as_dict(),
        "magnitude_bias": quantile(magnitudes, 0.5).as_dict(),
        "magnitude_absolute_mean": sum(map(abs, magnitudes)) / len(known) if known else None,
    }


def _source_dict(error: SourceError | None) -> dict[str, object] | None:
    if error is None:
        return None
    return {
        "version": error.version,
        "location_km": error.location_km,
        "magnitude_error": error.magnitude,
    }


def _intensity_figures(scores: Sequence[EventScore]) -> dict[str, object]:
    first = [pair for score in scores for pair in score.intensity_first]
    final = [pair for score in scores for pair in score.intensity_final]
    felt = [pair for pair in final if pair[1] >= FELT_MMI]
    at_s = [pair for score in scores for pair in score.intensity_when_s_comes]
    return {
        "first": _within_one(first),
        "final": _within_one(final),
        "final_felt": _within_one(felt),
        "when_s_comes": _within_one(at_s),
    }


def _within_one(pairs: Sequence[tuple[float, float]]) -> dict[str, object]:
    hits = sum(abs(expected - recorded) <= 1.0 for expected, recorded in pairs)
    return Share(hits, len(pairs)).as_dict()


def _warning_figures(scores: Sequence[EventScore]) -> dict[str, object]:
    warnings = [warning for score in scores for warning in score.warnings]
    leads_s = [w.lead_s for w in warnings if w.lead_s is not None and w.is_before_s]
    hits = sum(warning.is_before_s for warning in warnings)
    return {
        **Share(hits, len(warnings)).as_dict(),
        "lead_median_s": quantile(leads_s, 0.5).as_dict(),
        "in_blind_zone": sum(score.in_blind_zone for score in scores),
    }

"""How good single nodes were: hits, delays, false triggers. Definitions: contracts.md section 6.

All times are in seconds after a record's first sample; a trigger's time is when its first message
was published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from replay.catalogue import Arrival, RecordTruth
from replay.intervals import Rate, Share, quantile
from replay.outcomes import Detection, Played

BEFORE_P_S = 2.0
AFTER_S_S = 30.0
AK135_TOLERANCE_S = 3.0  # a predicted arrival: the window opens earlier and closes later by this
STRONG_MPS2 = 0.02


@dataclass(frozen=True)
class Verdict:
    """One played earthquake record that has a P reference and an S."""

    truth: RecordTruth
    arrival: Arrival
    hit: Detection | None  # the earliest
    is_before_s: bool
    early_count: int  # triggers before P - 2 s; counted only where P is measured

    @property
    def delay_s(self) -> float | None:
        if self.hit is None or not self.arrival.is_measured:
            return None
        return self.hit.published_s - self.arrival.p_s


def judge(truth: RecordTruth, played: Played) -> Verdict | None:
    """Return the verdict on one record, or None where nobody knows when its P and S came."""
    if truth.arrival is None or truth.s_s is None or not _is_inside(truth):
        return None
    slack_s = 0.0 if truth.arrival.is_measured else AK135_TOLERANCE_S
    opens_s = truth.arrival.p_s - BEFORE_P_S - slack_s
    closes_s = truth.s_s + AFTER_S_S + slack_s
    in_window = [
        detection
        for detection in played.detections
        if opens_s <= detection.published_s <= closes_s and not detection.is_retracted
    ]
    hit = min(in_window, key=lambda detection: detection.published_s, default=None)
    early = sum(detection.published_s < opens_s for detection in played.detections)
    return Verdict(
        truth=truth,
        arrival=truth.arrival,
        hit=hit,
        is_before_s=hit is not None and hit.published_s < truth.s_s,
        early_count=early if truth.arrival.is_measured else 0,
    )


def score_nodes(
    truths: Mapping[str, RecordTruth], played: Mapping[str, Played]
) -> dict[str, object]:
    """Return the node figures, for all records and for those of MEMS sensors."""
    pairs = [(truths[key], outcome) for key, outcome in played.items() if key in truths]
    return {
        "records_played": len(pairs),
        "records_unknown_to_the_index": len(played) - len(pairs),
        "records_unusable": sum(outcome.processed_s is None for _, outcome in pairs),
        "all": _figures(pairs),
        "mems": _figures([pair for pair in pairs if pair[0].is_mems]),
    }


def _figures(pairs: Iterable[tuple[RecordTruth, Played]]) -> dict[str, object]:
    pairs = list(pairs)
    earthquakes = [pair for pair in pairs if pair[0].event_id]
    verdicts = [verdict for pair in earthquakes if (verdict := judge(*pair)) is not None]
    strong = [verdict for verdict in verdicts if _is_strong(verdict.truth)]
    delays_s = [verdict.delay_s for verdict in verdicts if verdict.delay_s is not None]
    return {
        "earthquake_records": len(earthquakes),
        "with_p_and_s": len(verdicts),
        "p_references": {
            kind: sum(verdict.arrival.kind == kind for verdict in verdicts)
            for kind in ("label", "pick", "ak135")
        },
        "recall_strong": _recall(strong),
        "recall": _recall(verdicts),
        "before_s_strong": _recall_before_s(strong),
        "before_s": _recall_before_s(verdicts),
        "delay_median_s": quantile(delays_s, 0.5).as_dict(),
        "delay_p90_s": quantile(delays_s, 0.9).as_dict(),
        "onset_error": _onset_error(verdicts),
        "false_before_p": _false_before_p(verdicts),
        "false_in_noise": _false_in_noise(pairs),
        "false_in_quiet": _false_in_quiet(earthquakes),
    }


def _is_inside(truth: RecordTruth) -> bool:
    """A predicted arrival can lie behind the record's end; that record cannot be hit or missed."""
    return truth.arrival is not None and 0.0 <= truth.arrival.p_s <= truth.duration_s


def _is_strong(truth: RecordTruth) -> bool:
    return truth.pga_mps2 is not None and truth.pga_mps2 >= STRONG_MPS2


def _recall(verdicts: list[Verdict]) -> dict[str, object]:
    return Share(sum(verdict.hit is not None for verdict in verdicts), len(verdicts)).as_dict()


def _recall_before_s(verdicts: list[Verdict]) -> dict[str, object]:
    return Share(sum(verdict.is_before_s for verdict in verdicts), len(verdicts)).as_dict()


def _onset_error(verdicts: list[Verdict]) -> dict[str, object]:
    """Onset minus the analyst's P; the absolute error's median and 90th percentile, of the first
    message and of the last."""
    marked = [
        (verdict.hit, verdict.arrival.p_s)
        for verdict in verdicts
        if verdict.hit is not None and verdict.arrival.kind == "label"
    ]
    errors_s = [hit.onset_s - p_s for hit, p_s in marked]
    sizes_s = [abs(error_s) for error_s in errors_s]
    refined_s = [abs(hit.refined_onset_s - p_s) for hit, p_s in marked]
    return {
        "median_s": quantile(errors_s, 0.5).as_dict(),
        "absolute_median_s": quantile(sizes_s, 0.5).as_dict(),
        "absolute_p90_s": quantile(sizes_s, 0.9).as_dict(),
        "refined_absolute_median_s": quantile(refined_s, 0.5).as_dict(),
        "refined_absolute_p90_s": quantile(refined_s, 0.9).as_dict(),
    }


def _false_before_p(verdicts: list[Verdict]) -> dict[str, object]:
    """Triggers earlier than P - 2 s, over the hours before it; only where P is measured."""
    measured = [verdict for verdict in verdicts if verdict.arrival.is_measured]
    before_s = sum(max(0.0, verdict.arrival.p_s - BEFORE_P_S) for verdict in measured)
    return Rate(sum(verdict.early_count for verdict in measured), before_s / 3600).as_dict()


def _false_in_noise(pairs: Iterable[tuple[RecordTruth, Played]]) -> dict[str, object]:
    noise = [played for truth, played in pairs if not truth.event_id]
    processed_s = sum(played.processed_s or 0.0 for played in noise)
    return Rate(sum(len(played.detections) for played in noise), processed_s / 3600).as_dict()


def _false_in_quiet(pairs: Iterable[tuple[RecordTruth, Played]]) -> dict[str, object]:
    count, quiet_s = 0, 0.0
    for truth, played in pairs:
        span_s = min(truth.quiet_s, played.processed_s or 0.0)
        quiet_s += span_s
        count += sum(detection.published_s < span_s for detection in played.detections)
    return Rate(count, quiet_s / 3600).as_dict()

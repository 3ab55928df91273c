"""What a study of single nodes is made of: the truth of each record beside what its node said."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from failure import Failure, reason_of
from replay.catalogue import Catalogue, RecordTruth, read_catalogue
from replay.intervals import Rate, Share
from replay.node_score import AFTER_S_S, STRONG_MPS2, Verdict, judge
from replay.outcomes import Detection, Played, read_triggers

PGA_BINS_MPS2 = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 20.0)
DISTANCE_BINS_KM = (0.0, 20.0, 40.0, 60.0, 80.0, 120.0, 160.0, 240.0, 400.0)
RELIABILITY_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
LEAST_CLAIMS = 5  # in a bin: fewer say nothing
QUIET = "before earthquakes"


@dataclass(frozen=True)
class Claim:
    """One message that was sent: how sure it was, and whether it was about an earthquake."""

    record_id: str
    update: int
    p_quake: float
    is_true: bool


@dataclass(frozen=True)
class Noise:
    """One record without an earthquake."""

    truth: RecordTruth
    kind: str
    hours: float
    detections: Sequence[Detection]

    @property
    def is_sent(self) -> bool:
        return bool(self.detections)


@dataclass(frozen=True)
class Study:
    """One data folder with the triggers of its records."""

    name: str
    folder: Path
    catalogue: Catalogue
    played: dict[str, Played]
    verdicts: list[Verdict]  # of earthquake records whose P and S are known
    noise: list[Noise]
    claims: list[Claim]

    @property
    def strong(self) -> list[Verdict]:
        return [v for v in self.verdicts if (v.truth.pga_mps2 or 0.0) >= STRONG_MPS2]

    @property
    def missed(self) -> list[Verdict]:
        return [verdict for verdict in self.strong if verdict.hit is None]

    @property
    def late(self) -> list[Verdict]:
        return [v for v in self.strong if v.hit is not None and not v.is_before_s]

    @property
    def delays_s(self) -> list[float]:
        return [v.delay_s for v in self.verdicts if v.delay_s is not None]

    @property
    def onset_errors_s(self) -> list[float]:
        """Return onset, as refined, minus P where an analyst, or the simulator, has marked it."""
        return [
            v.hit.refined_onset_s - v.arrival.p_s
            for v in self.verdicts
            if v.hit is not None and v.arrival.kind == "label"
        ]

    @property
    def picked_errors_s(self) -> list[tuple[float, float]]:
        """Return onset minus P, of the first message and as refined, wherever P was measured."""
        return [
            (v.hit.onset_s - v.arrival.p_s, v.hit.refined_onset_s - v.arrival.p_s)
            for v in self.verdicts
            if v.hit is not None and v.arrival.is_measured
        ]


def read_study(name: str, folder: Path, triggers: Path) -> Study:
    """Return a study. Raises Failure for a folder or a file that is not as agreed."""
    catalogue, played = read_catalogue(folder), read_triggers(triggers)
    pairs = [(catalogue.records[key], played[key]) for key in played if key in catalogue.records]
    if not pairs:
        raise Failure(f"{triggers} has no finished record of {folder}")
    verdicts = [v for truth, seen in pairs if truth.event_id and (v := judge(truth, seen))]
    kinds = _kinds_of(folder / "noise_index.csv")
    noise = [
        Noise(truth, kinds.get(truth.record_id, "noise"), seen.processed_s / 3600, seen.detections)
        for truth, seen in pairs
        if not truth.event_id and seen.processed_s is not None
    ]
    noise += [quiet for truth, seen in pairs if truth.event_id and (quiet := _quiet(truth, seen))]
    claims = list(_claims(triggers, {v.truth.record_id: v for v in verdicts}, catalogue))
    return Study(name, folder, catalogue, played, verdicts, noise, claims)


def is_detected_again(study: Study, verdict: Verdict) -> bool:
    """Return whether its node published another detection, not a refinement, in the same shaking:
    most often at S."""
    if verdict.hit is None or verdict.truth.s_s is None:
        return False
    first_s, last_s = verdict.hit.published_s, verdict.truth.s_s + AFTER_S_S
    seen = study.played[verdict.truth.record_id].detections
    return any(first_s < detection.published_s <= last_s for detection in seen)


def recall_by(
    verdicts: Iterable[Verdict], edges: Sequence[float], of: str
) -> list[tuple[float, float, Share]]:
    """Return (from, to, share that triggered) of each bin that holds anything.

    of: "pga_mps2" or "distance_km", of the truth.
    """
    found = []
    for low, high in pairwise(edges):
        mine = [v for v in verdicts if low <= (getattr(v.truth, of) or 0.0) < high]
        if mine:
            found.append((low, high, Share(sum(v.hit is not None for v in mine), len(mine))))
    return found


def false_by_kind(noise: Iterable[Noise]) -> list[tuple[str, int, Share, Rate]]:
    """Return (kind, records, share of records with a trigger, rate), the worst first."""
    kinds: dict[str, list[Noise]] = {}
    for record in noise:
        kinds.setdefault(record.kind, []).append(record)
    rows = []
    for kind, records in kinds.items():
        share = Share(sum(record.is_sent for record in records), len(records))
        count = sum(len(record.detections) for record in records)
        rows.append((kind, len(records), share, Rate(count, sum(r.hours for r in records))))
    return sorted(rows, key=lambda row: (-(row[3].count / max(row[3].hours, 1e-9)), row[0]))


def reliability(claims: Iterable[Claim], update: int) -> list[tuple[float, float, float]]:
    """Return (mean p_quake, share that was an earthquake, weight) of each bin that holds enough.

    At even odds, as p_quake is meant: all true claims together weigh as much as all false ones.
    """
    mine = [claim for claim in claims if claim.update == update]
    true = sum(claim.is_true for claim in mine)
    if not 0 < true < len(mine):
        return []
    weigh = {True: 1 / true, False: 1 / (len(mine) - true)}
    found = []
    for low, high in pairwise(RELIABILITY_BINS):
        some = [c for c in mine if low <= c.p_quake < high or (high == 1.0 == c.p_quake)]
        if len(some) >= LEAST_CLAIMS:
            total = sum(weigh[claim.is_true] for claim in some)
            mean = sum(weigh[claim.is_true] * claim.p_quake for claim in some) / total
            share = sum(weigh[True] for claim in some if claim.is_true) / total
            found.append((mean, share, total / 2))
    return found


def calibration_error(bins: Sequence[tuple[float, float, float]]) -> float:
    """Return the expected calibration error: how far p_quake is from the truth, by weight."""
    weight = sum(share_of_all for _, _, share_of_all in bins)
    return sum(abs(mean - share) * of_all for mean, share, of_all in bins) / max(weight, 1e-12)


def confusion(study: Study) -> list[tuple[str, int, int, int]]:
    """Return (what it was, sent, sent and withdrawn, silent), counting records."""
    rows: dict[str, list[int]] = {}
    strengths = (
        (0.1, "earthquake, 0.1 m/s² or more"),
        (STRONG_MPS2, "earthquake, 0.02 to 0.1 m/s²"),
        (0.0, "earthquake, weaker"),
    )
    for verdict in sorted(study.verdicts, key=lambda v: -(v.truth.pga_mps2 or 0.0)):
        pga_mps2 = verdict.truth.pga_mps2 or 0.0
        kind = next(name for level, name in strengths if pga_mps2 >= level)
        seen = study.played[verdict.truth.record_id].detections
        _count(rows, kind, verdict.hit is not None, any(d.is_retracted for d in seen))
    for record in study.noise:
        kept = any(not detection.is_retracted for detection in record.detections)
        _count(rows, record.kind, kept, record.is_sent)
    return [(kind, sent, withdrawn, silent) for kind, (sent, withdrawn, silent) in rows.items()]


def _count(rows: dict[str, list[int]], kind: str, is_sent: bool, is_withdrawn: bool) -> None:
    counts = rows.setdefault(kind, [0, 0, 0])
    counts[0 if is_sent else 1 if is_withdrawn else 2] += 1


def _quiet(truth: RecordTruth, seen: Played) -> Noise | None:
    """Return the background before an earthquake as a record of its own."""
    span_s = min(truth.quiet_s, seen.processed_s or 0.0)
    if span_s <= 0:
        return None
    early = [detection for detection in seen.detections if detection.published_s < span_s]
    kind = QUIET + (", MEMS" if truth.is_mems else ", better sensors")
    return Noise(truth, kind, span_s / 3600, early)


def _claims(path: Path, verdicts: dict[str, Verdict], catalogue: Catalogue) -> Iterable[Claim]:
    """Yield every message of records whose truth is known; read_triggers has checked the file."""
    early: dict[tuple[str, int], bool] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line) if line.strip() else {}
        record_id = entry.get("record_id", "")
        if "p_quake" not in entry or record_id not in catalogue.records:
            continue
        verdict = verdicts.get(record_id)
        is_quake = bool(catalogue.records[record_id].event_id)
        if is_quake and verdict is None:
            continue
        key = (record_id, entry["detection_id"])
        if entry["update"] == 0:
            before_s = verdict.arrival.p_s - 2.0 if verdict is not None else 0.0
            early[key] = float(entry["published_s"]) < before_s
        is_true = is_quake and not early.get(key, False)
        yield Claim(record_id, int(entry["update"]), float(entry["p_quake"]), is_true)


def _kinds_of(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["record_id"]: row["category"] for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error

"""Other runs beside the node's: another sensor, a simple detector, another instrument's training;
and what another threshold of p would have given. One row each, in the report on single nodes."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from replay.intervals import Share, quantile
from replay.node_score import judge
from replay.outcomes import Detection, Played
from training.node_cases import Noise, Study

HEAD = (
    "", "strong: triggered", "before S", "delay", "delay, MEMS",
    "false: quiet MEMS", "all quiet", "noise records",
)  # fmt: skip
BARS = ("asked for", "97 %", "95 %", "0.5 / 1.5 s", "0.3 / 0.8 s", "0", "", "2 %")
LEVELS = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


def row_of(name: str, study: Study) -> list[str]:
    """Return what one run did, in the columns of HEAD."""
    strong, noise = study.strong, [one for one in study.noise if not one.truth.event_id]
    quiet = [one for one in study.noise if one.truth.event_id]
    mems_s = [v.delay_s for v in study.verdicts if v.truth.is_mems and v.delay_s is not None]
    return [
        name,
        _brief(sum(v.hit is not None for v in strong), len(strong)),
        _brief(sum(v.is_before_s for v in strong), len(strong)),
        _delays(study.delays_s),
        _delays(mems_s),
        _rate(one for one in quiet if one.truth.is_mems),
        _rate(quiet),
        _brief(sum(one.is_sent for one in noise), len(noise)),
    ]


def levels(study: Study, triggers: Path) -> list[list[str]]:
    """Return a row for each of LEVELS: a node that says nothing until p has been so high.

    Raises what json raises for lines that read_study has not accepted.
    """
    messages: dict[tuple[str, int], list[dict[str, float]]] = {}
    for line in triggers.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "p_quake" in entry:
            key = (str(entry["record_id"]), int(entry["detection_id"]))
            messages.setdefault(key, []).append(entry)
    rows = []
    for level in LEVELS:
        heard: dict[str, list[Detection]] = {name: [] for name in study.played}
        for (record_id, _), said in messages.items():
            first = next((entry for entry in said if entry["p_quake"] >= level), None)
            if first is not None and record_id in heard:
                is_retracted = any(bool(entry["is_retracted"]) for entry in said)
                published_s = float(first["published_s"])
                heard[record_id].append(
                    Detection(float(first["onset_s"]), published_s, is_retracted)
                )
        rows.append(row_of(f"p ≥ {level:.0%}", _heard(study, heard)))
    return rows


def _heard(study: Study, heard: dict[str, list[Detection]]) -> Study:
    """Return the study as if these detections had been published."""
    played = {
        name: Played(heard[name], seen.processed_s, seen.error)
        for name, seen in study.played.items()
    }
    truths = study.catalogue.records
    verdicts = [
        verdict
        for name, seen in played.items()
        if name in truths and truths[name].event_id and (verdict := judge(truths[name], seen))
    ]
    noise = []
    for one in study.noise:
        found = heard[one.truth.record_id]
        if one.truth.event_id:
            found = [detection for detection in found if detection.published_s < 3600 * one.hours]
        noise.append(Noise(one.truth, one.kind, one.hours, found))
    return Study(study.name, study.folder, study.catalogue, played, verdicts, noise, [])


def _brief(hits: int, trials: int) -> str:
    interval = Share(hits, trials).interval
    if interval is None:
        return "-"
    low, high = (100 * limit for limit in interval)
    return f"{hits} of {trials} ({low:.0f} to {high:.0f} %)"


def _rate(some: Iterable[Noise]) -> str:
    kept = list(some)
    count = sum(len(one.detections) for one in kept)
    hours = sum(one.hours for one in kept)
    return f"{count} in {hours:.1f} h" if hours else "-"


def _delays(delays_s: Sequence[float]) -> str:
    found = [quantile(list(delays_s), level).value for level in (0.5, 0.9)]
    if None in found:
        return "-"
    return f"{found[0]:.2f} / {found[1]:.2f} s"

"""What was asked of a node, what it does, and, where that is less, why and what it would take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.json_files import read_json, read_lines
from training.node_cases import Study

HEAD = ("asked for", "found", "met", "if not: why, and what it would take")

_DELAY = (
    "More than half of the records are of quiet seismometers whose P lies below the noise of an "
    "ADXL355 that they are given: the curve of STA/LTA alone shows that no threshold is soon "
    "enough. Records of MEMS nodes near earthquakes of M4 and more."
)
_QUIET = (
    "The table of levels of p is the curve: a higher level costs delay and earthquakes first. "
    "Nobody knows whether what remains are small local shocks: no catalogue used here has them. "
    "A local catalogue for the hours of these records, or some hundred node-hours that have one."
)
_RECALL = (
    "The records that are missed are drawn as waveforms; recall by PGA and by distance are the "
    "curves. Most begin within strong shaking or lie below the noise that they are given. More "
    "recordings of MEMS nodes at those distances."
)
_NOISE = (
    "What triggered is drawn as waveforms, by kind; the table of levels of p is the curve. More "
    "recordings of what stands near these sensors."
)
_MPU_QUIET = (
    "MEMS records keep their own noise, so these are the triggers of the row on quiet MEMS nodes, "
    "with the same curve, reason and data: the price of triggering on what is weaker."
)
_MPU_DELAY = (
    "Under so much noise a trigger waits until P, or S, has grown out of it, and is published "
    "from p 90 % only, the price of 5 records of noise instead of 47; the table of levels of p "
    "and that of STA/LTA alone are the curves. A quieter chip, not data."
)
_DAILY = (
    "In four bands below 12 Hz a lorry or a step that comes nearer is a P wave that emerges; "
    "trained on simulated daily life the models gave up doors and knocks only. Recordings at "
    "100 Hz and more of nodes in houses, of earthquakes and of days."
)
_CALIBRATION = (
    "What stays weak within an earthquake may be its P or noise between P and S: nobody has "
    "marked it. The share of earthquakes differs from event to event more than so few events can "
    "settle (the interval below). Some hundred events with analysts' picks."
)
_ONSET = (
    "Of far and of small earthquakes P begins below the sensor's noise, and what is picked is "
    "when it comes out of that: the errors are late ones. A second more of the wave takes some "
    "back (as refined), later ones no more, and updates repeat it; all that it could take back "
    "would cost MEMS nodes, whose P is sharp, and places more. Quieter sensors, and analysts' "
    "picks of MEMS records near the source."
)
_INT8 = (
    "An output of int8 has steps of an eighth of a bit, and ties count; the interval over events "
    "is wider than the half point. Some hundred events would tell whether anything is lost."
)


@dataclass(frozen=True)
class Bar:
    asked: str
    found: str
    is_met: bool
    why: str

    @property
    def cells(self) -> list[str]:
        met, why = ("yes", "") if self.is_met else ("no", self.why)
        return [self.asked, self.found, met, why]


def bars(studies: Sequence[Study], besides: Sequence[Study], out: Path) -> Iterator[Bar]:
    """Yield the bars that can be judged from these runs and from what is in the folder."""
    yield from _of_triggers(studies[0])
    by_name = {study.name: study for study in besides}
    noisy, simple = (by_name.get(f"MPU6050 noise{end}") for end in ("", ", simple detector"))
    if noisy and simple:
        yield from _beside(noisy, simple)
    yield from _of_onsets(studies, _read(out / "analysts.json"))
    held_out = _read(out / "held_out.json")
    if held_out:
        yield from _of_the_judge(held_out)
    tried = [study for study in besides if study.name.startswith("trained ")]
    if tried:
        asked = "cross-instrument: the table, honestly"
        yield Bar(asked, "; ".join(map(_in_short, tried)), True, "")
    hours = _read(out / "background.jsonl")
    if hours:
        count = sum(sum(line["node"].values()) for line in hours)
        asked = "daily life, simulated: at most 0.05 false an hour in 480 h"
        found = f"{count / len(hours):.2f} an hour in {len(hours)} h"
        yield Bar(asked, found, count / len(hours) <= 0.05, _DAILY)


def _of_onsets(
    studies: Sequence[Study], analysts: dict[str, float | None] | None
) -> Iterator[Bar]:
    """analysts: errors [s] on their windows by record, None where none was found (analysts.py)."""
    for study in studies:
        if study.name == "simulated":
            strong = [
                verdict.hit.refined_onset_s - verdict.arrival.p_s
                for verdict in study.strong
                if verdict.hit is not None and verdict.is_before_s
            ]
            if strong:
                yield _onset("simulated truth, PGA ≥ 0.02 m/s², before S", strong)
    if analysts:
        asked = "analysts' picks on windows scaled to 0.1 m/s²"
        yield _onset(asked, [e for e in analysts.values() if e is not None])
    if studies[0].onset_errors_s:
        yield _onset("analysts' picks, as strong as recorded", studies[0].onset_errors_s)


def _of_the_judge(held_out: dict[str, Any]) -> Iterator[Bar]:
    """held_out: what held_out.py found."""
    asked = "calibration error at most 0.05 at 0, 0.5, 1, 2, 3 s, "
    for key, what in (("int8", "of what becomes clear"), ("all", "of all detections")):
        errors = [head["error"] for head in held_out[key]]
        text = " ".join(f"{error:.3f}" for error in errors)
        yield Bar(asked + what, text, max(errors) <= 0.05, _CALIBRATION)
    lost = [100 * (line["float"] - line["int8"]) for line in held_out["losses"]]
    rates = ", ".join(f"{line['false_rate']:.0%}" for line in held_out["losses"])
    text = " ".join(f"{points:.1f}" for points in lost) + f" points at {rates} false looks"
    yield Bar("int8 loses at most 0.5 points of recall", text, max(lost) <= 0.5, _INT8)
    model = held_out["model"]
    asked = "model: at most 20 kB and 50,000 multiply-accumulates"
    found = f"{model['bytes']:,} bytes, {model['multiply_adds']:,}"
    is_met = model["bytes"] <= 20_000 and model["multiply_adds"] <= 50_000
    yield Bar(asked, found, is_met, "A smaller network; no data.")


def _of_triggers(study: Study) -> Iterator[Bar]:
    strong = study.strong
    if strong:
        hits = len(strong) - len(study.missed)
        asked = "triggered where PGA ≥ 0.02 m/s²: 97 %"
        yield Bar(asked, f"{hits} of {len(strong)}", hits >= 0.97 * len(strong), _RECALL)
        soon = sum(verdict.is_before_s for verdict in strong)
        yield Bar(
            "before S: 95 %", f"{soon} of {len(strong)}", soon >= 0.95 * len(strong), _RECALL
        )
    mems_s = [v.delay_s for v in study.verdicts if v.truth.is_mems and v.delay_s is not None]
    for name, delays_s, median, p90 in (
        ("all", study.delays_s, 0.5, 1.5),
        ("MEMS", mems_s, 0.3, 0.8),
    ):
        if delays_s:
            found = np.quantile(delays_s, (0.5, 0.9)).tolist()
            asked = f"delay, {name}: median {median:g} s, 90th percentile {p90:g} s"
            is_met = found[0] <= median and found[1] <= p90
            yield Bar(asked, f"{found[0]:.2f} / {found[1]:.2f} s", is_met, _DELAY)
    quiet = [one for one in study.noise if one.truth.event_id and one.truth.is_mems]
    if quiet:
        count, hours = sum(len(one.detections) for one in quiet), sum(one.hours for one in quiet)
        yield Bar("quiet MEMS nodes: none false", f"{count} in {hours:.2f} h", not count, _QUIET)
    noise = [one for one in study.noise if not one.truth.event_id]
    if noise:
        sent = sum(one.is_sent for one in noise)
        asked = "records of the noise folder with a trigger: 2 %"
        yield Bar(asked, f"{sent} of {len(noise)}", sent <= 8 / 398 * len(noise), _NOISE)


def _beside(ours: Study, theirs: Study) -> Iterator[Bar]:
    """Yield the bars of a worse chip: on each line no worse than the simple detector."""
    asked = "with MPU6050 noise, no worse than the simple detector: "
    both, of = (ours, theirs), f" of {len(ours.strong)}"
    hits = [len(study.strong) - len(study.missed) for study in both]
    yield Bar(asked + "triggered", f"{hits[0]} to {hits[1]}{of}", hits[0] >= hits[1], _RECALL)
    soon = [sum(verdict.is_before_s for verdict in study.strong) for study in both]
    yield Bar(asked + "before S", f"{soon[0]} to {soon[1]}{of}", soon[0] >= soon[1], _RECALL)
    noise = [sum(n.is_sent for n in study.noise if not n.truth.event_id) for study in both]
    found = f"{noise[0]} to {noise[1]}"
    yield Bar(
        asked + "records of the noise folder with a trigger", found, noise[0] <= noise[1], _NOISE
    )
    quiet = [
        sum(len(n.detections) for n in study.noise if n.truth.event_id and n.truth.is_mems)
        for study in both
    ]
    found = f"{quiet[0]} to {quiet[1]}"
    yield Bar(asked + "false on quiet MEMS nodes", found, quiet[0] <= quiet[1], _MPU_QUIET)
    delays_s = [
        {v.truth.record_id: v.delay_s for v in study.verdicts if v.delay_s is not None}
        for study in both
    ]
    shared = sorted(set(delays_s[0]) & set(delays_s[1]))
    if shared:
        mine, other = (
            np.quantile([each[name] for name in shared], (0.5, 0.9)).tolist() for each in delays_s
        )
        alone = " and ".join(str(len(each) - len(shared)) for each in delays_s)
        found = (
            f"{mine[0]:.2f} / {mine[1]:.2f} to {other[0]:.2f} / {other[1]:.2f} s on the "
            f"{len(shared)} records that both detect ({alone} more by one of them alone)"
        )
        is_met = mine[0] <= other[0] and mine[1] <= other[1]
        yield Bar(asked + "delay, median / 90th percentile", found, is_met, _MPU_DELAY)


def _in_short(study: Study) -> str:
    hits = len(study.strong) - len(study.missed)
    quiet = [one for one in study.noise if one.truth.event_id]
    false, hours = sum(len(one.detections) for one in quiet), sum(one.hours for one in quiet)
    return f"{study.name}: {hits} of {len(study.strong)}, {false} false in {hours:.2f} h of quiet"


def _onset(truth: str, errors_s: Sequence[float]) -> Bar:
    found = np.quantile(np.abs(errors_s), (0.5, 0.9)).tolist() if errors_s else [np.inf] * 2
    asked = f"onset error against {truth}: median 0.1 s, 90th percentile 0.5 s"
    text = f"{found[0]:.2f} / {found[1]:.2f} s of {len(errors_s)}"
    return Bar(asked, text, found[0] <= 0.1 and found[1] <= 0.5, _ONSET)


def _read(path: Path) -> Any:
    if not path.is_file():
        return None
    return read_lines(path) if path.suffix == ".jsonl" else read_json(path)

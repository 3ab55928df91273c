"""Failures shown as waveforms: what a node saw when it missed, came late, or cried wolf."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from replay import sensors
from replay.records import Record, Unusable, read_records
from training import plotting
from training.node_cases import Noise, Study
from training.plotting import Theme

BEFORE_S, AFTER_S = 10.0, 25.0
MOST_POINTS = 1200  # of a trace in a plot: each is the extreme of its share of the samples
COLUMNS = 2


@dataclass(frozen=True)
class Example:
    """One record, about the moment that matters. Times after its first sample."""

    title: str
    record: Record
    middle_s: float
    p_s: float | None = None
    s_s: float | None = None
    triggers_s: tuple[float, ...] = ()


def missed_or_late(study: Study, most: int) -> list[Example]:
    """Return strong earthquake records without a trigger before S, the strongest first."""
    records = _records(study.folder)
    verdicts = sorted(study.missed + study.late, key=lambda v: -(v.truth.pga_mps2 or 0.0))
    return [
        Example(
            f"{'late' if verdict.hit else 'missed'}: {verdict.truth.record_id} · "
            f"{verdict.truth.distance_km or 0:.0f} km · {verdict.truth.pga_mps2:.3f} m/s²",
            records[verdict.truth.record_id],
            verdict.arrival.p_s,
            verdict.arrival.p_s,
            verdict.truth.s_s,
            _times(study, verdict.truth.record_id),
        )
        for verdict in verdicts[:most]
    ]


def false(study: Study, most: int) -> list[Example]:
    """Return records without an earthquake that made a node send, each kind in turn."""
    records = _records(study.folder)
    kinds: dict[str, list[Noise]] = {}
    for noise in study.noise:
        if noise.is_sent:
            kinds.setdefault(noise.kind, []).append(noise)
    turns = max((len(some) for some in kinds.values()), default=0)
    chosen = [some[turn] for turn in range(turns) for some in kinds.values() if turn < len(some)]
    return [
        Example(
            f"false: {noise.kind} · {noise.truth.record_id}",
            records[noise.truth.record_id],
            noise.detections[0].onset_s,
            triggers_s=_times(study, noise.truth.record_id),
        )
        for noise in chosen[:most]
    ]


def draw(examples: list[Example]) -> plotting.Draw:
    def on(figure: Figure, theme: Theme) -> None:
        rows = -(-len(examples) // COLUMNS)
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        for axes, example in zip(grid.ravel(), examples):
            trace_s, least, most = _trace(example)
            axes.fill_between(trace_s, least, most, color=theme.first, linewidth=0.4)
            for at_s, colour, name in (
                (example.p_s, theme.good, "P"), (example.s_s, theme.second, "S"),
                *((at_s, theme.bad, "trigger") for at_s in example.triggers_s),
            ):  # fmt: skip
                after_s = np.inf if at_s is None else at_s - example.middle_s
                if -BEFORE_S < after_s < AFTER_S:
                    axes.axvline(after_s, color=colour, linewidth=1.2)
                    high = 0.02 if name == "trigger" else 0.9
                    axes.annotate(
                        name, (after_s, high), xycoords=("data", "axes fraction"), xytext=(2, 0),
                        textcoords="offset points", fontsize=7, color=colour,
                    )  # fmt: skip
            axes.set_title(example.title, fontsize=7.5, fontweight="normal")
            axes.set_xlim(-BEFORE_S, AFTER_S)
            axes.tick_params(labelsize=7)
            axes.set_ylabel("m/s²", fontsize=7)
        for axes in grid.ravel()[len(examples) :]:
            axes.set_visible(False)

    return on


def height_in(examples: list[Example]) -> float:
    return 0.3 + 1.6 * -(-len(examples) // COLUMNS)


def _trace(example: Example) -> tuple[NDArray[np.float64], ...]:
    """Return seconds about the middle, least and largest vertical acceleration there, as the node
    saw it: with the noise and the steps that `detect` gave it."""
    record = example.record
    try:
        counts, lsb_nm_s2 = sensors.counts_of(record, record.load(), "adxl355", 0)
    except Unusable:
        return (np.zeros(1),) * 3
    vertical = counts[2::3] * (lsb_nm_s2 * 1e-9)
    first = max(0, int((example.middle_s - BEFORE_S) * record.rate_hz))
    last = int((example.middle_s + AFTER_S) * record.rate_hz)
    piece = vertical[first:last] - np.median(vertical[first:last])
    share = max(1, len(piece) * 2 // MOST_POINTS)
    piece = piece[: len(piece) // share * share].reshape(-1, share)
    time_s = (first + share * np.arange(len(piece))) / record.rate_hz - example.middle_s
    following = np.roll(piece, -1, axis=0)[:, 0]  # so that neighbours touch
    following[-1] = piece[-1, -1]
    return (
        time_s,
        np.minimum(piece.min(axis=1), following),
        np.maximum(piece.max(axis=1), following),
    )


def _times(study: Study, record_id: str) -> tuple[float, ...]:
    return tuple(d.published_s for d in study.played[record_id].detections)


def _records(folder: Path) -> dict[str, Record]:
    return {record.record_id: record for record in read_records(folder, "all")}

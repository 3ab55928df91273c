"""The plots of the study of single nodes: each takes studies, returns what draws on a figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from replay.intervals import Share
from training import node_cases, plotting
from training.node_cases import DISTANCE_BINS_KM, PGA_BINS_MPS2, Study
from training.plotting import Theme

Shares = list[tuple[float, float, Share]]
UPDATES = {0: "at once", 1: "0.5 s later", 2: "1 s", 3: "2 s", 4: "3 s"}


def recall(studies: Sequence[Study]) -> plotting.Draw:
    def draw(figure: Figure, theme: Theme) -> None:
        by_pga, by_distance = figure.subplots(1, 2)
        for study, colour, shift in _coloured(studies, theme):
            pga = node_cases.recall_by(study.verdicts, PGA_BINS_MPS2, "pga_mps2")
            _shares(by_pga, PGA_BINS_MPS2, pga, colour, shift, study.name)
            near = node_cases.recall_by(study.strong, DISTANCE_BINS_KM, "distance_km")
            _shares(by_distance, DISTANCE_BINS_KM, near, colour, shift, study.name)
        _bins(by_pga, [f"{edge:g}" for edge in PGA_BINS_MPS2], "PGA, m/s²")
        _bins(by_distance, [f"{edge:g}" for edge in DISTANCE_BINS_KM], "km")
        by_pga.axvline(4, color=theme.faint, linewidth=1)
        by_pga.set_title("triggered, by strength")
        by_distance.set_title("triggered, by distance, where PGA ≥ 0.02 m/s²")
        by_pga.legend(loc="lower right")

    return draw


def _shares(
    axes: Axes, edges: Sequence[float], bins: Shares, colour: str, shift: float, label: str
) -> None:
    """Mark each bin at the number of its lower edge, with its 95 % interval."""
    numbers = {low: number for number, low in enumerate(edges)}
    for low, _, share in bins:
        at = numbers[low] + 0.5 + shift
        interval = share.interval or (0.0, 1.0)
        axes.plot([at, at], interval, color=colour, linewidth=1.2, alpha=0.6)
        axes.plot(at, share.hits / share.trials, "o", color=colour, markersize=5)
        axes.annotate(
            str(share.trials), (at, interval[0]), xytext=(0, -9), textcoords="offset points",
            ha="center", fontsize=6.5, color=colour,
        )  # fmt: skip
    axes.plot([], [], "o", color=colour, label=label)


def _bins(axes: Axes, edges: list[str], unit: str) -> None:
    axes.set_xticks(range(len(edges)), edges)
    axes.set(ylim=(-0.08, 1.04), xlabel=unit)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])


def false_triggers(study: Study, title: str) -> plotting.Draw:
    rows = node_cases.false_by_kind(study.noise)

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        for number, (_, records, share, rate) in enumerate(reversed(rows)):
            low, high = rate.interval or (0.0, 0.0)
            value = rate.count / rate.hours if rate.hours else 0.0
            colour = theme.bad if rate.count else theme.good
            floor = 0.02
            axes.plot([max(low, floor), max(high, floor)], [number] * 2, color=colour, alpha=0.5)
            axes.plot(max(value, floor), number, "o", color=colour)
            axes.annotate(
                f"{rate.count} in {rate.hours:.2f} h · {share.hits} of {records} records",
                (max(high, floor), number), xytext=(8, 0), textcoords="offset points",
                va="center", fontsize=7.5, color=theme.ink,
            )  # fmt: skip
        axes.set_yticks(range(len(rows)), [row[0] for row in reversed(rows)])
        axes.axvline(0.05, color=theme.faint, linestyle=(0, (4, 3)), linewidth=1.2)
        axes.set(
            xscale="log", xlim=(0.015, 4e4), xlabel="false triggers per node-hour", title=title
        )
        axes.grid(axis="y", visible=False)

    return draw


def delays(studies: Sequence[Study]) -> plotting.Draw:
    def draw(figure: Figure, theme: Theme) -> None:
        after_p, before_s = figure.subplots(1, 2)
        for study, colour, shift in _coloured(studies, theme):
            found = np.sort(study.delays_s)
            if len(found):
                share = np.arange(1, len(found) + 1) / len(found)
                after_p.step(found, share, where="post", color=colour, label=study.name)
                for level in (0.5, 0.9):
                    at = float(np.quantile(found, level))
                    after_p.plot(at, level, "o", color=colour, markersize=4)
                    after_p.annotate(f"{at:.2f} s", (at, level), fontsize=7.5,
                                     xytext=(6, 60 * shift - 3), textcoords="offset points",
                                     color=colour)  # fmt: skip
            spans = [
                (v.truth.distance_km or 0.0, v.truth.s_s - v.hit.published_s)
                for v in study.strong
                if v.hit is not None and v.truth.s_s is not None
            ]
            before_s.plot(*zip(*spans), ".", color=colour, alpha=0.7) if spans else None
        after_p.set(xlim=(-1, 5), ylim=(0, 1.02), title="published after P", xlabel="s")
        after_p.set_ylabel("share of triggers")
        after_p.legend(loc="lower right")
        before_s.axhline(0, color=theme.bad, linewidth=1.2)
        before_s.set(title="ahead of S, where PGA ≥ 0.02 m/s²", xlabel="km", ylabel="s before S")
        before_s.set(xlim=(0, 250), ylim=(-12, 32))

    return draw


def onsets(studies: Sequence[Study]) -> plotting.Draw:
    marked = [study for study in studies if study.onset_errors_s]

    def draw(figure: Figure, theme: Theme) -> None:
        row = np.atleast_1d(figure.subplots(1, max(1, len(marked))))
        for axes, (study, colour, _) in zip(row, _coloured(marked, theme)):
            errors = np.array(study.onset_errors_s)
            axes.hist(np.clip(errors, -1, 1), bins=np.linspace(-1, 1, 41), color=colour)
            axes.set(title=f"{study.name}: {len(errors)} marked onsets", xlabel="onset minus P, s")
            size = np.abs(errors)
            text = f"|error| median {np.median(size):.2f} s\np90 {np.quantile(size, 0.9):.2f} s"
            axes.annotate(text, (0.03, 0.97), xycoords="axes fraction", va="top", fontsize=8)

    return draw


def reliability(studies: Sequence[Study]) -> plotting.Draw:
    def draw(figure: Figure, theme: Theme) -> None:
        for axes, (study, colour, _) in zip(
            np.atleast_1d(figure.subplots(1, len(studies), sharey=True)), _coloured(studies, theme)
        ):
            axes.plot([0, 1], [0, 1], color=theme.faint, linestyle=(0, (4, 3)))
            for update, text in UPDATES.items():
                bins = node_cases.reliability(study.claims, update)
                if bins:
                    axes.plot(
                        [mean for mean, _, _ in bins], [share for _, share, _ in bins], "o-",
                        color=plotting.mixed(colour, theme.ink, update / 5), markersize=4,
                        label=f"{text}: error {node_cases.calibration_error(bins):.2f}",
                        linewidth=1,
                    )  # fmt: skip
            axes.set(xlim=(0, 1.02), ylim=(0, 1.04), title=study.name, xlabel="p_quake")
            axes.legend(loc="upper left", fontsize=7.5)
        figure.axes[0].set_ylabel("share that was an earthquake")

    return draw


def confusion(study: Study) -> plotting.Draw:
    rows = node_cases.confusion(study)

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        for number, (_, *counts) in enumerate(reversed(rows)):
            left, total = 0.0, sum(counts)
            for count, colour in zip(counts, (theme.first, theme.second, theme.faint)):
                width = count / total
                axes.barh(number, width, left=left, color=colour, height=0.72)
                if width > 0.01:
                    ink = theme.ink if colour == theme.faint else theme.ground
                    axes.annotate(str(count), (left + width / 2, number), ha="center",
                                  va="center", fontsize=7.5, color=ink)  # fmt: skip
                left += width
        axes.set_yticks(range(len(rows)), [row[0] for row in reversed(rows)])
        axes.set(xlim=(0, 1), title=study.name)
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.grid(visible=False)
        for text, colour in zip(
            ("sent", "sent, then withdrawn", "silent"), (theme.first, theme.second, theme.faint)
        ):
            axes.bar(0, 0, color=colour, label=text)
        figure.legend(loc="outside lower center", ncols=3)

    return draw


def _coloured(studies: Sequence[Study], theme: Theme) -> list[tuple[Study, str, float]]:
    return list(zip(studies, (theme.first, theme.second), (-0.12, 0.12)))

"""The curves of `groundswell thresholds`, as SVG and PNG."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from matplotlib.axes import Axes

from study import ink
from study.choices import DEARER, Choice
from study.ink import FAINT, INK, SERIES, Draw


def write(out: Path, tried: Sequence[Choice], best: Choice) -> None:
    drawn = {
        "alerts": _against_false(
            tried, best, lambda one: 100 * one.failed, "% missed or late", "What is missed or late"
        ),
        "delays": _against_false(
            tried, best, _median_s, "s from origin to alert, median", "How soon the first alert is"
        ),
        "costs": _costs(best),
    }
    for name, draw in drawn.items():
        ink.png(draw, out / f"{name}.png")
        (out / f"{name}.svg").write_text(ink.svg_file(draw), encoding="utf-8")


def _median_s(choice: Choice) -> float:
    return median(choice.after_origin_s) if choice.after_origin_s else math.nan


def _against_false(
    tried: Sequence[Choice],
    best: Choice,
    value: Callable[[Choice], float],
    label: str,
    title: str,
) -> Draw:
    def draw(axes: Axes) -> None:
        least = 0.3 / max(choice.years for choice in tried)  # where none was seen
        for colour, nodes in zip(SERIES, sorted({choice.min_nodes for choice in tried})):
            own = [choice for choice in tried if choice.min_nodes == nodes]
            x = [max(choice.false_a_year, least) for choice in own]
            y = [value(choice) for choice in own]
            axes.plot(
                x, y, marker="o", markersize=4, color=colour, label=f"{nodes} nodes or more",
                clip_on=False,
            )  # fmt: skip
        axes.plot(
            [max(best.false_a_year, least)], [value(best)], marker="o", markersize=12,
            fillstyle="none", color=INK, label="picked", linestyle="none", clip_on=False,
        )  # fmt: skip
        most = max(choice.false_a_year for choice in tried)
        _logarithmic(axes, least * 0.7, max(most, least) * 1.4)
        axes.axvline(least * 1.3, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_xlabel("false alerts a year (left of the dotted line: none seen)")
        axes.set_ylabel(label)
        known = [y for y in map(value, tried) if not math.isnan(y)]
        axes.set_ylim(0, max([1.0, *(1.25 * y for y in known)]))  # where all are 0, 1
        axes.set_title(f"{title}, at every threshold")
        axes.legend(loc="best")

    return draw


def _costs(best: Choice) -> Draw:
    def draw(axes: Axes) -> None:
        ratios = list(best.acts)
        for colour, dearer in zip(SERIES, DEARER):
            costs = [acts.cost(dearer) / (1 + dearer) for acts in best.acts.values()]
            ones = "one" if dearer == 1 else "ones"
            axes.plot(ratios, costs, marker="o", markersize=4, color=colour,
                      label=f"a missed alarm = {dearer:g} needless {ones}")  # fmt: skip
        _logarithmic(axes, min(ratios) * 0.8, 1.0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("cost ratio r: act where P(MMI ≥ V) ≥ r")
        axes.set_ylabel("cost (missed + needless alarm = 1)")
        axes.set_title("When a place should act")
        axes.legend(loc="best")

    return draw


def _logarithmic(axes: Axes, least: float, most: float) -> None:
    """Scale the horizontal axis by logarithms, with plain numbers: 0.1, 0.2, 0.5, 1, ..."""
    axes.set_xscale("log")
    decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
    inside = [tick for tick in ticks if least <= tick <= most]
    axes.set_xticks(inside, [f"{tick:g}" for tick in inside])
    axes.minorticks_off()
    axes.set_xlim(least, most)

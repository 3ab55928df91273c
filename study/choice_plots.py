"""The curves of `groundswell thresholds`, as SVG and PNG."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from study import ink
from study.choices import DEARER, Choice
from study.ink import FAINT, INK, SERIES, Draw


def write(out: Path, tried: Sequence[Choice], best: Choice) -> None:
    for name, draw in (("alerts", _alerts(tried, best)), ("costs", _costs(best))):
        ink.png(draw, out / f"{name}.png")
        (out / f"{name}.svg").write_text(ink.svg_file(draw), encoding="utf-8")


def _alerts(tried: Sequence[Choice], best: Choice) -> Draw:
    def draw(axes: Axes) -> None:
        least = 0.3 / max(choice.years for choice in tried)  # where none was seen
        for colour, nodes in zip(SERIES, sorted({choice.min_nodes for choice in tried})):
            own = [choice for choice in tried if choice.min_nodes == nodes]
            x = [max(choice.false_a_year, least) for choice in own]
            y = [100 * choice.failed for choice in own]
            axes.plot(x, y, marker="o", markersize=4, color=colour, label=f"{nodes} nodes or more")
        axes.plot(
            [max(best.false_a_year, least)], [100 * best.failed], marker="o", markersize=12,
            fillstyle="none", color=INK, label="picked", linestyle="none",
        )  # fmt: skip
        axes.set_xscale("log")
        axes.axvline(least * 1.6, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_xlabel("false alerts a year (left of the dots: none seen)")
        axes.set_ylabel("% missed or late")
        axes.set_ylim(bottom=0)
        axes.set_title("Every threshold: false alerts against missed and late ones")
        axes.legend()

    return draw


def _costs(best: Choice) -> Draw:
    def draw(axes: Axes) -> None:
        ratios = list(best.acts)
        for colour, dearer in zip(SERIES, DEARER):
            costs = [acts.cost(dearer) / (1 + dearer) for acts in best.acts.values()]
            axes.plot(ratios, costs, marker="o", markersize=4, color=colour,
                      label=f"a missed alarm = {dearer:g} needless ones")  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("cost ratio r: act where P(MMI ≥ V) ≥ r")
        axes.set_ylabel("cost of all places")
        axes.set_title("When a place should act")
        axes.legend()

    return draw

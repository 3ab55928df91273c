"""The plots of the network study: each takes an axes and draws one thing on it."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from replay.intervals import Rate
from study.figures import Line, binned, false_count, quakes
from study.ink import FAINT, SERIES, Draw
from study.networks import NETWORKS
from study.plan import NOISE_VARIANTS, VARIANTS

LATEST_S = 20.0
LEAST_RATE = 0.01  # of a logarithmic axis


def alert_times(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        for colour, name in zip(SERIES, NETWORKS):
            group = quakes(lines, network=name)
            times = sorted(line["after_origin_s"] for line in group if line["declared"])
            if times:
                shares = 100 * np.arange(1, len(times) + 1) / len(group)
                axes.step(times, shares, where="post", color=colour, label=name)
        axes.axvline(6.0, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_xlim(0, LATEST_S)
        axes.set_ylim(0, 100)
        axes.set_xlabel("seconds after the origin")
        axes.set_ylabel("% of earthquakes declared")
        axes.set_title("How soon the first alert is out")
        axes.legend(loc="lower right")

    return draw


def epicentres(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        names = list(NETWORKS)
        for offset, colour, figure, label in (
            (-0.17, SERIES[1], "first_km", "first message"),
            (0.17, SERIES[0], "final_km", "last message"),
        ):
            values = [
                [line[figure] for line in quakes(lines, network=name) if line["declared"]]
                for name in names
            ]
            _boxes(axes, values, np.arange(len(names)) + offset, colour, label)
        axes.set_xticks(range(len(names)), names)
        _kilometres(axes)
        axes.set_title("Where: error of the epicentre (median, half, 80 %)")
        axes.legend(loc="upper center", ncols=2)

    return draw


def sizes(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        group = [line for line in quakes(lines) if line["declared"]]
        for colour, figure, label in (
            (SERIES[1], "first_magnitude_error", "first message"),
            (SERIES[0], "final_magnitude_error", "last message"),
        ):
            x = [line["magnitude"] for line in group]
            y = [line[figure] for line in group]
            axes.scatter(x, y, s=5, color=colour, alpha=0.25, linewidths=0)
            centres, medians = _running(x, y)
            axes.plot(centres, medians, color=colour, label=label)
        axes.axhline(0, color=FAINT, linewidth=0.8)
        axes.set_ylim(-3, 3)
        axes.set_xlabel("true magnitude")
        axes.set_ylabel("estimate - truth")
        axes.set_title("How large: error of the magnitude, and its median")
        axes.legend(loc="upper right")

    return draw


def found_by_size(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        width = 0.8 / len(NETWORKS)
        for number, (colour, name) in enumerate(zip(SERIES, NETWORKS)):
            classes = binned(quakes(lines, network=name), lambda line: float(line["declared"]))
            shares = [100 * sum(v) / len(v) if v else 0.0 for _, v in classes]
            at = np.arange(len(classes)) + (number - (len(NETWORKS) - 1) / 2) * width
            axes.bar(at, shares, width * 0.9, color=colour, label=name)
            axes.set_xticks(range(len(classes)), [label for label, _ in classes])
        _percents(axes)
        axes.set_ylabel("% declared")
        axes.set_title("How many are declared, by size")
        axes.legend(loc="upper center", ncols=len(NETWORKS))

    return draw


def intensities(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        group = quakes(lines)
        columns = (
            ("within one, final", "within_one", ""),
            ("within one, when S comes", "within_one", ", when S comes"),
            ("warned before S", "warned", ""),
        )
        names = ("groundswell", "PLUM-like", "persistence")
        for number, (colour, name) in enumerate(zip(SERIES, names)):
            shares = [_share(group, figure, name + suffix) for _, figure, suffix in columns]
            at = np.arange(len(columns)) + (number - 1) * 0.27
            axes.bar(at, shares, 0.25, color=colour, label=name)
        axes.set_xticks(range(len(columns)), [label for label, _, _ in columns])
        _percents(axes)
        axes.set_ylabel("% of places")
        axes.set_title("How strong it will be, and who is told in time")
        axes.legend(loc="upper center", ncols=3)

    return draw


def delays_of_variants(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        named = [(name, quakes(lines, name)) for name in VARIANTS]
        known = [(name, group) for name, group in named if group]
        values = [[line["first_km"] for line in group if line["declared"]] for _, group in known]
        _boxes(axes, values, np.arange(len(known)), SERIES[0], "")
        axes.set_xticks(range(len(known)), [name.replace(" ", "\n", 1) for name, _ in known])
        _kilometres(axes)
        axes.set_title("First epicentre, by what is changed")

    return draw


def false_of_variants(lines: Sequence[Line]) -> Draw:
    def draw(axes: Axes) -> None:
        known = [(name, *false_count(lines, name)) for name in NOISE_VARIANTS]
        known = [(name, count, span) for name, count, span in known if span > 0]
        for at, (_, count, span) in enumerate(known):
            low, high = Rate(count, span).interval or (0.0, 0.0)
            axes.plot([at, at], [max(low, LEAST_RATE), high], color=SERIES[0], linewidth=2)
            if count:
                axes.plot([at], [count / span], marker="o", markersize=6, color=SERIES[0])
        axes.axhline(0.1, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_xticks(range(len(known)), [name.replace(" ", "\n", 1) for name, _, _ in known])
        axes.set_xlim(-0.5, max(len(known), 1) - 0.5)
        axes.set_yscale("log")
        axes.set_ylim(LEAST_RATE, 20)
        ticks = (0.01, 0.1, 1, 10)
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_ylabel("a year and 100 nodes")
        axes.set_title("False alerts, by what is left out (95 %; no dot: none seen)")

    return draw


def _kilometres(axes: Axes) -> None:
    """A logarithmic axis in plain numbers, with room for a legend."""
    axes.set_yscale("log")
    axes.set_ylim(0.1, 300)
    ticks = (0.1, 1, 10, 100)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylabel("km from the truth")


def _percents(axes: Axes) -> None:
    """Leave room above 100 % for the legend."""
    axes.set_ylim(0, 122)
    axes.set_yticks(range(0, 101, 20))


def _boxes(
    axes: Axes, values: Sequence[Sequence[float]], at: np.ndarray, colour: str, label: str
) -> None:
    """Draw 10, 25, 50, 75 and 90 % of each; what is empty is left out."""
    first = True
    for x, numbers in zip(at, values):
        if not numbers:
            continue
        low, lower, middle, upper, high = np.quantile(numbers, [0.1, 0.25, 0.5, 0.75, 0.9])
        floor = 0.1  # of the logarithmic axis
        axes.plot([x, x], [max(low, floor), high], color=colour, linewidth=1)
        axes.plot(
            [x, x], [max(lower, floor), upper], color=colour, linewidth=9,
            solid_capstyle="butt", alpha=0.45, label=label if first and label else None,
        )  # fmt: skip
        axes.plot([x], [max(middle, floor)], marker="o", markersize=5, color=colour)
        first = False


def _running(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    edges = np.arange(3.5, 7.9, 0.4)
    xs, ys = np.array(x), np.array(y)
    inside = [(xs >= low) & (xs < low + 0.4) for low in edges]
    kept = [(low + 0.2, mask) for low, mask in zip(edges, inside) if mask.sum() >= 3]
    return [float(c) for c, _ in kept], [float(np.median(ys[mask])) for _, mask in kept]


def _share(group: Sequence[Line], figure: str, name: str) -> float:
    found = [line[figure][name] for line in group if name in line[figure]]
    trials = sum(pair[1] for pair in found)
    return 100 * sum(pair[0] for pair in found) / trials if trials else 0.0


PLOTS: dict[str, Callable[[Sequence[Line]], Draw]] = {
    "alert-times": alert_times,
    "found-by-size": found_by_size,
    "epicentres": epicentres,
    "sizes": sizes,
    "intensities": intensities,
    "false-alerts": false_of_variants,
    "variants": delays_of_variants,
}

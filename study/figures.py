"""The numbers of the report, from the lines of the study: shares, rates, quantiles."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from replay.intervals import Rate, Share, quantile
from study.networks import NETWORKS
from study.plan import PLAIN

Line = Mapping[str, Any]
FELT_NODES = 3  # "missed": MMI V and more at so many live nodes
SIZES = ((3.5, 4.5), (4.5, 5.5), (5.5, 6.5), (6.5, 7.9))
NODES_COUNTED = 100  # false alerts are told for so many nodes


@dataclass(frozen=True)
class Cell:
    """A figure for people, and what it is made of."""

    text: str
    of: str = ""


def quakes(lines: Iterable[Line], variant: str = PLAIN, network: str | None = None) -> list[Line]:
    return [
        line
        for line in lines
        if line["kind"] == "quake"
        and line["variant"] == variant
        and network in (None, line["network"])
    ]


def by_network(lines: Sequence[Line]) -> list[tuple[str, list[Cell]]]:
    """Return one column of figures for each network, and one of all."""
    groups = [("all", quakes(lines))]
    groups += [(name, quakes(lines, network=name)) for name in NETWORKS]
    return [(name, _column(group)) for name, group in groups]


ROWS = (
    "earthquakes",
    f"missed where MMI ≥ V at {FELT_NODES} nodes",
    "first alert after the origin, median / 90 %",
    "after the third P, median / 90 %",
    "epicentre first, median / 90 %",
    "epicentre final, median / 90 %",
    "magnitude first / final, mean absolute error",
    "magnitude final, bias",
    "MMI within one, final",
    "MMI within one, when S comes",
    "warned before S where MMI ≥ IV",
    "declared twice",
    "wrong declarations",
)


def _column(group: Sequence[Line]) -> list[Cell]:
    declared = [line for line in group if line["declared"]]
    strong = [line for line in group if line["nodes_strong"] >= FELT_NODES]
    missed = sum(not line["declared"] for line in strong)
    return [
        Cell(f"{len(group)}", f"{len(declared)} declared"),
        share(missed, len(strong)),
        quantiles(numbers_of(declared, "after_origin_s"), "s"),
        quantiles(numbers_of(declared, "after_third_p_s"), "s"),
        quantiles(numbers_of(declared, "first_km"), "km"),
        quantiles(numbers_of(declared, "final_km"), "km"),
        Cell(
            f"{_mean_abs(declared, 'first_magnitude_error')} / "
            f"{_mean_abs(declared, 'final_magnitude_error')}"
        ),
        _bias(numbers_of(declared, "final_magnitude_error")),
        pairs(group, "within_one", "groundswell"),
        pairs(group, "within_one", "groundswell, when S comes"),
        pairs(group, "warned", "groundswell"),
        Cell(str(sum(line["duplicates"] > 0 for line in group))),
        Cell(
            str(sum(line["wrong"] for line in group)),
            f"{sum(line['wrong_above_none'] for line in group)} above none",
        ),
    ]


def years(lines: Iterable[Line], variant: str = PLAIN) -> list[Line]:
    return [line for line in lines if line["kind"] == "year" and line["variant"] == variant]


def false_rate(lines: Iterable[Line], variant: str = PLAIN, cause: str | None = None) -> Cell:
    """Return false alerts a year and NODES_COUNTED nodes, of all causes or of one."""
    group = years(lines, variant)
    count = sum(
        number for line in group for name, number in line["false"].items() if cause in (None, name)
    )
    return _rate(count, sum(line["nodes"] for line in group) / NODES_COUNTED)


def by_cause(lines: Sequence[Line]) -> list[tuple[str, list[Cell]]]:
    """Return, by cause: how many episodes were played, declared, and the rate a year."""
    group = years(lines)
    played, false, above = (_summed(group, name) for name in ("played", "false", "above_none"))
    node_years = sum(line["nodes"] for line in group) / NODES_COUNTED
    return [
        (
            name,
            [
                Cell(str(count)),
                share(min(false[name], count), count),
                Cell(str(above[name])),
                _rate(false[name], node_years),
            ],
        )
        for name, count in played.most_common()
    ]


def _summed(group: Iterable[Line], name: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for line in group:
        total.update(line[name])
    return total


CAUSE_COLUMNS = ("episodes", "declared", "above none", "a year, 100 nodes")


def by_rule(lines: Sequence[Line]) -> list[tuple[str, list[Cell]]]:
    """Return ours and each simple rule, on the same earthquakes."""
    group = quakes(lines)
    strong = [line for line in group if line["nodes_strong"] >= FELT_NODES]
    declared = [line for line in group if line["declared"]]
    ours = [
        share(sum(not line["declared"] for line in strong), len(strong)),
        quantiles(numbers_of(declared, "after_origin_s"), "s"),
        a_thousand(sum(line["wrong"] for line in group), len(group)),
        false_rate(lines),
    ]
    rows = [("Groundswell", ours)]
    for name in group[0]["rules"] if group else ():
        told = [line["rules"][name] for line in group if line["rules"][name]["declared"]]
        missed = sum(not line["rules"][name]["declared"] for line in strong)
        rows.append(
            (
                name,
                [
                    share(missed, len(strong)),
                    quantiles([one["after_origin_s"] for one in told], "s"),
                    a_thousand(sum(line["rules"][name]["wrong"] for line in group), len(group)),
                    false_rate_of_rule(lines, name),
                ],
            )
        )
    return rows


RULE_COLUMNS = (
    "missed", "after origin, median / 90 %", "wrong a thousand earthquakes",
    "false a year, 100 nodes",
)  # fmt: skip


def false_rate_of_rule(lines: Iterable[Line], rule: str) -> Cell:
    """Return a simple rule's false alerts on the years that it heard."""
    group = [line for line in years(lines) if line.get("by_rules") is not None]
    count = sum(line["by_rules"].get(rule, 0) for line in group)
    return _rate(count, sum(line["nodes"] for line in group) / NODES_COUNTED)


def by_forecast(lines: Sequence[Line]) -> list[tuple[str, list[Cell]]]:
    """Return ours, the neighbours' and one's own: intensities and warnings on the same places."""
    group = quakes(lines)
    names = (
        ("Groundswell", "groundswell"),
        ("PLUM-like: the others within 30 km", "PLUM-like"),
        ("persistence: one's own so far", "persistence"),
    )
    return [
        (
            label,
            [
                pairs(group, "within_one", name),
                pairs(group, "within_one", name + ", when S comes"),
                pairs(group, "warned", name),
            ],
        )
        for label, name in names
    ]


FORECAST_COLUMNS = ("MMI within one, final", "when S comes", "warned before S")


def pairs(group: Iterable[Line], figure: str, name: str) -> Cell:
    found = [line[figure].get(name) for line in group]
    known = [pair for pair in found if pair is not None]
    if not known:
        return Cell("-")
    hits, trials = (sum(column) for column in zip(*known))
    # no interval: places of one earthquake are not independent of each other
    return Cell(f"{100 * hits / trials:.1f} %", f"{hits} of {trials}") if trials else Cell("-")


def share(hits: int, trials: int) -> Cell:
    interval = Share(hits, trials).interval
    if interval is None:
        return Cell("-")
    percent = f"{100 * hits / trials:.1f} %"
    low, high = (100 * bound for bound in interval)
    return Cell(percent, f"{hits} of {trials}; {low:.1f} to {high:.1f} %")


def quantiles(numbers: Sequence[float], unit: str) -> Cell:
    if not numbers:
        return Cell("-")
    median, most = np.quantile(numbers, [0.5, 0.9])
    interval = quantile(numbers, 0.5).interval
    of = "" if interval is None else f"{interval[0]:.1f} to {interval[1]:.1f}"
    return Cell(f"{median:.1f} / {most:.1f} {unit}", of)


def a_thousand(count: int, earthquakes: int) -> Cell:
    interval = Rate(count, earthquakes / 1000).interval
    if interval is None:
        return Cell("-")
    of = f"{count} in {earthquakes}; {interval[0]:.1f} to {interval[1]:.1f}"
    return Cell(f"{1000 * count / earthquakes:.1f}", of)


def false_count(lines: Iterable[Line], variant: str) -> tuple[int, float]:
    """Return how many false alerts there were in how many years of NODES_COUNTED nodes."""
    group = years(lines, variant)
    count = sum(sum(line["false"].values()) for line in group)
    return count, sum(line["nodes"] for line in group) / NODES_COUNTED


def _rate(count: int, hundreds: float) -> Cell:
    if hundreds <= 0:
        return Cell("-", "no years yet")
    interval = Rate(count, hundreds).interval
    assert interval is not None
    text = f"{count / hundreds:.2f}"
    return Cell(text, f"{count} in {hundreds:.1f}; {interval[0]:.2f} to {interval[1]:.2f}")


def numbers_of(group: Iterable[Line], name: str) -> list[float]:
    return [float(line[name]) for line in group if line[name] is not None]


def _mean_abs(group: Sequence[Line], name: str) -> str:
    numbers = numbers_of(group, name)
    return f"{sum(map(abs, numbers)) / len(numbers):.2f}" if numbers else "-"


def _bias(numbers: Sequence[float]) -> Cell:
    if not numbers:
        return Cell("-")
    error = float(np.std(numbers)) / math.sqrt(len(numbers))
    return Cell(f"{np.mean(numbers):+.2f}", f"± {error:.2f}")


def binned(
    group: Sequence[Line], value: Callable[[Line], float | None]
) -> list[tuple[str, list[float]]]:
    """Return the values by size class."""
    found = []
    for low, high in SIZES:
        inside = [line for line in group if low <= line["magnitude"] < high]
        numbers = [number for line in inside if (number := value(line)) is not None]
        found.append((f"M {low:g} to {min(high, 7.8):g}", numbers))
    return found

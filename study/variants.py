"""What each part of the system is worth: the variants, on the plain one's own earthquakes."""

import math
from collections.abc import Sequence

import numpy as np

from study.figures import (
    FELT_NODES,
    Cell,
    Line,
    a_thousand,
    false_rate,
    numbers_of,
    quakes,
    quantiles,
    share,
    years,
)
from study.plan import NOISE_VARIANTS, PLAIN, VARIANTS

COLUMNS = (
    "earthquakes", "missed / by the plain one", "false a year, 100 nodes",
    "in the plain one's same", "wrong a thousand", "after origin, median / 90 %",
    "later than the plain one", "epicentre final", "further off",
)  # fmt: skip
SIGMAS_OF_95 = 1.96


def by_variant(lines: Sequence[Line]) -> list[tuple[str, str, list[Cell]]]:
    """Return name, meaning and figures of each variant, on the earthquakes and years it has."""
    plain = {line["quake"]: line for line in quakes(lines)}
    rows = []
    for variant in VARIANTS.values():
        group = quakes(lines, variant.name)
        if group:
            cells = _cells(lines, group, plain, variant.name)
            rows.append((variant.name, variant.about, cells))
    return rows


def _cells(
    lines: Sequence[Line], group: Sequence[Line], plain: dict[str, Line], name: str
) -> list[Cell]:
    declared = [line for line in group if line["declared"]]
    strong = [line for line in group if line["nodes_strong"] >= FELT_NODES]
    same = [(line, plain[line["quake"]]) for line in group if line["quake"] in plain]
    missed = share(sum(not line["declared"] for line in strong), len(strong))
    by_plain = [
        not there["declared"] for line, there in same if line["nodes_strong"] >= FELT_NODES
    ]
    has_years = name in NOISE_VARIANTS
    return [
        Cell(str(len(group)), f"{len(same)} of the plain one's"),
        Cell(f"{missed.text} / {sum(by_plain)} of {len(by_plain)}", missed.of),
        false_rate(lines, name) if has_years else Cell("-"),
        _plain_in_same_years(lines, name) if has_years and name != PLAIN else Cell("-"),
        a_thousand(sum(line["wrong"] for line in group), len(group)),
        quantiles(numbers_of(declared, "after_origin_s"), "s"),
        _more(same, "after_origin_s", "s") if name != PLAIN else Cell("-"),
        quantiles(numbers_of(declared, "final_km"), "km"),
        _more(same, "final_km", "km") if name != PLAIN else Cell("-"),
    ]


def _plain_in_same_years(lines: Sequence[Line], name: str) -> Cell:
    def of(line: Line) -> tuple[str, str]:
        return line["network"], line["key"].split("/")[-2]

    its = {of(line) for line in years(lines, name)}
    return false_rate([line for line in years(lines) if of(line) in its])


def _more(same: Sequence[tuple[Line, Line]], figure: str, unit: str) -> Cell:
    """Return the mean difference where both were declared, with its 95 %."""
    known = [(one[figure], other[figure]) for one, other in same]
    more = np.array([a - b for a, b in known if a is not None and b is not None])
    if len(more) < 2:
        return Cell("-")
    mean, error = float(more.mean()), float(more.std(ddof=1)) / math.sqrt(len(more))
    low, high = mean - SIGMAS_OF_95 * error, mean + SIGMAS_OF_95 * error
    return Cell(f"{mean:+.2f} {unit}", f"{len(more)}; {low:+.2f} to {high:+.2f}")

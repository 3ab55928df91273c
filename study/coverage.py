"""Whether the errors that alerts state are true: how often the truth lies within them."""

from collections.abc import Sequence

import numpy as np

from study.figures import Cell, Line, quakes, share
from study.networks import NETWORKS

ROWS = (
    "epicentre in the ellipse of 68 %, first",
    "epicentre in the ellipse of 68 %, final",
    "magnitude within one / two sigmas, first",
    "magnitude within one / two sigmas, final",
    "the same, the mean error of all taken off",
)


def by_network(lines: Sequence[Line]) -> list[tuple[str, list[Cell]]]:
    """Return one row for each figure: a cell for all networks, and one for each."""
    groups = [_known(quakes(lines))]
    groups += [_known(quakes(lines, network=name)) for name in NETWORKS]
    errors = [line["final_magnitude_error"] for line in groups[0]]
    mean = float(np.mean(errors)) if errors else 0.0
    columns = [
        [
            _held(group, "first_in_ellipse"),
            _held(group, "final_in_ellipse"),
            _within(group, "first"),
            _within(group, "final"),
            _within(group, "final", mean),
        ]
        for group in groups
    ]
    return [(label, [column[row] for column in columns]) for row, label in enumerate(ROWS)]


def _known(group: Sequence[Line]) -> list[Line]:
    """Return what was declared; lines of an older study do not know their errors."""
    return [line for line in group if line.get("final_magnitude_sigma") is not None]


def _held(group: Sequence[Line], name: str) -> Cell:
    held = [line[name] for line in group if line[name] is not None]
    return share(sum(held), len(held))


def _within(group: Sequence[Line], which: str, mean: float = 0.0) -> Cell:
    if not group:
        return Cell("-")
    error = np.array([line[f"{which}_magnitude_error"] for line in group]) - mean
    off = np.abs(error) / np.array([line[f"{which}_magnitude_sigma"] for line in group])
    one, two = (int((off <= most).sum()) for most in (1, 2))
    percents = (f"{100 * hits / len(off):.0f} %" for hits in (one, two))
    return Cell(" / ".join(percents), f"{one} / {two} of {len(off)}")

"""What the network's outputs mean: log-odds at even odds, for each age of a detection.

For each head a line  log-odds = slope * output + shift, by weighted logistic regression on groups
that the network was not fitted to. Earthquakes weigh as much as all others together; a group
weighs by the root of its windows. The slope is drawn towards SHRINK times what fits, because
what is measured elsewhere is always a little further off than what was held back here.
"""

import numpy as np
import numpy.typing as npt
from groundswell.judge import HEADS

Floats = npt.NDArray[np.float64]
Heads = list[tuple[float, float]]
EDGES_S = (0.25, 0.75, 1.5, 2.5)  # judge.py's
SHRINK = 0.9
RIDGE = 1e-3
STEPS = 200
BINS = 10


def head_of(age_s: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    return np.searchsorted(np.array(EDGES_S), age_s, side="right")


def even_weights(is_quake: npt.NDArray[np.bool_], group: npt.NDArray[np.str_]) -> Floats:
    """Return weights: half for earthquakes, half for the rest; by the root of a group's size."""
    found = np.zeros(len(is_quake))
    for side in (True, False):
        rows = is_quake == side
        if rows.any():
            _, inverse, counts = np.unique(group[rows], return_inverse=True, return_counts=True)
            found[rows] = counts[inverse] ** -0.5
            found[rows] *= 0.5 / found[rows].sum()
    return found


def fit_heads(
    outputs: Floats,
    age_s: npt.NDArray[np.float32],
    is_quake: npt.NDArray[np.bool_],
    group: npt.NDArray[np.str_],
) -> Heads:
    head = head_of(age_s)
    return [
        _line(outputs[head == number], is_quake[head == number], group[head == number])
        for number in range(HEADS)
    ]


def _line(
    outputs: Floats, is_quake: npt.NDArray[np.bool_], group: npt.NDArray[np.str_]
) -> tuple[float, float]:
    if not is_quake.any() or is_quake.all():
        return 1.0, 0.0
    w = even_weights(is_quake, group)
    x = np.column_stack((outputs, np.ones(len(outputs))))
    beta = np.array([1.0, 0.0])
    ridge = np.diag([RIDGE, 0.0])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        curvature = (x * (w * np.maximum(p * (1 - p), 1e-3))[:, None]).T @ x + ridge
        step = np.linalg.solve(curvature, x.T @ (w * (is_quake - p)) - ridge @ (beta - [1, 0]))
        beta = beta + np.clip(step, -0.5, 0.5)
    return SHRINK * float(beta[0]), SHRINK * float(beta[1])


def log_odds(outputs: Floats, age_s: npt.NDArray[np.float32], heads: Heads) -> Floats:
    slope, shift = np.array(heads).T
    head = head_of(age_s)
    return np.asarray(outputs * slope[head] + shift[head])


def reliability(p: Floats, is_quake: npt.NDArray[np.bool_], weight: Floats) -> list[list[float]]:
    """Return for each tenth of p: mean p, share of earthquakes, weight."""
    rows = []
    place = np.minimum((p * BINS).astype(int), BINS - 1)
    for number in range(BINS):
        here = place == number
        total = float(weight[here].sum())
        if total > 0:
            mean = float((weight * p)[here].sum() / total)
            share = float((weight * is_quake)[here].sum() / total)
            rows.append([mean, share, total / float(weight.sum())])
    return rows


def reliability_by_age(
    p: Floats,
    age_s: npt.NDArray[np.float32],
    is_quake: npt.NDArray[np.bool_],
    group: npt.NDArray[np.str_],
) -> list[list[list[float]]]:
    """Return the rows of each age, each at even odds, as its line was fitted."""
    head = head_of(age_s)
    found = []
    for number in range(HEADS):
        here = head == number
        weight = even_weights(is_quake[here], group[here])
        found.append(reliability(p[here], is_quake[here], weight))
    return found


def calibration_error(rows: list[list[float]]) -> float:
    """Return the expected calibration error."""
    return sum(abs(mean - share) * total for mean, share, total in rows)

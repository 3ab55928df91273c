"""What the amplitudes say about distance: the jump at the S wave, and the fall with distance.

P times alone leave a one-sided network with a line of possible places; these two tell which. They
choose between places only: they are no evidence for or against an earthquake, because a door
that slams twice has a "S wave" too.
"""

from collections.abc import Sequence

import numpy as np

from vote import magnitude, travel
from vote.picks import Pick
from vote.travel import Array

STEP_S = 0.5
LONGEST_S = 60.0
# The jump: log10 of the peak 1.5 s after S - P over that 0.5 s before. On 177 node records of the
# recordings its median is 0.23 at the true distance, and below 0.1 in 66 % 4 s off it: then the
# log-likelihood ratio is close to this line.
BEFORE_S, AFTER_S = 0.5, 1.5
JUMP_NONE, JUMP_SLOPE, JUMP_FULL = -0.9, 8.3, 0.35
WORTH_NODES = 4  # Vp/Vs and a growing rupture are one error for all: more nodes add no more
NEAREST_S = 2.0  # S - P below this drowns in the growth of the P wave itself


def growth(picks: Sequence[Pick]) -> tuple[Array, Array]:
    """Return log10 of the peak so far, (i, t) every STEP_S after the onset, and until when."""
    ticks = np.arange(0.0, LONGEST_S + STEP_S, STEP_S)
    rows = np.zeros((len(picks), len(ticks)))
    until = np.zeros(len(picks))
    for k, pick in enumerate(picks):
        if pick.reports:
            windows = [report.window_s for report in pick.reports]
            peaks = [max(report.pga_mps2, 1e-6) for report in pick.reports]
            rows[k] = np.interp(ticks, windows, np.log10(peaks))
            until[k] = windows[-1]
    return rows, until


def jump_ln(p_time_s: Array, rows: Array, until_s: Array) -> Array:
    """Return how well an S wave of this distance fits each node's growth: (c, i), 0 if unknown."""
    apart = (travel.VP_OVER_VS - 1) * p_time_s
    last = rows.shape[1] - 1
    before = np.clip(((apart - BEFORE_S) / STEP_S).astype(np.int64), 0, last)
    after = np.clip(np.ceil((apart + AFTER_S) / STEP_S).astype(np.int64), 0, last)
    node = np.arange(len(rows))
    jump = rows[node, after] - rows[node, before]
    ln = JUMP_NONE + JUMP_SLOPE * np.minimum(jump, JUMP_FULL)
    is_known = (apart >= NEAREST_S) & (apart + AFTER_S <= until_s)
    return np.asarray(np.where(is_known, ln, 0.0))


# The fall: nodes that hear one earthquake give one magnitude. Errors of one node's Pd within an
# earthquake (magnitude.py), and as much again for the radiation pattern and the site.
FALL_EXTRA_SIGMA = 0.3
FALL_WINDOW_S = 3.5  # nearer than 30 km the S wave comes then


def displacement(picks: Sequence[Pick]) -> tuple[Array, Array]:
    """Return the P displacement of each node and the window it was measured in; 0 if unknown."""
    rows = np.zeros((len(picks), 2))
    for k, pick in enumerate(picks):
        for report in pick.reports:
            if report.window_s <= FALL_WINDOW_S and report.pd_m > 0 and not pick.is_clipped:
                rows[k] = report.pd_m, report.window_s
    return rows[:, 0], rows[:, 1]


def fall_ln(hypocentral_km: Array, belongs: Array, pd_m: Array, window_s: Array) -> Array:
    """Return how well one magnitude fits the displacements of all nodes: (c,)."""
    each = magnitude.node_magnitude(pd_m, np.maximum(hypocentral_km, 3.0), window_s)
    sigma = np.hypot(
        np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_NODE_SIGMA), FALL_EXTRA_SIGMA
    )
    weight = belongs * (pd_m > 0) / sigma**2
    total = np.maximum(weight.sum(axis=1), 1e-9)
    mean = (weight * each).sum(axis=1) / total
    misfit = weight * np.minimum((each - mean[:, None]) ** 2, (3 * sigma) ** 2)
    return np.asarray(-0.5 * misfit.sum(axis=1) * min(1.0, WORTH_NODES / len(pd_m)))


def pooled(ln: Array) -> Array:
    """Return what all nodes together say: (c,) from (c, i)."""
    return np.asarray(ln.sum(axis=1) * min(1.0, WORTH_NODES / ln.shape[1]))

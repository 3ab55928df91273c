"""What the amplitudes say about distance: the jump at the S wave, and the fall with distance.

P times alone leave a one-sided network with a line of possible places; these two tell which. They
choose between places only: they are no evidence for or against an earthquake, because a door
that slams twice has a "S wave" too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from vote.nodes.picks import Pick
from vote.waves import magnitude, travel
from vote.waves.tables import Single
from vote.waves.travel import Array

STEP_S = 0.5
LONGEST_S = 60.0
LOG10_LEAST = -6.0  # of a peak, m/s^2
_TICKS_S = np.arange(0.0, LONGEST_S + STEP_S, STEP_S)
# The jump: log10 of the peak 1.5 s after S - P over that 0.5 s before. On 177 node records of the
# recordings its median is 0.23 at the true distance, and below 0.1 in 66 % 4 s off it: then the
# log-likelihood ratio is close to this line.
BEFORE_S, AFTER_S = 0.5, 1.5
JUMP_NONE, JUMP_SLOPE, JUMP_FULL = -0.9, 8.3, 0.35
WORTH_NODES = 4  # Vp/Vs and a growing rupture are one error for all: more nodes add no more
NEAREST_S = 2.0  # S - P below this drowns in the growth of the P wave itself
# What share of its first second's peak a node has seen so far: geometric means of 648 messages of
# the recordings' detections
FIRST_KNOWN_S = (0.0, 0.15, 0.25, 0.35, 0.5, 0.8, 1.0)
FIRST_SHARE = (0.43, 0.46, 0.56, 0.65, 0.78, 0.87, 1.0)


def of(picks: Sequence[Pick]) -> tuple[Single, Array, Array, Array]:
    """Return, one row a node: log10 of the peak so far every STEP_S after the onset and until
    when; the P displacement and the window it was measured in, 0 if unknown."""
    rows, *others = zip(*(pick.shape or _of_one(pick) for pick in picks))
    return (np.concatenate(rows).reshape(len(rows), -1), *(np.array(column) for column in others))  # type: ignore[return-value]


def unknown(count: int) -> tuple[Single, Array, Array, Array]:
    """Return what of() would say of nodes of which nothing is known."""
    nothing = np.zeros(count)
    return (
        np.full((count, len(_TICKS_S)), LOG10_LEAST, dtype=np.float32), nothing, nothing, nothing,
    )  # fmt: skip


def _of_one(pick: Pick) -> tuple[Single, float, float, float]:
    row, until_s = np.full(len(_TICKS_S), LOG10_LEAST, dtype=np.float32), 0.0
    if pick.reports:
        windows = [report.window_s for report in pick.reports]
        peaks = [max(report.pga_mps2, 10**LOG10_LEAST) for report in pick.reports]
        row = np.interp(_TICKS_S, windows, np.log10(peaks)).astype(np.float32)
        until_s = windows[-1]
    pick.shape = (row, until_s, *_displacement(pick))
    return pick.shape


def first_second_mps2(growth: Single, until_s: Array) -> Array:
    """Return the peak of each node's first second: where less is known, what it will grow to."""
    known = np.interp(until_s, FIRST_KNOWN_S, FIRST_SHARE)
    return np.asarray(10.0 ** growth[:, round(1.0 / STEP_S)] / known)


def has_moved(pick: Pick) -> bool:
    """Tell whether its node has seen a displacement that is not 0."""
    return len(_displacements(pick)[0]) > 0


def displacements(picks: Sequence[Pick]) -> tuple[Array, Array]:
    """Return when each node has seen how much displacement, as far as it is not 0: seconds after
    the onset, rising, and m, both (i, reports); infinite and 0 beyond a node's last."""
    each = [_displacements(pick) for pick in picks]
    many = np.array([len(known_s) for known_s, _ in each], dtype=int)
    is_known = np.arange(many.max(initial=0)) < many[:, None]
    windows_s, pd_m = np.full(is_known.shape, np.inf), np.zeros(is_known.shape)
    windows_s[is_known] = list(chain.from_iterable(known_s for known_s, _ in each))
    pd_m[is_known] = list(chain.from_iterable(known_m for _, known_m in each))
    return windows_s, pd_m


def _displacements(pick: Pick) -> tuple[list[float], list[float]]:
    if pick.displacements is None:
        known = [report for report in pick.reports if report.pd_m > 0]
        pick.displacements = [r.window_s for r in known], [r.pd_m for r in known]
    return pick.displacements


def _displacement(pick: Pick) -> tuple[float, float]:
    early = [r for r in pick.reports if r.window_s <= FALL_WINDOW_S and r.pd_m > 0]
    if not early or pick.is_clipped:
        return 0.0, 0.0
    return early[-1].pd_m / pick.node.pd_factor, early[-1].window_s


def jump_ln(p_time_s: Single, rows: Single, until_s: Single) -> Single | None:
    """Return how well an S wave of this distance fits each node's growth: (c, i), 0 if unknown.
    None if all are."""
    if not len(until_s) or until_s.max() < NEAREST_S + AFTER_S:
        return None
    apart = (travel.VP_OVER_VS - 1) * p_time_s
    jump = _at(rows, np.ceil((apart + AFTER_S) / STEP_S)) - _at(rows, (apart - BEFORE_S) / STEP_S)
    ln = JUMP_NONE + JUMP_SLOPE * np.minimum(jump, JUMP_FULL)
    return np.asarray(np.where(is_seen(apart, until_s), ln, 0.0))


def is_seen(apart_s: Array | Single, until_s: Array | Single) -> np.ndarray:
    """Tell whether an S wave so long after P would be in what a node has said so far."""
    return np.asarray((apart_s >= NEAREST_S) & (apart_s + AFTER_S <= until_s))


def _at(rows: Single, ticks: Single) -> Single:
    """Return each node's value at that tick of its row: (c, i)."""
    columns = ticks.astype(np.int64)
    np.minimum(np.maximum(columns, 0, out=columns), rows.shape[1] - 1, out=columns)
    columns += np.arange(len(rows)) * rows.shape[1]
    return rows.take(columns)


# The fall: nodes that hear one earthquake give one magnitude. Errors of one node's Pd within an
# earthquake (magnitude.py), and as much again for the radiation pattern and the site.
FALL_EXTRA_SIGMA = 0.3
FALL_WINDOW_S = 3.5  # nearer than 30 km the S wave comes then


@dataclass(frozen=True, slots=True)
class Fall:
    """The displacements as magnitudes at 1 km, and how much each says."""

    at_1_km: Single  # (i,)
    weight: Single  # (i,) 1 / sigma^2; 0 if unknown
    misfit_most: Single  # (i,) magnitude^2

    @classmethod
    def of(cls, pd_m: Array, window_s: Array) -> "Fall":
        each = magnitude.by_displacement(pd_m, np.ones_like(pd_m), window_s)
        sigma = np.hypot(
            np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_NODE_SIGMA), FALL_EXTRA_SIGMA
        )
        weight = (pd_m > 0) / sigma**2
        return cls(*(part.astype(np.float32) for part in (each, weight, (3 * sigma) ** 2)))

    def sizes(self, hypocentral_log10: Single) -> Single:
        """Return the magnitude that each node's displacement stands for: (c, i)."""
        return np.asarray(self.at_1_km + np.float32(magnitude.PD_DISTANCE) * hypocentral_log10)

    def ln(self, sizes: Single, belongs: Single) -> Single:
        """Return how well one magnitude fits the displacements of all nodes: (c,)."""
        weight = belongs * self.weight
        total = np.maximum(summed(weight), 1e-9)
        mean = summed(weight * sizes) / total
        misfit = weight * np.minimum(np.square(sizes - mean[:, None]), self.misfit_most)
        return np.asarray(-0.5 * summed(misfit) * min(1.0, WORTH_NODES / len(self.weight)))


def pooled(ln: Single) -> Single:
    """Return what all nodes together say: (c,) from (c, i)."""
    return np.asarray(summed(ln) * min(1.0, WORTH_NODES / ln.shape[1]))


def summed(rows: Single) -> Single:
    """Return the sum of each short row, as a product: ten times as fast as numpy's sum."""
    return weighed(rows, np.ones(rows.shape[-1], dtype=np.float32))


def weighed(rows: Single, weight: Single) -> Single:
    """Return the sum of each row's entries, so much of each.

    The product may say that something was invalid where all is finite (numpy issue 24067: lanes
    that a BLAS kernel fills and does not use): that is not heeded."""
    with np.errstate(invalid="ignore"):
        return np.asarray(rows @ weight)

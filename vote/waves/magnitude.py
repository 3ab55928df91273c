"""How large: from the P displacement at each node, then from the S wave's velocity there.

P comes first and says little in its first second; S comes late, says more and does not saturate.
Both are combined by their errors, robustly, and the estimate stays open: it may fall or grow.
While S waves still grow they can only raise it.
Constants marked "recordings" are fits to the node's own peaks (groundswell/reporter.py) on 19
recorded events, M 3.8-7.2; they are one number each, so there is little to over-fit.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote.waves.motion_model import PGV
from vote.waves.travel import Array

# Kuyuk & Allen (2013), M = 5.39 + 1.23 log10 Pd + 1.38 log10 R; Pd in cm, R in km
PD_CONSTANT, PD_SLOPE, PD_DISTANCE = 5.39, 1.23, 1.38

# By seconds of P wave: what is still missing from Pd, in magnitude, the error that all nodes of
# one earthquake share, and the error of one node (recordings; the last settles at the published
# relation plus 0.2 for the 0.5 Hz corner of our displacement). To that of one node 0.2 for the
# radiation pattern: the node with the longest window would rule.
WINDOW_S = np.array([0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])
PD_MISSING = np.array([1.5, 0.85, 0.68, 0.50, 0.35, 0.30, 0.25, 0.22, 0.20])
# In its first seconds a large earthquake looks like a smaller one: M grows faster with Pd there.
# Between OpenEEW's slopes (1.26, 1.18, 1.09, 1.07 times that of 9 s at 1, 2, 3, 4 s; about 1,000
# records) and the recordings' (2.4, 1.6, 1.4, 1.3), about the mean magnitude of both.
PD_GROWTH = np.array([1.5, 1.5, 1.5, 1.35, 1.25, 1.2, 1.15, 1.1, 1.05])
PD_PIVOT = 5.4
PD_SHARED_SIGMA = np.array([0.80, 0.80, 0.75, 0.65, 0.60, 0.50, 0.42, 0.36, 0.36])
PD_NODE_SIGMA = np.hypot([0.57, 0.38, 0.32, 0.28, 0.28, 0.27, 0.27, 0.26, 0.26], 0.2)

# One node's PGV within an earthquake: phi of BSSA14 over its slope of about 1.8 per magnitude;
# between earthquakes: recordings, 14 events
PGV_NODE_SIGMA = 0.35
PGV_SHARED_SIGMA = 0.28
# The largest that the noise of a node's sensor makes of itself in a minute, in 19 minutes of 20,
# over its RMS in 1-12 Hz: white noise through the node's own filters, at 31 to 100 Hz, of an
# ADXL355 and of an MPU6050. The latter's alone looks like M 6.7 in 50 km
PD_NOISE_S2, PGV_NOISE_S = 0.06, 0.43

LEAST_NODES = 3  # whose S waves are believed over the P waves: one of two may be noisy
PGV_REACH_KM = 250.0  # beyond, attenuation is another one in every region
PGV_LEAST_MPS = 3e-4  # below it is the noise of a cheap sensor, integrated

# Before any amplitude is known. Weak, because PD_GROWTH is a regression: the recordings' own mean
# is in it. Mean error of the first magnitude of 14 recorded events 0.53; with 5.0 and 1.3: 0.58.
PRIOR_MEAN, PRIOR_SIGMA = 5.4, 2.0
_MAGNITUDES, TENTH = np.arange(2.0, 9.01, 0.1), 10
HUBER, ROBUST_ROUNDS = 1.5, 5
MOST_NODES = 32  # with the longest windows; more add nothing to what all share
NO_WINDOW_S = -1.0


@dataclass(frozen=True, slots=True)
class Size:
    magnitude: float
    sigma: float


PRIOR = Size(PRIOR_MEAN, PRIOR_SIGMA)


def by_displacement(pd_m: Array, hypocentral_km: Array, window_s: Array) -> Array:
    """Return the published relation's magnitude, with what is still missing from Pd."""
    pd_cm = np.maximum(pd_m * 100, 1e-7)
    full = PD_CONSTANT + PD_SLOPE * np.log10(pd_cm) + PD_DISTANCE * np.log10(hypocentral_km)
    return np.asarray(full + np.interp(window_s, WINDOW_S, PD_MISSING))


def node_magnitude(pd_m: Array, hypocentral_km: Array, window_s: Array) -> Array:
    """Return the magnitude to expect where a node has seen so much in so many seconds."""
    off = by_displacement(pd_m, hypocentral_km, window_s) - PD_PIVOT
    return np.asarray(PD_PIVOT + np.interp(window_s, WINDOW_S, PD_GROWTH) * off)


def pd_log10_expected(size: float, hypocentral_km: Array, window_s: Array) -> Array:
    """Return log10 of the displacement (m) by which node_magnitude comes to this size."""
    grown = PD_PIVOT + (size - PD_PIVOT) / np.interp(window_s, WINDOW_S, PD_GROWTH)
    missing = np.interp(window_s, WINDOW_S, PD_MISSING)
    cm = grown - PD_CONSTANT - PD_DISTANCE * np.log10(hypocentral_km) - missing
    return np.asarray(cm / PD_SLOPE - 2)


def from_displacements(pd_m: Array, hypocentral_km: Array, window_s: Array) -> list[Size | None]:
    """Return what the P waves say at each place where the earthquake may have been, or None:
    displacement, hypocentral distance and window of each node, one row a place. Where the window
    is NO_WINDOW_S the node says nothing."""
    many = np.count_nonzero(window_s != NO_WINDOW_S, axis=1).tolist()
    longest = np.argsort(-window_s, axis=1, kind="stable")[:, : min(max(many), MOST_NODES)]
    pd_m, hypocentral_km, window_s = (
        np.take_along_axis(each, longest, axis=1) for each in (pd_m, hypocentral_km, window_s)
    )
    counts = window_s != NO_WINDOW_S
    each = node_magnitude(pd_m, hypocentral_km, window_s)
    shared = np.interp(window_s, WINDOW_S, PD_SHARED_SIGMA) ** 2
    own = np.interp(window_s, WINDOW_S, PD_NODE_SIGMA) ** 2
    # What a short window misses, all short windows miss: the error of the longer of two is in both
    common = np.minimum(shared[:, :, None], shared[:, None, :])
    common *= counts[:, :, None] & counts[:, None, :]
    diagonal = np.arange(each.shape[1])
    mean = np.array([statistics.median(row[:n] or [0.0]) for row, n in zip(each.tolist(), many)])
    most = HUBER * np.sqrt(shared + own)
    less = None
    for _ in range(ROBUST_ROUNDS):
        before, less = less, np.maximum(np.abs(each - mean[:, None]) / most, 1.0)
        if before is not None and (less == before)[counts].all():
            break  # no outliers: another round would find the same
        common[:, diagonal, diagonal] = (shared + own) * less
        weight = np.linalg.solve(common, counts[:, :, None].astype(float))[:, :, 0]
        total = weight.sum(axis=1)
        mean = (weight * each).sum(axis=1) / np.maximum(total, 1e-9)
    sigma = 1 / np.sqrt(np.maximum(total, 1e-9))
    sizes = map(Size, mean.tolist(), sigma.tolist())
    return [size if count else None for size, count in zip(sizes, many)]


def by_velocity(pgv_mps: Array, distance_km: Array) -> Array:
    """Return the magnitude that each node's S wave stands for, NaN where it says nothing: any
    shape; distance_km as BSSA14 counts it."""
    use = (pgv_mps >= PGV_LEAST_MPS) & (distance_km <= PGV_REACH_KM)
    each = np.full(use.shape, np.nan)
    each[use] = _magnitude_at(np.log(pgv_mps[use] * 100), distance_km[use])
    return each


def from_velocities(each: Array) -> list[Size | None]:
    """Return what each row of S waves says: Huber's mean, starting from the median, and its error;
    one node cannot rule."""
    each = each[:, ~np.isnan(each).all(axis=0)]
    counts = ~np.isnan(each)
    many = np.count_nonzero(counts, axis=1)
    each[~counts] = 0.0
    said = (row[own].tolist() for row, own in zip(each, counts))
    mean = np.array([statistics.median(row or [0.0]) for row in said])
    for _ in range(ROBUST_ROUNDS):
        off = np.abs(each - mean[:, None]) / PGV_NODE_SIGMA
        weight = np.minimum(HUBER / np.maximum(off, 1e-9), 1.0) * counts
        before, mean = mean, (weight * each).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
        if (mean == before).all():
            break  # another round would find the same
    sigma = np.hypot(PGV_SHARED_SIGMA, PGV_NODE_SIGMA / np.sqrt(np.maximum(many, 1)))
    sizes = map(Size, mean.tolist(), sigma.tolist())
    return [size if count else None for size, count in zip(sizes, many.tolist())]


def of_waves(by_p: Size | None, done: Size | None, is_sure: bool, growing: Size | None) -> Size:
    """Return what P and S waves say together.

    done, growing: what the S waves say that are over, and those that have begun and are enough.
    is_sure: so many are over that they are believed over the P waves.
    """
    if not is_sure:
        done = doubted(done, combine(by_p))
    return grown(combine(by_p, done), growing)


def doubted(few: Size | None, expected: Size) -> Size | None:
    """Return what one or two nodes say with the larger error, the less it is expected: noise."""
    if few is None:
        return None
    off = abs(few.magnitude - expected.magnitude) / math.hypot(few.sigma, expected.sigma)
    return Size(few.magnitude, few.sigma * max(off / HUBER, 1.0))


def grown(size: Size, so_far: Size | None) -> Size:
    """Return the estimate, raised where the S waves say more already before they are over."""
    if so_far is None or so_far.magnitude <= size.magnitude:
        return size
    return _mean_of((size, so_far))


def combine(*parts: Size | None) -> Size:
    """Return the mean of what is known, weighted by its errors, with the prior."""
    return _mean_of([PRIOR, *(part for part in parts if part is not None)])


def _mean_of(parts: Sequence[Size]) -> Size:
    weights = [1 / part.sigma**2 for part in parts]
    total = sum(weights)
    mean = sum(weight * part.magnitude for weight, part in zip(weights, parts)) / total
    return Size(mean, 1 / math.sqrt(total))


def _magnitude_at(observed_ln_cm_s: Array, distance_km: Array) -> Array:
    """Return for each node the magnitude of which what it measured is the median, between those
    of _MAGNITUDES: what np.interp gives, to the last bit, in a fifth of the time. Medians rise
    with magnitude, so every tenth is looked at first."""
    columns = np.arange(len(distance_km))
    coarse = PGV.ln_median(_MAGNITUDES[::TENTH, None], distance_km)
    first = np.minimum(_last_below(observed_ln_cm_s, coarse), len(coarse) - 2) * TENTH
    rows = first + np.arange(TENTH + 1)[:, None]
    medians = PGV.ln_median(_MAGNITUDES[rows], distance_km)
    left = np.minimum(_last_below(observed_ln_cm_s, medians), TENTH - 1)
    low, high = medians[left, columns], medians[left + 1, columns]
    smaller, larger = _MAGNITUDES[first + left], _MAGNITUDES[first + left + 1]
    each = (larger - smaller) / (high - low) * (observed_ln_cm_s - low) + smaller
    each[observed_ln_cm_s < coarse[0]] = _MAGNITUDES[0]
    each[observed_ln_cm_s >= coarse[-1]] = _MAGNITUDES[-1]
    return np.asarray(each)


def _last_below(observed: Array, medians: Array) -> NDArray[np.int64]:
    """Return the last row of each column that is not above, or the first."""
    return np.asarray(np.maximum(np.count_nonzero(medians <= observed, axis=0) - 1, 0))

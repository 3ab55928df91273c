"""How large: from the P displacement at each node, then from the S wave's velocity there.

P comes first and says little in its first second; S comes late, says more and does not saturate.
Both are combined by their errors, robustly, and the estimate stays open: it may fall or grow.
While S waves still grow they can only raise it.
Constants marked "recordings" are fits to the node's own peaks (groundswell/reporter.py) on 19
recorded events, M 3.8-7.2; they are one number each, so there is little to over-fit.
"""

import statistics
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote.motion_model import PGV
from vote.travel import Array

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
LEAST_NODES = 3  # whose S waves are believed over the P waves: one of two may be noisy
PGV_REACH_KM = 250.0  # beyond, attenuation is another one in every region
PGV_LEAST_MPS = 3e-4  # below it is the noise of a cheap sensor, integrated

# Before any amplitude is known. Weak, because PD_GROWTH is a regression: the recordings' own mean
# is in it. Mean error of the first magnitude of 14 recorded events 0.53; with 5.0 and 1.3: 0.58.
PRIOR_MEAN, PRIOR_SIGMA = 5.4, 2.0
_MAGNITUDES, TENTH = np.arange(2.0, 9.01, 0.1), 10
HUBER, ROBUST_ROUNDS = 1.5, 5
MOST_NODES = 32  # with the longest windows; more add nothing to what all share


@dataclass(frozen=True, slots=True)
class Size:
    magnitude: float
    sigma: float


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


def from_displacement(pd_m: Array, hypocentral_km: Array, window_s: Array) -> Size | None:
    """Return what the P waves say, or None. Arrays: one row a node."""
    if not len(pd_m):
        return None
    longest = np.argsort(-window_s, kind="stable")[:MOST_NODES]
    window_s = window_s[longest]
    each = node_magnitude(pd_m[longest], hypocentral_km[longest], window_s)
    shared = np.interp(window_s, WINDOW_S, PD_SHARED_SIGMA) ** 2
    own = np.interp(window_s, WINDOW_S, PD_NODE_SIGMA) ** 2
    # What a short window misses, all short windows miss: the error of the longer of two is in both
    common = np.minimum(shared[:, None], shared)
    mean, spread = statistics.median(each.tolist()), np.sqrt(shared + own)
    less, ones = None, np.ones(len(each))
    for _ in range(ROBUST_ROUNDS):
        before, less = less, np.maximum(np.abs(each - mean) / (HUBER * spread), 1.0)
        if before is not None and (less == before).all():
            break  # no outliers: another round would find the same
        variance = common.copy()
        variance.ravel()[:: len(each) + 1] += (shared + own) * less - shared
        weight = np.linalg.solve(variance, ones)
        mean = float(weight @ each / weight.sum())
    return Size(mean, float(1 / np.sqrt(weight.sum())))


def by_velocity(pgv_mps: Array, distance_km: Array) -> Array:
    """Return the magnitude that each node's S wave stands for, NaN where it says nothing: any
    shape; distance_km as BSSA14 counts it."""
    use = (pgv_mps >= PGV_LEAST_MPS) & (distance_km <= PGV_REACH_KM)
    each = np.full(use.shape, np.nan)
    each[use] = _magnitude_at(np.log(pgv_mps[use] * 100), distance_km[use])
    return each


def from_velocity(each: Array) -> Size | None:
    """Return what the S waves say, or None; each: of by_velocity."""
    each = each[~np.isnan(each)]
    if not len(each):
        return None
    mean, node_error = _robust_mean(each)
    return Size(mean, float(np.hypot(PGV_SHARED_SIGMA, node_error)))


def of_waves(by_p: Size | None, by_s: Array, is_done: np.ndarray, grows: np.ndarray) -> Size:
    """Return what P and S waves say together.

    by_s: by_velocity of each node; is_done, grows: which nodes' S wave is over, and which one's
    has begun.
    """
    by_done = from_velocity(by_s[is_done])
    if np.count_nonzero(is_done) < LEAST_NODES:
        by_done = doubted(by_done, combine(by_p))
    size = combine(by_p, by_done)
    if np.count_nonzero(grows) < LEAST_NODES:
        return size
    return grown(size, from_velocity(by_s[grows]))


def doubted(few: Size | None, expected: Size) -> Size | None:
    """Return what one or two nodes say with the larger error, the less it is expected: noise."""
    if few is None:
        return None
    off = abs(few.magnitude - expected.magnitude) / np.hypot(few.sigma, expected.sigma)
    return Size(few.magnitude, few.sigma * max(float(off) / HUBER, 1.0))


def grown(size: Size, so_far: Size | None) -> Size:
    """Return the estimate, raised where the S waves say more already before they are over."""
    if so_far is None or so_far.magnitude <= size.magnitude:
        return size
    weight = np.array([size.sigma**-2, so_far.sigma**-2])
    mean = float(weight @ [size.magnitude, so_far.magnitude] / weight.sum())
    return Size(mean, float(1 / np.sqrt(weight.sum())))


def combine(*parts: Size | None) -> Size:
    """Return the mean of what is known, weighted by its errors, with the prior."""
    known = [Size(PRIOR_MEAN, PRIOR_SIGMA), *(part for part in parts if part is not None)]
    weight = np.array([1 / part.sigma**2 for part in known])
    mean = float((weight * [part.magnitude for part in known]).sum() / weight.sum())
    return Size(mean, float(1 / np.sqrt(weight.sum())))


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


def _robust_mean(each: Array) -> tuple[float, float]:
    """Return Huber's mean and its error, starting from the median: one node cannot rule."""
    mean = statistics.median(each.tolist())
    weight = np.full(len(each), 1 / PGV_NODE_SIGMA**2)
    robust = np.empty(len(each))
    for _ in range(ROBUST_ROUNDS):
        np.abs(np.subtract(each, mean, out=robust), out=robust)
        robust /= PGV_NODE_SIGMA
        np.divide(HUBER, np.maximum(robust, 1e-9, out=robust), out=robust)
        np.minimum(robust, 1.0, out=robust)
        robust *= weight
        mean = float(np.add.reduce(each * robust) / np.add.reduce(robust))
    return mean, float(1 / np.sqrt(weight.sum()))

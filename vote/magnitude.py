"""How large: magnitude from the P displacement of each node, combined so that no node rules.

Never frozen: the window of every node grows until its S wave comes, and the estimate may fall.
"""

from dataclasses import dataclass

import numpy as np

from vote.travel import Array

# Kuyuk & Allen (2013), M = 5.39 + 1.23 log10 Pd + 1.38 log10 R; Pd in cm, R in km
PD_CONSTANT, PD_SLOPE, PD_DISTANCE = 5.39, 1.23, 1.38

# One node's error after n seconds of P wave, n = 0 (less than one), 1, 2, ...: OpenEEW's table
# for MEMS in Mexico, about 1,000 records (seismology.md 5.2)
NODE_SIGMA = np.array([1.0, 0.85, 0.74, 0.66, 0.59, 0.57, 0.55, 0.54, 0.52, 0.47])
EVENT_SIGMA = 0.25  # what all nodes share: stress drop, path; averaging does not remove it
PRIOR_MEAN, PRIOR_SIGMA = 4.5, 1.5  # what is felt by three nodes, before any amplitude
HUBER = 1.5


@dataclass(frozen=True, slots=True)
class Size:
    magnitude: float
    sigma: float


def node_magnitude(pd_m: Array, hypocentral_km: Array) -> Array:
    pd_cm = np.maximum(pd_m * 100, 1e-7)
    return np.asarray(
        PD_CONSTANT + PD_SLOPE * np.log10(pd_cm) + PD_DISTANCE * np.log10(hypocentral_km)
    )


def combine(pd_m: Array, hypocentral_km: Array, window_s: Array) -> Size:
    """Return the magnitude that most nodes agree on. Arrays: one row a node."""
    each = node_magnitude(pd_m, hypocentral_km)
    sigma = NODE_SIGMA[np.clip(window_s, 0, len(NODE_SIGMA) - 1).astype(np.int64)]
    weight = 1 / sigma**2
    prior_weight = 1 / PRIOR_SIGMA**2
    mean = _mean(each, weight, prior_weight)
    for _ in range(5):
        off = np.abs(each - mean) / sigma
        robust = weight * np.minimum(1.0, HUBER / np.maximum(off, 1e-9))
        mean = _mean(each, robust, prior_weight)
    total = float(weight.sum()) + prior_weight
    return Size(mean, float(np.sqrt(1 / total + EVENT_SIGMA**2)))


def _mean(each: Array, weight: Array, prior_weight: float) -> float:
    return float(
        ((each * weight).sum() + PRIOR_MEAN * prior_weight) / (weight.sum() + prior_weight)
    )

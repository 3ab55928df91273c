"""Whether a node notices a P wave: by the peak that reaches it and its own noise."""

import numpy as np

from vote import tables
from vote.tables import Single
from vote.travel import Array

AVAILABILITY = 0.9  # of a live node with a sufficient P: it may be busy, clipped, badly mounted
TRIGGER_OVER_NOISE = 5.0  # a P peak this far above the noise RMS triggers half of the time
NOISE_FLOOR_MPS2 = 5e-4  # a node that reports less is not believed: OpenEEW's quietest show 2e-4


def deafness(noise_mps2: Array) -> Single:
    """Return how much a node misses: the factor to tables.MISSED in 1 / p_detect."""
    peak = TRIGGER_OVER_NOISE * np.maximum(noise_mps2, NOISE_FLOOR_MPS2)
    return np.asarray(peak**tables.MISSED_POWER, dtype=np.float32)


def detection(magnitude: float, hypocentral_km: Array, noise_mps2: Array) -> Array:
    """Return the probability that a node triggers on a P wave."""
    missed = tables.p_peak_mps2(magnitude, hypocentral_km) ** -tables.MISSED_POWER
    return np.asarray(AVAILABILITY / (1 + missed * deafness(noise_mps2)))

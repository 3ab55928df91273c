"""Whether a node notices a P wave, and how well it times it: by its peak and the node's noise."""

import numpy as np

from vote.waves import tables
from vote.waves.tables import Single
from vote.waves.travel import Array

AVAILABILITY = 0.9  # of a live node with a sufficient P: it may be busy, clipped, badly mounted
TRIGGER_OVER_NOISE = 5.0  # a P peak this far above the noise RMS triggers half of the time
NOISE_FLOOR_MPS2 = 5e-4  # a node that reports less is not believed: OpenEEW's quietest show 2e-4

# A wave is timed as well as its first second leaves the noise. RMS off measured P of 181 onsets of
# the recordings, by models that had not seen the event: 0.95 s at 15 times the noise, 0.57 at 22,
# 0.36 at 45, 0.1 at 80 and more (quantiles: study/node_today.json)
TIMED_S, TIMED_LEAST_S, TIMED_MOST_S = 14.0, 0.1, 1.0


def onset_error_s(peak_mps2: Array, noise_mps2: Array) -> Array:
    """Return what an onset errs by, RMS; the peak is its first second's."""
    noise = np.maximum(noise_mps2, NOISE_FLOOR_MPS2)
    return np.asarray(np.clip(TIMED_S * noise / peak_mps2, TIMED_LEAST_S, TIMED_MOST_S))


def deafness(noise_mps2: Array) -> Single:
    """Return how much a node misses: the factor to tables.MISSED in 1 / p_detect."""
    peak = TRIGGER_OVER_NOISE * np.maximum(noise_mps2, NOISE_FLOOR_MPS2)
    return np.asarray(peak**tables.MISSED_POWER, dtype=np.float32)


def detection(magnitude: float, hypocentral_km: Array, noise_mps2: Array) -> Array:
    """Return the probability that a node triggers on a P wave."""
    missed = tables.p_peak_mps2(magnitude, hypocentral_km) ** -tables.MISSED_POWER
    return np.asarray(AVAILABILITY / (1 + missed * deafness(noise_mps2)))

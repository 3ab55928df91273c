"""What every place of a search needs, worked out once: P times and P amplitudes by distance.

A row is one depth, a column STEP_KM of epicentral distance; `at` says where to look. Times are
exact to 0.02 s, a twentieth of a pick's error.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vote.waves import travel
from vote.waves.travel import Array

Single = NDArray[np.float32]

DEPTHS_KM = np.array([8.0, 20.0, 40.0, 90.0])  # crust, its base, a slab: P times tell no more
DEPTH_LN_PRIOR = np.log(np.array([0.57, 0.25, 0.13, 0.05]))  # most that shakes people is shallow
MAGNITUDES = np.array([3.5, 4.5, 5.5, 6.5, 7.5])
STEP_KM = 0.25
FARTHEST_KM = 1200.0

COLUMNS = round(FARTHEST_KM / STEP_KM) + 1


def p_peak_mps2(magnitude: float, hypocentral_km: Array) -> Array:
    """Return the median peak of the P wave, horizontal, rock: Cua & Heaton (2009), table for P."""
    reach = np.hypot(hypocentral_km, 3.0) + _saturation_km(magnitude)
    log10_cm = 0.72 * magnitude - 3.3e-3 * reach - 1.2 * np.log10(reach) - 1.06
    return np.asarray(10**log10_cm / 100, dtype=np.float64)


def one_p_peak_mps2(magnitude: float, hypocentral_km: float) -> float:
    """Return the same of one place, in a tenth of the time."""
    reach = math.hypot(hypocentral_km, 3.0) + _saturation_km(magnitude)
    log10_cm = 0.72 * magnitude - 3.3e-3 * reach - 1.2 * math.log10(reach) - 1.06
    return float(10**log10_cm / 100)


@lru_cache(maxsize=64)
def _saturation_km(magnitude: float) -> float:
    return 1.6 * math.exp(1.05 * (magnitude - 5)) * (math.atan(magnitude - 5) + 1.4)


def at(distance_km: NDArray[np.floating], depth_row: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return where the tables hold that epicentral distance at that depth; they broadcast. As
    `taken` wants it: other integers, or what may lie outside, take half as long again."""
    column = distance_km * (1 / STEP_KM)
    column += 0.5
    where = np.minimum(column, COLUMNS - 1, out=column).astype(np.intp)
    where += depth_row * COLUMNS
    return np.asarray(where)


def taken(table: Single, where: NDArray[np.intp]) -> Single:
    """Return what a table, or each row of it, holds there."""
    return np.asarray(table.take(where, axis=-1, mode="clip"))


_DISTANCE_KM: Array = np.arange(COLUMNS, dtype=np.float64) * STEP_KM
_HYPOCENTRAL_KM = np.hypot(_DISTANCE_KM, DEPTHS_KM[:, None])

P_TIME_S: Single = np.concatenate(
    [travel.p_time_s(_DISTANCE_KM, depth_km) for depth_km in DEPTHS_KM]
).astype(np.float32)
# A node misses a P wave by 1 / p_detect = (1 + MISSED x deafness) / availability: a logistic curve
# of log10(peak) - log10(needed). (m, rows x columns)
AMPLITUDE_SIGMA = 0.35  # log10 of P amplitude about its median (Cua & Heaton 2009: 0.29-0.31)
LOGISTIC = 1.7  # within 0.01 of a normal distribution
MISSED_POWER = LOGISTIC / AMPLITUDE_SIGMA / float(np.log(10.0))
MISSED: Single = np.array(
    [p_peak_mps2(float(m), _HYPOCENTRAL_KM).ravel() ** -MISSED_POWER for m in MAGNITUDES]
).astype(np.float32)
HYPOCENTRAL_LOG10: Single = np.log10(np.maximum(_HYPOCENTRAL_KM, 3.0)).ravel().astype(np.float32)

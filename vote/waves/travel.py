"""How long the waves take: distances on the sphere, first P and S arrivals in a plain crust.

One crust for the whole world, because a network must work where nobody has measured one. What it
cannot know is in the error that `arrival_sigma_s` gives.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Some = Array | float

EARTH_KM = 6371.0  # mean radius
MANY = 500  # numbers: with fewer it is faster to divide than to look
KM_PER_DEG = 111.195

# Continental crust: mean P speed and Moho depth near ak135 (Kennett, Engdahl & Buland 1995: 5.8
# and 6.5 km/s above 35 km, 8.04 below); tests/vote/waves/test_travel.py compares with ak135.
CRUST_P_KM_S = 6.1
SURFACE_P_KM_S = 5.9  # a straight ray is as fast as the rock at its source: 6.1 at 8 km,
P_KM_S_PER_KM = 0.025  # 6.4 at 20 km, 6.9 at 40 km; fits the recordings better than one speed
MANTLE_P_KM_S = 8.0
MOHO_KM = 33.0
VP_OVER_VS = 1.74  # Poisson's ratio 0.25 gives 1.73; crustal mean of Christensen (1996) 1.77

# One head-wave leg costs this much per km of crust: sqrt(1/vc^2 - 1/vn^2)
_LEG_S_PER_KM = float(np.sqrt(1 / CRUST_P_KM_S**2 - 1 / MANTLE_P_KM_S**2))

# A hand pick on these records fits within 0.2 s; STA/LTA onsets of weak P are later and scatter.
PICK_SIGMA_S = 0.4
# The crust is not this one: share of the travel time (residuals of the recordings grow like this)
CRUST_SIGMA_SHARE = 0.04


def distance_km(lat_deg: Some, lon_deg: Some, lat2_deg: Some, lon2_deg: Some) -> Array:
    """Return epicentral distances. Within 0.2 % below 600 km, at latitudes under 60 degrees."""
    along = _turned(lon2_deg - lon_deg + 180.0) - 180.0
    east = along * np.cos(np.radians((lat_deg + lat2_deg) / 2))
    return np.asarray(KM_PER_DEG * np.hypot(east, lat2_deg - lat_deg), dtype=np.float64)


def _turned(angle_deg: Some) -> Some:
    """Return angles within 0 to 360. Many mostly are already: looking is ten times faster."""
    if np.size(angle_deg) >= MANY and np.min(angle_deg) >= 0 and np.max(angle_deg) < 360.0:
        return angle_deg
    return angle_deg % 360.0


def p_time_s(distance: Some, depth_km: Some) -> Array:
    """Return the first P arrival: direct through the crust, or refracted along the Moho."""
    depth = np.asarray(depth_km, dtype=np.float64)
    direct = np.hypot(distance, depth) / (SURFACE_P_KM_S + P_KM_S_PER_KM * depth)
    head = distance / MANTLE_P_KM_S + np.maximum(2 * MOHO_KM - depth, 0.0) * _LEG_S_PER_KM
    crossing = np.where(depth < MOHO_KM, head, np.inf)
    return np.asarray(np.minimum(direct, crossing), dtype=np.float64)


def one_p_s(distance: float, depth_km: float) -> float:
    """Return p_time_s of one path, in a tenth of its time."""
    time_s = math.hypot(distance, depth_km) / (SURFACE_P_KM_S + P_KM_S_PER_KM * depth_km)
    if depth_km < MOHO_KM:
        head = distance / MANTLE_P_KM_S + (2 * MOHO_KM - depth_km) * _LEG_S_PER_KM
        time_s = min(time_s, head)
    return time_s


def one_km(lat_deg: float, lon_deg: float, lat2_deg: float, lon2_deg: float) -> float:
    """Return distance_km of one path, in a tenth of its time."""
    along = (lon2_deg - lon_deg + 180.0) % 360.0 - 180.0
    east = along * math.cos(math.radians((lat_deg + lat2_deg) / 2))
    return KM_PER_DEG * math.hypot(east, lat2_deg - lat_deg)


def s_time_s(distance: Some, depth_km: Some) -> Array:
    return np.asarray(VP_OVER_VS * p_time_s(distance, depth_km), dtype=np.float64)


def arrival_sigma_s(travel_time_s: Some, clock_sigma_s: Some) -> Array:
    """Return one sigma of an onset about its predicted time: pick, crust and clock together."""
    variance = PICK_SIGMA_S**2 + (CRUST_SIGMA_SHARE * travel_time_s) ** 2
    return np.asarray(np.sqrt(variance + np.square(clock_sigma_s)), dtype=np.float64)

"""When waves arrive: straight rays through the crust, head waves along the mantle beyond.

All functions take arrays or numbers alike, and broadcast.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

VP_KM_S = 6.2  # straight rays through the crust
VS_KM_S = 3.55
PN_KM_S = 8.0  # along the top of the mantle: overtakes beyond some 150 km
SN_KM_S = 4.5
CRUST_KM = 35.0
EARTH_KM = 6371.0
KM_PER_DEG = 111.195

Some = float | NDArray[np.float64]


def great_circle_km(
    lat_deg: ArrayLike, lon_deg: ArrayLike, other_lat_deg: ArrayLike, other_lon_deg: ArrayLike
) -> NDArray[np.float64]:
    """Return the distance on the ground."""
    lat, other_lat = np.radians(lat_deg), np.radians(other_lat_deg)
    half_lat = np.sin((other_lat - lat) / 2)
    half_lon = np.sin((np.radians(other_lon_deg) - np.radians(lon_deg)) / 2)
    half = half_lat**2 + np.cos(lat) * np.cos(other_lat) * half_lon**2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))))


def first_arrival_s(epicentral_km: Some, depth_km: Some, phase: str) -> NDArray[np.float64]:
    """Return the travel time of phase "P" or "S": the straight ray's or the head wave's."""
    crust_km_s, mantle_km_s = (VP_KM_S, PN_KM_S) if phase == "P" else (VS_KM_S, SN_KM_S)
    direct_s = np.hypot(epicentral_km, depth_km) / crust_km_s
    slowness = np.sqrt(1 / crust_km_s**2 - 1 / mantle_km_s**2)
    vertical_km = np.maximum(0.0, 2 * CRUST_KM - depth_km)
    # the head wave exists beyond the distance at which it can come up again
    critical_km = vertical_km / np.sqrt((mantle_km_s / crust_km_s) ** 2 - 1)
    head_s = epicentral_km / mantle_km_s + vertical_km * slowness
    return np.where(epicentral_km < critical_km, direct_s, np.minimum(direct_s, head_s))

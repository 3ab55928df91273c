"""How the ground moves at a place in an earthquake: P, then S, in a simple physical way.

Arrivals by straight rays and head waves; what arrives is a shower of spectrum.py: P mostly
vertical and away from the source, S mostly horizontal. Not here yet: rupture growth, basins,
surface waves, correlation between neighbours.

Deterministic: the same earthquake, place and seed give the same motion, whatever else is computed.
"""

import math
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from training.spectrum import STRESS_BAR, VP_KM_S, VS_KM_S, Source, shower

Samples = NDArray[np.float32]  # (3, n): east, north, vertical, m/s^2

PN_KM_S = 8.0  # along the top of the mantle: overtakes beyond some 150 km
SN_KM_S = 4.5
CRUST_KM = 35.0

STRESS_LN_SIGMA = 0.5  # Campbell 2003: 0.5 to 0.7 between events
SITE_LN_SIGMA = 0.3  # between neighbouring sites on like ground
VERTICAL_OF_S = 0.6  # V/H of S at rock sites: 0.5 to 0.7
RADIAL_OF_P = 0.4  # steep arrival: sin of some 25 degrees
SCATTERED_P = 0.2  # of P, on every component, from scattering
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Earthquake:
    event_id: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    magnitude: float
    stress_bar: float = STRESS_BAR


@dataclass(frozen=True)
class Motion:
    """Ground motion at one place, from first_index of the grid of samples since 1970."""

    rate_hz: float
    first_index: int
    acceleration_mps2: Samples
    p_us: int | None = None  # true arrivals; None for what is no earthquake
    s_us: int | None = None

    def add_to(self, samples: Samples, first_index: int) -> None:
        """Add what falls into the window `samples`, (3, n), that begins at first_index."""
        low = max(first_index, self.first_index)
        high = min(
            first_index + samples.shape[1], self.first_index + self.acceleration_mps2.shape[1]
        )
        if low < high:
            samples[:, low - first_index : high - first_index] += self.acceleration_mps2[
                :, low - self.first_index : high - self.first_index
            ]


def index_at(time_us: int, rate_hz: float) -> int:
    """Return the number of the sample nearest to a time, counted from 1970."""
    millihertz = round(rate_hz * 1000)
    return (time_us * millihertz + 500_000_000) // 1_000_000_000


def time_of(index: int, rate_hz: float) -> int:
    """Return the time of a sample, Unix us."""
    return index * 1_000_000_000 // round(rate_hz * 1000)


def distance_km(
    lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float
) -> float:
    """Return the great-circle distance."""
    lat, other_lat = math.radians(lat_deg), math.radians(other_lat_deg)
    half = math.sin((other_lat - lat) / 2) ** 2
    half_lon = math.sin(math.radians(other_lon_deg - lon_deg) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * half_lon
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def travel_time_s(epicentral_km: float, depth_km: float, phase: str) -> float:
    """Return the first arrival of phase "P" or "S": the straight ray or the head wave."""
    crust_km_s, mantle_km_s = (VP_KM_S, PN_KM_S) if phase == "P" else (VS_KM_S, SN_KM_S)
    direct_s = math.hypot(epicentral_km, depth_km) / crust_km_s
    slowness = math.sqrt(1 / crust_km_s**2 - 1 / mantle_km_s**2)
    vertical_km = max(0.0, 2 * CRUST_KM - depth_km)
    # the head wave exists beyond the distance at which it can come up again
    critical_km = vertical_km / math.sqrt((mantle_km_s / crust_km_s) ** 2 - 1)
    if epicentral_km < critical_km:
        return direct_s
    return min(direct_s, epicentral_km / mantle_km_s + vertical_km * slowness)


def motion_at(
    earthquake: Earthquake, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
) -> Motion:
    """Return the motion at a place. `place` names it: two names at one spot move differently."""
    epicentral_km = distance_km(earthquake.lat_deg, earthquake.lon_deg, lat_deg, lon_deg)
    rng = generator(seed, earthquake.event_id, place)
    p_us = earthquake.origin_us + _us(travel_time_s(epicentral_km, earthquake.depth_km, "P"))
    s_us = earthquake.origin_us + _us(travel_time_s(epicentral_km, earthquake.depth_km, "S"))
    first_index = index_at(p_us, rate_hz)
    delay = index_at(s_us, rate_hz) - first_index
    source = Source(
        earthquake.magnitude, earthquake.stress_bar, epicentral_km, earthquake.depth_km
    )
    p = shower(source, "P", rate_hz, rng, 4)
    s = shower(source, "S", rate_hz, rng, 3)
    acceleration = np.zeros((3, max(p.shape[1], delay + s.shape[1])))
    away = math.atan2(
        (lon_deg - earthquake.lon_deg) * math.cos(math.radians(lat_deg)),
        lat_deg - earthquake.lat_deg,
    )
    towards = np.array([math.sin(away), math.cos(away)]) * RADIAL_OF_P
    acceleration[:2, : p.shape[1]] += towards[:, None] * p[3] + SCATTERED_P * p[:2]
    acceleration[2, : p.shape[1]] += p[3]
    acceleration[:2, delay : delay + s.shape[1]] += s[:2]
    acceleration[2, delay : delay + s.shape[1]] += VERTICAL_OF_S * s[2]
    acceleration *= site_factor(place, seed)
    return Motion(rate_hz, first_index, acceleration.astype(np.float32), p_us, s_us)


def acceleration_mps2(
    earthquakes: list[Earthquake],
    lat_deg: float,
    lon_deg: float,
    start_us: int,
    n: int,
    rate_hz: float,
    seed: int,
) -> Samples:
    """Return (3, n): the sum of what these earthquakes do at a place, without any noise."""
    place = f"{lat_deg:.6f},{lon_deg:.6f}"
    samples = np.zeros((3, n), dtype=np.float32)
    for earthquake in earthquakes:
        motion = motion_at(earthquake, place, lat_deg, lon_deg, rate_hz, seed)
        motion.add_to(samples, index_at(start_us, rate_hz))
    return samples


def site_factor(place: str, seed: int) -> float:
    """Return what the ground of a place does to every motion there."""
    return math.exp(SITE_LN_SIGMA * generator(seed, "site", place).standard_normal())


def drawn_stress_bar(event_id: str, seed: int) -> float:
    """Return the stress drop of an earthquake: lognormal about the median."""
    return STRESS_BAR * math.exp(
        STRESS_LN_SIGMA * generator(seed, "stress", event_id).standard_normal()
    )


@lru_cache(maxsize=4096)
def _number(text: str) -> int:
    return zlib.crc32(text.encode())


def generator(seed: int, *names: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFF, *(_number(name) for name in names)])


def _us(seconds: float) -> int:
    return round(seconds * 1e6)

"""The ground of a network in an earthquake: who shakes when, on one timeline.

What moves is `ground_motion`; here are its places on the Earth, its moments, and its seeds.
Deterministic: the same earthquake, place and seed give the same motion, whatever else is computed.
"""

import math
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from training.ground_motion import (
    STRESS_LN_SIGMA,
    Samples,
    Shock,
    Site,
    drawn_path,
    drawn_shock,
    drawn_site,
    ground_motion,
)
from training.radiation import Mechanism
from training.rays import first_arrival_s, great_circle_km
from training.spectrum import STRESS_GROWS_TO, median_stress_bar


@dataclass(frozen=True)
class Earthquake:
    event_id: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    magnitude: float
    stress_bar: float | None = None  # None: drawn
    strike_deg: float | None = None  # all three, or the mechanism is drawn
    dip_deg: float | None = None
    rake_deg: float | None = None


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
    return float(great_circle_km(lat_deg, lon_deg, other_lat_deg, other_lon_deg))


def travel_time_s(epicentral_km: float, depth_km: float, phase: str) -> float:
    """Return the first arrival of phase "P" or "S": the straight ray or the head wave."""
    return float(first_arrival_s(epicentral_km, depth_km, phase))


@lru_cache(maxsize=64)
def shock_of(earthquake: Earthquake, seed: int) -> Shock:
    """Return how an earthquake breaks: the same for every place."""
    rng = generator(seed, "shock", earthquake.event_id)
    stress_bar = earthquake.stress_bar
    if stress_bar is None:
        stress_bar = drawn_stress_bar(earthquake.event_id, seed, earthquake.magnitude)
    strike, dip, rake = earthquake.strike_deg, earthquake.dip_deg, earthquake.rake_deg
    mechanism = None
    if strike is not None and dip is not None and rake is not None:
        mechanism = Mechanism(strike, dip, rake)
    return drawn_shock(earthquake.magnitude, earthquake.depth_km, rng, stress_bar, mechanism)


def motion_at(
    earthquake: Earthquake,
    place: str,
    lat_deg: float,
    lon_deg: float,
    rate_hz: float,
    seed: int,
    longest_s: float = math.inf,
) -> Motion:
    """Return the motion at a place. `place` names it: two names at one spot move differently.

    longest_s: nothing later than so long after P is wanted; that is faster.
    """
    epicentral_km = distance_km(earthquake.lat_deg, earthquake.lon_deg, lat_deg, lon_deg)
    away = math.atan2(  # across the date line the short way round
        math.remainder(lon_deg - earthquake.lon_deg, 360.0) * math.cos(math.radians(lat_deg)),
        lat_deg - earthquake.lat_deg,
    )
    rng = generator(seed, earthquake.event_id, place)
    shaking = ground_motion(
        shock_of(earthquake, seed),
        epicentral_km * math.sin(away),
        epicentral_km * math.cos(away),
        rate_hz,
        rng,
        site_of(place, seed),
        drawn_path(rng),
        longest_s,
    )
    p_us = earthquake.origin_us + _us(shaking.p_s)
    s_us = earthquake.origin_us + _us(shaking.s_s)
    return Motion(rate_hz, index_at(p_us, rate_hz), shaking.samples, p_us, s_us)


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


def site_of(place: str, seed: int) -> Site:
    """Return what the ground of a place does to every motion there."""
    return drawn_site(generator(seed, "site", place))


def drawn_stress_bar(event_id: str, seed: int, magnitude: float = STRESS_GROWS_TO) -> float:
    """Return the stress drop of an earthquake: lognormal about the median."""
    chance = generator(seed, "stress", event_id).standard_normal()
    return median_stress_bar(magnitude) * math.exp(STRESS_LN_SIGMA * chance)


@lru_cache(maxsize=4096)
def number_of(text: str) -> int:
    """Return what a name contributes to a seed."""
    return zlib.crc32(text.encode())


def generator(seed: int, *names: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFF, *(number_of(name) for name in names)])


def _us(seconds: float) -> int:
    return round(seconds * 1e6)

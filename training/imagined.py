"""Earthquakes and disturbances that never were, at one node: more than the recordings hold."""

import math
from dataclasses import dataclass

import numpy as np

from training import nuisances
from training.augment import Samples
from training.disturbances import Local, PowerCut, Thunder, Train
from training.noise import Background
from training.rays import KM_PER_DEG
from training.wavefield import Earthquake, Motion, index_at, motion_at

START_US = 1_767_225_600_000_000  # any time does
LEAD_S = 15.0


@dataclass(frozen=True)
class Story:
    acc_mps2: Samples
    p_s: float  # first arrival; infinite without an earthquake


def earthquake(rng: np.random.Generator, name: str, rate_hz: float) -> Story:
    """A shock that a node may notice: far ones are large."""
    magnitude = float(rng.uniform(3.0, 7.3))
    most_km = min(250.0, 12.0 * math.exp(0.75 * (magnitude - 3.0)))
    away_km = most_km * math.sqrt(rng.random())
    seed = int(rng.integers(2**31))
    shock = Earthquake(
        event_id=name,
        origin_us=START_US,
        lat_deg=0.0,
        lon_deg=0.0,
        depth_km=float(rng.uniform(3.0, 60.0)),
        magnitude=magnitude,
    )
    motion = motion_at(shock, name, away_km / KM_PER_DEG, 0.0, rate_hz, seed)
    p_us = motion.p_us or START_US
    begin_us = p_us - round(LEAD_S * 1e6)
    samples = _laid(motion, begin_us, 45.0, rate_hz, name, seed)
    return Story(samples, (p_us - begin_us) / 1e6)


def disturbance(rng: np.random.Generator, name: str, rate_hz: float) -> Story:
    """Steps, doors, traffic, machines, falls; thunder, a train, a power cut."""
    seed = int(rng.integers(2**31))
    away_deg = float(rng.uniform(0.02, 3.0)) / KM_PER_DEG
    start_us = START_US
    far = (
        Thunder(name, start_us, away_deg, 0.0, strikes=4, duration_s=25.0, front_km=1.0),
        Train(name, start_us, away_deg / 8, -0.005, away_deg / 8, 0.005, speed_kmh=80.0),
        PowerCut(name, start_us, 0.0, 0.0),
    )
    strength = float(np.exp(rng.uniform(-2.5, 1.0)))
    near = [Local(name, start_us, name, kind, 25.0, strength) for kind in nuisances.KINDS]
    every: list[Thunder | Train | PowerCut | Local] = [*far, *near]
    chosen = every[int(rng.integers(len(every)))]
    motion = chosen.motion_at(name, 0.0, 0.0, rate_hz, seed)
    begin_us = start_us - round(LEAD_S * 1e6)
    return Story(_laid(motion, begin_us, 45.0, rate_hz, name, seed), math.inf)


def _laid(
    motion: Motion | None, begin_us: int, duration_s: float, rate_hz: float, name: str, seed: int
) -> Samples:
    """Return what the place has by itself, and the motion on top."""
    n = int(duration_s * rate_hz)
    first = index_at(begin_us, rate_hz)
    samples = Background(name, seed, rate_hz, 1e-9).window(first, n)
    if motion is not None:
        motion.add_to(samples, first)
    return samples.astype(np.float64)

"""What shakes a network and is no earthquake: thunder, a train, the mains, somebody in a building.

In simple form, each with the one trait by which a network can tell it from an earthquake: it moves
too slowly, or along a line, or it is everywhere in the same instant, or in one building only.
Not here yet: what a power cut does afterwards, when nodes without a battery fall silent.
"""

import math
from dataclasses import dataclass

import numpy as np

from training import nuisances
from training.rays import KM_PER_DEG
from training.wavefield import Motion, distance_km, generator, index_at

SOUND_KM_S = 0.34
# Infrasound of close thunder shakes light buildings by some cm/s^2 (Lin & Langston 2009, JGR 114);
# the levels here are chosen so that a node of a light building triggers within some 5 km.
THUNDER_MPS2_AT_1_KM = 0.05
TRAIN_MPS2_AT_100_M = 0.03  # a freight train at a house foundation: some mm/s at 10-30 Hz
POWER_CUT_MPS2 = 0.05  # compressors and pumps that stop, relays that fall
_FELT_MPS2 = 0.0005  # below this a chip's own noise hides it


@dataclass(frozen=True)
class Thunder:
    """A front: strikes at random about a point that drifts; sound arrives at 340 m/s."""

    event_id: str
    start_us: int
    lat_deg: float
    lon_deg: float
    strikes: int = 20
    duration_s: float = 300.0
    front_km: float = 15.0  # spread of the strikes
    speed_kmh: float = 40.0
    heading_deg: float = 0.0

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        rng = generator(seed, self.event_id)  # of the front, the same for every place
        bursts = []
        for number in range(self.strikes):
            after_s = self.duration_s * rng.random()
            drift_km = self.speed_kmh * after_s / 3600
            scatter_km = rng.standard_normal(2) * self.front_km / 2
            north_km = drift_km * math.cos(math.radians(self.heading_deg)) + scatter_km[0]
            east_km = drift_km * math.sin(math.radians(self.heading_deg)) + scatter_km[1]
            strike = _moved(self.lat_deg, self.lon_deg, north_km, east_km)
            strength = math.exp(0.7 * rng.standard_normal())
            away_km = max(0.3, distance_km(*strike, lat_deg, lon_deg))
            peak_mps2 = strength * THUNDER_MPS2_AT_1_KM / away_km
            arrival_s = after_s + away_km / SOUND_KM_S
            bursts.append(
                (arrival_s, peak_mps2, generator(seed, self.event_id, place, str(number)))
            )
        felt = [
            (arrival_s, _burst(rng, rate_hz, 1.5 + rng.random(), 5.0, 25.0, 0.1) * peak_mps2)
            for arrival_s, peak_mps2, rng in bursts
            if peak_mps2 > _FELT_MPS2
        ]
        return _joined(self.start_us, felt, rate_hz)


@dataclass(frozen=True)
class Train:
    """A freight train along a straight line: each place shakes while it passes."""

    event_id: str
    start_us: int
    lat_deg: float  # where it starts
    lon_deg: float
    to_lat_deg: float
    to_lon_deg: float
    speed_kmh: float = 60.0
    length_km: float = 0.5

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        nearest_km, along_km = _beside(
            (self.lat_deg, self.lon_deg), (self.to_lat_deg, self.to_lon_deg), (lat_deg, lon_deg)
        )
        peak_mps2 = TRAIN_MPS2_AT_100_M * 0.1 / max(0.02, nearest_km)
        if peak_mps2 < _FELT_MPS2:
            return None
        speed_km_s = self.speed_kmh / 3600
        rise_s = nearest_km / speed_km_s + 1.0
        passing_s = self.length_km / speed_km_s + 2 * rise_s
        rng = generator(seed, self.event_id, place)
        roar = _burst(rng, rate_hz, passing_s, 8.0, 30.0, rise_s)
        arrival_s = max(0.0, along_km / speed_km_s - rise_s)
        return _joined(self.start_us, [(arrival_s, roar * peak_mps2)], rate_hz)


@dataclass(frozen=True)
class PowerCut:
    """Everything that hums stops: a knock at every place within a radius in the same instant."""

    event_id: str
    start_us: int
    lat_deg: float
    lon_deg: float
    radius_km: float = 50.0

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        if distance_km(self.lat_deg, self.lon_deg, lat_deg, lon_deg) > self.radius_km:
            return None
        rng = generator(seed, self.event_id, place)
        peak_mps2 = POWER_CUT_MPS2 * math.exp(0.7 * rng.standard_normal())
        knock = _burst(rng, rate_hz, 0.5, 10.0, 30.0, 0.01) * peak_mps2
        return _joined(self.start_us, [(0.02 * rng.random(), knock)], rate_hz)


@dataclass(frozen=True)
class SupplyGlitch:
    """The mains dip: chips read nonsense for some samples, everywhere in the same instant."""

    event_id: str
    start_us: int
    lat_deg: float
    lon_deg: float
    radius_km: float = 50.0
    strength: float = 1.0

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        if distance_km(self.lat_deg, self.lon_deg, lat_deg, lon_deg) > self.radius_km:
            return None
        rng = generator(seed, self.event_id, place)
        glitch = nuisances.supply_glitch(rng, rate_hz, 4.0, self.strength)
        first = int(np.argmax(np.abs(glitch).max(axis=0) > 0))
        return _joined(self.start_us, [(0.0, glitch[:, first:])], rate_hz)


@dataclass(frozen=True)
class Local:
    """Something in one building, or to one node: footsteps, a knock, a machine, a fall."""

    event_id: str
    start_us: int
    node: str  # the place that notices, and nobody else
    kind: str  # of nuisances.KINDS
    duration_s: float = 20.0
    strength: float = 1.0

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        if place != self.node:
            return None
        rng = generator(seed, self.event_id, place)
        make = nuisances.KINDS[self.kind]
        samples = make(rng, rate_hz, self.duration_s, self.strength)
        return _joined(self.start_us, [(0.0, samples)], rate_hz)


@dataclass(frozen=True)
class Door:
    """A door slammed in one building."""

    event_id: str
    start_us: int
    node: str

    def motion_at(
        self, place: str, lat_deg: float, lon_deg: float, rate_hz: float, seed: int
    ) -> Motion | None:
        slam = Local(self.event_id, self.start_us, self.node, "door", duration_s=5.0)
        return slam.motion_at(place, lat_deg, lon_deg, rate_hz, seed)


def _burst(
    rng: np.random.Generator,
    rate_hz: float,
    duration_s: float,
    low_hz: float,
    high_hz: float,
    rise_s: float,
) -> np.ndarray:
    """Return (3, n) band-limited noise that rises, then falls by a hundred; its peak is 1."""
    n = max(8, int(duration_s * rate_hz))
    t = np.arange(n) / rate_hz
    falls = np.exp(-4.6 * np.maximum(0.0, t - rise_s) / max(duration_s - rise_s, 1 / rate_hz))
    spectrum = np.fft.rfft(rng.standard_normal((3, n)), axis=1)
    f = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum[:, (f < low_hz) | (f > high_hz)] *= 0.05
    shaped = np.fft.irfft(spectrum, n, axis=1) * np.minimum(1.0, t / rise_s) * falls
    return np.asarray(shaped / np.abs(shaped).max())


def _joined(
    start_us: int, bursts: list[tuple[float, np.ndarray]], rate_hz: float
) -> Motion | None:
    """Return one motion of bursts that begin so many seconds after start_us; None without any."""
    if not bursts:
        return None
    begins = [index_at(start_us + round(after_s * 1e6), rate_hz) for after_s, _ in bursts]
    first = min(begins)
    end = max(begin + burst.shape[1] for begin, (_, burst) in zip(begins, bursts))
    samples = np.zeros((3, end - first), dtype=np.float32)
    for begin, (_, burst) in zip(begins, bursts):
        samples[:, begin - first : begin - first + burst.shape[1]] += burst
    return Motion(rate_hz, first, samples)


def _moved(lat_deg: float, lon_deg: float, north_km: float, east_km: float) -> tuple[float, float]:
    return (
        lat_deg + north_km / KM_PER_DEG,
        lon_deg + east_km / (KM_PER_DEG * math.cos(math.radians(lat_deg))),
    )


def _beside(
    start: tuple[float, float], end: tuple[float, float], place: tuple[float, float]
) -> tuple[float, float]:
    """Return how near a line passes a place, and how far along it that is; flat, in km."""
    scale = KM_PER_DEG * math.cos(math.radians(start[0]))
    line = complex((end[1] - start[1]) * scale, (end[0] - start[0]) * KM_PER_DEG)
    to = complex((place[1] - start[1]) * scale, (place[0] - start[0]) * KM_PER_DEG)
    share = (to * line.conjugate()).real / max(abs(line) ** 2, 1e-12)
    share = min(1.0, max(0.0, share))
    return abs(to - share * line), share * abs(line)

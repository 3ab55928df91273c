"""What shakes one node and is no earthquake: people, doors, engines, and the node's own mishaps.

Each function returns (3, n) m/s^2, east, north, vertical, of so many seconds, of which the shaking
begins by itself somewhere in the first tenth; strength 1 is usual. Pure: a generator in, an array
out. What reaches many nodes (thunder, trains, the mains) is in `disturbances`.

Levels are those at a node on a wall or a floor of the same building. Where no measurement is named
they are chosen so that an ADXL355 sees the usual case clearly and misses the faintest.
"""

import math
from collections.abc import Callable

import numpy as np

from replay.sensors import STANDARD_GRAVITY_MPS2
from training.shower import Floats

STEP_MPS2 = 0.03  # on the wall beside a floor
DOOR_MPS2 = 0.3  # a node on the same wall; one metre away on the floor a tenth
KNOCK_MPS2 = 0.5  # knuckles on the wall or the case
TRAFFIC_MPS2 = 0.005  # in houses 0.005 to 2, at 5 to 25 Hz (Hunaidi 2000, NRC Canada, CTU 39)
MACHINE_MPS2 = 0.03  # a washing machine that spins on the same floor
BUZZER_MPS2 = 0.05  # its own, through the case: kHz, seen by a slow chip as an alias

Nuisance = Callable[[np.random.Generator, float, float, float], Floats]


def footsteps(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """Somebody walks past: heels, twice a second, stronger while near, the floor rings."""
    samples = _silence(rate_hz, seconds)
    pace_s, floor_hz = 1 / rng.uniform(1.6, 2.4), rng.uniform(8.0, 18.0)
    nearest_s, reach_s = rng.uniform(0.2, 0.8) * seconds, rng.uniform(0.15, 0.4) * seconds
    at_s = rng.uniform(0.0, 0.1) * seconds
    while at_s < seconds:
        near = 1 / (1 + ((at_s - nearest_s) / reach_s) ** 2)
        peak = STEP_MPS2 * strength * near * rng.lognormal(0.0, 0.3)
        _add(samples, at_s * rate_hz, peak * _thud(rng, rate_hz, floor_hz, 0.08, 0.3))
        at_s += pace_s * rng.normal(1.0, 0.04)
    return samples


def door(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """A door falls shut: a bang, and the latch a little before or after."""
    samples = _silence(rate_hz, seconds)
    at_s = rng.uniform(0.02, 0.1) * seconds
    bang = _thud(rng, rate_hz, rng.uniform(8.0, 25.0), 0.12, 1.0)
    _add(samples, at_s * rate_hz, DOOR_MPS2 * strength * bang)
    latch = _thud(rng, rate_hz, rng.uniform(20.0, 40.0), 0.03, 1.0)
    latch_s = max(0.0, at_s + rng.normal(0.0, 0.15))
    _add(samples, latch_s * rate_hz, 0.3 * DOOR_MPS2 * strength * latch)
    return samples


def knock(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """Two to five knocks, or something bumps into the wall once."""
    samples = _silence(rate_hz, seconds)
    at_s, every_s = rng.uniform(0.0, 0.1) * seconds, rng.uniform(0.15, 0.45)
    for _ in range(int(rng.integers(1, 6))):
        peak = KNOCK_MPS2 * strength * rng.lognormal(0.0, 0.3)
        _add(samples, at_s * rate_hz, peak * _thud(rng, rate_hz, rng.uniform(15.0, 40.0), 0.03, 1))
        at_s += every_s * rng.normal(1.0, 0.1)
    return samples


def traffic(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """A lorry passes: wheel hop and body bounce that swell and fade, a bump in the road."""
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    width_s, middle_s = rng.uniform(1.0, 4.0), rng.uniform(0.3, 0.7) * seconds
    envelope = 1 / (1 + ((t - middle_s) / width_s) ** 2) ** 1.5
    noise = _band(rng, len(t), rate_hz, 8.0, 16.0) + 0.4 * _band(rng, len(t), rate_hz, 1.5, 4.0)
    samples = (TRAFFIC_MPS2 * strength * envelope * noise).astype(np.float32)
    if rng.random() < 0.5:
        bump = 4 * TRAFFIC_MPS2 * strength * _thud(rng, rate_hz, rng.uniform(8, 14), 0.2, 0.5)
        _add(samples, (middle_s + rng.normal(0.0, width_s / 2)) * rate_hz, bump)
    return samples


def machine(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """A motor runs up, runs, and stops: one turning speed and its harmonics, mostly sideways."""
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    speed_hz, up_s = min(rng.uniform(4.0, 24.0), 0.4 * rate_hz), rng.uniform(0.5, 6.0)
    begin_s, end_s = rng.uniform(0.0, 0.1) * seconds, rng.uniform(0.6, 1.1) * seconds
    share = np.clip((t - begin_s) / up_s, 0, 1) * np.clip((end_s - t) / up_s, 0, 1)
    phase = 2 * math.pi * np.cumsum(speed_hz * share) / rate_hz
    samples = np.zeros((3, len(t)))
    for harmonic in range(1, 4):
        if harmonic * speed_hz < rate_hz / 2:
            axes = rng.normal(0.0, [[1.0], [1.0], [0.4]], (3, 1)) / harmonic**1.5
            samples += axes * np.sin(harmonic * phase + rng.uniform(0, 2 * math.pi, (3, 1)))
    # the force of an unbalance grows with the square of its speed
    return (MACHINE_MPS2 * strength * share**2 * samples).astype(np.float32)


def drop(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """The node comes off its wall: free fall, bounces, and lies on another side."""
    samples = _silence(rate_hz, seconds)
    at_s = rng.uniform(0.0, 0.1) * seconds
    fall_s = math.sqrt(2 * rng.uniform(0.2, 1.8) / STANDARD_GRAVITY_MPS2)
    first, hit = int(at_s * rate_hz), int((at_s + fall_s) * rate_hz)
    up = np.array([0.0, 0.0, STANDARD_GRAVITY_MPS2])
    samples[:, first:hit] -= up[:, None]
    speed = STANDARD_GRAVITY_MPS2 * fall_s
    while speed > 0.2 and hit < samples.shape[1]:
        peak = strength * rng.uniform(10, 30) * speed
        _add(samples, hit, peak * _thud(rng, rate_hz, rng.uniform(20, 60), 0.02, 1.0))
        speed *= rng.uniform(0.2, 0.5)
        hit += max(1, int(2 * speed / STANDARD_GRAVITY_MPS2 * rate_hz))
    samples[:, min(hit, samples.shape[1]) :] += (_turned(rng, math.pi / 2) - up)[:, None]
    return samples


def moved(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """Somebody takes the node down, carries it and puts it elsewhere: it turns, sways, knocks."""
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    begin_s, end_s = rng.uniform(0.0, 0.1) * seconds, rng.uniform(0.5, 0.95) * seconds
    held = np.clip((t - begin_s) / 0.3, 0, 1) * np.clip((end_s - t) / 0.3, 0, 1)
    up = np.array([0.0, 0.0, STANDARD_GRAVITY_MPS2])
    turn = np.clip((t - begin_s) / max(end_s - begin_s, 1e-3), 0, 1) * held.astype(bool)
    turn[t >= end_s] = 1.0
    ways = np.stack([up, _turned(rng, 1.0), _turned(rng, 0.2)])
    turning = np.stack([np.interp(turn, [0, 0.5, 1], ways[:, axis]) for axis in range(3)])
    sway = _band(rng, len(t), rate_hz, 0.3, 3.0) + 0.3 * _band(rng, len(t), rate_hz, 3.0, 12.0)
    samples = np.asarray(turning - up[:, None] + strength * held * sway, dtype=np.float32)
    for at_s in (begin_s, end_s):
        _add(samples, at_s * rate_hz, 2 * strength * _thud(rng, rate_hz, 25.0, 0.04, 1.0))
    return samples


def buzzer(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """The node's own buzzer: beeps whose tone the chip folds down to somewhere below half its
    rate."""
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    alias_hz, every_s = rng.uniform(0.05, 0.5) * rate_hz, rng.uniform(0.3, 1.0)
    begin_s = rng.uniform(0.0, 0.1) * seconds
    sounds = (t >= begin_s) & ((t - begin_s) % every_s < every_s / 2)
    axes = rng.normal(0.0, [[0.5], [0.5], [1.0]], (3, 1))
    tone = np.sin(2 * math.pi * alias_hz * t + rng.uniform(0, 2 * math.pi))
    return (BUZZER_MPS2 * strength * axes * sounds * tone).astype(np.float32)


def supply_glitch(
    rng: np.random.Generator, rate_hz: float, seconds: float, strength: float = 1.0
) -> Floats:
    """The supply dips: a few samples are wrong on all axes, the offset settles again."""
    samples = _silence(rate_hz, seconds)
    at = int(rng.uniform(0.0, 0.1) * seconds * rate_hz)
    length = int(rng.integers(1, 4))
    axes = rng.normal(0.0, 0.3, (3, 1))
    samples[:, at : at + length] += strength * axes
    after_s = np.arange(samples.shape[1] - at) / rate_hz
    samples[:, at:] += 0.1 * strength * axes * np.exp(-after_s / rng.uniform(0.05, 2.0))
    return samples


KINDS: dict[str, Nuisance] = {
    "footsteps": footsteps,
    "door": door,
    "knock": knock,
    "traffic": traffic,
    "machine": machine,
    "drop": drop,
    "moved": moved,
    "buzzer": buzzer,
    "supply_glitch": supply_glitch,
}


def _silence(rate_hz: float, seconds: float) -> Floats:
    return np.zeros((3, int(rate_hz * seconds)), dtype=np.float32)


def _add(samples: Floats, begin: float, piece: Floats) -> None:
    """Add a piece from a sample on, as far as there is room."""
    first = int(begin)
    if 0 <= first < samples.shape[1]:
        samples[:, first : first + piece.shape[1]] += piece[:, : samples.shape[1] - first]


def _thud(
    rng: np.random.Generator, rate_hz: float, hz: float, decay_s: float, sideways: float
) -> Floats:
    """Return a struck mode that rings out, (3, n), peak 1 on the vertical; a kick comes first."""
    t = np.arange(max(2, int(6 * decay_s * rate_hz))) / rate_hz
    hz = min(hz, 0.45 * rate_hz)
    axes = rng.normal(0.0, [[sideways], [sideways], [0.3]], (3, 1))
    axes[2] += 1.0
    modes = hz * rng.uniform([1.0, 1.6], [1.0, 2.8])
    ring = np.zeros((3, len(t)))
    for mode_hz, share in zip(modes, (1.0, 0.4)):
        if mode_hz < 0.5 * rate_hz:
            phase = rng.normal(0.0, 0.3, (3, 1))
            ring += share * np.sin(2 * math.pi * mode_hz * t + phase) * np.exp(-t / decay_s)
    return np.asarray(axes * ring / max(np.abs(ring).max(), 1e-9), dtype=np.float32)


def _band(
    rng: np.random.Generator, n: int, rate_hz: float, low_hz: float, high_hz: float
) -> Floats:
    """Return (3, n) noise of a band, rms 1; its sides fall softly."""
    spectrum = np.fft.rfft(rng.standard_normal((3, n)), axis=1)
    f = np.maximum(np.fft.rfftfreq(n, 1 / rate_hz), 1e-6)
    spectrum /= np.sqrt((1 + (low_hz / f) ** 6) * (1 + (f / high_hz) ** 6))
    noise = np.fft.irfft(spectrum, n, axis=1)
    return np.asarray(noise / max(noise.std(), 1e-12), dtype=np.float32)


def _turned(rng: np.random.Generator, most_rad: float) -> np.ndarray:
    """Return (3,) gravity after a turn by up to this angle."""
    tilt, way = most_rad * rng.random(), 2 * math.pi * rng.random()
    level = math.sin(tilt)
    turned = np.array([level * math.cos(way), level * math.sin(way), math.cos(tilt)])
    return STANDARD_GRAVITY_MPS2 * turned

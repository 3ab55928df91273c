"""What else a recording could have looked like: another mounting, chip, rate, strength, company.

Samples are (3, n), m/s^2, vertical last. Everything is drawn from the generator that is given.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from replay.sensors import STANDARD_GRAVITY_MPS2

Samples = npt.NDArray[np.float64]
TILT_DEG = 8.0  # of a node on a wall that is not quite upright
# a root hertz: ADXL355, LIS3DHH, LSM6DSO, LIS3DH, MPU6050
NOISES_G = (22.5e-6, 45e-6, 90e-6, 220e-6, 400e-6)
NOISE_SHARES = (0.4, 0.15, 0.15, 0.15, 0.15)  # the first is the chip that is recommended
LSB_MPS2 = 3.8246e-5
LSB_NM_S2 = 38246
RANGE_MPS2 = 2 * STANDARD_GRAVITY_MPS2


@dataclass(frozen=True)
class Take:
    """Samples and their rate."""

    acc_mps2: Samples
    rate_hz: float


def turned(samples: Samples, rng: np.random.Generator, tilt_deg: float = TILT_DEG) -> Samples:
    """Turned about the vertical by any angle, and tilted a little."""
    angle = rng.uniform(0, 2 * math.pi)
    c, s = math.cos(angle), math.sin(angle)
    level = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    tilt = math.radians(tilt_deg) * rng.standard_normal() / 2
    c, s = math.cos(tilt), math.sin(tilt)
    lean = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return np.asarray(lean @ level @ samples)


def worn(samples: Samples, rng: np.random.Generator) -> Samples:
    """Any axis up: who wears a sensor wears it somehow. Gravity leaves with the mean."""
    still = samples - samples.mean(axis=1, keepdims=True)
    return turned(still[rng.permutation(3)], rng)


def resampled(take: Take, rate_hz: float) -> Take:
    """At a lower rate: means over its interval, then in between by straight lines."""
    width = max(1, round(take.rate_hz / rate_hz))
    kernel = np.ones(width) / width
    smooth = np.array([np.convolve(axis, kernel, "same") for axis in take.acc_mps2])
    n = int(take.acc_mps2.shape[1] * rate_hz / take.rate_hz)
    old = np.arange(take.acc_mps2.shape[1]) / take.rate_hz
    new = np.arange(n) / rate_hz
    return Take(np.array([np.interp(new, old, axis) for axis in smooth]), rate_hz)


def drawn_noise_g(rng: np.random.Generator) -> float:
    return float(rng.choice(NOISES_G, p=NOISE_SHARES))


def with_chip_noise(take: Take, noise_g_rthz: float, rng: np.random.Generator) -> Take:
    sigma_mps2 = noise_g_rthz * STANDARD_GRAVITY_MPS2 * math.sqrt(take.rate_hz / 2)
    noise = sigma_mps2 * rng.standard_normal(take.acc_mps2.shape)
    return Take(take.acc_mps2 + noise, take.rate_hz)


def counts_of(take: Take) -> npt.NDArray[np.int32]:
    """What a chip of +-2 g with an ADXL355's steps makes of it, interleaved."""
    still = (
        take.acc_mps2 - np.median(take.acc_mps2[:, : max(8, int(take.rate_hz))], axis=1)[:, None]
    )
    clipped = np.clip(still, -RANGE_MPS2, RANGE_MPS2)
    return np.rint(clipped / LSB_MPS2).astype(np.int32).T.reshape(-1)


def gated(samples: Samples, rate_hz: float, begins_s: float, rise_s: float) -> Samples:
    """Silent before, all of it after; in between it swells."""
    t = np.arange(samples.shape[1]) / rate_hz
    return np.asarray(samples * np.clip((t - begins_s) / max(rise_s, 1e-3), 0.0, 1.0))


def tiled(samples: Samples, n: int, rng: np.random.Generator) -> Samples:
    """n samples from anywhere, over and over if there are fewer."""
    first = int(rng.integers(samples.shape[1]))
    index = (first + np.arange(n)) % samples.shape[1]
    return np.asarray(samples[:, index])

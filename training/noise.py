"""What a node measures when nothing happens: its chip's noise, its place's, its offset's drift.

Deterministic: sample number i of a place is the same whatever window it is asked for in.
"""

import zlib

import numpy as np

from replay.sensors import STANDARD_GRAVITY_MPS2
from training.ground_motion import Samples
from training.shower import Floats

# OpenEEW nodes before events: 0.42 mm/s^2 median on each axis, 0.5-15.6 Hz, chip included; of
# that a chip like theirs makes most, so the place itself is quieter.
SITE_RMS_MPS2 = 0.0002
SITE_LN_SIGMA = 0.5  # between a cellar in a village and a house at a road
_SITE_LOW_HZ = 1.0  # traffic, machines, wind in trees
_SITE_HIGH_HZ = 12.0
# A room: the heating's cycle, and day and night
TEMPERATURE_K_S = ((0.5, 1200.0), (3.0, 86400.0))
_SITE_PERIOD = 8192  # samples after which the place's noise repeats: a minute at 125 Hz


class Background:
    """Noise of one node. Holds a second of the chip's and _SITE_PERIOD samples of the place's."""

    def __init__(
        self,
        place: str,
        seed: int,
        rate_hz: float,
        noise_g_rthz: float,
        vertical_noise: float = 1.0,
        drift_g_per_k: float = 0.0,
    ) -> None:
        self._keys = [seed & 0xFFFFFFFF, zlib.crc32(b"noise"), zlib.crc32(place.encode())]
        self._rate_hz = rate_hz
        chip_mps2 = noise_g_rthz * STANDARD_GRAVITY_MPS2 * (rate_hz / 2) ** 0.5
        self._chip_mps2 = chip_mps2 * np.array([[1.0], [1.0], [vertical_noise]], np.float32)
        drift = np.random.default_rng([*self._keys, 0]).standard_normal((3, 1))
        self._drift_mps2_per_k = (drift_g_per_k * STANDARD_GRAVITY_MPS2 * drift).astype(np.float32)
        self._has_drift = drift_g_per_k > 0
        self._chunk = max(1, round(rate_hz))
        self._chunk_number = -1
        self._chunk_samples = np.zeros((3, self._chunk), dtype=np.float32)
        self._site = _site_noise(np.random.default_rng(self._keys), rate_hz)

    def window(self, first_index: int, n: int) -> Samples:
        """Return (3, n), m/s^2, from sample number first_index."""
        samples = self._site[:, np.arange(first_index, first_index + n) % _SITE_PERIOD]
        at = 0
        while at < n:
            number, offset = divmod(first_index + at, self._chunk)
            count = min(n - at, self._chunk - offset)
            samples[:, at : at + count] += self._chip(number)[:, offset : offset + count]
            at += count
        if self._has_drift:
            samples += self._drift_mps2_per_k * self._warmth_k(first_index, n)
        return samples

    def _warmth_k(self, first_index: int, n: int) -> Floats:
        """Return (n,): the difference from the mean temperature; at its mean in 1970."""
        after_s = (first_index + np.arange(n)) / self._rate_hz
        waves = [kelvin * np.sin(2 * np.pi * after_s / s) for kelvin, s in TEMPERATURE_K_S]
        return np.asarray(np.add(*waves), dtype=np.float32)

    def _chip(self, number: int) -> Samples:
        if number != self._chunk_number:
            rng = np.random.default_rng([*self._keys, number])
            white = rng.standard_normal((3, self._chunk), dtype=np.float32)
            self._chunk_samples = white * self._chip_mps2
            self._chunk_number = number
        return self._chunk_samples


def _site_noise(rng: np.random.Generator, rate_hz: float) -> Samples:
    """Return (3, _SITE_PERIOD): noise of the band in which people live, without a seam."""
    rms_mps2 = SITE_RMS_MPS2 * np.exp(SITE_LN_SIGMA * rng.standard_normal())
    spectrum = np.fft.rfft(rng.standard_normal((3, _SITE_PERIOD)), axis=1)
    f = np.fft.rfftfreq(_SITE_PERIOD, 1 / rate_hz)
    spectrum *= (
        1 / (1 + (_SITE_LOW_HZ / np.maximum(f, 1e-3)) ** 4) / (1 + (f / _SITE_HIGH_HZ) ** 4)
    )
    noise = np.fft.irfft(spectrum, _SITE_PERIOD, axis=1)
    return np.asarray(noise * (rms_mps2 / noise.std()), dtype=np.float32)

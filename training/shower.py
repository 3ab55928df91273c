"""Noise in the shape of a shower of waves, with a spectrum: Boore's stochastic method in time.

Gaussian noise in a Saragoni-Hart window is given an amplitude spectrum (Boore 2003, Pure Appl.
Geophys. 160:635). The filter is made minimum-phase, so that nothing moves before its arrival.
"""

import math

import numpy as np
from numpy.typing import NDArray

from training.spectrum import Array

Floats = NDArray[np.float32]

TAIL_OF_WINDOW = 2.0  # Boore 2003: the window falls to eta at twice the duration
RISE = 0.2  # Saragoni & Hart 1974 as in Boore 2003, equation 13: the share of it before its peak
_ETA = 0.05


def window(
    duration_s: float, rate_hz: float, longest_s: float = math.inf, rise: float = RISE
) -> Floats:
    """Return (n,) such that noise in the whole of it has a spectrum of one second^0.5.

    longest_s cuts what comes later.
    """
    length_s = TAIL_OF_WINDOW * duration_s
    n = int(min(length_s, longest_s) * rate_hz) + 1
    shape = window_shape(np.arange(n) / (rate_hz * length_s), rise)
    # mean square over the length, from 256 steps: a short window's own samples would be few
    mean_square = float(np.mean(window_shape((np.arange(256) + 0.5) / 256, rise) ** 2))
    return (shape / math.sqrt(mean_square * length_s * rate_hz)).astype(np.float32)


def window_shape(share: Array, rise: float) -> Array:
    b = -rise * math.log(_ETA) / (1 + rise * (math.log(rise) - 1))
    return np.asarray(share**b * np.exp(-b / rise * share))


def filter_length(n: int) -> int:
    """Return the length of transform for n samples: twice them, so that no tail comes round."""
    return _fast_length(2 * n - 1)


def frequencies_hz(length: int, rate_hz: float) -> Array:
    return np.asarray(np.fft.rfftfreq(length, 1 / rate_hz), dtype=np.float64)


def filtered(noise: Floats, amplitude_m_s: Array, length: int, rate_hz: float) -> Floats:
    """Return (..., n), m/s^2: noise with this amplitude at the frequencies of `length`."""
    n = noise.shape[-1]
    response = minimum_phase(amplitude_m_s * rate_hz, length).astype(np.complex64)
    spectra = np.fft.rfft(noise, length) * response
    return np.asarray(np.fft.irfft(spectra, length)[..., :n], dtype=np.float32)


def minimum_phase(amplitude: Array, length: int) -> NDArray[np.complex128]:
    """Return the causal filter with this amplitude: its log spectrum has a causal cepstrum.

    Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd edition, section 13.5.
    """
    floor = amplitude.max() * 1e-8
    cepstrum = np.fft.irfft(np.log(np.maximum(amplitude, floor)), length)
    cepstrum[1 : length // 2] *= 2
    cepstrum[length // 2 + 1 :] = 0
    return np.asarray(np.exp(np.fft.rfft(cepstrum)))


def _fast_length(n: int) -> int:
    """Return the least even length of at least n that is 2^k, 3 * 2^k or 5 * 2^k."""
    power = 1 << max(4, (n - 1).bit_length())
    return next(length for length in (power * 5 // 8, power * 3 // 4, power) if length >= n)

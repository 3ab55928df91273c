"""What comes out of a point source and how a place receives it: Boore's stochastic method.

Gaussian noise in the shape of a shower (Saragoni-Hart window) is given the spectrum of a point
source (Brune: omega square) after spreading, attenuation and site amplification (Boore 2003, Pure
Appl. Geophys. 160:635). The constants are those of SMSIM for western North America, with Campbell
(2003, BSSA 93:1012). The filter is made minimum-phase, so that nothing moves before its arrival.
"""

import math

import numpy as np
from numpy.typing import NDArray

VP_KM_S = 6.2  # straight rays through the crust
VS_KM_S = 3.55
DENSITY_KG_M3 = 2800.0
STRESS_BAR = 100.0  # median of the stress drops
KAPPA_S_S = 0.04  # SMSIM, generic rock of the west
KAPPA_P_S = 0.025
RADIATION_S = 0.55  # Boore & Boatwright 1984, mean over the focal sphere
RADIATION_P = 0.52
FREE_SURFACE = 2.0
PARTITION = 0.7071  # S energy into two horizontals
CORNER_P = 1.25  # fc of P over fc of S: between 1.0 and 1.5

# Boore & Joyner 1997, generic rock: amplification by frequency.
_AMP_HZ = np.array([0.01, 0.09, 0.16, 0.51, 0.84, 1.25, 2.26, 3.17, 6.05, 16.6, 61.2])
_AMP = np.array([1.0, 1.10, 1.18, 1.42, 1.58, 1.74, 2.06, 2.25, 2.58, 3.13, 4.0])

_DURATION_KM = np.array([0.0, 7.0, 45.0, 125.0, 175.0, 270.0])
_DURATION_S = np.array([0.0, 2.4, 8.4, 10.9, 17.4, 34.2])
_TAIL_OF_WINDOW = 2.0  # Boore 2003: the window falls to eta at twice the duration


class Source:
    """Numbers of one source seen from one place. All SI but the distances."""

    def __init__(
        self, magnitude: float, stress_bar: float, epicentral_km: float, depth_km: float
    ) -> None:
        self.moment_nm = 10 ** (1.5 * magnitude + 9.05)
        # Brune 1970 in the units of Boore: beta km/s, bar, dyne cm
        self.corner_hz = 4.9e6 * VS_KM_S * (stress_bar / (self.moment_nm * 1e7)) ** (1 / 3)
        self.hypocentral_km = math.hypot(epicentral_km, depth_km)
        # A fault has a size: near a large one the motion no longer grows as one comes closer.
        # Yenier & Atkinson 2015, BSSA 105:1989, equation 4: h = 10^(-0.405 + 0.235 M).
        size_km = 10 ** (-0.405 + 0.235 * magnitude)
        self.effective_km = math.hypot(self.hypocentral_km, size_km)


def shower(
    source: Source, phase: str, rate_hz: float, rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """Return (count, n): independent showers of one phase from its arrival, m/s^2."""
    corner_hz = source.corner_hz * (CORNER_P if phase == "P" else 1.0)
    duration_s = 1 / corner_hz + _path_duration_s(source.hypocentral_km)
    n = int(_TAIL_OF_WINDOW * duration_s * rate_hz) + 1
    noise = rng.standard_normal((count, n)) * _window(n, _TAIL_OF_WINDOW * duration_s, rate_hz)
    length = 1 << (2 * n - 1).bit_length()
    spectra = np.fft.rfft(noise, length, axis=1)
    frequency_hz = np.fft.rfftfreq(length, 1 / rate_hz).astype(np.float64)
    # mean square of the noise's spectrum is 1 over all frequencies, as Boore normalises it
    spectra /= math.sqrt(float(np.mean(np.abs(spectra) ** 2)))
    wanted = _spectrum_m_s(source, corner_hz, phase, frequency_hz)
    spectra *= _minimum_phase(wanted, length)
    return np.fft.irfft(spectra, length, axis=1)[:, :n] * rate_hz


def _window(n: int, length_s: float, rate_hz: float) -> NDArray[np.float64]:
    """Return (n,): Saragoni & Hart 1974 as in Boore 2003 equation 13: eps = 0.2, eta = 0.05."""
    eps, eta = 0.2, 0.05
    b = -eps * math.log(eta) / (1 + eps * (math.log(eps) - 1))
    c = b / eps
    a = (math.e / eps) ** b
    t = np.arange(n) / rate_hz / length_s
    return np.asarray(a * t**b * np.exp(-c * t))


def _spectrum_m_s(
    source: Source, corner_hz: float, phase: str, frequency_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the Fourier amplitude of the acceleration at the place, m/s."""
    if phase == "P":
        speed_km_s, kappa_s = VP_KM_S, KAPPA_P_S
        share = RADIATION_P * FREE_SURFACE
    else:
        speed_km_s, kappa_s = VS_KM_S, KAPPA_S_S
        share = RADIATION_S * FREE_SURFACE * PARTITION
    speed_mps = 1000 * speed_km_s
    reference_m = 1000.0
    scale = share / (4 * math.pi * DENSITY_KG_M3 * speed_mps**3 * reference_m)
    f = np.maximum(frequency_hz, 1e-3)
    brune = (2 * math.pi * f) ** 2 / (1 + (f / corner_hz) ** 2)
    quality = 180 * f**0.45
    path = np.exp(-math.pi * f * source.effective_km / (quality * VS_KM_S))
    site = np.exp(-math.pi * kappa_s * f) * _amplification(f)
    spectrum = scale * source.moment_nm * brune * _spreading(source.effective_km) * path * site
    return np.asarray(spectrum)


def _path_duration_s(hypocentral_km: float) -> float:
    """Boore & Thompson 2014, BSSA 104:2541, table 1, active crust; its slope beyond 270 km."""
    if hypocentral_km > 270:
        return 34.2 + 0.156 * (hypocentral_km - 270)
    return float(np.interp(hypocentral_km, _DURATION_KM, _DURATION_S))


def _spreading(distance_km: float) -> float:
    """1/R to 40 km, then slower (Raoof, Herrmann & Malagnini 1999, southern California).

    They have R^-0.5; with that, PGV of M7 at 150 km came out 2.2 times the median of BSSA14, with
    R^-0.6 1.9 times, and PGA is no further off.
    """
    if distance_km <= 40:
        return 1 / distance_km
    return float((40 / distance_km) ** 0.6 / 40)


def _amplification(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    log_amplification = np.interp(np.log(frequency_hz), np.log(_AMP_HZ), np.log(_AMP))
    return np.asarray(np.exp(log_amplification))


def _minimum_phase(amplitude: NDArray[np.float64], length: int) -> NDArray[np.complex128]:
    """Return the causal filter with this amplitude: its log spectrum has a causal cepstrum.

    Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd edition, section 13.5.
    """
    floor = amplitude.max() * 1e-8
    cepstrum = np.fft.irfft(np.log(np.maximum(amplitude, floor)), length)
    cepstrum[1 : length // 2] *= 2
    cepstrum[length // 2 + 1 :] = 0
    return np.asarray(np.exp(np.fft.rfft(cepstrum)))

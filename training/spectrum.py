"""The Fourier spectrum of ground acceleration: source, path and site, after Boore.

A point source (Brune: omega square) after spreading, attenuation and site amplification (Boore
2003, Pure Appl. Geophys. 160:635). The constants are those of SMSIM for western North America,
with Campbell (2003, BSSA 93:1012), but where another origin is named.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.rays import VP_KM_S, VS_KM_S

Array = NDArray[np.float64]

DENSITY_KG_M3 = 2800.0
KAPPA_S = 0.03  # of S; SMSIM has 0.035 to 0.04, Yenier & Atkinson (2015) 0.025 for California
KAPPA_OF_P = 0.6  # kappa of P over that of S: 0.018 s where S has 0.03
RADIATION = {"P": 0.52, "S": 0.55}  # Boore & Boatwright 1984, mean over the focal sphere
FREE_SURFACE = 2.0
PARTITION = {"P": 1.0, "S": 0.7071}  # S energy into two horizontals; P comes as one motion
QUALITY = 210.0
QUALITY_OF_P = 0.57  # Yoshimoto et al. 1993, GJI 114:165, at 5 Hz: 1/0.0067 over 1/0.0037
# P is scattered less. With 1 simulated P rose too slowly: at 60 to 120 km and M < 5.5 half of the
# recorded ones have 0.49 of their peak within a second, simulated ones had 0.24.
PATH_DURATION_OF_P = 0.6
CORNER_P = 1.25  # fc of P over fc of S: between 1.0 and 1.5

# The median stress drop grows up to M 5.5 and is the same above. Yenier & Atkinson (2015, BSSA
# 105:1989) find such growth, 0.23 (ln) a unit, below M 5. Chosen on `make study-field`.
STRESS_BAR = 150.0
STRESS_LN_PER_MAGNITUDE = 0.6
STRESS_GROWS_TO = 5.5

# Boore & Joyner 1997, generic rock (Vs30 of 620 m/s): amplification by frequency.
ROCK_VS30_MPS = 620.0
_AMP_HZ = np.array([0.01, 0.09, 0.16, 0.51, 0.84, 1.25, 2.26, 3.17, 6.05, 16.6, 61.2])
_AMP = np.array([1.0, 1.10, 1.18, 1.42, 1.58, 1.74, 2.06, 2.25, 2.58, 3.13, 4.0])

_DURATION_KM = np.array([0.0, 7.0, 45.0, 125.0, 175.0, 270.0])
_DURATION_S = np.array([0.0, 2.4, 8.4, 10.9, 17.4, 34.2])
_SPREADING_KM = 40.0


@dataclass(frozen=True)
class Source:
    """A point source."""

    moment_nm: float
    corner_hz: float  # of S
    size_km: float  # near a large fault the motion no longer grows as one comes closer

    def corner_of_hz(self, phase: str) -> float:
        return self.corner_hz * (CORNER_P if phase == "P" else 1.0)


def point_source(magnitude: float, stress_bar: float) -> Source:
    moment_nm = 10 ** (1.5 * magnitude + 9.05)
    # Brune 1970 in the units of Boore: beta km/s, bar, dyne cm
    corner_hz = 4.9e6 * VS_KM_S * (stress_bar / (moment_nm * 1e7)) ** (1 / 3)
    return Source(moment_nm, corner_hz, size_km(magnitude))


def size_km(magnitude: float) -> float:
    """Yenier & Atkinson 2015, BSSA 105:1989, equation 4."""
    return float(10 ** (-0.405 + 0.235 * magnitude))


def median_stress_bar(magnitude: float) -> float:
    below = min(0.0, magnitude - STRESS_GROWS_TO)
    return STRESS_BAR * math.exp(STRESS_LN_PER_MAGNITUDE * below)


def amplitude_m_s(
    source: Source, phase: str, hypocentral_km: Array, kappa_s: float, frequency_hz: Array
) -> Array:
    """Return (m, k): amplitude of the acceleration's spectrum at m distances, m/s.

    Of S: one horizontal component; of P: the motion along the ray. kappa_s: of S, of the site.
    """
    speed_km_s = VP_KM_S if phase == "P" else VS_KM_S
    kappa_s *= KAPPA_OF_P if phase == "P" else 1.0
    share = RADIATION[phase] * FREE_SURFACE * PARTITION[phase]
    speed_mps, reference_m = 1000 * speed_km_s, 1000.0
    scale = share / (4 * math.pi * DENSITY_KG_M3 * speed_mps**3 * reference_m)
    f = np.maximum(frequency_hz, 1e-3)
    away_km = np.hypot(hypocentral_km, source.size_km)[:, None]
    brune = (2 * math.pi * f) ** 2 / (1 + (f / source.corner_of_hz(phase)) ** 2)
    quality = QUALITY * f**0.45 * (QUALITY_OF_P if phase == "P" else 1.0)
    path = np.exp(-math.pi * f * away_km / (quality * speed_km_s))
    site = np.exp(-math.pi * kappa_s * f) * _amplification(f)
    return np.asarray(scale * source.moment_nm * brune * _spreading(away_km) * path * site)


def duration_s(source: Source, phase: str, hypocentral_km: Array) -> Array:
    """Return how long the ground moves strongly, for each distance."""
    share = PATH_DURATION_OF_P if phase == "P" else 1.0
    return 1 / source.corner_of_hz(phase) + share * path_duration_s(hypocentral_km)


def path_duration_s(hypocentral_km: Array) -> Array:
    """Boore & Thompson 2014, BSSA 104:2541, table 1, active crust; its slope beyond 270 km."""
    near = np.interp(hypocentral_km, _DURATION_KM, _DURATION_S)
    return np.asarray(near + 0.156 * np.maximum(0.0, hypocentral_km - 270.0))


def _spreading(distance_km: Array) -> Array:
    """1/R to 40 km, then slower (Raoof, Herrmann & Malagnini 1999, southern California).

    They have R^-0.5 and Q = 180 f^0.45; with that, PGV of M7 at 150 km came out 2.2 times the
    median of BSSA14. R^-0.7 and Q = 210 f^0.45 keep PGA and mend that: `make study-field`.
    """
    far = np.maximum(1.0, distance_km / _SPREADING_KM)
    return np.asarray(far**0.3 / distance_km)


def _amplification(frequency_hz: Array) -> Array:
    log_amplification = np.interp(np.log(frequency_hz), np.log(_AMP_HZ), np.log(_AMP))
    return np.asarray(np.exp(log_amplification))

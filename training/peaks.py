"""Arrivals and peaks of many places at once, without samples: random vibration theory.

The same spectra as `ground_motion`, with the peak of a Gaussian process in place of a drawn one
(Boore 2003, Pure Appl. Geophys. 160:635, section 5; Cartwright & Longuet-Higgins 1956). For an
earthquake and a network some milliseconds, instead of seconds. Tests hold it to the samples.
"""

import math
from dataclasses import dataclass

import numpy as np

from training.ground_motion import (
    KAPPA_LN_SIGMA,
    PATH_LN_SIGMA,
    PATH_OF_P_LN_SIGMA,
    RISE_OF_P,
    SCATTERED_P,
    SITE_LN_SIGMA,
    VERTICAL_OF_P,
    Shock,
)
from training.radiation import directions
from training.rays import first_arrival_s
from training.shower import TAIL_OF_WINDOW, window_shape
from training.spectrum import KAPPA_OF_P, KAPPA_S, Array, amplitude_m_s, duration_s

_FREQUENCY_HZ = np.geomspace(0.01, 50.0, 72)
# A shower is no box of noise: its middle is stronger than its mean. Medians of samples over
# random vibration for M 3.5 to 6.5, 10 to 200 km, were 1.02 to 1.15.
PEAK_OF_SHOWER = 1.06
PD_ABOVE_HZ = 0.2  # the node's displacement is high-passed, else it drifts
PD_WINDOW_S = 4.0


@dataclass(frozen=True)
class Sites:
    """(n,) each: what multiplies the motion of a place, and its kappa."""

    gain: Array
    kappa_s: Array


@dataclass(frozen=True)
class Peaks:
    """(n,) each, at n places; times after the origin."""

    p_s: Array
    s_s: Array
    p_pga_mps2: Array  # vertical, P
    pga_mps2: Array  # horizontal, geometric mean, S
    pgv_mps: Array
    pd_m: Array  # vertical displacement in the first seconds of P
    strong_s: Array  # how long after its arrival S has reached its peak, about


def rock(count: int) -> Sites:
    return Sites(np.ones(count), np.full(count, KAPPA_S))


def drawn_sites(count: int, rng: np.random.Generator) -> Sites:
    gain, kappa = np.exp(
        np.array([[SITE_LN_SIGMA], [KAPPA_LN_SIGMA]]) * rng.standard_normal((2, count))
    )
    return Sites(gain, KAPPA_S * kappa)


def peaks(
    shock: Shock,
    east_km: Array,
    north_km: Array,
    sites: Sites,
    rng: np.random.Generator | None = None,
) -> Peaks:
    """Return arrivals and peaks at (n,) places so far from the epicentre.

    With a generator paths are drawn; without, the medians for this earthquake and these sites.
    """
    count = len(east_km)
    depth_km = float(shock.rupture.depth_km[0])
    epicentral_km = np.hypot(east_km, north_km)
    p_s, s_s = (first_arrival_s(epicentral_km, depth_km, phase) for phase in "PS")
    chance = np.zeros((2, count)) if rng is None else rng.standard_normal((2, count))
    gain_s = sites.gain * np.exp(PATH_LN_SIGMA * chance[0])
    gain_p = gain_s * np.exp(PATH_OF_P_LN_SIGMA * chance[1])
    view = _View.of(shock, east_km, north_km, sites.kappa_s)
    p, p_lasts_s = view.spectrum("P", s_s)
    s, s_lasts_s = view.spectrum("S", s_s + math.inf)
    until_s = np.minimum(s_s, p_s + PD_WINDOW_S)
    # what breaks later than halfway has not moved the ground by then
    first, first_lasts_s = view.spectrum("P", (p_s + until_s) / 2)
    to_velocity = 1 / (2 * math.pi * _FREQUENCY_HZ)
    high = 1 / np.sqrt(1 + (PD_ABOVE_HZ / _FREQUENCY_HZ) ** 4)
    return Peaks(
        p_s=p_s,
        s_s=s_s,
        p_pga_mps2=gain_p
        * math.hypot(VERTICAL_OF_P, SCATTERED_P)
        * _grown((s_s - p_s) / p_lasts_s)
        * _peak(p, p_lasts_s),
        pga_mps2=gain_s * view.split * _peak(s, s_lasts_s),
        pgv_mps=gain_s * view.split * _peak(s * to_velocity, s_lasts_s),
        pd_m=gain_p
        * math.hypot(VERTICAL_OF_P, SCATTERED_P)
        * _grown((until_s - p_s) / first_lasts_s)
        * _peak(first * to_velocity**2 * high, first_lasts_s),
        strong_s=0.45 * s_lasts_s,
    )


def _grown(share: Array) -> Array:
    """Return how far a shower of P has grown after this share of its duration."""
    reached = np.minimum(share / TAIL_OF_WINDOW, RISE_OF_P)
    peak = window_shape(np.array([RISE_OF_P]), RISE_OF_P)
    return np.asarray(window_shape(reached, RISE_OF_P) / peak)


@dataclass(frozen=True)
class _View:
    """The parts of a rupture as n places see them. Arrays: (n, m), kappa_s (n,)."""

    shock: Shock
    kappa_s: Array
    epicentral_km: Array
    away_km: Array
    patterns: Array  # (3, n, m)

    @classmethod
    def of(cls, shock: Shock, east_km: Array, north_km: Array, kappa_s: Array) -> "_View":
        parts = shock.rupture
        east, north = east_km[:, None] - parts.east_km, north_km[:, None] - parts.north_km
        epicentral_km = np.hypot(east, north)
        patterns = directions(shock.mechanism, east, north, parts.depth_km)
        away_km = np.hypot(epicentral_km, parts.depth_km)
        return cls(shock, kappa_s, epicentral_km, away_km, patterns)

    @property
    def split(self) -> Array:
        """Return the geometric mean of both horizontals over their root mean square, (n,)."""
        nearest = np.argmin(self.away_km, axis=1)
        _, sv, sh = self.patterns[:, np.arange(len(nearest)), nearest]
        return np.asarray(np.sqrt(2 * sv * sh / (sv**2 + sh**2)))

    def spectrum(self, phase: str, until_s: Array) -> tuple[Array, Array]:
        """Return the amplitude, (n, k), of all parts that arrive before until_s, (n,), and how
        long they last, (n,)."""
        parts = self.shock.rupture
        p, sv, sh = self.patterns
        energy = p**2 if phase == "P" else (sv**2 + sh**2) / 2
        begins_s = parts.delay_s + first_arrival_s(self.epicentral_km, parts.depth_km, phase)
        counts = begins_s <= until_s[:, None]
        counts[:, 0] = True
        share = np.where(counts, energy * parts.weight**2, 0.0)
        amplitude = amplitude_m_s(
            parts.source, phase, self.away_km.ravel(), KAPPA_S, _FREQUENCY_HZ
        ).reshape(*self.away_km.shape, -1)
        apart = np.einsum("nmk,nm->nk", amplitude**2, share)
        together = np.einsum("nmk,nm->nk", amplitude, np.sqrt(share)) ** 2
        loudness = share * (amplitude**2).sum(axis=2)
        spread_s = _spread(begins_s, loudness)
        # what is longer than the rupture takes adds up in phase, the rest in energy
        in_phase = np.exp(-((_FREQUENCY_HZ * spread_s[:, None]) ** 2))
        kappa = (self.kappa_s - KAPPA_S)[:, None] * (KAPPA_OF_P if phase == "P" else 1.0)
        squared = (apart + (together - apart) * in_phase) * np.exp(
            -2 * math.pi * kappa * _FREQUENCY_HZ
        )
        lasts_s = spread_s + duration_s(parts.source, phase, self.away_km.min(axis=1))
        return np.sqrt(squared), lasts_s


def _spread(begins_s: Array, loudness: Array) -> Array:
    """Return the length of the even row of arrivals, (n,), that scatters as these do."""
    weight = loudness / loudness.sum(axis=1, keepdims=True)
    mean_s = (begins_s * weight).sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt(12 * ((begins_s - mean_s) ** 2 * weight).sum(axis=1)))


def _peak(amplitude: Array, lasts_s: Array) -> Array:
    """Return (n,) expected peaks of (n, k) amplitudes spread over so many seconds."""
    energy = 2 * amplitude**2
    total = np.trapezoid(energy, _FREQUENCY_HZ, axis=1)
    second = np.trapezoid(energy * (2 * math.pi * _FREQUENCY_HZ) ** 2, _FREQUENCY_HZ, axis=1)
    crossings = np.maximum(2.0, lasts_s / math.pi * np.sqrt(second / total))
    root = np.sqrt(2 * np.log(crossings))
    return np.asarray(PEAK_OF_SHOWER * np.sqrt(total / lasts_s) * (root + 0.5772 / root))

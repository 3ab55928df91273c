"""How the ground moves at one place in one earthquake: P, then S, from the parts of its rupture.

`ground_motion` gives the samples; `peaks.py` only arrivals and peaks, for many places at once and
a thousand times faster, from the same spectra. Pure: numbers and a generator in, arrays out.

P is mostly vertical and away from the source, S mostly horizontal, each with the fault's pattern
of radiation. Scatter: stress drop between earthquakes; site and path between places. Not here:
basins, surface waves, and the likeness of the motion of neighbours. Parts of a rupture add up with
random phases: above M 7 the displacement of the first seconds is too small, by 3 at 30 km.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.radiation import Mechanism, directions, drawn_mechanism
from training.rays import first_arrival_s
from training.rupture import Rupture, rupture
from training.shower import RISE, Floats, filter_length, filtered, frequencies_hz, window
from training.spectrum import (
    KAPPA_S,
    Array,
    Source,
    amplitude_m_s,
    duration_s,
    median_stress_bar,
)

Samples = NDArray[np.float32]  # (3, n): east, north, vertical, m/s^2

# BSSA14: 0.35 to 0.40 between earthquakes, which for PGA is 0.75 of the stress drop's
STRESS_LN_SIGMA = 0.5
# BSSA14: 0.5 (M 5.5) to 0.7 (M 4.5) within one earthquake; these, the radiation and chance make it
SITE_LN_SIGMA = 0.3
KAPPA_LN_SIGMA = 0.3  # small earthquakes, with high corners, scatter more for it
PATH_LN_SIGMA = 0.3
PATH_OF_P_LN_SIGMA = 0.15  # by which P and S of one path differ
# The rise of P, a share of its shower, is anything from a pulse to a slow swell: of 77 recorded P
# at 60 to 120 km a fifth had less than a tenth of their peak within a second, a fifth two thirds.
# Never slower than S: the window would begin with a power of time that no record has.
RISE_OF_P = 0.13
RISE_LN_SIGMA = 0.9
VERTICAL_OF_S = 0.6  # V/H of S at rock sites: 0.5 to 0.7
# Of P, the rest being lost to scattering: Cua & Heaton's P has 1.2 to 1.4 times as much on the
# vertical as on a horizontal. Chosen on `make study-field`.
VERTICAL_OF_P = 0.5
RADIAL_OF_P = 0.25
SCATTERED_P = 0.25  # on every component
MOST_FILTERS = 4  # for the parts of one rupture, near ones and far ones
NEARNESS_AT_HZ = 3.0  # where parts of one group are told by their distance


@dataclass(frozen=True)
class Shock:
    """An earthquake, whose place is the origin of the offsets."""

    rupture: Rupture
    mechanism: Mechanism


@dataclass(frozen=True)
class Site:
    """What the ground of a place does to every motion."""

    gain: float = 1.0
    kappa_s: float = KAPPA_S


@dataclass(frozen=True)
class Path:
    """What lies between one earthquake and one place."""

    gain_p: float = 1.0
    gain_s: float = 1.0
    rise_p: float = RISE_OF_P


ROCK = Site()
MEDIAN_PATH = Path()


@dataclass(frozen=True)
class Shaking:
    """Acceleration from the first sample at or after the arrival of P."""

    p_s: float  # after the origin
    s_s: float
    samples: Samples


def drawn_stress_bar(magnitude: float, rng: np.random.Generator) -> float:
    return median_stress_bar(magnitude) * math.exp(STRESS_LN_SIGMA * rng.standard_normal())


def drawn_shock(
    magnitude: float,
    depth_km: float,
    rng: np.random.Generator,
    stress_bar: float | None = None,
    mechanism: Mechanism | None = None,
) -> Shock:
    """Return an earthquake; what is not given is drawn."""
    drawn_bar, drawn = drawn_stress_bar(magnitude, rng), drawn_mechanism(rng)
    stress_bar = drawn_bar if stress_bar is None else stress_bar
    mechanism = drawn if mechanism is None else mechanism
    return Shock(rupture(magnitude, stress_bar, depth_km, mechanism, rng), mechanism)


def drawn_site(rng: np.random.Generator) -> Site:
    gain, kappa = rng.standard_normal(2)
    return Site(math.exp(SITE_LN_SIGMA * gain), KAPPA_S * math.exp(KAPPA_LN_SIGMA * kappa))


def drawn_path(rng: np.random.Generator) -> Path:
    both, p, rise = rng.standard_normal(3)
    gain_s = math.exp(PATH_LN_SIGMA * both)
    gain_p = gain_s * math.exp(PATH_OF_P_LN_SIGMA * p)
    return Path(gain_p, gain_s, min(RISE, RISE_OF_P * math.exp(RISE_LN_SIGMA * rise)))


def arrivals_s(shock: Shock, epicentral_km: float) -> tuple[float, float]:
    """Return when P and S come from the hypocentre, after the origin."""
    depth_km = float(shock.rupture.depth_km[0])
    p_s, s_s = (float(first_arrival_s(epicentral_km, depth_km, phase)) for phase in "PS")
    return p_s, s_s


def ground_motion(
    shock: Shock,
    east_km: float,
    north_km: float,
    rate_hz: float,
    rng: np.random.Generator,
    site: Site = ROCK,
    path: Path = MEDIAN_PATH,
    longest_s: float = math.inf,
) -> Shaking:
    """Return the motion at a place so far from the epicentre.

    longest_s: nothing later than so long after P is wanted; that is faster.
    """
    parts = shock.rupture
    east, north = east_km - parts.east_km, north_km - parts.north_km
    epicentral_km = np.hypot(east, north)
    away_km = np.hypot(epicentral_km, parts.depth_km)
    p_s, s_s = arrivals_s(shock, math.hypot(east_km, north_km))
    gains = directions(shock.mechanism, east, north, parts.depth_km) * parts.weight
    towards = np.stack([east, north]) / np.maximum(epicentral_km, 1e-6)
    pieces: list[tuple[int, Floats]] = []  # first sample after P, (3, n)
    for phase, mixing, gain, rise in (
        ("P", _of_p, path.gain_p, path.rise_p),
        ("S", _of_s, path.gain_s, RISE),
    ):
        begins_s = parts.delay_s + first_arrival_s(epicentral_km, parts.depth_km, phase) - p_s
        mixes = site.gain * gain * mixing(gains, towards)
        # neighbours on the fault share a filter and a window, those of their median distance
        for group in np.array_split(np.argsort(away_km), min(MOST_FILTERS, -(-len(gains.T) // 4))):
            middle_km = float(np.median(away_km[group]))
            wave = _Wave(parts.source, phase, middle_km, site.kappa_s, rise)
            pieces += wave.summed(
                begins_s[group], away_km[group], mixes[group], rate_hz, longest_s, rng
            )
    return Shaking(p_s, s_s, _joined(pieces))


def _of_p(gains: Array, towards: Array) -> Array:
    """Return (m, 3, 3): components by independent noises; P mostly up and away, and scattered."""
    east, north = RADIAL_OF_P * towards
    zero, scattered = np.zeros_like(east), np.full_like(east, SCATTERED_P)
    up = np.full_like(east, math.hypot(VERTICAL_OF_P, SCATTERED_P))
    rows = [[scattered, zero, east], [zero, scattered, north], [zero, zero, up]]
    return np.moveaxis(np.array(rows) * gains[0], 2, 0)


def _of_s(gains: Array, towards: Array) -> Array:
    """Return (m, 3, 3): SV in the direction of the ray, SH across it, and the vertical."""
    (east, north), (_, sv, sh) = towards, gains
    zero = np.zeros_like(east)
    up = VERTICAL_OF_S * np.sqrt((sv**2 + sh**2) / 2)
    rows = [[sv * east, -sh * north, zero], [sv * north, sh * east, zero], [zero, zero, up]]
    return np.moveaxis(np.array(rows), 2, 0)


@dataclass(frozen=True)
class _Wave:
    """One phase of parts of the fault that are about so far away."""

    source: Source
    phase: str
    middle_km: float
    kappa_s: float
    rise: float

    def summed(
        self,
        begins_s: Array,
        away_km: Array,
        mixes: Array,
        rate_hz: float,
        longest_s: float,
        rng: np.random.Generator,
    ) -> list[tuple[int, Floats]]:
        """Return the first sample and the motion, (3, n), if any of it comes early enough."""
        # a head wave's part may be a hair earlier than the first of P: never before it
        begins = np.rint(np.maximum(0.0, begins_s) * rate_hz).astype(int)
        first = int(begins.min())
        left_s = longest_s - first / rate_hz
        if left_s <= 0:
            return []
        lasts_s = float(duration_s(self.source, self.phase, np.array([self.middle_km]))[0])
        shape = window(lasts_s, rate_hz, left_s, self.rise)
        span = int(begins.max()) - first
        if math.isfinite(longest_s):
            span = min(span, int(left_s * rate_hz))
        noise = np.zeros((3, span + len(shape)), dtype=np.float32)
        reference_hz = np.array([NEARNESS_AT_HZ])
        middle = self._spectrum(np.array([self.middle_km]), reference_hz)
        nearness = self._spectrum(away_km, reference_hz) / middle
        for begin, mix in zip(begins - first, mixes * nearness[:, :, None]):
            if begin <= span:
                white = rng.standard_normal((3, len(shape)), dtype=np.float32) * shape
                noise[:, begin : begin + len(shape)] += mix.astype(np.float32) @ white
        length = filter_length(noise.shape[1])
        wanted = self._spectrum(np.array([self.middle_km]), frequencies_hz(length, rate_hz))
        return [(first, filtered(noise, wanted[0], length, rate_hz))]

    def _spectrum(self, away_km: Array, frequency_hz: Array) -> Array:
        return amplitude_m_s(self.source, self.phase, away_km, self.kappa_s, frequency_hz)


def _joined(pieces: list[tuple[int, Floats]]) -> Samples:
    samples = np.zeros((3, max(first + wave.shape[1] for first, wave in pieces)), np.float32)
    for first, wave in pieces:
        samples[:, first : first + wave.shape[1]] += wave
    return samples

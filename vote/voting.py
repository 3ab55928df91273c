"""How strongly a set of triggers, and the silence of the others, speaks for one earthquake.

Detections at a node are a Poisson process: false ones at the node's own learnt rate, and, if there
was an earthquake at x at time t, one more at the P arrival. The likelihood ratio of a hypothesis
(cell, depth, origin time, magnitude) is then a product over nodes:

    triggered   1 + p_detect f(residual) g(p_quake) / rate
    silent      1 - p_detect F(time since the arrival)          only nodes known to be alive
    dead        1

f is the density of the residual (pick, crust and clock errors, with a late tail because weak P
waves are picked late), g what the node itself thinks of its trigger. After Faulkner et al. (2011)
and the not-yet-arrived data of Rydelek & Pujol (2004); seismology.md section 4, R1.

In 32-bit floats, on a plane around the search, by tables: a search looks at a thousand cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote import shape, tables, travel
from vote.plane import Plane
from vote.tables import MAGNITUDES, Single
from vote.travel import Array

# Gutenberg-Richter, b = 1
_MAGNITUDE_LN_PRIOR = (-np.log(10.0) * (MAGNITUDES - MAGNITUDES[0])).astype(np.float32)

AVAILABILITY = 0.9  # of a live node with a sufficient P: it may be busy, clipped, badly mounted
TAIL_SHARE = 0.15  # onsets that belong to the P wave but come late: emergent, in noise
TAIL_S = 3.0
TRIGGER_OVER_NOISE = 5.0  # a P peak this far above the noise RMS triggers half of the time
NOISE_FLOOR_MPS2 = 5e-4  # a node that reports less is not believed: OpenEEW's quietest show 2e-4
SILENT_GRACE_S = 1.0  # STA/LTA needs a moment, the message travels
SILENT_LN_MIN = -2.0  # the most that one silent node can say
_ORIGIN_ROUNDS = 4
_ROOT_2_PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the nodes say at one moment, in arrays. Times are seconds after a common moment.

    Triggers are sorted by site; `site_starts` are the first rows of each site. One site, one vote.
    """

    lat_deg: Array  # (i,) triggered
    lon_deg: Array
    onset_s: Array
    clock_sigma_s: Array
    ln_gain: Array  # ln(g(p_quake) / rate per second)
    noise_mps2: Array
    site_starts: np.ndarray
    silent_lat_deg: Array  # (k,) alive, not triggered
    silent_lon_deg: Array
    silent_noise_mps2: Array
    silent_share: Array  # nodes of one site say no together: 1 / how many they are
    silent_since_s: Array  # listening since; what passed before says nothing
    now_s: float
    growth: Single  # (i, t) shape.py
    grown_until_s: Array  # (i,)
    pd_m: Array  # (i,)
    pd_window_s: Array  # (i,)


@dataclass(frozen=True, slots=True)
class Laid:
    """Evidence on a plane, in the form that scoring wants: triggered nodes first, then silent."""

    plane: Plane
    east_km: Single  # (i + k,)
    north_km: Single
    deafness: Single
    onset_s: Single  # (i,)
    variance_s2: Single  # (i,) of the pick and the clock
    ln_gain: Single
    site_starts: np.ndarray
    silent_share: Single
    silent_since_s: Single
    now_s: float
    growth: Single
    grown_until_s: Single
    fall: shape.Fall


@dataclass(frozen=True, slots=True)
class Cells:
    """Places of a search, on the plane."""

    east_km: Single  # (c,)
    north_km: Single
    depth_row: NDArray[np.int32]  # of tables.DEPTHS_KM
    smear_s: Single  # what half a cell means in time
    variance_km2: Single  # of a place anywhere in the cell, along one axis


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each cell."""

    ln_ratio: Single  # (c,)
    origin_s: Single  # (c,)
    magnitude: Array  # (c,) the trial magnitude that explains who triggered
    ln_shape: Single  # (c,) what amplitudes say about this place, for choosing only
    residual_s: Single  # (c, i)
    sigma_s: Single  # (c, i)


def lay(evidence: Evidence, plane: Plane) -> Laid:
    lat = np.concatenate([evidence.lat_deg, evidence.silent_lat_deg])
    lon = np.concatenate([evidence.lon_deg, evidence.silent_lon_deg])
    noise = np.concatenate([evidence.noise_mps2, evidence.silent_noise_mps2])
    east, north = plane.lay(lat, lon)
    variance = travel.PICK_SIGMA_S**2 + np.square(evidence.clock_sigma_s)
    return Laid(
        plane, _single(east), _single(north), deafness(noise),
        _single(evidence.onset_s), _single(variance), _single(evidence.ln_gain),
        evidence.site_starts, _single(evidence.silent_share), _single(evidence.silent_since_s),
        evidence.now_s, _single(evidence.growth), _single(evidence.grown_until_s),
        shape.Fall.of(evidence.pd_m, evidence.pd_window_s),
    )  # fmt: skip


def score(laid: Laid, cells: Cells, anchor: int | None) -> Scores:
    """Return the likelihood ratio of each cell, with the origin time that suits it best.

    anchor: the trigger that must belong to the earthquake; None lets the majority decide.
    """
    n = len(laid.onset_s)
    distance = np.sqrt(
        np.square(cells.east_km[:, None] - laid.east_km)
        + np.square(cells.north_km[:, None] - laid.north_km)
    )
    where = tables.at(distance, cells.depth_row[:, None])
    time = tables.P_TIME_S.take(where)
    crust = np.square(np.float32(travel.CRUST_SIGMA_SHARE) * time)
    sigma = np.sqrt(laid.variance_s2 + crust[:, :n] + np.square(cells.smear_s)[:, None])
    implied = laid.onset_s - time[:, :n]
    origin = _origin(implied, sigma, anchor)
    residual = implied - origin[:, None]
    ln_fit = laid.ln_gain + np.log(residual_density(residual, sigma))
    detected = np.float32(AVAILABILITY) / (1 + tables.MISSED.take(where, axis=1) * laid.deafness)
    totals = _triggered(ln_fit, detected[:, :, :n], laid.site_starts)
    totals += _MAGNITUDE_LN_PRIOR[:, None]
    if len(laid.silent_share):
        overdue = _overdue(time[:, n:], crust[:, n:], origin, laid)
        totals += _silent(overdue, detected[:, :, n:], laid.silent_share)
    best = np.argmax(totals, axis=0)
    ln_ratio = np.take_along_axis(totals, best[None, :], axis=0)[0]
    belongs = _single(1 / (1 + np.exp(-np.clip(ln_fit, -50, 50))))
    jump = shape.jump_ln(time[:, :n], laid.growth, laid.grown_until_s)
    ln_shape = shape.pooled(belongs * jump) + laid.fall.ln(
        tables.HYPOCENTRAL_LOG10.take(where[:, :n]), belongs
    )
    return Scores(ln_ratio, origin, MAGNITUDES[best], ln_shape, residual, sigma)


def residual_density(residual_s: Single, sigma_s: Single) -> Single:
    """Return the density of an onset's residual: a Gaussian and a tail of late picks."""
    core = np.exp(-0.5 * np.square(residual_s / sigma_s)) / (sigma_s * _ROOT_2_PI)
    late = np.exp(-np.maximum(residual_s, 0.0) / TAIL_S) / TAIL_S * (residual_s > 0)
    return np.asarray((1 - TAIL_SHARE) * core + TAIL_SHARE * late + 1e-12)


def deafness(noise_mps2: Array) -> Single:
    """Return how much a node misses: the factor to tables.MISSED in 1 / p_detect."""
    peak = TRIGGER_OVER_NOISE * np.maximum(noise_mps2, NOISE_FLOOR_MPS2)
    return np.asarray(peak**tables.MISSED_POWER, dtype=np.float32)


def detection(magnitude: float, hypocentral_km: Array, noise_mps2: Array) -> Array:
    """Return the probability that a node triggers on a P wave."""
    missed = tables.p_peak_mps2(magnitude, hypocentral_km) ** -tables.MISSED_POWER
    return np.asarray(AVAILABILITY / (1 + missed * deafness(noise_mps2)))


def _single(values: np.ndarray) -> Single:
    return np.asarray(values, dtype=np.float32)


def _origin(implied_s: Single, sigma_s: Single, anchor: int | None) -> Single:
    """Return the origin time of each cell by a re-weighted mean that gives outliers no say."""
    if anchor is None:
        origin = np.sort(implied_s, axis=1)[:, implied_s.shape[1] // 2]
    else:
        origin = implied_s[:, anchor]
    own = 1 / np.square(sigma_s)
    for _ in range(_ORIGIN_ROUNDS):
        square = np.square(implied_s - origin[:, None]) * own
        weight = own / np.square(1 + 0.25 * square)
        origin = (weight * implied_s).sum(axis=1) / weight.sum(axis=1)
    return np.asarray(origin)


def _triggered(ln_fit: Single, detected: Single, site_starts: np.ndarray) -> Single:
    each = np.log(1 + detected * np.exp(np.minimum(ln_fit, 50.0)))
    if len(site_starts) < each.shape[2]:
        each = np.maximum.reduceat(each, site_starts, axis=2)
    return np.asarray(each @ np.ones(each.shape[2], dtype=np.float32))


def _overdue(time_s: Single, crust_s2: Single, origin_s: Single, laid: Laid) -> Single:
    """Return how surely the P wave has passed each silent node, 0 to 1."""
    arrival = origin_s[:, None] + time_s
    sigma = np.sqrt(np.float32(travel.PICK_SIGMA_S**2) + crust_s2)
    z = (arrival - np.float32(laid.now_s - SILENT_GRACE_S)) / sigma
    heeded = arrival > laid.silent_since_s
    return np.asarray(heeded / (1 + np.exp(tables.LOGISTIC * np.clip(z, -20, 20))))


def _silent(overdue: Single, detected: Single, share: Single) -> Single:
    each = np.log(np.maximum(1 - detected * overdue, np.float32(np.exp(SILENT_LN_MIN))))
    return np.asarray(each @ share)

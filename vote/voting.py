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
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote import shape, travel
from vote.travel import Array

MAGNITUDES = np.array([3.5, 4.5, 5.5, 6.5, 7.5])
_MAGNITUDE_LN_PRIOR = -np.log(10.0) * (MAGNITUDES - MAGNITUDES[0])  # Gutenberg-Richter, b = 1

AVAILABILITY = 0.9  # of a live node with a sufficient P: it may be busy, clipped, badly mounted
TAIL_SHARE = 0.15  # onsets that belong to the P wave but come late: emergent, in noise
TAIL_S = 3.0
TRIGGER_OVER_NOISE = 5.0  # a P peak this far above the noise RMS triggers half of the time
AMPLITUDE_SIGMA = 0.35  # log10 of P amplitude about its median (Cua & Heaton 2009: 0.29-0.31)
NOISE_FLOOR_MPS2 = 5e-4  # a node that reports less is not believed: OpenEEW's quietest show 2e-4
SILENT_GRACE_S = 1.0  # STA/LTA needs a moment, the message travels
SILENT_LN_MIN = -2.0  # the most that one silent node can say

_TABLE_KM = np.arange(0.0, 1201.0)


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
    growth: Array  # (i, t) shape.py
    grown_until_s: Array  # (i,)
    pd_m: Array  # (i,)
    pd_window_s: Array  # (i,)


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each cell."""

    ln_ratio: Array  # (c,)
    origin_s: Array  # (c,)
    magnitude: Array  # (c,) the trial magnitude that explains who triggered
    ln_shape: Array  # (c,) what amplitudes say about this place, for choosing only
    residual_s: Array  # (c, i)
    sigma_s: Array  # (c, i)


def score(
    lat_deg: Array,
    lon_deg: Array,
    depth_km: Array,
    evidence: Evidence,
    anchor: int | None,
    smear_s: float = 0.0,
) -> Scores:
    """Return the likelihood ratio of each cell, with the origin time that suits it best.

    anchor: the trigger that must belong to the earthquake; None lets the majority decide.
    smear_s: what half a cell means in time, added to the errors on a coarse grid.
    """
    distance = travel.distance_km(
        lat_deg[:, None], lon_deg[:, None], evidence.lat_deg, evidence.lon_deg
    )
    time = travel.p_time_s(distance, depth_km[:, None])
    sigma = np.hypot(travel.arrival_sigma_s(time, evidence.clock_sigma_s), smear_s)
    implied = evidence.onset_s - time
    origin = _origin(implied, sigma, anchor)
    residual = implied - origin[:, None]
    ln_fit = evidence.ln_gain + np.log(residual_density(residual, sigma))
    hypocentral = np.hypot(distance, depth_km[:, None])
    quiet = travel.distance_km(
        lat_deg[:, None], lon_deg[:, None], evidence.silent_lat_deg, evidence.silent_lon_deg
    )
    overdue = _overdue(quiet, depth_km, origin, evidence)
    rows = table_rows(hypocentral)
    quiet_rows = table_rows(np.hypot(quiet, depth_km[:, None]))
    needed, quiet_needed = (
        needed_log10(evidence.noise_mps2),
        needed_log10(evidence.silent_noise_mps2),
    )
    totals = np.stack(
        [
            _triggered(ln_fit, detection(m, rows, needed), evidence)
            + _silent(overdue, detection(m, quiet_rows, quiet_needed), evidence)
            + prior
            for m, prior in zip(MAGNITUDES, _MAGNITUDE_LN_PRIOR)
        ]
    )
    best = np.argmax(totals, axis=0)
    ln_ratio = np.take_along_axis(totals, best[None, :], axis=0)[0]
    belongs = 1 / (1 + np.exp(-np.clip(ln_fit, -50, 50)))
    jump = shape.jump_ln(time, evidence.growth, evidence.grown_until_s)
    ln_shape = shape.pooled(belongs * jump) + shape.fall_ln(
        hypocentral, belongs, evidence.pd_m, evidence.pd_window_s
    )
    return Scores(ln_ratio, origin, MAGNITUDES[best], ln_shape, residual, sigma)


def residual_density(residual_s: Array, sigma_s: Array) -> Array:
    """Return the density of an onset's residual: a Gaussian and a tail of late picks."""
    core = np.exp(-0.5 * (residual_s / sigma_s) ** 2) / (sigma_s * np.sqrt(2 * np.pi))
    late = np.exp(-np.maximum(residual_s, 0.0) / TAIL_S) / TAIL_S * (residual_s > 0)
    return np.asarray((1 - TAIL_SHARE) * core + TAIL_SHARE * late + 1e-12)


def p_peak_mps2(magnitude: float, hypocentral_km: Array) -> Array:
    """Return the median peak of the P wave, horizontal, rock: Cua & Heaton (2009), table for P."""
    reach = np.hypot(hypocentral_km, 3.0)
    saturation = 1.6 * np.exp(1.05 * (magnitude - 5)) * (np.arctan(magnitude - 5) + 1.4)
    log10_cm = 0.72 * magnitude - 3.3e-3 * (reach + saturation)
    log10_cm += -1.2 * np.log10(reach + saturation) - 1.06
    return np.asarray(10**log10_cm / 100, dtype=np.float64)


_P_PEAK_LOG10 = {float(m): np.log10(p_peak_mps2(float(m), _TABLE_KM)) for m in MAGNITUDES}


def table_rows(hypocentral_km: Array) -> NDArray[np.int64]:
    """Return where `detection` finds a distance in its table."""
    return np.asarray(np.minimum(hypocentral_km, _TABLE_KM[-1]), dtype=np.int64)


def needed_log10(noise_mps2: Array) -> Array:
    """Return log10 of the P peak that triggers a node half of the time."""
    return np.asarray(np.log10(TRIGGER_OVER_NOISE * np.maximum(noise_mps2, NOISE_FLOOR_MPS2)))


def detection(magnitude: float, rows: NDArray[np.int64], needed: Array) -> Array:
    """Return the probability that a node at that distance triggers on the P wave."""
    z = (_P_PEAK_LOG10[float(magnitude)][rows] - needed) / AMPLITUDE_SIGMA
    return np.asarray(AVAILABILITY / (1 + np.exp(-1.7 * z)))  # logistic: within 0.01 of Gaussian


def _origin(implied_s: Array, sigma_s: Array, anchor: int | None) -> Array:
    """Return the origin time of each cell by a re-weighted mean that gives outliers no say."""
    origin = np.median(implied_s, axis=1) if anchor is None else implied_s[:, anchor].copy()
    for _ in range(4):
        distance = (implied_s - origin[:, None]) / sigma_s
        weight = 1 / (sigma_s * (1 + (distance / 2) ** 2)) ** 2
        origin = (weight * implied_s).sum(axis=1) / weight.sum(axis=1)
    return np.asarray(origin)


def _triggered(ln_fit: Array, detected: Array, evidence: Evidence) -> Array:
    each = np.log1p(detected * np.exp(np.minimum(ln_fit, 50.0)))
    return np.asarray(np.maximum.reduceat(each, evidence.site_starts, axis=1).sum(axis=1))


def _overdue(quiet_km: Array, depth_km: Array, origin_s: Array, evidence: Evidence) -> Array:
    """Return how surely the P wave has passed each silent node, 0 to 1."""
    arrival = origin_s[:, None] + travel.p_time_s(quiet_km, depth_km[:, None])
    sigma = travel.arrival_sigma_s(arrival - origin_s[:, None], 0.0)
    z = (evidence.now_s - SILENT_GRACE_S - arrival) / sigma
    heeded = arrival > evidence.silent_since_s
    return np.asarray(heeded / (1 + np.exp(-1.7 * np.clip(z, -20, 20))))


def _silent(overdue: Array, detected: Array, evidence: Evidence) -> Array:
    each = np.maximum(np.log1p(-detected * overdue), SILENT_LN_MIN)
    return np.asarray((each * evidence.silent_share).sum(axis=1))

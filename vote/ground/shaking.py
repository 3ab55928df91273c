"""How strongly it will shake, where, and when: from the source, and from what is measured.

Medians of a ground motion model, moved by what the nodes have measured of this earthquake: all
places by its mean residual (the event term), places near a node by that node's own residual, as
ShakeMap does (Worden et al. 2018). A peak that still grows counts as what it will come to, with
the error of that (growing.py). Never less than what two neighbours measure now (PLUM, Kodera et
al. 2018): that needs no source, and a single node cannot raise it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vote.ground import growing
from vote.waves import travel
from vote.waves.motion_model import (
    PGA,
    PGV,
    STANDARD_GRAVITY_MPS2,
    Motion,
    mmi_of_peaks,
)
from vote.waves.plane import Plane
from vote.waves.travel import Array, Some

PLUM_KM = 30.0  # Kodera et al. 2018
_PLUM_DEG = 1.001 * PLUM_KM / travel.KM_PER_DEG  # of latitude, and a bit for rounding
# Residuals of places so far apart have lost 95 % of what is not the sites' own: Jayaram & Baker
# (2009) give 8.5 to 40.7 km for peak acceleration, without such a share. Recordings, 171 sites of
# 15 events, each left out: with 20 km and no share the residual's RMS is 0.68, mean ln density
# -0.19; with these 0.65 and -0.13, better in Taiwan, Kumamoto, Ridgecrest and Mexico
CORRELATION_KM = 60.0
SITE_SHARE, SITE_KM = 0.4, 1.0  # of the scatter is the site's own, and ends so near
SAME_PLACE = 0.1  # share of the scatter that differs within one building
MAX_OBSERVED = 100  # the strongest; a matrix of this size is inverted
# What one node alone has measured counts so near only, half a cell; elsewhere what two have: one
# may be a door. That was not needed while nothing counted 20 km away
OWN_KM = 5.0
MOST_SIGMAS = 2.0  # that a P wave is believed to be off, and one of the first two peaks
MEDIAN_FROM = 3  # peaks: among so many one that is wrong has no say
SHALLOW_KM = 8.0  # BSSA14's distance is to the surface; their earthquakes are shallow
LN_PER_MAGNITUDE = 1.2  # of peaks, at 50 km, by the motion models
SITE_MMI_SIGMA = 0.3  # of a place about its own instrument: two of one building, halves of a cell


LEAST_MMI, MOST_MMI = 1.0, 10.0  # of the scale as we use it


@dataclass(frozen=True, slots=True)
class Area:
    """A place that alerts speak of: a cell, a station, or a target that somebody registered."""

    area_id: str
    lat_deg: float
    lon_deg: float
    name: str = ""  # for people
    site_mmi: float = 0.0  # how much more it shakes here than on firm ground
    be_aware_mmi: float | None = None  # a target's own choices; None: those of the settings
    take_action_mmi: float | None = None
    cost_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What nodes have measured of one earthquake, one row a site."""

    lat_deg: Array
    lon_deg: Array
    pga_mps2: Array
    pgv_mps: Array
    is_complete: np.ndarray  # the S wave has passed: the peak is known
    after_origin_s: float = 0.0  # when that was so
    noise_mps2: Array | float = 0.0  # RMS of the nodes' own, when nothing shakes


@dataclass(frozen=True, slots=True)
class Forecast:
    mmi: Array  # (a,)
    mmi_sigma: Array
    s_arrival_s: Array  # after the origin


def forecast_for(
    areas: Sequence[Area],
    source: tuple[float, float, float],
    magnitude: float,
    magnitude_sigma: float,
    observed: Observed,
) -> Forecast:
    """Return the forecast of each area, on its own ground."""
    lat_deg = np.array([area.lat_deg for area in areas])
    lon_deg = np.array([area.lon_deg for area in areas])
    site_mmi = np.array([area.site_mmi for area in areas])
    return forecast(lat_deg, lon_deg, source, magnitude, magnitude_sigma, observed, site_mmi)


def forecast(
    lat_deg: Array,
    lon_deg: Array,
    source: tuple[float, float, float],
    magnitude: float,
    magnitude_sigma: float,
    observed: Observed,
    site_mmi: Some = 0.0,
) -> Forecast:
    """Return the expected maximum at each place; source is latitude, longitude, depth.

    site_mmi: what each place adds to the intensity on firm ground.
    """
    epicentral = travel.distance_km(lat_deg, lon_deg, source[0], source[1])
    places = _Places(
        reach_km(epicentral, source[2]), *Plane(source[0], source[1]).lay(lat_deg, lon_deg)
    )
    known = _strongest(observed, source)
    near = _nearness(places, known, PGA.scatter(magnitude)[0])
    pga, left = _conditional(PGA, magnitude, places, known, near, known.ln_pga_g)
    pgv, _ = _conditional(PGV, magnitude, places, known, near, known.ln_pgv_cm_s)
    share = 1.0 / (
        1 + np.count_nonzero(known.is_sure)
    )  # of the magnitude's error that the nodes left
    ln_sigma = np.hypot(left, LN_PER_MAGNITUDE * magnitude_sigma * share)
    either_way = np.stack([np.zeros_like(ln_sigma), ln_sigma, -ln_sigma])
    mmi, more, less = _mmi(pga + either_way, pgv + either_way)
    # MMI grows with ln by 0.65 where hardly felt and 1.5 where things fall (Worden)
    sigma = np.hypot((more - less) / 2, SITE_MMI_SIGMA)
    measured = neighbours_mmi(lat_deg, lon_deg, observed, float(mmi.min(initial=MOST_MMI)))
    expected = np.maximum(mmi, measured) + site_mmi
    return Forecast(
        np.clip(expected, LEAST_MMI, MOST_MMI),
        sigma,
        travel.s_time_s(epicentral, source[2]),
    )


def _mmi(ln_pga_g: Array, ln_pgv_cm_s: Array) -> Array:
    return mmi_of_peaks(np.exp(ln_pga_g) * STANDARD_GRAVITY_MPS2, np.exp(ln_pgv_cm_s) / 100)


def neighbours_mmi(
    lat_deg: Array, lon_deg: Array, observed: Observed, least_mmi: float = LEAST_MMI
) -> Array:
    """Return the second largest intensity that nodes within 30 km of each place measure while they
    shake, 1 if it is not above the least one that is asked for. Those that have seen their
    strongest are in the conditional forecast, which knows how far from here: before, a place with
    a quiet node of its own was raised to what its neighbours felt, and 11 of 49 places of a
    simulated M 6.5 were more than a unit too high."""
    shakes = np.flatnonzero(~observed.is_complete)
    mmi = mmi_of_peaks(observed.pga_mps2[shakes], observed.pgv_mps[shakes])
    shakes, mmi = shakes[mmi > least_mmi], mmi[mmi > least_mmi]
    if len(shakes) < 2:
        return np.ones_like(lat_deg)
    lat2_deg, lon2_deg = observed.lat_deg[shakes], observed.lon_deg[shakes]
    # most are too far north or south already, which is much faster to tell
    place, node = np.nonzero(np.abs(lat_deg[:, None] - lat2_deg) <= _PLUM_DEG)
    apart = travel.distance_km(lat_deg[place], lon_deg[place], lat2_deg[node], lon2_deg[node])
    is_near = apart <= PLUM_KM
    near = np.ones((len(lat_deg), len(mmi)))
    near[place[is_near], node[is_near]] = mmi[node[is_near]]
    return np.asarray(np.partition(near, -2, axis=1)[:, -2])


def reach_km(epicentral_km: Array, depth_km: float) -> Array:
    """Return BSSA14's distance, with the depth beyond that of their shallow earthquakes."""
    return np.asarray(np.hypot(epicentral_km, max(depth_km - SHALLOW_KM, 0.0)))


def event_term(model: Motion, magnitude: float, residual: Array) -> tuple[float, float]:
    """Return the mean residual, shrunk for its small number, and the error that is left (ln)."""
    phi, tau = model.scatter(magnitude)
    n = len(residual)
    if n == 0:
        return 0.0, tau
    share = n * tau**2 / (n * tau**2 + phi**2)
    most = MOST_SIGMAS * float(np.hypot(phi, tau)) if n < MEDIAN_FROM else np.inf
    believed = np.clip(residual, -most, most)
    return share * float(np.median(believed)), tau * float(np.sqrt(1 - share))


@dataclass(frozen=True, slots=True)
class _Places:
    """On a plane: the distances of all places from all nodes are wanted."""

    reach_km: Array
    east_km: Array
    north_km: Array


@dataclass(frozen=True, slots=True)
class _Known:
    """Nodes, and what their peaks come to (ln), with the errors of that; 0 where it is over."""

    places: _Places
    ln_pga_g: Array
    ln_pgv_cm_s: Array
    own_sigma: Array
    shared_sigma: Array
    is_sure: np.ndarray
    is_p: np.ndarray  # the S wave is not in it yet


@dataclass(frozen=True, slots=True)
class _Nearness:
    """What each node's residual counts at each place, and the share of scatter that is left."""

    weights: Array  # (a, k)
    far: Array  # the same, 0 within OWN_KM
    left: Array  # (a,)


def _strongest(observed: Observed, source: tuple[float, float, float]) -> _Known:
    """Return the nodes whose peak is known or can be foreseen, at most MAX_OBSERVED."""
    plane, where = Plane(source[0], source[1]), (observed.lat_deg, observed.lon_deg)
    epicentral = travel.distance_km(*where, source[0], source[1])
    p_s = travel.p_time_s(epicentral, source[2])
    after_p_s = observed.after_origin_s - p_s
    after_s_s = observed.after_origin_s - travel.VP_OVER_VS * p_s
    grown = growing.growth(after_p_s, after_s_s)
    is_sure, ends = observed.is_complete, np.where(observed.is_complete, 0.0, 1.0)
    use = is_sure | (after_p_s >= growing.LEAST_S)
    use &= (observed.pga_mps2 > 0) & (observed.pgv_mps > 0)
    rows = np.flatnonzero(use)
    missing = (ends * grown.missing)[rows]
    ln_pga = np.log(observed.pga_mps2[rows] / STANDARD_GRAVITY_MPS2) + missing
    ln_pgv = np.log(observed.pgv_mps[rows] * 100) + missing
    first = np.argsort(-ln_pga)[:MAX_OBSERVED]
    rows = rows[first]
    return _Known(
        _Places(reach_km(epicentral[rows], source[2]), *plane.lay(*(x[rows] for x in where))),
        ln_pga[first], ln_pgv[first],
        (ends * grown.own_sigma)[rows], (ends * grown.shared_sigma)[rows],
        is_sure[rows], ~is_sure[rows] & (after_s_s[rows] < growing.S_SEEN_S),
    )  # fmt: skip


def _conditional(
    model: Motion,
    magnitude: float,
    places: _Places,
    known: _Known,
    near: _Nearness | None,
    ln_peak: Array,
) -> tuple[Array, Array]:
    """Return ln of the expected motion at each place, given the peaks at the nodes, and sigma."""
    phi, _ = model.scatter(magnitude)
    residual = ln_peak - model.ln_median(magnitude, known.places.reach_km)
    term, tau_left = event_term(model, magnitude, residual[known.is_sure])
    expected = model.ln_median(magnitude, places.reach_km) + term
    if near is None:
        return expected, np.full_like(expected, np.hypot(phi, tau_left))
    off = residual - term
    most = MOST_SIGMAS * np.sqrt(phi**2 + known.own_sigma**2 + known.shared_sigma**2)
    believed = np.where(known.is_p, np.clip(off, -most, most), off)
    far = near.far * believed
    alone = far.max(axis=1, initial=0.0) + far.min(axis=1, initial=0.0)  # nobody else says so
    return (
        np.asarray(expected + near.weights @ believed - alone),
        np.asarray(np.hypot(phi * np.sqrt(near.left), tau_left)),
    )


def _nearness(places: _Places, known: _Known, phi: float) -> _Nearness | None:
    """Return it; None without nodes. It is the same for acceleration and for velocity.

    phi: of acceleration, by which the errors of what is foreseen are measured.
    """
    nodes, own, shared = known.places, known.own_sigma / phi, known.shared_sigma / phi
    if not len(own):
        return None
    among = _correlation(_apart_km(nodes, nodes)) + np.outer(shared, shared)
    among += np.diag(SAME_PLACE**2 + own**2)
    apart = _apart_km(places, nodes)
    towards = _correlation(apart)
    weights = np.asarray(np.linalg.solve(among, towards.T).T, dtype=np.float64)
    left = np.maximum(1 - (weights * towards).sum(axis=1), SAME_PLACE**2)
    return _Nearness(weights, weights * (apart > OWN_KM), np.asarray(left))


def _apart_km(a: _Places, b: _Places) -> Array:
    apart = np.square(a.east_km[:, None] - b.east_km)
    apart += np.square(a.north_km[:, None] - b.north_km)
    return np.asarray(np.sqrt(apart, out=apart))


def _correlation(apart_km: Array) -> Array:
    shared = np.multiply(apart_km, -3 / CORRELATION_KM)
    np.exp(shared, out=shared)
    shared *= 1 - SITE_SHARE
    near = np.nonzero(apart_km < 3 * SITE_KM)  # few; beyond there is nothing left of it
    shared[near] += SITE_SHARE * np.exp(-3 / SITE_KM * apart_km[near])
    return np.asarray(shared)

"""How strongly it will shake, where, and when: from the source, and from what is measured.

Medians of a ground motion model, moved by what the nodes have measured of this earthquake: all
places by its mean residual (the event term), places near a node by that node's own residual, as
ShakeMap does (Worden et al. 2018). Never less than what two neighbours measure now (PLUM, Kodera
et al. 2018): that needs no source, and a single node cannot raise it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vote import travel
from vote.motion_model import (
    PGA,
    PGV,
    STANDARD_GRAVITY_MPS2,
    Motion,
    mmi_of_peaks,
)
from vote.travel import Array, Some

PLUM_KM = 30.0  # Kodera et al. 2018
_PLUM_DEG = 1.001 * PLUM_KM / travel.KM_PER_DEG  # of latitude, and a bit for rounding
# Residuals of places so far apart have lost 95 % of their correlation: Jayaram & Baker (2009) give
# 8.5 to 40.7 km for peak acceleration, by how alike the sites are
CORRELATION_KM = 20.0
SAME_PLACE = 0.1  # share of the scatter that differs within one building
MAX_OBSERVED = 100  # the strongest; a matrix of this size is inverted
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
    places = _Places(reach_km(epicentral, source[2]), lat_deg, lon_deg)
    known = _strongest(observed)
    node_epicentral = travel.distance_km(known.lat_deg, known.lon_deg, source[0], source[1])
    nodes = _Places(reach_km(node_epicentral, source[2]), known.lat_deg, known.lon_deg)
    near = _nearness(places, nodes)
    pga, left = _conditional(
        PGA, magnitude, places, nodes, near, known.pga_mps2 / STANDARD_GRAVITY_MPS2
    )
    pgv, _ = _conditional(PGV, magnitude, places, nodes, near, known.pgv_mps * 100)
    mmi = _mmi(pga, pgv)
    share = 1.0 / (1 + len(known.lat_deg))  # of the magnitude's error that the nodes left
    ln_sigma = np.hypot(left, LN_PER_MAGNITUDE * magnitude_sigma * share)
    more, less = (_mmi(pga + ln, pgv + ln) for ln in (ln_sigma, -ln_sigma))
    # MMI grows with ln by 0.65 where hardly felt and 1.5 where things fall (Worden)
    sigma = np.hypot((more - less) / 2, SITE_MMI_SIGMA)
    expected = np.maximum(mmi, neighbours_mmi(lat_deg, lon_deg, observed)) + site_mmi
    return Forecast(
        np.clip(expected, LEAST_MMI, MOST_MMI),
        sigma,
        travel.s_time_s(epicentral, source[2]),
    )


def _mmi(ln_pga_g: Array, ln_pgv_cm_s: Array) -> Array:
    return mmi_of_peaks(np.exp(ln_pga_g) * STANDARD_GRAVITY_MPS2, np.exp(ln_pgv_cm_s) / 100)


def neighbours_mmi(lat_deg: Array, lon_deg: Array, observed: Observed) -> Array:
    """Return the second largest intensity that nodes within 30 km of each place measure while they
    shake. Those that have seen their strongest are in the conditional forecast, which knows how
    far from here: before, a place with a quiet node of its own was raised to what its neighbours
    felt, and 11 of 49 places of a simulated M 6.5 were more than a unit too high."""
    shakes = ~observed.is_complete
    if shakes.sum() < 2:
        return np.ones_like(lat_deg)
    mmi = mmi_of_peaks(observed.pga_mps2[shakes], observed.pgv_mps[shakes])
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
    return share * float(np.median(residual)), tau * float(np.sqrt(1 - share))


@dataclass(frozen=True, slots=True)
class _Places:
    reach_km: Array
    lat_deg: Array
    lon_deg: Array


@dataclass(frozen=True, slots=True)
class _Nearness:
    """What each node's residual counts at each place, and the share of scatter that is left."""

    weights: Array  # (a, k)
    left: Array  # (a,)


def _strongest(observed: Observed) -> Observed:
    """Return the nodes whose peak is known, at most MAX_OBSERVED."""
    use = observed.is_complete & (observed.pga_mps2 > 0) & (observed.pgv_mps > 0)
    rows = np.flatnonzero(use)
    rows = rows[np.argsort(-observed.pga_mps2[rows])[:MAX_OBSERVED]]
    return Observed(
        observed.lat_deg[rows], observed.lon_deg[rows], observed.pga_mps2[rows],
        observed.pgv_mps[rows], observed.is_complete[rows],
    )  # fmt: skip


def _conditional(
    model: Motion,
    magnitude: float,
    places: _Places,
    nodes: _Places,
    near: _Nearness | None,
    peak: Array,
) -> tuple[Array, Array]:
    """Return ln of the expected motion at each place, given the peaks at the nodes, and sigma."""
    phi, _ = model.scatter(magnitude)
    residual = np.log(peak) - model.ln_median(magnitude, nodes.reach_km)
    term, tau_left = event_term(model, magnitude, residual)
    expected = model.ln_median(magnitude, places.reach_km) + term
    if near is None:
        return expected, np.full_like(expected, np.hypot(phi, tau_left))
    return (
        np.asarray(expected + near.weights @ (residual - term)),
        np.asarray(np.hypot(phi * np.sqrt(near.left), tau_left)),
    )


def _nearness(places: _Places, nodes: _Places) -> _Nearness | None:
    """Return it; None without nodes. It is the same for acceleration and for velocity."""
    if not len(nodes.lat_deg):
        return None
    among = _correlation(nodes, nodes) + SAME_PLACE**2 * np.eye(len(nodes.lat_deg))
    towards = _correlation(places, nodes)
    weights = np.linalg.solve(among, towards.T).T
    left = np.maximum(1 - (weights * towards).sum(axis=1), SAME_PLACE**2)
    return _Nearness(np.asarray(weights, dtype=np.float64), np.asarray(left, dtype=np.float64))


def _correlation(a: _Places, b: _Places) -> Array:
    apart = travel.distance_km(a.lat_deg[:, None], a.lon_deg[:, None], b.lat_deg, b.lon_deg)
    return np.asarray(np.exp(-3 * apart / CORRELATION_KM))

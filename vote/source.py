"""Where and when: a grid, coarse to fine, over what triggered and what has not yet.

Pure search; what a cell is worth is in voting.py. The grid starts around the first node that
triggered, because the earthquake is nearer to it than to any other live node.
"""

from dataclasses import dataclass, replace

import numpy as np

from vote import travel, voting
from vote.travel import Array
from vote.voting import Evidence

DEPTHS_KM = np.array([8.0, 20.0, 40.0])  # crust, its base, a slab: P times do not tell more
DEPTH_LN_PRIOR = np.log(np.array([0.6, 0.25, 0.15]))  # most that shakes people is shallow
COARSE_STEP_KM = 15.0
COARSE_RADIUS_KM = 180.0  # offshore events of the recordings begin up to 110 km from a node
AT_EDGE = 0.6  # of the radius: the posterior may go on outside
COARSE_SLACK_LN = 3.0  # for depth and silent nodes between the coarse cells
FINER = 2  # times that the grid shrinks around what is left of the posterior
CELLS_ACROSS = 11
NARROWEST_KM, WIDEST_KM = 8.0, 60.0  # half widths of a finer grid
SIGMAS_AROUND = 2.0
SIGMA_FLOOR_KM = 2.0
SIGMA_FLOOR_S = 0.2


Cells = tuple[Array, Array, Array]  # latitude, longitude, depth of each


@dataclass(frozen=True, slots=True)
class Source:
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_s: float  # after the evidence's common moment
    sigma_km: float
    origin_sigma_s: float
    ln_ratio: float
    trial_magnitude: float
    residual_s: Array  # (i,) of each trigger, at the best cell
    residual_sigma_s: Array
    best: Cells  # the best cell alone


def locate(
    evidence: Evidence,
    centre: tuple[float, float],
    anchor: int | None = None,
    radius_km: float = COARSE_RADIUS_KM,
) -> Source:
    """Return the mean of the posterior around a place (latitude, longitude).

    The mean, not the best cell: a one-sided network leaves a long ridge of equally good places,
    and its middle is wrong by the least.
    """
    step_km = COARSE_STEP_KM
    cells = _cells(centre, step_km, radius_km, DEPTHS_KM[:1])
    spot = _weigh(cells, voting.score(*cells, evidence, anchor, _smear_s(step_km)))
    away = travel.distance_km(spot.lat_deg, spot.lon_deg, *centre)
    if float(away) > AT_EDGE * radius_km:  # far outside: look there, twice as wide
        cells = _cells((spot.lat_deg, spot.lon_deg), 2 * step_km, 2 * radius_km, DEPTHS_KM[:1])
        spot = _weigh(cells, voting.score(*cells, evidence, anchor, _smear_s(2 * step_km)))
    for _ in range(FINER):
        half_km = float(np.clip(SIGMAS_AROUND * spot.sigma_km, NARROWEST_KM, WIDEST_KM))
        step_km = 2 * half_km / (CELLS_ACROSS - 1)
        cells = _cells((spot.lat_deg, spot.lon_deg), step_km, half_km, DEPTHS_KM)
        spot = _weigh(cells, voting.score(*cells, evidence, anchor, _smear_s(step_km)))
    best = voting.score(*spot.best, evidence, anchor)
    mean = voting.score(*_one(spot.lat_deg, spot.lon_deg, spot.depth_km), evidence, anchor)
    return Source(
        spot.lat_deg, spot.lon_deg, spot.depth_km, float(mean.origin_s[0]),
        max(spot.sigma_km, SIGMA_FLOOR_KM), max(spot.sigma_s, SIGMA_FLOOR_S),
        float(best.ln_ratio[0]), float(best.magnitude[0]), best.residual_s[0], best.sigma_s[0],
        spot.best,
    )  # fmt: skip


def may_reach(
    evidence: Evidence, centre: tuple[float, float], anchor: int, least_ln: float
) -> bool:
    """Tell whether a closer look could find a likelihood ratio so large: spares most searches."""
    cells = _cells(centre, COARSE_STEP_KM, COARSE_RADIUS_KM, DEPTHS_KM[:1])
    smear_s = _smear_s(COARSE_STEP_KM)
    scores = voting.score(*cells, evidence, anchor, smear_s)
    sharper = np.log(np.hypot(travel.PICK_SIGMA_S, smear_s) / travel.PICK_SIGMA_S)
    gain = sharper * len(evidence.site_starts) + COARSE_SLACK_LN
    if float(scores.ln_ratio.max()) + gain >= least_ln:
        return True
    spot = _weigh(cells, scores)
    away = travel.distance_km(spot.lat_deg, spot.lon_deg, *centre)
    return float(away) > AT_EDGE * COARSE_RADIUS_KM  # it may be far outside


def judged_by(found: Source, evidence: Evidence) -> Source:
    """Return the same place judged by other evidence: all triggers, where some located it."""
    scores = voting.score(*found.best, evidence, None)
    return replace(
        found,
        ln_ratio=float(scores.ln_ratio[0]),
        residual_s=scores.residual_s[0],
        residual_sigma_s=scores.sigma_s[0],
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    lat_deg: float
    lon_deg: float
    depth_km: float
    sigma_km: float  # of one axis
    sigma_s: float
    best: Cells  # the best cell alone


def _one(lat_deg: float, lon_deg: float, depth_km: float) -> Cells:
    return np.array([lat_deg]), np.array([lon_deg]), np.array([depth_km])


def _smear_s(step_km: float) -> float:
    """Return what the distance from a cell's middle means in time, one sigma."""
    return float(step_km / np.sqrt(6) / travel.CRUST_P_KM_S)


def _cells(centre: tuple[float, float], step_km: float, half_km: float, depths: Array) -> Cells:
    """Return latitude, longitude and depth of every cell of a square, at every depth."""
    ticks = np.linspace(-half_km, half_km, round(2 * half_km / step_km) + 1)
    east_km, north_km = (axis.ravel() for axis in np.meshgrid(ticks, ticks))
    lat = centre[0] + north_km / travel.KM_PER_DEG
    shrink = np.maximum(np.cos(np.radians(lat)), 0.02)
    lon = (centre[1] + east_km / (travel.KM_PER_DEG * shrink) + 180) % 360 - 180
    n = len(depths)
    return np.tile(lat, n), np.tile(lon, n), np.repeat(depths, len(lat))


def _weigh(cells: Cells, scores: voting.Scores) -> _Spot:
    """Return the posterior's mean place and its spread, and the depth that holds most of it."""
    lat_deg, lon_deg, depth_km = cells
    prior = DEPTH_LN_PRIOR[np.searchsorted(DEPTHS_KM, depth_km)]
    ln_post = scores.ln_ratio + scores.ln_shape + prior
    weight = np.exp(ln_post - ln_post.max())
    weight /= weight.sum()
    top = int(np.argmax(ln_post))
    east = (lon_deg - lon_deg[top] + 180) % 360 - 180  # so that a mean may cross the date line
    lat = float((weight * lat_deg).sum())
    lon = float((lon_deg[top] + (weight * east).sum() + 180) % 360 - 180)
    away = travel.distance_km(lat_deg, lon_deg, lat, lon)
    mean_s = float((weight * scores.origin_s).sum())
    share = [float(weight[depth_km == depth].sum()) for depth in DEPTHS_KM]
    return _Spot(
        lat, lon, float(DEPTHS_KM[int(np.argmax(share))]),
        float(np.sqrt((weight * away**2).sum() / 2)),
        float(np.sqrt((weight * (scores.origin_s - mean_s) ** 2).sum())),
        _one(float(lat_deg[top]), float(lon_deg[top]), float(depth_km[top])),
    )  # fmt: skip

"""Where and when: a grid, coarse to fine, over what triggered and what has not yet.

Pure search; what a cell is worth is in voting.py. The grid starts around the first node that
triggered, because the earthquake is nearer to it than to any other live node.
"""

from dataclasses import dataclass

import numpy as np

from vote import travel, voting
from vote.travel import Array
from vote.voting import Evidence

DEPTHS_KM = np.array([8.0, 20.0, 40.0])  # crust, its base, a slab: P times do not tell more
DEPTH_LN_PRIOR = np.log(np.array([0.6, 0.25, 0.15]))  # most that shakes people is shallow
COARSE_STEP_KM = 12.0
COARSE_RADIUS_KM = 144.0  # offshore events of the recordings begin up to 110 km from a node
FINE = ((4.0, 16.0), (1.5, 6.0))  # step and half width around the best cells
CANDIDATES = 3  # coarse cells that are looked at closely: three nodes leave mirror images
SIGMA_FLOOR_KM = 2.0


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
    residual_s: Array  # (i,) of each trigger
    residual_sigma_s: Array


def locate(
    evidence: Evidence,
    centre: tuple[float, float],
    anchor: int | None = None,
    radius_km: float = COARSE_RADIUS_KM,
) -> Source:
    """Return the best source around a place (latitude, longitude)."""
    east, north = _square(COARSE_STEP_KM, radius_km)
    cells = _cells(centre, east, north, DEPTHS_KM[:1])
    smear_s = COARSE_STEP_KM / 2 / travel.CRUST_P_KM_S
    scores = voting.score(*cells, evidence, anchor, smear_s)
    starts = _best(cells, scores.ln_ratio)
    for step_km, half_km in FINE:
        east, north = _square(step_km, half_km)
        parts = [_cells(start, east, north, DEPTHS_KM) for start in starts]
        cells = _join(parts)
        smear_s = step_km / 2 / travel.CRUST_P_KM_S
        scores = voting.score(*cells, evidence, anchor, smear_s)
        ln_post = scores.ln_ratio + DEPTH_LN_PRIOR[np.searchsorted(DEPTHS_KM, cells[2])]
        top = int(np.argmax(ln_post))
        starts = [(float(cells[0][top]), float(cells[1][top]))]
        if step_km == FINE[0][0]:
            spread_km, spread_s = _spread(cells, scores.origin_s, ln_post)
    return Source(
        float(cells[0][top]), float(cells[1][top]), float(cells[2][top]),
        float(scores.origin_s[top]), max(spread_km, SIGMA_FLOOR_KM), max(spread_s, 0.2),
        float(ln_post[top]), float(scores.magnitude[top]),
        scores.residual_s[top], scores.sigma_s[top],
    )  # fmt: skip


Cells = tuple[Array, Array, Array]


def _square(step_km: float, half_km: float) -> tuple[Array, Array]:
    ticks = np.arange(-half_km, half_km + step_km / 2, step_km)
    east, north = np.meshgrid(ticks, ticks)
    return east.ravel(), north.ravel()


def _cells(centre: tuple[float, float], east_km: Array, north_km: Array, depths: Array) -> Cells:
    """Return latitude, longitude and depth of every cell at every depth."""
    lat = centre[0] + north_km / travel.KM_PER_DEG
    shrink = np.maximum(np.cos(np.radians(lat)), 0.02)
    lon = (centre[1] + east_km / (travel.KM_PER_DEG * shrink) + 180) % 360 - 180
    n = len(depths)
    return np.tile(lat, n), np.tile(lon, n), np.repeat(depths, len(lat))


def _join(parts: list[Cells]) -> Cells:
    lat, lon, depth = (np.concatenate(column) for column in zip(*parts))
    return lat, lon, depth


def _best(cells: Cells, ln_ratio: Array) -> list[tuple[float, float]]:
    """Return the best cells that are not neighbours of each other."""
    chosen: list[tuple[float, float]] = []
    for row in np.argsort(-ln_ratio)[:60]:
        here = (float(cells[0][row]), float(cells[1][row]))
        apart = [_apart_km(here, other) for other in chosen]
        if not apart or min(apart) > 2 * COARSE_STEP_KM:
            chosen.append(here)
        if len(chosen) == CANDIDATES:
            break
    return chosen


def _apart_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(travel.distance_km(a[0], a[1], b[0], b[1]))


def _spread(cells: Cells, origin_s: Array, ln_post: Array) -> tuple[float, float]:
    """Return the posterior's standard deviation in km (of one axis, averaged) and in seconds."""
    weight = np.exp(ln_post - ln_post.max())
    weight /= weight.sum()
    lat, lon = float((weight * cells[0]).sum()), float((weight * cells[1]).sum())
    away = travel.distance_km(cells[0], cells[1], lat, lon)
    mean_s = float((weight * origin_s).sum())
    return (
        float(np.sqrt((weight * away**2).sum() / 2)),
        float(np.sqrt((weight * (origin_s - mean_s) ** 2).sum())),
    )

"""Where and when: a grid, coarse to fine, over what triggered and what has not yet.

Pure search; what a cell is worth is in voting.py. It starts on rings around the first nodes that
triggered, because the earthquake is nearer to them than to any other live node, and goes on with
grids that are turned and stretched as what is left of the posterior.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from vote import tables, travel, voting
from vote.plane import Plane
from vote.tables import Single
from vote.travel import Array
from vote.voting import Cells, Evidence, Laid

# Rings: a place far outside is known less well than a near one, and matters less
RING_STEP_KM, RING_GROWTH = 14.0, 0.3
# Offshore events of the recordings begin up to 110 km from a node, one 183 km: with rings to
# 200 km it was put 140 km off and stated within 9 km; with these 80 km off, within 75
FAR_KM = 450.0
AT_EDGE = 0.6  # of the radius: the posterior may go on outside
COARSE_SLACK_LN = 3.0  # for depth and silent nodes between the coarse cells
BLURRED_MOST = 5  # sites: where more fit at all, they say enough on the rings already
SMEAR_KM_MOST = 20.0  # far away a step outwards moves all arrivals together
CELLS_ACROSS = 9
SIGMAS_AROUND = 2.5
NARROWEST_KM = 8.0  # half width of a window
WIDEST_KM = (60.0, 30.0)  # first at one depth, then at all
# With so many triggers the middle of the squared posterior: final errors of the 14 recorded events
# 4.6 km instead of 6.6, of 70 random parts of their networks 8.5 and 8.6
SURE_FROM = 6
MEDIAN_ROUNDS, MEDIAN_FLOOR_KM = 20, 1.0  # of Weiszfeld's iteration
SIGMA_FLOOR_KM = 1.0
SIGMA_FLOOR_S = 0.2
ELLIPSE_SHARE, ELLIPSE_SIGMAS = 0.68, 1.51  # of a Gaussian in the plane
# The errors assumed are rather too large, and cells blur. Without this it holds the truth in 84,
# 77 and 70 % of simulations with 4, 8 and 14 triggers (tests/vote/test_true_errors.py), and in 12,
# 13 and 10 of 16 recorded events (first, middle, last message); with it there in 11, 11 and 10.
ELLIPSE_SCALE = 0.85


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Holds the epicentre with 68 %."""

    major_km: float  # half axes
    minor_km: float
    azimuth_deg: float  # of the major one, clockwise from north, 0 to 180


@dataclass(frozen=True, slots=True)
class Source:
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_s: float  # after the evidence's common moment
    sigma_km: float  # of one axis, the mean of both, if it were Gaussian
    origin_sigma_s: float
    ellipse: Ellipse
    ln_ratio: float
    trial_magnitude: float
    residual_s: Single  # (i,) of each trigger, at the best cell
    residual_sigma_s: Single
    best: tuple[float, float, int]  # the best cell alone: latitude, longitude, depth row


def locate(evidence: Evidence, centre: tuple[float, float], anchor: int | None = None) -> Source:
    """Return the middle of the posterior around a place (latitude, longitude).

    Neither the best cell nor the mean: a one-sided network leaves a long ridge of equally good
    places, and its geometric median is wrong by the least distance that can be expected.
    """
    laid = voting.lay(evidence, Plane(*centre))
    return _narrow(laid, anchor, _coarse(laid, anchor)[1])


def may_reach(
    evidence: Evidence, centre: tuple[float, float], anchor: int, least_ln: float
) -> bool:
    """Tell whether a closer look could find so large a likelihood ratio: the rings show that,
    which spares most searches the rest."""
    laid = voting.lay(evidence, Plane(*centre))
    most_ln, spot = _coarse(laid, anchor)
    is_inside = np.hypot(spot.east_km, spot.north_km) <= AT_EDGE * FAR_KM
    return most_ln >= least_ln or not bool(is_inside)


def judged_by(found: Source, evidence: Evidence) -> Source:
    """Return the same place judged by other evidence: all triggers, where some located it."""
    lat_deg, lon_deg, row = found.best
    laid = voting.lay(evidence, Plane(lat_deg, lon_deg))
    scores = voting.score(laid, _points(np.zeros((1, 2)), [row]), None)
    return replace(
        found,
        ln_ratio=float(scores.ln_ratio[0]),
        residual_s=scores.residual_s[0],
        residual_sigma_s=scores.sigma_s[0],
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells of one level of the search, and the window that they fill."""

    cells: Cells
    ln_area: Single | float
    east_km: float = 0.0
    north_km: float = 0.0
    azimuth: float = 0.0
    half_km: tuple[float, float] = (0.0, 0.0)  # along the azimuth and across it

    def holds(self, cells: Cells) -> np.ndarray:
        """Tell which of other cells lie within the window."""
        east, north = cells.east_km - self.east_km, cells.north_km - self.north_km
        sin, cos = math.sin(self.azimuth), math.cos(self.azimuth)
        along, across = east * sin + north * cos, east * cos - north * sin
        return np.asarray((np.abs(along) <= self.half_km[0]) & (np.abs(across) <= self.half_km[1]))


@dataclass(frozen=True, slots=True)
class _Level:
    """A grid with its scores, and what is left of the posterior within it."""

    grid: _Grid
    scores: voting.Scores
    ln_post: Array  # of each whole cell
    east_km: float  # mean
    north_km: float
    covariance_km2: np.ndarray  # east, north

    @property
    def top(self) -> int:
        return int(np.argmax(self.ln_post))


def _coarse(laid: Laid, anchor: int | None) -> tuple[float, _Level]:
    """Return the largest likelihood ratio that may be found, and where."""
    level = _look(laid, anchor, _RINGS)
    smear_s = level.grid.cells.smear_s
    blur = np.log(np.hypot(travel.PICK_SIGMA_S, smear_s) / travel.PICK_SIGMA_S)
    most = level.scores.ln_ratio + blur * min(len(laid.site_starts), BLURRED_MOST)
    return float(most.max()) + COARSE_SLACK_LN, level


def _narrow(laid: Laid, anchor: int | None, rings: _Level) -> Source:
    levels = [rings]
    for widest_km, has_depths in zip(WIDEST_KM, (False, True)):
        levels.append(_look(laid, anchor, _around(levels[-1], widest_km, has_depths)))
    last = levels[-1]
    top, cells = last.top, last.grid.cells
    weight, all_km = _whole(levels)
    share = np.bincount(cells.depth_row, weights=weight[-len(cells.depth_row) :])
    middle = _median(weight, all_km)
    if len(laid.onset_s) >= SURE_FROM:
        middle = np.array([last.east_km, last.north_km])
    off_km = all_km - middle[:, None]
    places = np.array([[cells.east_km[top], cells.north_km[top]], middle])
    rows = [int(cells.depth_row[top]), int(np.argmax(share))]
    best = voting.score(laid, _points(places, rows), anchor)
    lat_deg, lon_deg = laid.plane.lift(places[:, 0], places[:, 1])
    ellipse = _ellipse(last.covariance_km2, weight, off_km)
    origin_s = last.scores.origin_s
    inside = weight[-len(origin_s) :] / weight[-len(origin_s) :].sum()
    mean_s = float(inside @ origin_s)
    return Source(
        float(lat_deg[1]), float(lon_deg[1]), float(tables.DEPTHS_KM[rows[1]]),
        float(best.origin_s[1]),
        math.hypot(ellipse.major_km, ellipse.minor_km) / math.sqrt(2) / ELLIPSE_SIGMAS,
        max(float(np.sqrt(inside @ (origin_s - mean_s) ** 2)), SIGMA_FLOOR_S),
        ellipse,
        float(best.ln_ratio[0]), float(best.magnitude[0]), best.residual_s[0], best.sigma_s[0],
        (float(lat_deg[0]), float(lon_deg[0]), rows[0]),
    )  # fmt: skip


def _whole(levels: list[_Level]) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole posterior, each place from the finest level that has it: weights, and
    where, east and north."""
    ln_post, places = [], []
    for level, finer in zip(levels, [*levels[1:], None]):
        cells = level.grid.cells
        own = np.ones(len(cells.east_km), bool) if finer is None else ~finer.grid.holds(cells)
        ln_post.append(level.ln_post[own])
        places.append(np.stack([cells.east_km[own], cells.north_km[own]]))
    all_ln = np.concatenate(ln_post)
    weight = np.exp(all_ln - all_ln.max())
    return weight / weight.sum(), np.concatenate(places, axis=1)


def _median(weight: np.ndarray, places_km: np.ndarray) -> np.ndarray:
    """Return the place with the least mean distance to all: Weiszfeld's iteration."""
    middle = places_km @ weight
    for _ in range(MEDIAN_ROUNDS):
        pull = weight / (np.hypot(*(places_km - middle[:, None])) + MEDIAN_FLOOR_KM)
        middle = places_km @ pull / pull.sum()
    return np.asarray(middle)


def _ellipse(covariance_km2: np.ndarray, weight: np.ndarray, off_km: np.ndarray) -> Ellipse:
    """Return the ellipse of this shape that holds its share of the posterior, tails and all."""
    major_km, minor_km, azimuth = _axes(covariance_km2)
    major_km, minor_km = max(major_km, SIGMA_FLOOR_KM), max(minor_km, SIGMA_FLOOR_KM)
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    along, across = off_km[0] * sin + off_km[1] * cos, off_km[0] * cos - off_km[1] * sin
    sigmas = np.hypot(along / major_km, across / minor_km)
    order = np.argsort(sigmas)
    row = np.searchsorted(np.cumsum(weight[order]), ELLIPSE_SHARE)
    scale = max(float(sigmas[order[min(int(row), len(order) - 1)]]), ELLIPSE_SIGMAS)
    scale *= ELLIPSE_SCALE
    return Ellipse(scale * major_km, scale * minor_km, math.degrees(azimuth) % 180.0)


def _rings(radius_km: float) -> _Grid:
    """Return cells around the origin at the first depth, the larger the further away."""
    east, north, step = [np.zeros(1)], [np.zeros(1)], [np.full(1, RING_STEP_KM)]
    ring_km = RING_STEP_KM
    while ring_km <= radius_km:
        step_km = max(RING_STEP_KM, RING_GROWTH * ring_km)
        count = round(2 * np.pi * ring_km / step_km)
        angle = 2 * np.pi * (np.arange(count) + 0.5 * (len(east) % 2)) / count
        east.append(ring_km * np.sin(angle))
        north.append(ring_km * np.cos(angle))
        step.append(np.full(count, step_km))
        ring_km += step_km
    steps = np.concatenate(step)
    cells = _cells(np.concatenate(east), np.concatenate(north), np.zeros(len(steps)), steps)
    return _Grid(cells, (2 * np.log(steps)).astype(np.float32))


def _cells(
    east_km: np.ndarray, north_km: np.ndarray, depth_row: np.ndarray, step_km: np.ndarray
) -> Cells:
    """Return cells, each so wide: half of it means step / sqrt(6) / speed in time, one sigma."""
    smear_s = np.minimum(step_km, SMEAR_KM_MOST) / (np.sqrt(6) * travel.CRUST_P_KM_S)
    return Cells(
        east_km.astype(np.float32), north_km.astype(np.float32), depth_row.astype(np.int32),
        smear_s.astype(np.float32), (step_km**2 / 12).astype(np.float32),
    )  # fmt: skip


_RINGS = _rings(FAR_KM)


def _points(places: np.ndarray, depth_rows: list[int]) -> Cells:
    return _cells(places[:, 0], places[:, 1], np.array(depth_rows), np.zeros(len(places)))


def _around(level: _Level, widest_km: float, has_depths: bool) -> _Grid:
    """Return a grid along the axes of what is left."""
    major_km, minor_km, azimuth = _axes(level.covariance_km2)
    first, second = (
        min(max(SIGMAS_AROUND * sigma_km, NARROWEST_KM), widest_km)
        for sigma_km in (major_km, minor_km)
    )
    rows, along, across = _WINDOW_DEPTHS if has_depths else _WINDOW
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    east = level.east_km + first * along * sin + second * across * cos
    north = level.north_km + first * along * cos - second * across * sin
    step_km = 2 / (CELLS_ACROSS - 1) * math.hypot(first, second) / math.sqrt(2)
    cells = _cells(east, north, rows, np.full(len(east), step_km))
    ln_area = math.log(first * second * (2 / (CELLS_ACROSS - 1)) ** 2)
    return _Grid(cells, ln_area, level.east_km, level.north_km, azimuth, (first, second))


def _unit_window(depths: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ticks = np.linspace(-1.0, 1.0, CELLS_ACROSS)
    rows, along, across = np.meshgrid(np.arange(depths), ticks, ticks)
    return rows.ravel(), along.ravel(), across.ravel()


_WINDOW, _WINDOW_DEPTHS = _unit_window(1), _unit_window(len(tables.DEPTHS_KM))


def _axes(covariance_km2: np.ndarray) -> tuple[float, float, float]:
    """Return one sigma along the longest axis and across it, and its azimuth in radians."""
    east, both, north = (float(covariance_km2[at]) for at in ((0, 0), (0, 1), (1, 1)))
    middle, spread = (east + north) / 2, math.hypot((north - east) / 2, both)
    azimuth = 0.5 * math.atan2(2 * both, north - east)
    return math.sqrt(middle + spread), math.sqrt(max(middle - spread, 0.0)), azimuth


def _look(laid: Laid, anchor: int | None, grid: _Grid) -> _Level:
    """Score a grid; find the posterior's mean place and its spread within it."""
    cells = grid.cells
    scores = voting.score(laid, cells, anchor)
    prior = tables.DEPTH_LN_PRIOR[cells.depth_row] if cells.depth_row.any() else 0.0
    ln_post = scores.ln_ratio + scores.ln_shape + prior + grid.ln_area
    weight = np.exp(ln_post - ln_post.max())
    weight /= weight.sum()
    places = np.stack([cells.east_km, cells.north_km]).astype(np.float64)
    mean = places @ weight
    if len(laid.onset_s) >= SURE_FROM:
        mean = places @ (weight**2 / (weight**2).sum())
    off = places - mean[:, None]
    covariance = (weight * off) @ off.T + float(weight @ cells.variance_km2) * np.eye(2)
    return _Level(grid, scores, ln_post, float(mean[0]), float(mean[1]), covariance)

"""The places that a search looks at: rings around the first nodes, then windows turned and
stretched as what is left of the posterior."""

import math
from dataclasses import dataclass

import numpy as np

from vote.search.voting import Cells
from vote.waves import tables, travel
from vote.waves.tables import Single
from vote.waves.travel import Array

# Rings: a place far outside is known less well than a near one, and matters less
RING_STEP_KM, RING_GROWTH = 14.0, 0.3
# Offshore events of the recordings begin up to 110 km from a node, one 183 km: with rings to
# 200 km it was put 140 km off and stated within 9 km; with these 80 km off, within 75
FAR_KM = 450.0
SMEAR_KM_MOST = 20.0  # far away a step outwards moves all arrivals together
CELLS_ACROSS = 9
SIGMAS_AROUND = 2.5
NARROWEST_KM = 8.0  # half width of a window


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one level of the search, and the window that they fill."""

    cells: Cells
    places_km: Array  # (2, c) east and north
    ln_area: Single | float
    ln_prior: Array | float = 0.0  # of the depths
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


def rings(radius_km: float) -> Grid:
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
    return Grid(cells, _places_km(cells), (2 * np.log(steps)).astype(np.float32))


def around(
    middle_km: tuple[float, float], covariance_km2: np.ndarray, widest_km: float, has_depths: bool
) -> Grid:
    """Return a grid along the axes of what is left."""
    major_km, minor_km, azimuth = axes(covariance_km2)
    first, second = (
        min(max(SIGMAS_AROUND * sigma_km, NARROWEST_KM), widest_km)
        for sigma_km in (major_km, minor_km)
    )
    rows, along, across = _WINDOW_DEPTHS if has_depths else _WINDOW
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    east = middle_km[0] + first * along * sin + second * across * cos
    north = middle_km[1] + first * along * cos - second * across * sin
    step_km = 2 / (CELLS_ACROSS - 1) * math.hypot(first, second) / math.sqrt(2)
    cells = _cells(east, north, rows, np.full(len(east), step_km))
    ln_area = math.log(first * second * (2 / (CELLS_ACROSS - 1)) ** 2)
    ln_prior = _DEPTHS_LN_PRIOR if has_depths else 0.0
    return Grid(cells, _places_km(cells), ln_area, ln_prior, *middle_km, azimuth, (first, second))


def points(places: np.ndarray, depth_rows: list[int]) -> Cells:
    return _cells(places[:, 0], places[:, 1], np.array(depth_rows), np.zeros(len(places)))


def axes(covariance_km2: np.ndarray) -> tuple[float, float, float]:
    """Return one sigma along the longest axis and across it, and its azimuth in radians."""
    east, both, north = (float(covariance_km2[at]) for at in ((0, 0), (0, 1), (1, 1)))
    middle, spread = (east + north) / 2, math.hypot((north - east) / 2, both)
    azimuth = 0.5 * math.atan2(2 * both, north - east)
    longest, across = (math.sqrt(max(part, 0.0)) for part in (middle + spread, middle - spread))
    return longest, across, azimuth


def _cells(
    east_km: np.ndarray,
    north_km: np.ndarray,
    depth_row: np.ndarray,
    step_km: np.ndarray,
) -> Cells:
    """Return cells, each so wide: half of it means step / sqrt(6) / speed in time, one sigma."""
    smear_s = np.minimum(step_km, SMEAR_KM_MOST) / (np.sqrt(6) * travel.CRUST_P_KM_S)
    return Cells(
        east_km.astype(np.float32), north_km.astype(np.float32), depth_row.astype(np.int32),
        smear_s.astype(np.float32), (step_km**2 / 12).astype(np.float32),
    )  # fmt: skip


def _places_km(cells: Cells) -> Array:
    return np.stack([cells.east_km, cells.north_km]).astype(np.float64)


def _unit_window(depths: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ticks = np.linspace(-1.0, 1.0, CELLS_ACROSS)
    rows, along, across = np.meshgrid(np.arange(depths), ticks, ticks)
    return rows.ravel(), along.ravel(), across.ravel()


_WINDOW, _WINDOW_DEPTHS = _unit_window(1), _unit_window(len(tables.DEPTHS_KM))
_DEPTHS_LN_PRIOR = tables.DEPTH_LN_PRIOR[_WINDOW_DEPTHS[0]]
RINGS = rings(FAR_KM)

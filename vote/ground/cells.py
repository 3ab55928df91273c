"""Areas for an alert when nobody named any: H3 cells around the source."""

from functools import lru_cache

import h3  # type: ignore[import-untyped]  # it publishes no types
import numpy as np

from vote.ground.shaking import Area
from vote.waves import travel
from vote.waves.motion_model import PGA, PGV, STANDARD_GRAVITY_MPS2, mmi_of_peaks
from vote.waves.travel import Array

FINEST = 5  # about 18 km across; 4: 45 km, 3: 120 km
COARSEST = 3
CHILDREN = 7  # of an H3 cell, one resolution finer
MAX_CELLS = 300  # 50 kB of an alert
LEAST_MMI = 3.0  # weak; alerts begin at 3.5. With 2.5 an M 6 needs 522 cells of the finest
REACH_KM = np.arange(10.0, 401.0, 5.0)  # beyond, nobody is warned by this alert


def cells_around(lat_deg: float, lon_deg: float, magnitude: float) -> tuple[Area, ...]:
    """Return the cells that may feel an earthquake of this size, no more than MAX_CELLS: the
    finest that are so few, and where these are coarse, the nearest ones divided."""
    reach_km = felt_within_km(magnitude)
    for resolution in range(FINEST, COARSEST - 1, -1):
        cells = _within(h3.latlng_to_cell(lat_deg, lon_deg, resolution), reach_km)
        if len(cells) <= MAX_CELLS:
            break
    if resolution == FINEST:
        return cells
    return _divided(cells[:MAX_CELLS])


def felt_within_km(magnitude: float) -> float:
    """Return how far LEAST_MMI reaches, by the median of the motion model."""
    return float(REACH_KM[magnitude >= _FELT_FROM].max(initial=REACH_KM[0]))


def _felt_from() -> Array:
    """Return the smallest magnitude that is felt at each of REACH_KM: halved often enough."""
    not_felt, felt = np.zeros_like(REACH_KM), np.full_like(REACH_KM, 10.0)
    for _ in range(50):
        middle = (not_felt + felt) / 2
        pga = np.exp(PGA.ln_median(middle, REACH_KM)) * STANDARD_GRAVITY_MPS2
        pgv = np.exp(PGV.ln_median(middle, REACH_KM)) / 100
        is_felt = mmi_of_peaks(pga, pgv) >= LEAST_MMI
        felt, not_felt = np.where(is_felt, middle, felt), np.where(is_felt, not_felt, middle)
    return felt


_FELT_FROM = _felt_from()


@lru_cache(maxsize=64)
def _divided(cells: tuple[Area, ...]) -> tuple[Area, ...]:
    """Return the cells, the first ones each replaced by its children, as many as may be."""
    near = (MAX_CELLS - len(cells)) // (CHILDREN - 1)
    names = [child for cell in cells[:near] for child in h3.cell_to_children(cell.area_id)]
    return tuple(_area(name) for name in names) + cells[near:]


@lru_cache(maxsize=8192)
def _middle(name: str) -> tuple[float, float]:
    lat_deg, lon_deg = h3.cell_to_latlng(name)
    return lat_deg, lon_deg


@lru_cache(maxsize=8192)
def _area(name: str) -> Area:
    lat_deg, lon_deg = _middle(name)
    return Area(name, round(lat_deg, 4), round(lon_deg, 4))


@lru_cache(maxsize=64)
def _within(cell: str, reach_km: float) -> tuple[Area, ...]:
    """Return the cells whose middle is within reach of that cell's middle, nearest first."""
    middle = h3.cell_to_latlng(cell)
    edge_km = h3.average_hexagon_edge_length(h3.get_resolution(cell), unit="km")
    rings = int(reach_km / edge_km) + 1  # the next ring is 1.5 to 1.73 edges further
    names = h3.grid_disk(cell, rings)
    places = np.array([_middle(name) for name in names])
    apart = travel.distance_km(places[:, 0], places[:, 1], *middle)
    near = [k for k in np.argsort(apart, kind="stable") if apart[k] <= max(reach_km, edge_km)]
    return tuple(_area(names[k]) for k in near)

"""Areas for an alert when nobody named any: H3 cells around the source."""

from functools import lru_cache

import h3  # type: ignore[import-untyped]  # it publishes no types

from vote.shaking import Area

RESOLUTION = 4  # about 42 km across: an alert's own size, 1,000 to 2,000 cells in a country
REACH_KM = ((5.0, 100.0), (6.0, 180.0), (7.0, 300.0), (99.0, 400.0))  # MMI 3.5 by BSSA14
CELL_KM = 39.0  # between centres of neighbours at this resolution


def cells_around(lat_deg: float, lon_deg: float, magnitude: float) -> tuple[Area, ...]:
    """Return the cells that may feel an earthquake of this size, nearest first."""
    reach_km = next(km for below, km in REACH_KM if magnitude < below)
    return _disk(h3.latlng_to_cell(lat_deg, lon_deg, RESOLUTION), round(reach_km / CELL_KM))


@lru_cache(maxsize=64)
def _disk(cell: str, rings: int) -> tuple[Area, ...]:
    return tuple(Area(name, *h3.cell_to_latlng(name)) for name in h3.grid_disk(cell, rings))

"""The places of an alert as CAP draws them: cells joined to polygons, targets as circles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import h3  # type: ignore[import-untyped]  # it publishes no types

from vote.alert import Alert, AreaForecast
from vote.waves import travel

TARGET_KM = 2.0  # a circle must not have radius 0; a target is a building or a town
PLACE_KM = 10.0  # for a place that is no cell: a station in a replay
MAX_POLYGONS = 40  # of one level; more is drawn as one circle
MAX_CORNERS = 2_000

Point = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True)
class Shapes:
    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()  # closed: the last point is the first
    circles: tuple[tuple[float, float, float], ...] = ()  # latitude, longitude, km


def shapes_of(alert: Alert, areas: Sequence[AreaForecast]) -> list[Shapes]:
    """Return what to draw: all cells together, then each target by its name."""
    cells = [area for area in areas if _is_cell(area)]
    found = []
    if cells:
        where = f"Around {alert.lat_deg:.2f}, {alert.lon_deg:.2f}"
        polygons = tuple(_outlines(cells))
        if len(polygons) <= MAX_POLYGONS and sum(map(len, polygons)) <= MAX_CORNERS:
            found.append(Shapes(where, polygons))
        else:
            found.append(Shapes(where, circles=(_around(alert, cells),)))
    for area in areas:
        if not _is_cell(area):
            radius_km = TARGET_KM if area.name else PLACE_KM
            circle = (area.lat_deg, area.lon_deg, radius_km)
            found.append(Shapes(area.name or area.id, circles=(circle,)))
    return found


def _is_cell(area: AreaForecast) -> bool:
    return not area.name and bool(h3.is_valid_cell(area.id))


def _outlines(cells: Sequence[AreaForecast]) -> Iterable[tuple[Point, ...]]:
    """Yield the outer rings. CAP knows no holes: who stands in one is warned too."""
    by_resolution: dict[int, list[str]] = {}
    for cell in cells:
        by_resolution.setdefault(h3.get_resolution(cell.id), []).append(cell.id)
    for names in by_resolution.values():
        shape = h3.cells_to_h3shape(names, tight=False)
        for polygon in shape:
            ring = [(round(lat, 4), round(lon, 4)) for lat, lon in polygon.outer]
            yield (*ring, ring[0])


def _around(alert: Alert, cells: Sequence[AreaForecast]) -> tuple[float, float, float]:
    """Return the circle about the epicentre that holds the middle of every cell."""
    far_km = max(
        float(travel.distance_km(cell.lat_deg, cell.lon_deg, alert.lat_deg, alert.lon_deg))
        for cell in cells
    )
    return alert.lat_deg, alert.lon_deg, max(far_km, TARGET_KM)

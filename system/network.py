"""Where the virtual nodes stand: the towns of a scenario, then a grid around them."""

import math

from failure import Failure
from training.scenario import Place

SPACING_KM = 20.0  # design: the distance at which four nodes hear P within 3 s of the first
MAX_NODES = 1000  # one process feeds them all
_TOO_NEAR_KM = 10.0
_KM_PER_DEG = 111.195


def extended(towns: tuple[Place, ...], count: int) -> tuple[Place, ...]:
    """Return `count` places: the towns first, then points of a grid, the nearest to them first."""
    if not 1 <= count <= MAX_NODES:
        raise Failure(f"--nodes {count}: between 1 and {MAX_NODES}")
    if count <= len(towns):
        return towns[:count]
    lat_deg = sum(town.lat_deg for town in towns) / len(towns)
    lon_deg = sum(town.lon_deg for town in towns) / len(towns)
    scale = math.cos(math.radians(lat_deg))
    taken = [_flat_km(town, lat_deg, lon_deg, scale) for town in towns]
    reach = math.ceil(math.sqrt(count)) + 12
    free = [
        (min(abs(spot - other) for other in taken), spot)
        for spot in (
            complex(SPACING_KM * (x + 0.5 * (y % 2)), SPACING_KM * 0.866 * y)
            for x in range(-reach, reach)
            for y in range(-reach, reach)
        )
    ]
    inland = sorted(
        ((away_km, spot.real, spot.imag) for away_km, spot in free if away_km > _TOO_NEAR_KM)
    )
    more = [
        Place(
            name=f"Grid {number:03d}",
            lat_deg=round(lat_deg + north_km / _KM_PER_DEG, 4),
            lon_deg=round(lon_deg + east_km / (_KM_PER_DEG * scale), 4),
        )
        for number, (_, east_km, north_km) in enumerate(inland[: count - len(towns)], 1)
    ]
    return towns + tuple(more)


def _flat_km(place: Place, lat_deg: float, lon_deg: float, scale: float) -> complex:
    return complex(
        (place.lon_deg - lon_deg) * scale * _KM_PER_DEG, (place.lat_deg - lat_deg) * _KM_PER_DEG
    )

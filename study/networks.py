"""The networks of the study, and where their earthquakes are: drawn, and the same at every run."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote.ground.shaking import Area
from vote.waves.travel import KM_PER_DEG

Array = NDArray[np.float64]

DEAD_SHARE = 0.1
SCATTER = 0.2  # of the spacing: nobody's houses stand on a grid
NOISE_MPS2 = 4.5e-4  # 1 to 12 Hz, vertical; field nodes of OpenEEW: 4.2e-4 (seismology.md 5.10)
NOISE_LN_SIGMA = 0.4


@dataclass(frozen=True)
class Network:
    """East and north are km from its middle."""

    name: str
    about: str
    spacing_km: float
    lat_deg: float
    lon_deg: float
    east_km: Array
    north_km: Array
    noise_mps2: Array
    sources_east_km: tuple[float, float]
    sources_north_km: tuple[float, float]
    depth_km: tuple[float, float]

    @property
    def size(self) -> int:
        return len(self.east_km)

    def areas(self) -> list[Area]:
        """Return the places that alerts speak of: one a node."""
        lat, lon = self.degrees(self.east_km, self.north_km)
        return [Area(f"N{n}", float(lat[n]), float(lon[n])) for n in range(self.size)]

    def degrees(self, east_km: Array | float, north_km: Array | float) -> tuple[Array, Array]:
        """Return latitudes and longitudes."""
        shrink = float(np.cos(np.radians(self.lat_deg)))
        lat = self.lat_deg + np.asarray(north_km) / KM_PER_DEG
        return lat, self.lon_deg + np.asarray(east_km) / KM_PER_DEG / shrink


def _grid(name: str, about: str, across: tuple[int, int], spacing_km: float, **where: object):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    ticks = [(np.arange(n) - (n - 1) / 2) * spacing_km for n in across]
    east, north = (axis.ravel() for axis in np.meshgrid(*ticks))
    east = east + rng.normal(0, SCATTER * spacing_km, east.size)
    north = north + rng.normal(0, SCATTER * spacing_km, north.size)
    noise = NOISE_MPS2 * np.exp(NOISE_LN_SIGMA * rng.standard_normal(east.size))
    half = [(n - 1) / 2 * spacing_km for n in across]
    sources = {
        "sources_east_km": (-half[0], half[0]),
        "sources_north_km": (-half[1], half[1]),
        "depth_km": (5.0, 25.0),
    } | where
    return Network(name, about, spacing_km, 38.0, 23.0, east, north, noise, **sources)  # type: ignore[arg-type]


NETWORKS = {
    network.name: network
    for network in (
        _grid("town-10", "49 nodes, 10 km apart, earthquakes within", (7, 7), 10.0),
        _grid("region-20", "49 nodes, 20 km apart, earthquakes within", (7, 7), 20.0),
        _grid("country-50", "36 nodes, 50 km apart, earthquakes within", (6, 6), 50.0),
        _grid(
            "coast-20", "48 nodes, 20 km apart, along a coast; earthquakes offshore and on it",
            (12, 4), 20.0, sources_north_km=(-110.0, -20.0), depth_km=(8.0, 40.0),
        ),
    )
}  # fmt: skip

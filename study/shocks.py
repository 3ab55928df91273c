"""One earthquake of the study: where, how large, and how each node's ground moves.

Motion by training/peaks.py: Boore's stochastic method with ruptures, radiation, site and path
scatter. Travel times are not those of the vote, and a region and its paths differ (crust.py).
Magnitudes are spread evenly over the range, because by Gutenberg and Richter none of two thousand
would be above 7; what counts them as nature does is the weight 10^-M.
"""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from study import crust
from study.networks import DEAD_SHARE, Array, Network
from training.ground_motion import drawn_shock
from training.peaks import Peaks, drawn_sites, peaks

LEAST_MAGNITUDE, MOST_MAGNITUDE = 3.5, 7.8
B_VALUE = 1.0
CRUST_SEED = 2  # apart from the rest, which is drawn as it was before
LARGER_OF_TWO = 1.15  # largest component over the geometric mean of both (Beyer & Bommer 2006)


@dataclass(frozen=True)
class Quake:
    """Arrays: one row a node of the network."""

    name: str
    magnitude: float
    lat_deg: float
    lon_deg: float
    depth_km: float
    epicentral_km: Array
    motion: Peaks
    is_dead: np.ndarray
    seed: int

    @property
    def pga_mps2(self) -> Array:
        return np.asarray(LARGER_OF_TWO * self.motion.pga_mps2)

    @property
    def weight(self) -> float:
        """Return how often nature makes this size, compared with the smallest."""
        return float(10 ** (-B_VALUE * (self.magnitude - LEAST_MAGNITUDE)))


def drawn_quake(network: Network, number: int, of: int) -> Quake:
    """Return earthquake `number` of `of` of a network: always the same one."""
    seed = zlib.crc32(f"{network.name}/{number}".encode())
    rng = np.random.default_rng(seed)
    share = (number + rng.uniform()) / of
    magnitude = LEAST_MAGNITUDE + share * (MOST_MAGNITUDE - LEAST_MAGNITUDE)
    east, north, depth = (
        float(rng.uniform(*bounds))
        for bounds in (network.sources_east_km, network.sources_north_km, network.depth_km)
    )
    shock = drawn_shock(magnitude, depth, rng)
    sites = drawn_sites(network.size, np.random.default_rng(zlib.crc32(network.name.encode()) + 1))
    at_east, at_north = network.east_km - east, network.north_km - north
    motion = peaks(shock, at_east, at_north, sites, rng)
    late = 1 + crust.late_shares(
        east, north, network.east_km, network.north_km, np.random.default_rng(seed + CRUST_SEED)
    )
    motion = replace(motion, p_s=motion.p_s * late, s_s=motion.s_s * late)
    lat, lon = network.degrees(east, north)
    return Quake(
        f"{network.name}/{number}", magnitude, float(lat), float(lon), depth,
        np.hypot(at_east, at_north), motion, rng.uniform(size=network.size) < DEAD_SHARE, seed,
    )  # fmt: skip

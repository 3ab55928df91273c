"""What makes many nodes trigger at once and is no earthquake: one cause, many triggers.

How often is an assumption, on the high side, and said in the report: so many a network and year.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from study.false_triggers import Episode
from study.networks import Network

SOUND_KM_S = 0.34
THUNDER_KM = 15.0  # as far as it is heard; windows rattle within a few
GOAL_SIGMA_S = 1.5
# Of nodes fixed to walls; phones would be 10 to 40 %
GOAL_SHARE = (0.03, 0.15)
# Teleseisms proper, 30 to 90 degrees away, are not heard: mb = log10(A/T) + Q (Gutenberg & Richter
# 1956; Q 6.4 to 7.0 there, A in um) of at most 7.2 is 31 um/s at 1 Hz, 0.0002 m/s^2, and a node
# needs ten times as much (five times its noise of 0.00045). What is left is M 8 and more nearer
# than 1,500 km: one a year world-wide, and 7 % of them so near to a network on a plate boundary
# (1.4 % of the globe, five times as active). Mantle waves: 8 km/s along the surface, 11 at 20
# degrees.
FAR_KM_S, FAR_SHARE, FAR_ONSET_S = (8.0, 13.0), (0.2, 0.9), 0.6


@dataclass(frozen=True)
class Cause:
    name: str
    per_year: float
    draw: Callable[[Network, np.random.Generator], Episode]


def _thunder(network: Network, rng: np.random.Generator) -> Episode:
    """A clap: the sound reaches the nodes around one after another, at 340 m/s."""
    east, north = _somewhere(network, rng)
    away_km = np.hypot(network.east_km - east, network.north_km - north)
    heard = (away_km < THUNDER_KM) & (rng.uniform(size=network.size) < 0.8)
    return _episode(np.flatnonzero(heard), away_km[heard] / SOUND_KM_S, rng, 0.3)


def _mains(network: Network, rng: np.random.Generator) -> Episode:
    """A glitch of the supply: most nodes of a district in one instant."""
    east, north = _somewhere(network, rng)
    radius_km = rng.uniform(20.0, 150.0)
    away_km = np.hypot(network.east_km - east, network.north_km - north)
    hit = (away_km < radius_km) & (rng.uniform(size=network.size) < rng.uniform(0.3, 1.0))
    return _episode(np.flatnonzero(hit), np.zeros(int(hit.sum())), rng, 0.05)


def _goal(network: Network, rng: np.random.Generator) -> Episode:
    """A goal, a siren test, a message to all phones: people everywhere jump within seconds, and
    some of them where a node is fixed."""
    hit = rng.uniform(size=network.size) < rng.uniform(*GOAL_SHARE)
    times_s = rng.normal(0, GOAL_SIGMA_S, int(hit.sum()))
    return _episode(np.flatnonzero(hit), times_s, rng, 0.1)


def _front(network: Network, rng: np.random.Generator) -> Episode:
    """A gust front, or the noise of a storm: a line that crosses the network at 15 to 340 m/s."""
    heading, speed_km_s = rng.uniform(0, 2 * np.pi), rng.uniform(0.015, SOUND_KM_S)
    along_km = network.east_km * np.cos(heading) + network.north_km * np.sin(heading)
    hit = rng.uniform(size=network.size) < 0.5
    return _episode(np.flatnonzero(hit), along_km[hit] / speed_km_s, rng, 2.0)


def _far_wave(network: Network, rng: np.random.Generator) -> Episode:
    """P of a great earthquake some 500 to 1,500 km away, which nodes just notice: a plane wave."""
    heading, speed_km_s = rng.uniform(0, 2 * np.pi), rng.uniform(*FAR_KM_S)
    along_km = network.east_km * np.cos(heading) + network.north_km * np.sin(heading)
    hit = rng.uniform(size=network.size) < rng.uniform(*FAR_SHARE)
    return _episode(np.flatnonzero(hit), along_km[hit] / speed_km_s, rng, FAR_ONSET_S)


CAUSES = (
    Cause("thunder", 100.0, _thunder),
    Cause("mains transient", 24.0, _mains),
    Cause("goal or siren", 12.0, _goal),
    Cause("storm front", 12.0, _front),
    Cause("great earthquake far away", 0.1, _far_wave),
)


def bursts(
    network: Network, years: float, rng: np.random.Generator
) -> Iterator[tuple[str, Episode]]:
    for cause in CAUSES:
        for _ in range(int(rng.poisson(cause.per_year * years))):
            episode = cause.draw(network, rng)
            if len(episode.marks) >= 3:
                yield cause.name, episode


def _somewhere(network: Network, rng: np.random.Generator) -> tuple[float, float]:
    node = int(rng.integers(network.size))
    near = rng.normal(0, network.spacing_km / 2, 2)
    return float(network.east_km[node] + near[0]), float(network.north_km[node] + near[1])


def _episode(
    nodes: np.ndarray, times_s: np.ndarray, rng: np.random.Generator, jitter_s: float
) -> Episode:
    times_s = times_s + jitter_s * rng.standard_normal(len(nodes))
    order = np.argsort(times_s)
    return Episode(tuple((int(nodes[k]), float(times_s[k])) for k in order))

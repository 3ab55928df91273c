"""A mainshock seconds after its foreshock: is it told as one of its own, and how late?

    python -m tools.foreshocks [--worlds 10] [--nodes 100] [--seed 0]

Networks at random; crusts, onsets and amplitudes as in tools/pick_world.py; a node that shakes
notices the mainshock as if it were quiet. As one of its own: an alert begins within 5 s and 50 km
of it, nearer to its origin time than to the foreshock's. As large: any version of any alert
within 50 km is of its magnitude less one or more. Beside both the same mainshock alone, with the
same errors.
"""

import argparse
import sys
from dataclasses import dataclass, replace

import numpy as np
from rich.progress import track

from replay.intervals import Share
from tools import pick_world as world
from tools.bench_vote import MATCH_KM, MATCH_S
from tools.close_pairs import alerts_of
from vote.alert import Alert
from vote.waves.travel import distance_km

ORIGIN_S, AFTERWARDS_S = 60.0, 120.0
LARGE_BELOW = 1.0  # magnitudes


@dataclass(frozen=True)
class Case:
    spacing_km: float
    foreshock: float  # magnitude
    mainshock: float
    between_s: float
    apart_km: float = 0.0


CASES = [
    *(
        Case(spacing_km, foreshock, 6.8, between_s)
        for spacing_km in (20.0, 10.0, 5.0)
        for foreshock in (3.5, 4.9)
        for between_s in (5.0, 8.0, 14.0)
    ),
    *(Case(spacing_km, 5.9, 7.6, 8.0) for spacing_km in (20.0, 10.0, 5.0)),
    *(Case(20.0, 4.9, 6.8, between_s, 70.0) for between_s in (5.0, 8.0, 14.0)),
]


@dataclass(frozen=True)
class Told:
    """Seconds from the mainshock's origin, infinite if it never was."""

    own_s: float
    large_s: float


@dataclass(frozen=True)
class Sequence:
    alone: Told
    after: Told


def sequence_of(case: Case, nodes: int, seed: int) -> Sequence:
    rng = np.random.default_rng([seed, 0])
    network = world.Network.scattered(nodes, case.spacing_km, rng)
    north, east = rng.uniform(-case.spacing_km, case.spacing_km, 2) / world.KM_PER_DEG
    half_deg = case.apart_km / world.KM_PER_DEG / 2
    depth_km = rng.uniform(5, 15)
    first = world.Quake(17 + north - half_deg, -100 + east, depth_km, case.foreshock, ORIGIN_S)
    second = replace(
        first,
        lat_deg=first.lat_deg + 2 * half_deg,
        magnitude=case.mainshock,
        origin_s=ORIGIN_S + case.between_s,
    )
    alone = alerts_of(_played(network, [second], seed))
    both = alerts_of(_played(network, [first, second], seed))
    return Sequence(_told(alone, first, second), _told(both, first, second))


def _played(network: world.Network, quakes: list[world.Quake], seed: int) -> world.Played:
    played = world.Played()
    world.statuses(network, ORIGIN_S + AFTERWARDS_S, played)
    for quake in quakes:
        errors = np.random.default_rng([seed, round(10 * quake.magnitude)])
        world.shake(network, quake, 0, played, errors)
    return played


def _told(alerts: list[Alert], first: world.Quake, second: world.Quake) -> Told:
    own_s = large_s = float("inf")
    for alert in alerts:
        if alert.type == "cancel" or _apart_km(alert, second) > MATCH_KM:
            continue
        origin_s = (alert.origin_us - world.START_US) / 1e6
        delay_s = (alert.issued_us - world.START_US) / 1e6 - second.origin_s
        apart_s = abs(origin_s - second.origin_s)
        if alert.type == "new" and apart_s <= min(MATCH_S, abs(origin_s - first.origin_s)):
            own_s = min(own_s, delay_s)
        if alert.magnitude >= second.magnitude - LARGE_BELOW:
            large_s = min(large_s, delay_s)
    return Told(own_s, large_s)


def _apart_km(alert: Alert, quake: world.Quake) -> float:
    return float(distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg))


def line(case: Case, found: list[Sequence]) -> str:
    own = _later([(one.alone.own_s, one.after.own_s) for one in found])
    large = _later([(one.alone.large_s, one.after.large_s) for one in found])
    return (
        f"{case.spacing_km:8.0f}{case.foreshock:11.1f}{case.mainshock:11.1f}"
        f"{case.between_s:6.0f}{case.apart_km:5.0f}{own}{large}"
    )


def _later(alone_and_after_s: list[tuple[float, float]]) -> str:
    """Say how many of those that are told alone are told, and how much later in the median."""
    heard = [(alone, after) for alone, after in alone_and_after_s if np.isfinite(alone)]
    later_s = [after - alone for alone, after in heard if np.isfinite(after)]
    low, high = Share(len(later_s), len(heard)).interval or (0.0, 1.0)
    median_s, most_s = (np.median(later_s), max(later_s)) if later_s else (np.nan, np.nan)
    share = f"{len(later_s)} of {len(heard)} ({low:.0%} to {high:.0%})"
    return f"{share:>26s}{median_s:6.1f}{most_s:6.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=10, help="for each line")
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first world")
    one = parser.parse_args()
    print(
        "km apart  foreshock  mainshock  s and km    told as its own, s later (median, most)",
        end="",
    )
    print("     told as large, s later (median, most)")
    for case in CASES:
        seeds = range(one.seed, one.seed + one.worlds)
        shown = track(seeds, str(case), transient=True, disable=not sys.stdout.isatty())
        print(line(case, [sequence_of(case, one.nodes, seed) for seed in shown]), flush=True)


if __name__ == "__main__":
    main()

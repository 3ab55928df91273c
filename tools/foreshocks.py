"""A mainshock seconds after its foreshock: is it told as one of its own, and how late?

    python -m tools.foreshocks [--worlds 10] [--nodes 100] [--seed 0]

Networks at random; crusts, onsets and amplitudes as in tools/pick_world.py; a node that shakes
notices the mainshock as if it were quiet. It is told if an alert begins within 5 s and 50 km of
it, nearer to its origin time than to the foreshock's. Beside it the same mainshock alone, with
the same errors.
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
from vote.travel import distance_km

ORIGIN_S, AFTERWARDS_S = 60.0, 120.0


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
class Sequence:
    """From the mainshock's origin to its first alert; infinite if there was none."""

    alone_s: float
    after_s: float
    largest: float  # magnitude in any alert


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
    largest = max((alert.magnitude for alert in both if alert.type != "cancel"), default=np.nan)
    return Sequence(_delay_s(alone, first, second), _delay_s(both, first, second), largest)


def _played(network: world.Network, quakes: list[world.Quake], seed: int) -> world.Played:
    played = world.Played()
    world.statuses(network, ORIGIN_S + AFTERWARDS_S, played)
    for quake in quakes:
        errors = np.random.default_rng([seed, round(10 * quake.magnitude)])
        world.shake(network, quake, 0, played, errors)
    return played


def _delay_s(alerts: list[Alert], first: world.Quake, second: world.Quake) -> float:
    for alert in alerts:
        origin_s = (alert.origin_us - world.START_US) / 1e6
        apart_s = abs(origin_s - second.origin_s)
        apart_km = distance_km(alert.lat_deg, alert.lon_deg, second.lat_deg, second.lon_deg)
        is_it = apart_s <= min(MATCH_S, abs(origin_s - first.origin_s)) and apart_km <= MATCH_KM
        if alert.type == "new" and is_it:
            return (alert.issued_us - world.START_US) / 1e6 - second.origin_s
    return float("inf")


def line(case: Case, found: list[Sequence]) -> str:
    heard = [one for one in found if np.isfinite(one.alone_s)]
    later_s = [one.after_s - one.alone_s for one in heard if np.isfinite(one.after_s)]
    low, high = Share(len(later_s), len(heard)).interval or (0.0, 1.0)
    share = f"{len(later_s)} of {len(heard)} ({low:.0%} to {high:.0%})"
    median, most = (np.median(later_s), max(later_s)) if later_s else (np.nan, np.nan)
    return (
        f"{case.spacing_km:16.0f}{case.foreshock:11.1f}{case.mainshock:11.1f}"
        f"{case.between_s:11.0f}{case.apart_km:12.0f}{share:>26s}{median:16.1f}{most:6.1f}"
        f"{np.median([one.largest for one in heard]):19.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=10, help="for each line")
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first world")
    one = parser.parse_args()
    print(
        "km between nodes  foreshock  mainshock  s between  km between         mainshock told"
        "   later: median, most  largest magnitude"
    )
    for case in CASES:
        seeds = range(one.seed, one.seed + one.worlds)
        shown = track(seeds, str(case), transient=True, disable=not sys.stdout.isatty())
        print(line(case, [sequence_of(case, one.nodes, seed) for seed in shown]), flush=True)


if __name__ == "__main__":
    main()

"""Two earthquakes soon after each other in one network: is each told, once, and how late?

    python -m tools.close_pairs [--pairs 20] [--nodes 400] [--spacing 12] [--least 4.2]

Random places within the network, magnitudes by Gutenberg and Richter, crusts and onsets as in
tools/pick_world.py. Told: a first alert within 5 s and 50 km of it.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from groundswell import wire
from rich.progress import track

from tools import bench_vote
from tools import pick_world as world
from vote.alert import Alert
from vote.decision import Decider

APART_S = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0)
MESSAGES = len(world.WINDOWS_S)


@dataclass(frozen=True)
class Pair:
    apart_km: float
    told: tuple[bool, bool]
    alerts: int
    withdrawn: int
    second_after_s: float  # its first alert after its origin; NaN if it was not told


def alerts_of(played: world.Played) -> list[Alert]:
    decider, alerts = Decider("pairs"), []
    for received_us, message in played.in_order():
        decider.hear(message, received_us)
        if isinstance(message, wire.Trigger):
            alerts += decider.tick(received_us)
    return alerts


def pair_of(nodes: int, spacing_km: float, least: float, apart_s: float, seed: int) -> Pair:
    _, truth, played = bench_vote.simulated(nodes, 2, seed, least, MESSAGES, spacing_km, apart_s)
    alerts = alerts_of(played)
    new = [alert for alert in alerts if alert.type == "new"]
    after_s = [_told_after_s(new, quake) for quake in truth]
    first, second = truth
    east = (second.lon_deg - first.lon_deg) * np.cos(np.radians(first.lat_deg))
    apart_km = world.KM_PER_DEG * float(np.hypot(east, second.lat_deg - first.lat_deg))
    told = tuple(not np.isnan(one) for one in after_s)
    withdrawn = sum(alert.type == "cancel" for alert in alerts)
    return Pair(apart_km, (told[0], told[1]), len(new), withdrawn, after_s[1])


def _told_after_s(new: list[Alert], quake: world.Quake) -> float:
    for alert in new:
        origin_s = (alert.origin_us - world.START_US) / 1e6
        found = bench_vote.Found(0.0, [(origin_s, alert.lat_deg, alert.lon_deg)])
        if bench_vote.matches(found, [quake])[0]:
            return (alert.issued_us - world.START_US) / 1e6 - quake.origin_s
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=20, help="for each time between them")
    parser.add_argument("--nodes", type=int, default=400)
    parser.add_argument("--spacing", type=float, default=12.0, help="km between nodes")
    parser.add_argument("--least", type=float, default=4.2, help="magnitude")
    parser.add_argument("--seed", type=int, default=0, help="of the first pair")
    one = parser.parse_args()
    print(
        "s between  pairs  both told  alerts too many  withdrawn  the second after its origin, s"
    )
    for apart_s in APART_S:
        seeds = range(one.seed, one.seed + one.pairs)
        told = f"{apart_s:.0f} s apart"
        pairs = [
            pair_of(one.nodes, one.spacing, one.least, apart_s, seed)
            for seed in track(seeds, told, transient=True, disable=not sys.stdout.isatty())
        ]
        both = sum(all(pair.told) for pair in pairs)
        many = sum(max(pair.alerts - 2, 0) for pair in pairs)
        withdrawn = sum(pair.withdrawn for pair in pairs)
        late = np.nanmedian([pair.second_after_s for pair in pairs])
        print(f"{apart_s:9.0f}{len(pairs):7d}{both:11d}{many:17d}{withdrawn:11d}{late:30.1f}")


if __name__ == "__main__":
    main()

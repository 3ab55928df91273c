"""People, or chatter, at the nodes after an earthquake: does it get a second alert?

    python -m tools.people_after [--worlds 15] [--nodes 100] [--seed 0]

Networks at random, one earthquake of M4.5 to 6.5 in each; crusts, onsets and amplitudes as in
tools/pick_world.py. A share of all nodes triggers twice more within 45 s of the P wave, each time
as sure as of it and for as long, as strongly as the vote takes people to shake a node
(vote/judge/strength.py).
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.progress import track

from replay.intervals import Share
from tools import pick_world as world
from tools.close_pairs import alerts_of
from vote.judge.strength import PEOPLE_LOG10, PEOPLE_SIGMA

SPACINGS_KM, SHARES = (10.0, 20.0, 40.0), (0.0, 1 / 3, 1 / 2)
MAGNITUDES = (4.5, 6.5)
WITHIN_S, TIMES = 45.0, 2
ORIGIN_S, AFTERWARDS_S = 60.0, 150.0


@dataclass(frozen=True)
class Told:
    alerts: int
    upheld: int  # of these never taken back


def disturb(
    network: world.Network,
    quake: world.Quake,
    share: float,
    played: world.Played,
    rng: np.random.Generator,
) -> None:
    """Let people shake a share of the nodes soon after the earthquake has reached them."""
    p_s = quake.origin_s + world.p_time_s(world.distance_km(network, quake), quake.depth_km)
    for k in np.flatnonzero(rng.random(len(p_s)) < share):
        for after_s in np.sort(rng.uniform(0, WITHIN_S, TIMES)):
            strong_mps2 = 10 ** rng.normal(PEOPLE_LOG10, PEOPLE_SIGMA)
            pga = strong_mps2 * np.minimum(1.0, 0.4 + world.WINDOWS_S)
            world.trigger(
                network, int(k), p_s[k] + after_s, 0.0, pga, pga * 1e-3, -1, played, len(pga)
            )


def told_of(spacing_km: float, share: float, nodes: int, seed: int) -> Told:
    rng = np.random.default_rng([seed, 0])
    network = world.Network.scattered(nodes, spacing_km, rng)
    half_deg = 0.4 * spacing_km * np.sqrt(nodes) / world.KM_PER_DEG
    lat, lon = rng.uniform(-half_deg, half_deg, 2)
    magnitude = float(rng.uniform(*MAGNITUDES))
    quake = world.Quake(17 + lat, -100 + lon, rng.uniform(5, 25), magnitude, ORIGIN_S)
    played = world.Played()
    world.statuses(network, ORIGIN_S + AFTERWARDS_S, played)
    world.shake(network, quake, 0, played, np.random.default_rng([seed, 1]))
    disturb(network, quake, share, played, np.random.default_rng([seed, 2]))
    alerts = alerts_of(played)
    new = {alert.event_id for alert in alerts if alert.type == "new"}
    return Told(len(new), len(new - {a.event_id for a in alerts if a.type == "cancel"}))


def line(spacing: str, share: float, found: list[Told]) -> str:
    def shown(is_so: Callable[[Told], bool]) -> str:
        counted = Share(sum(map(is_so, found)), len(found))
        low, high = counted.interval or (0.0, 1.0)
        return f"{counted.hits:5d} of {counted.trials} ({low:3.0%} to {high:4.0%})"

    return (
        f"{spacing:>16s}{share:7.2f}{shown(lambda one: one.alerts > 0)}"
        f"{shown(lambda one: one.alerts > 1)}{shown(lambda one: one.upheld > 1)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=15, help="for each line")
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first world")
    one = parser.parse_args()
    seeds = range(one.seed, one.seed + one.worlds)
    print("km between nodes  share           told            more than once         stay so")
    for share in SHARES:
        of_share: list[Told] = []
        for spacing_km in SPACINGS_KM:
            what = f"{spacing_km:.0f} km, {share:.2f}"
            shown = track(seeds, what, transient=True, disable=not sys.stdout.isatty())
            found = [told_of(spacing_km, share, one.nodes, seed) for seed in shown]
            print(line(f"{spacing_km:.0f}", share, found), flush=True)
            of_share += found
        print(line("all", share, of_share), flush=True)


if __name__ == "__main__":
    main()

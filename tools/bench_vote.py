"""How long one trigger takes in the vote, with a thousand live nodes; beside it PyOcto.

    python -m tools.bench_vote [--nodes 1000] [--quakes 6] [--least 4] [--refined 4] [--seed 1]
        [--spacing 10] [--apart 60] [--runs 1]

Picks come from travel times of another Earth model than the vote's, with noise, late onsets and S
waves taken for P; every node also errs by itself (tools/pick_world.py). The vote hears each
message as the engine would, and ticks. PyOcto (pip install pyocto; no part of the product)
associates the same picks in the same run, if it is there: it is made for catalogues, after the
fact, and is given all picks at once; the vote must answer each one before it sees the next.

Processor time, one core; of several runs of the same triggers each one's least, which other
programs on the machine have disturbed least. A match: origin within 5 s and 50 km of a simulated
one.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from groundswell import wire

from tools import pick_world as world
from vote import lifecycle
from vote.decision import Decider
from vote.ground import shaking
from vote.judge import quorum
from vote.running import relocation
from vote.running.event import Event

APART_S = 60.0
FALSE_PER_NODE_H = 0.3  # OpenEEW's own STA/LTA: 0.31 to 0.62
SPACING_KM = 10.0
LEAST_MAGNITUDE = 4.0
REFINED = 4  # messages of 13: the first second, in which all look small
MATCH_S, MATCH_KM = 5.0, 50.0
SLOWEST = 0.01  # of the triggers, whose time is told by its parts
PARTS: dict[str, tuple[Any, str]] = {
    "judged": (quorum, "judge"),
    "located anew": (relocation, "relocate"),
    "upheld": (quorum, "why_withdrawn"),
    "sized": (Event, "resize"),
    "forecast": (shaking, "forecast_for"),
    "written": (lifecycle, "next_alert"),
}
# PyOcto does not end within minutes when asked for events of 3 picks, or given 300 nodes
LEAST_PICKS, COMPARED_NODES = 4, 100


@dataclass
class Found:
    seconds: float
    origins: list[tuple[float, float, float]]  # s after the start, latitude, longitude


def simulated(
    nodes: int,
    quakes: int,
    seed: int,
    least_magnitude: float = LEAST_MAGNITUDE,
    refined: int = REFINED,
    spacing_km: float = SPACING_KM,
    apart_s: float = APART_S,
) -> tuple[world.Network, list[world.Quake], world.Played]:
    rng = np.random.default_rng(seed)
    network = world.Network.scattered(nodes, spacing_km, rng)
    half_deg = 0.4 * spacing_km * np.sqrt(nodes) / world.KM_PER_DEG
    played, truth = world.Played(), []
    until_s = apart_s * (quakes + 1)
    world.statuses(network, until_s, played)
    world.err(network, FALSE_PER_NODE_H, until_s, played, rng)
    for k, magnitude in enumerate(world.magnitudes(quakes, least_magnitude, rng)):
        lat, lon = rng.uniform(-half_deg, half_deg, 2)
        quake = world.Quake(
            17.0 + lat, -100.0 + lon, rng.uniform(5, 25), float(magnitude), apart_s * (k + 1)
        )
        truth.append(quake)
        world.shake(network, quake, k, played, rng, refined)
    return network, truth, played


def vote(played: world.Played) -> tuple[Found, list[float]]:
    """Return what the vote declared, and the time for each first message of a detection."""
    decider, first_s, origins, total_s = Decider("bench"), [], [], 0.0
    for received_us, message in played.in_order():
        begin = time.process_time()
        decider.hear(message, received_us)
        is_trigger = isinstance(message, wire.Trigger)
        alerts = decider.tick(received_us) if is_trigger else []
        spent = time.process_time() - begin
        if is_trigger:
            total_s += spent
            if message.update == 0:
                first_s.append(spent)
        origins += [
            ((alert.origin_us - world.START_US) / 1e6, alert.lat_deg, alert.lon_deg)
            for alert in alerts
            if alert.type == "new"
        ]
    return Found(total_s, origins), first_s


def slowest(played: world.Played) -> Counter[str]:
    """Return the mean time of the slowest triggers, by what it was spent on: seconds."""
    each: list[Counter[str]] = []
    with _timed() as spent:
        decider = Decider("bench")
        for received_us, message in played.in_order():
            spent.clear()
            begin = time.process_time()
            decider.hear(message, received_us)
            if isinstance(message, wire.Trigger):
                decider.tick(received_us)
                if message.update == 0:
                    all_s = time.process_time() - begin
                    each.append(Counter(spent, all=all_s, rest=all_s - sum(spent.values())))
    each.sort(key=lambda one: -one["all"])
    many = max(round(SLOWEST * len(each)), 1)
    total = sum(each[:many], Counter[str]())
    return Counter({part: seconds / many for part, seconds in total.items()})


@contextmanager
def _timed() -> Iterator[Counter[str]]:
    """Let the time that is spent on each of PARTS be counted."""
    spent: Counter[str] = Counter()
    kept = {part: getattr(owner, name) for part, (owner, name) in PARTS.items()}

    def timed(part: str) -> Callable[..., Any]:
        def work(*args: Any, **named: Any) -> Any:
            begin = time.process_time()
            result = kept[part](*args, **named)
            spent[part] += time.process_time() - begin
            return result

        return work

    for part, (owner, name) in PARTS.items():
        setattr(owner, name, timed(part))
    yield spent
    for part, (owner, name) in PARTS.items():
        setattr(owner, name, kept[part])


def pyocto(network: world.Network, played: world.Played) -> Found | None:
    """Return what PyOcto associates of the same first messages, all P; None without PyOcto."""
    try:
        import pandas as pd
        import pyocto
    except ImportError:
        return None
    half_km = SPACING_KM * np.sqrt(len(network.lat_deg)) / 2 + 50
    associator = pyocto.OctoAssociator(
        xlim=(-half_km, half_km), ylim=(-half_km, half_km), zlim=(0, 40),
        velocity_model=pyocto.VelocityModel0D(6.1, 3.5, 2.0, association_cutoff_distance=150),
        time_before=60.0, n_picks=LEAST_PICKS, n_p_picks=LEAST_PICKS, n_s_picks=0,
        n_p_and_s_picks=0, n_threads=1,
    )  # fmt: skip
    east = (network.lon_deg + 100.0) * world.KM_PER_DEG * np.cos(np.radians(17.0))
    north = (network.lat_deg - 17.0) * world.KM_PER_DEG
    names = [f"n{k + 1}" for k in range(len(east))]
    stations = pd.DataFrame({"id": names, "x": east, "y": north, "z": 0.0})
    firsts = [m for _, m in played.in_order() if isinstance(m, wire.Trigger) and m.update == 0]
    picks = pd.DataFrame({
        "station": [f"n{m.node_id}" for m in firsts],
        "phase": "P",
        "time": [(m.onset_us - world.START_US) / 1e6 for m in firsts],
    })  # fmt: skip
    begin = time.process_time()
    events, _ = associator.associate(picks, stations)
    seconds = time.process_time() - begin
    shrink = world.KM_PER_DEG * np.cos(np.radians(17.0))
    return Found(seconds, [
        (row.time, 17.0 + row.y / world.KM_PER_DEG, -100.0 + row.x / shrink)
        for row in events.itertuples()
    ])  # fmt: skip


def matches(found: Found, truth: list[world.Quake]) -> tuple[int, int]:
    """Return how many simulated earthquakes were found, and how many findings are one."""
    fits = np.array([
        [
            abs(origin_s - quake.origin_s) <= MATCH_S
            and np.hypot(lat - quake.lat_deg, lon - quake.lon_deg) * 111 <= MATCH_KM
            for quake in truth
        ]
        for origin_s, lat, lon in found.origins
    ]).reshape(len(found.origins), len(truth))  # fmt: skip
    return int(fits.any(axis=0).sum()), int(fits.any(axis=1).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--quakes", type=int, default=6)
    parser.add_argument("--least", type=float, default=LEAST_MAGNITUDE, help="magnitude")
    parser.add_argument("--refined", type=int, default=REFINED, help="messages of a wave")
    parser.add_argument("--spacing", type=float, default=SPACING_KM, help="km between nodes")
    parser.add_argument("--apart", type=float, default=APART_S, help="s between earthquakes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1, help="of which the least time counts")
    arguments = parser.parse_args()
    _, truth, played = simulated(
        arguments.nodes, arguments.quakes, arguments.seed, arguments.least, arguments.refined,
        arguments.spacing, arguments.apart,
    )  # fmt: skip
    found, first_s = vote(played)
    for _ in range(arguments.runs - 1):
        first_s = [min(pair) for pair in zip(first_s, vote(played)[1])]
    median, p99 = np.percentile(first_s, [50, 99]) * 1e3
    print(f"{arguments.nodes} live nodes, {len(first_s)} triggers, {len(truth)} earthquakes")
    print(f"one trigger in the vote: median {median:.2f} ms, 99th percentile {p99:.1f} ms")
    parts = slowest(played)
    told = ", ".join(f"{part} {parts[part] * 1e3:.1f}" for part in (*PARTS, "rest"))
    print(f"the slowest {SLOWEST:.0%}, in one more run: {parts['all'] * 1e3:.1f} ms; {told}")
    _row("vote", found, truth, len(first_s))
    _compare(arguments.quakes, arguments.seed, arguments.least, arguments.refined)


def _compare(quakes: int, seed: int, least_magnitude: float, refined: int) -> None:
    network, truth, played = simulated(COMPARED_NODES, quakes, seed, least_magnitude, refined)
    other = pyocto(network, played)
    if other is None:
        print("PyOcto is not installed: pip install pyocto")
        return
    found, first_s = vote(played)
    print(f"the same picks of {COMPARED_NODES} nodes, {LEAST_PICKS} at least for PyOcto:")
    _row("vote", found, truth, len(first_s))
    _row("PyOcto", other, truth, len(first_s))
    print(f"ratio of picks per second: {other.seconds / found.seconds:.2f}")


def _row(name: str, found: Found, truth: list[world.Quake], picks: int) -> None:
    caught, right = matches(found, truth)
    print(
        f"{name:8s}{picks / found.seconds:9.0f} picks/s; found {caught} of {len(truth)}, "
        f"{right} of {len(found.origins)} right"
    )


if __name__ == "__main__":
    main()

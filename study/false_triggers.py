"""Years of nodes that trigger for no reason, in minutes: only what could be an alert is played.

Independent false triggers are a Poisson process at each node. An earthquake needs three nodes
whose triggers a P wave could join (vote/nodes/picks.py: apart / 5 km/s + 3 s); everything else
cannot be declared, whatever the vote thinks of it. So all triggers of a century are drawn, the
groups of three that could be joined are found, and only these episodes go through the real vote.
Nothing is approximated and nothing weighted: the rest would have been silence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from groundswell import wire

from study import trigger_model, uplink
from study.networks import Array, Network
from study.node_messages import SPOKEN_BY, START_US, Letter, place_of
from vote.decision import Decider
from vote.nodes.account import MEMORY_H
from vote.nodes.picks import SLACK_S, SLOWEST_KM_S
from vote.settings import Settings

HOURS_A_YEAR = 8766.0
CLOCK_SIGMA_S = 0.05
REFINED_AFTER_S = (0.5, 1.0, 2.0)
PGA_MPS2, PGA_LN_SIGMA = 0.01, 1.0  # footsteps, doors, traffic: a few mm/s^2 to some cm/s^2
HUMAN_HZ = 8.0  # what gives a false trigger's velocity and displacement from its acceleration
NEEDED = 3  # nodes (settings.py)


@dataclass(frozen=True)
class Episode:
    """Triggers that could become an alert, in order of time: (node, seconds)."""

    marks: tuple[tuple[int, float], ...]


def episodes(
    network: Network, rates_h: Array, years: float, rng: np.random.Generator
) -> Iterator[Episode]:
    """Yield what could become an alert in so many years."""
    apart_km = np.hypot(
        network.east_km[:, None] - network.east_km, network.north_km[:, None] - network.north_km
    )
    reach_s = apart_km / SLOWEST_KM_S + SLACK_S + 4 * CLOCK_SIGMA_S
    for _ in range(max(1, round(years))):
        nodes, times_s = _a_year(rates_h * years / max(1, round(years)), rng)
        yield from _joined(nodes, times_s, reach_s)


def _a_year(rates_h: Array, rng: np.random.Generator) -> tuple[np.ndarray, Array]:
    counts = rng.poisson(rates_h * HOURS_A_YEAR)
    nodes = np.repeat(np.arange(len(rates_h)), counts)
    times_s = rng.uniform(0, HOURS_A_YEAR * 3600, len(nodes))
    order = np.argsort(times_s)
    return nodes[order], times_s[order]


def _joined(nodes: np.ndarray, times_s: Array, reach_s: Array) -> Iterator[Episode]:
    """Yield runs of triggers around each one that has two others within reach before it."""
    longest_s = float(reach_s.max())
    first = np.searchsorted(times_s, times_s - longest_s)
    crowded = np.flatnonzero(np.arange(len(nodes)) - first >= NEEDED - 1)
    complete = [
        int(k) for k in crowded
        if len(_within(nodes, times_s, reach_s, int(first[k]), int(k))) >= NEEDED - 1
    ]  # fmt: skip
    for group in _groups(complete, times_s, longest_s):
        begin, end = int(first[group[0]]), group[-1] + 1
        yield Episode(
            tuple((int(n), float(t)) for n, t in zip(nodes[begin:end], times_s[begin:end]))
        )


def _within(
    nodes: np.ndarray, times_s: Array, reach_s: Array, begin: int, newest: int
) -> set[int]:
    """Return the other nodes that a P wave could join to the newest trigger."""
    earlier = slice(begin, newest)
    joined = times_s[newest] - times_s[earlier] <= reach_s[nodes[newest], nodes[earlier]]
    return set(nodes[earlier][joined]) - {int(nodes[newest])}


def _groups(complete: Sequence[int], times_s: Array, longest_s: float) -> Iterator[list[int]]:
    group: list[int] = []
    for k in complete:
        if group and times_s[k] - times_s[group[-1]] > longest_s:
            yield group
            group = []
        group.append(k)
    if group:
        yield group


def decider_of(
    network: Network, rates_h: Array, settings: Settings, heeds_silence: bool = True
) -> Decider:
    """Return a vote whose nodes are alive, and which has learnt how they err."""
    decider = Decider("study", "live", network.areas(), settings)
    decider.fleet.false_mark = trigger_model.FALSE_MARK
    for node in range(network.size):
        decider.hear(_status(network, node, heeds_silence), START_US)
        known = decider.fleet.nodes[node + 1].account
        known.false_hours, known.false_count = MEMORY_H, rates_h[node] * MEMORY_H
    return decider


def letters_of(
    network: Network, episode: Episode, rng: np.random.Generator, heeds_p_quake: bool = True
) -> list[Letter]:
    """Return the frames of an episode, whose first trigger is just after START_US."""
    letters = []
    begin_s = episode.marks[0][1] - 1.0
    p_quake = trigger_model.false_p_quake(rng, len(episode.marks))
    for number, ((node, time_s), p) in enumerate(zip(episode.marks, p_quake)):
        pga_mps2 = PGA_MPS2 * float(np.exp(PGA_LN_SIGMA * rng.standard_normal()))
        wait_s = float(uplink.least_way_s(rng, 1)[0] + rng.uniform(0.05, 0.5))
        onset_us = START_US + round(
            (time_s - begin_s + CLOCK_SIGMA_S * rng.standard_normal()) * 1e6
        )
        for update, after_s in enumerate((wait_s, *REFINED_AFTER_S)):
            sample_us = onset_us + round(after_s * 1e6)
            message = false_trigger(
                node, number, update, onset_us, sample_us, pga_mps2,
                float(p) if heeds_p_quake else 0.5, network.noise_mps2[node],
            )  # fmt: skip
            letters.append(Letter(sample_us + round(wait_s * 1e6), True, wire.encode(message)))
    return sorted(letters, key=lambda letter: letter.received_us)


def false_trigger(
    node: int, detection: int, update: int, onset_us: int, sample_us: int, pga_mps2: float,
    p_quake: float, noise_mps2: float,
) -> wire.Trigger:  # fmt: skip
    omega = 2 * np.pi * HUMAN_HZ
    return wire.Trigger(
        node_id=node + 1,
        boot_id=1,
        seq=detection * 8 + update,
        detection_id=detection & 0xFFFF,
        update=update,
        flags=0,
        onset_us=onset_us,
        sample_us=sample_us,
        sent_us=sample_us + round(SPOKEN_BY * 1e6),
        clock_error_us=round(CLOCK_SIGMA_S * 1e6),
        p_quake_permille=round(p_quake * 1000),
        ratio_milli=20_000,
        pga_um_s2=round(pga_mps2 * 1e6),
        pgv_nm_s=round(pga_mps2 / omega * 1e9),
        pd_nm=round(max(pga_mps2 / omega**2, 8e-6) * 1e9),
        noise_um_s2=round(noise_mps2 * 1e6),
    )


def _status(network: Network, node: int, heeds_silence: bool) -> wire.Status:
    lat, lon = place_of(network, node)
    fields = dict.fromkeys(wire.Status._fields, 0) | {
        "node_id": node + 1,
        "boot_id": 1,
        "state": wire.STATE_ARMED if heeds_silence else wire.STATE_STARTING,
        "sensor": wire.SENSOR_ADXL355,
        "sent_us": START_US,
        "clock_error_us": round(CLOCK_SIGMA_S * 1e6),
        "lat_udeg": round(lat * 1e6),
        "lon_udeg": round(lon * 1e6),
        "rate_mhz": 125_000,
        "noise_um_s2": round(network.noise_mps2[node] * 1e6),
        "uptime_s": 86_400,
    }
    return wire.Status(**fields)

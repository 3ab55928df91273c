"""Wire messages of the nodes in one earthquake, from arrivals and peaks: a simulator of triggers.

A thousand times cheaper than samples through filters, and less true: of a detection it knows
onset, delay, probability and peaks as `trigger_model` has them, no phases but P and S, one
detection a node.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from groundswell import topics, wire

from study import trigger_model, uplink
from study.ground import Ground
from study.networks import Network
from study.shocks import Quake
from study.trigger_model import Onset

START_US = 1_764_000_000_000_000  # of every earthquake of the study
LOST_SHARE = 0.01
STATUS_EVERY_S = 30.0
FIRST_STATUS_S, LAST_STATUS_S = -40.0, 130.0
WINDOWS_S = (0.0, 0.5, *range(1, 41))  # when a detection is refined (reporter.py)
SPOKEN_BY = 0.042  # a block and the processing of a node, s (reporter.py: 32 ms and 10 ms)


Timed = tuple[float, Any]  # seconds after the origin, message


@dataclass(frozen=True)
class Conditions:
    """What is changed from one run of the study to the next."""

    clock_sigma_s: float = 0.05
    heeds_silence: bool = True  # False: no status says that a node listens
    heeds_p_quake: bool = True  # False: every node is as sure as a coin


@dataclass(frozen=True)
class Letter:
    """A frame on its way. Sorted by when it reaches the engine."""

    received_us: int
    is_prompt: bool
    frame: bytes


@dataclass(frozen=True)
class Mark:
    """The first message of a node's detection, as simple rules hear it."""

    node: int
    published_us: int
    received_us: int


def letters_of(
    network: Network, quake: Quake, conditions: Conditions
) -> tuple[list[Letter], list[Mark]]:
    """Return every frame that reaches the engine, in order, and the first triggers."""
    rng = np.random.default_rng(quake.seed + 1)
    post = _Post(network, quake, conditions, rng)
    for node in np.flatnonzero(~quake.is_dead):
        for message in _messages(int(node), network, quake, post, rng):
            post.send(int(node), message)
    return sorted(post.letters, key=lambda letter: letter.received_us), post.marks


def place_of(network: Network, node: int) -> tuple[float, float]:
    lat, lon = network.degrees(network.east_km[node], network.north_km[node])
    return float(lat), float(lon)


class _Post:
    """Clocks and ways of the nodes; what they sent."""

    def __init__(
        self, network: Network, quake: Quake, conditions: Conditions, rng: np.random.Generator
    ) -> None:
        self.conditions = conditions
        self.letters: list[Letter] = []
        self.marks: list[Mark] = []
        self._rng = rng
        self._clock_s = conditions.clock_sigma_s * rng.standard_normal(network.size)
        self._least_s = uplink.least_way_s(rng, network.size)
        self._noted: set[int] = set()
        self._seq = 0

    def stamp_us(self, node: int, after_s: float) -> int:
        """Return what a node's clock says so long after the origin."""
        return START_US + round((after_s + float(self._clock_s[node])) * 1e6)

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def send(self, node: int, timed: Timed) -> None:
        after_s, message = timed
        if self._rng.uniform() < LOST_SHARE:
            return
        wait_s = float(self._least_s[node] + uplink.waits_s(self._rng, 1)[0])
        received_us = START_US + round((after_s + wait_s) * 1e6)
        is_prompt = isinstance(message, wire.Trigger)
        assert topics.of_message(message)  # raises for what no node says
        self.letters.append(Letter(received_us, is_prompt, wire.encode(message)))
        if is_prompt and node not in self._noted:
            self._noted.add(node)
            self.marks.append(Mark(node, START_US + round(after_s * 1e6), received_us))


def _messages(
    node: int, network: Network, quake: Quake, post: _Post, rng: np.random.Generator
) -> Iterator[Timed]:
    """Yield (seconds after the origin, message), statuses first, then the detection."""
    yield from _statuses(node, network, post, rng)
    onset = _onset(node, network, quake, rng)
    if onset is not None:
        ground = Ground.at(node, network, quake)
        yield from _triggers(node, network, ground, onset, post)
        yield from _shaking(node, ground, onset, post)


def _statuses(
    node: int, network: Network, post: _Post, rng: np.random.Generator
) -> Iterator[Timed]:
    lat, lon = place_of(network, node)
    state = wire.STATE_ARMED if post.conditions.heeds_silence else wire.STATE_STARTING
    first_s = FIRST_STATUS_S + rng.uniform(0, STATUS_EVERY_S)
    for after_s in np.arange(first_s, LAST_STATUS_S, STATUS_EVERY_S):
        fields = dict.fromkeys(wire.Status._fields, 0)
        fields |= {
            "node_id": node + 1,
            "boot_id": 1,
            "seq": post.next_seq(),
            "state": state,
            "sensor": wire.SENSOR_ADXL355,
            "sent_us": post.stamp_us(node, float(after_s)),
            "clock_error_us": _error_us(post),
            "lat_udeg": round(lat * 1e6),
            "lon_udeg": round(lon * 1e6),
            "rate_mhz": 125_000,
            "noise_um_s2": round(network.noise_mps2[node] * 1e6),
            "uptime_s": 86_400,
        }
        yield float(after_s), wire.Status(**fields)


def _onset(node: int, network: Network, quake: Quake, rng: np.random.Generator) -> Onset | None:
    """Return the node's detection: of P, else of S, else none."""
    motion, noise = quake.motion, network.noise_mps2[node : node + 1]
    p_peak = motion.p_pga_mps2[node : node + 1]
    if trigger_model.triggers(p_peak, noise, rng)[0]:
        found = trigger_model.onset_of(float(motion.p_s[node]), float(p_peak[0]), rng)
        if found.onset_s < motion.s_s[node]:
            return found
    s_peak = quake.pga_mps2[node : node + 1]
    if not trigger_model.triggers(s_peak, noise, rng)[0]:
        return None
    return trigger_model.onset_of(float(motion.s_s[node]), float(s_peak[0]), rng)


def _triggers(
    node: int, network: Network, ground: Ground, onset: Onset, post: _Post
) -> Iterator[Timed]:
    ends_s = ground.ends_s()
    windows = (window_s for window_s in WINDOWS_S if window_s == 0 or window_s < ends_s)
    update = 0
    for window_s in windows:
        sample_s = onset.onset_s + window_s
        if window_s == 0:
            sample_s = onset.published_s - SPOKEN_BY
        elif sample_s <= onset.published_s or sample_s > max(ends_s, onset.published_s):
            continue
        is_early = sample_s - onset.onset_s < 0.9
        p_quake = onset.p_first if is_early else onset.p_later
        if not post.conditions.heeds_p_quake:
            p_quake = 0.5
        pga_mps2 = ground.pga_mps2(sample_s)
        yield (
            sample_s + SPOKEN_BY,
            wire.Trigger(
                node_id=node + 1,
                boot_id=1,
                seq=post.next_seq(),
                detection_id=0,
                update=update,
                flags=0,
                onset_us=post.stamp_us(node, onset.onset_s),
                sample_us=post.stamp_us(node, sample_s),
                sent_us=post.stamp_us(node, sample_s + SPOKEN_BY),
                clock_error_us=_error_us(post),
                p_quake_permille=round(p_quake * 1000),
                ratio_milli=min(round(pga_mps2 / network.noise_mps2[node] * 1000), 2**31),
                pga_um_s2=round(pga_mps2 * 1e6),
                pgv_nm_s=round(ground.pgv_so_far_mps(sample_s) * 1e9),
                pd_nm=round(ground.pd_so_far_m(sample_s) * 1e9),
                noise_um_s2=round(network.noise_mps2[node] * 1e6),
            ),
        )
        update += 1


def _shaking(node: int, ground: Ground, onset: Onset, post: _Post) -> Iterator[Timed]:
    for end_s in np.arange(onset.published_s + 1, ground.ends_s(), 1.0):
        now_mps2 = ground.now_mps2(float(end_s))
        share = now_mps2 / ground.pga_mps2(float(end_s))
        yield (
            float(end_s),
            wire.Shaking(
                node_id=node + 1,
                boot_id=1,
                seq=post.next_seq(),
                flags=0,
                end_us=post.stamp_us(node, float(end_s)),
                clock_error_us=_error_us(post),
                pga_um_s2=round(now_mps2 * 1e6),
                pgv_nm_s=round(ground.pgv_so_far_mps(float(end_s)) * share * 1e9),
            ),
        )


def _error_us(post: _Post) -> int:
    """A node knows how good its clock is: what it does not know is the sign."""
    return round(post.conditions.clock_sigma_s * 1e6)

"""Every node the network knows: where it stands, whether it lives, how far it can be trusted.

Silence is evidence only from a node known to be alive: liveness comes from status messages and
lapses by itself. Nodes within 200 m of each other are one site.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from groundswell import wire
from numpy.typing import NDArray

from vote import travel
from vote.site_terms import SiteTerms
from vote.stamps import is_clock_bad

LIVE_FOR_US = 75_000_000  # two and a half status intervals of 30 s
SITE_KM = 0.2  # contracts.md section 2
MAX_NODES = 20_000
FORGOTTEN_AFTER_US = 900_000_000  # then a newcomer may have its row; no event looks back so far

# A node's false rate: events of a Poisson process seen through an exponential window, with a
# quarter of a trigger in two hours as what we believe of a stranger (today's node in the quiet of
# the recordings: 1 in 8.8 h; OpenEEW's own STA/LTA: 0.31 to 0.62 / h).
RATE_PRIOR_COUNT = 0.25
RATE_PRIOR_H = 2.0
RATE_MEMORY_H = 12.0
RATE_FLOOR_H = 0.02
CODA_US = 15_000_000  # a peak falls to 1/e: of the order of the strong phase of M 6 to 7
CREST = 3.0  # peaks of a second over its RMS
CALM_US = 120_000_000  # without a trigger: then a status tells the quiet noise
RATE_CAP_H = 20.0  # a node that chatters more than this is in quarantine ...
RATE_RELEASED_H = 10.0  # ... until it is down to this: no vote, and its silence says nothing
# What false triggers say of themselves: the mean mark (evidence.py) of those that were sent. A
# mark says that much less. Learnt with every trigger that nothing has explained within a minute.
# First: of 18 false detections of the recordings within 2 s (groundswell detect; 5.6 within 10 s).
MARK_PRIOR = 4.3
MARK_MEMORY = 100  # triggers


@dataclass(slots=True, eq=False)
class Node:
    """What is known of one node. `index` is its row in the fleet's arrays."""

    node_id: int
    index: int
    site: int
    lat_deg: float
    lon_deg: float
    status: wire.Status
    heard_us: int  # received time of the last status
    clock_is_bad: bool = False
    clock_is_known: bool = False  # a last will says nothing of it
    triggered_us: int | None = None
    pga_um_s2: int = 0
    false_count: float = 0.0
    false_hours: float = 0.0
    counted_us: int = 0
    square: tuple[int, int] | None = None
    quiet_mps2: float = 0.0  # noise as of a status that came in calm
    shaken_mps2: float = 0.0  # a peak and its time; coda_mps2 says what is left of it
    shaken_us: int = 0
    quarantined_us: int | None = None  # since when it chatters
    pd_factor: float = 1.0  # by which Pd is divided: what its ground does (site_terms.py)
    doubt: str = ""  # why somebody took its vote away

    def coda_mps2(self, at_us: int) -> float:
        """Return how strongly the ground may still move after the shaking before."""
        return self.shaken_mps2 * math.exp(-max(at_us - self.shaken_us, 0) / CODA_US)


class Fleet:
    def __init__(self, max_nodes: int = MAX_NODES, site_terms: SiteTerms | None = None) -> None:
        self.nodes: dict[int, Node] = {}
        self.refused = 0  # nodes beyond the bound
        self.false_mark = MARK_PRIOR
        self._max = max_nodes
        self._site_terms = site_terms or {}
        self._doubts: Mapping[int, str] = {}
        self.lat_deg = np.zeros(64)
        self.lon_deg = np.zeros(64)
        self.noise_mps2 = np.zeros(64)
        self.heard_us = np.zeros(64, dtype=np.int64)
        self.shaken_mps2 = np.zeros(64)
        self.shaken_us = np.zeros(64, dtype=np.int64)
        self.is_armed = np.zeros(64, dtype=bool)
        self.armed_since_us = np.zeros(64, dtype=np.int64)  # of this life
        self.site = np.zeros(64, dtype=np.int64)
        self.by_index: list[Node] = []
        self._squares: dict[tuple[int, int], list[Node]] = {}
        self._next_site = 0

    def hear_status(self, status: wire.Status, received_us: int, is_late: bool = False) -> None:
        """Take what a node says of itself. A late status tells where it stands and how it was
        then: it counts from when it was sent, so it cannot wake the dead."""
        is_late = is_late or bool(status.flags & wire.FLAG_LATE)
        if is_late:
            received_us = min(received_us, status.sent_us)
        node = self.nodes.get(status.node_id)
        if node is None:
            node = self._add(status, received_us)
            if node is None:
                return
        elif received_us < node.heard_us:
            return  # re-ordered: what we know is newer
        moved = (status.lat_udeg, status.lon_udeg) != (node.status.lat_udeg, node.status.lon_udeg)
        self._age(node, received_us)
        node.status, node.heard_us = status, received_us
        # A last will is written when the connection opens: its stamp is old and says nothing.
        if status.state != wire.STATE_OFFLINE:
            node.clock_is_known = True
            node.clock_is_bad = is_clock_bad(
                status.sent_us, received_us, status.flags, status.clock_error_us
            )
        if not node.quiet_mps2 or received_us - (node.triggered_us or 0) > CALM_US:
            node.quiet_mps2 = status.noise_um_s2 / 1e6
        if moved:
            self._place(node)
        self._copy(node)

    def get(self, node_id: int) -> Node | None:
        return self.nodes.get(node_id)

    def positions(self, node_ids: Iterable[int]) -> dict[int, tuple[float, float, int]]:
        """Return latitude, longitude and site of each node that is known."""
        known = [self.nodes[n] for n in node_ids if n in self.nodes]
        return {node.node_id: (node.lat_deg, node.lon_deg, node.site) for node in known}

    def live(self, now_us: int) -> NDArray[np.bool_]:
        """Return which rows are known to be alive, armed and in time: whose silence counts."""
        n = len(self.by_index)
        fresh = now_us - self.heard_us[:n] <= LIVE_FOR_US
        return np.asarray(self.is_armed[:n] & fresh, dtype=bool)

    def note_shaking(self, node: Node, at_us: int, pga_mps2: float) -> None:
        """Keep the peak that matters longest."""
        if pga_mps2 >= node.coda_mps2(at_us):
            node.shaken_mps2, node.shaken_us = pga_mps2, at_us
            self.shaken_mps2[node.index], self.shaken_us[node.index] = pga_mps2, at_us

    def deafened_mps2(self, now_us: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return these rows' noise, RMS: their own, or what is left of the shaking before."""
        since_us = np.maximum(now_us - self.shaken_us[rows], 0)
        coda = self.shaken_mps2[rows] / CREST * np.exp(-since_us / CODA_US)
        return np.asarray(np.maximum(self.noise_mps2[rows], coda))

    def state_of(self, node: Node, now_us: int) -> str:
        """Return alive, mute (it is there, and has no vote), late, offline or triggered."""
        if node.status.state == wire.STATE_OFFLINE:
            return "offline"
        if now_us - node.heard_us > LIVE_FOR_US:
            return "late"
        if not self.is_armed[node.index]:
            return "mute"
        recent = node.triggered_us is not None and now_us - node.triggered_us < 30_000_000
        return "triggered" if recent else "alive"

    def false_rate_h(self, node: Node) -> float:
        """Return the learnt false triggers per live hour, between floor and cap."""
        return min(max(_rate_h(node), RATE_FLOOR_H), RATE_CAP_H)

    def is_quarantined(self, node: Node, now_us: int) -> bool:
        """Tell whether a node chatters so much that it is not listened to, and note since when."""
        rate = _rate_h(node)
        if node.quarantined_us is None and rate > RATE_CAP_H:
            node.quarantined_us = now_us
            self.is_armed[node.index] = False
        elif node.quarantined_us is not None and rate < RATE_RELEASED_H:
            node.quarantined_us = None
        return node.quarantined_us is not None

    def doubt(self, why: Mapping[int, str]) -> None:
        """Take the vote from these nodes: triggers, silence and peaks. All others have it."""
        self._doubts = dict(why)
        for node in self.by_index:
            node.doubt = self._doubts.get(node.node_id, "")
            self._copy(node)

    def quarantine(self) -> dict[int, int]:
        """Return which nodes chatter, and since when (us)."""
        held = (node for node in self.by_index if node.quarantined_us is not None)
        return {node.node_id: node.quarantined_us or 0 for node in held}

    def count_false(self, node: Node, by: float) -> None:
        """Add a trigger to a node's account (+1), or take it back: it was an earthquake (-1)."""
        node.false_count = max(0.0, node.false_count + by)

    def note_false_mark(self, mark: float) -> None:
        """Learn from a trigger that no earthquake has explained how sure it was of one."""
        self.false_mark = max(1.0, self.false_mark + (mark - self.false_mark) / MARK_MEMORY)

    def _age(self, node: Node, now_us: int) -> None:
        hours = (now_us - node.counted_us) / 3.6e9
        node.counted_us = now_us
        if hours <= 0:
            return
        keep = float(np.exp(-hours / RATE_MEMORY_H))
        node.false_count *= keep
        alive = hours if hours * 3.6e9 <= LIVE_FOR_US else 0.0  # silence of the dead is no credit
        node.false_hours = node.false_hours * keep + alive

    def _add(self, status: wire.Status, received_us: int) -> Node | None:
        row = self._free_row(received_us)
        if row is None:
            self.refused += 1
            return None
        node = Node(status.node_id, row, -1, 0.0, 0.0, status, received_us)
        node.counted_us = received_us
        node.quiet_mps2 = status.noise_um_s2 / 1e6
        node.doubt = self._doubts.get(status.node_id, "")
        self.nodes[status.node_id] = node
        self.by_index[row : row + 1] = [node]
        self.shaken_mps2[row : row + 1] = 0.0
        if len(self.by_index) > len(self.lat_deg):
            self._grow()
        self._place(node)
        return node

    def _free_row(self, now_us: int) -> int | None:
        """Return the row of a newcomer: the next one, or that of the longest silent node."""
        if len(self.by_index) < self._max:
            return len(self.by_index)
        row = int(np.argmin(self.heard_us[: self._max]))
        if now_us - int(self.heard_us[row]) < FORGOTTEN_AFTER_US:
            return None
        old = self.by_index[row]
        del self.nodes[old.node_id]
        if old.square is not None:
            self._squares[old.square].remove(old)
        self.is_armed[row] = False
        return row

    def _grow(self) -> None:
        for name in (
            "lat_deg", "lon_deg", "noise_mps2", "heard_us", "shaken_mps2", "shaken_us",
            "is_armed", "armed_since_us", "site",
        ):  # fmt: skip
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros_like(old)]))

    def _place(self, node: Node) -> None:
        """Give a node its position, and the site of a neighbour within 200 m if there is one."""
        if node.square is not None:
            self._squares[node.square].remove(node)
        node.lat_deg = node.status.lat_udeg / 1e6
        node.lon_deg = node.status.lon_udeg / 1e6
        term = self._site_terms.get(node.node_id)
        node.pd_factor = 1.0 if term is None else term.pd_factor(node.lat_deg, node.lon_deg)
        neighbour = self._neighbour(node)
        if neighbour is None:
            node.site = self._next_site
            self._next_site += 1
        else:
            node.site = neighbour.site
        node.square = _square(node, 0, 0)
        self._squares.setdefault(node.square, []).append(node)

    def _neighbour(self, node: Node) -> Node | None:
        for north in (-1, 0, 1):
            for east in (-1, 0, 1):
                for other in self._squares.get(_square(node, north, east), ()):
                    place = node.lat_deg, node.lon_deg
                    if travel.distance_km(*place, other.lat_deg, other.lon_deg) <= SITE_KM:
                        return other
        return None

    def _copy(self, node: Node) -> None:
        row, status = node.index, node.status
        lapsed = node.heard_us - int(self.heard_us[row]) > LIVE_FOR_US
        was_armed = bool(self.is_armed[row]) and not lapsed
        self.lat_deg[row], self.lon_deg[row] = node.lat_deg, node.lon_deg
        self.noise_mps2[row] = status.noise_um_s2 / 1e6
        self.heard_us[row] = node.heard_us
        self.site[row] = node.site
        self.is_armed[row] = (
            status.state == wire.STATE_ARMED
            and not node.clock_is_bad
            and not node.doubt
            and not status.flags & wire.FLAG_MASKED
            and not self.is_quarantined(node, node.heard_us)
        )
        if self.is_armed[row] and not was_armed:
            self.armed_since_us[row] = node.heard_us


def _rate_h(node: Node) -> float:
    return (RATE_PRIOR_COUNT + node.false_count) / (RATE_PRIOR_H + node.false_hours)


def _square(node: Node, north: int, east: int) -> tuple[int, int]:
    """Return the square of about 200 m (wider at the equator's side) that holds a node."""
    size_deg = SITE_KM / travel.KM_PER_DEG
    shrink = max(float(np.cos(np.radians(round(node.lat_deg)))), 0.02)
    return (
        int(node.lat_deg // size_deg) + north,
        int(node.lon_deg // (size_deg / shrink)) + east,
    )

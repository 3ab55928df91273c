"""Every node the network knows: where it stands, whether it lives, how far it can be trusted.

Silence is evidence only from a node known to be alive: liveness comes from status messages and
lapses by itself. Nodes within 200 m of each other are one site.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from groundswell import wire
from numpy.typing import NDArray

from vote.nodes.account import WORTH_US, Account, Learnt
from vote.nodes.site_terms import SiteTerms
from vote.nodes.stamps import is_clock_bad
from vote.waves import travel

LIVE_FOR_US = 75_000_000  # two and a half status intervals of 30 s
SITE_KM = 0.2  # contracts.md section 2
MAX_NODES = 20_000
# A node on a wall stays there. One that tells another place has no say until it has told that one
# for as long as an earthquake is kept (decision.py): what it said before it said where it stood
MOVES_AFTER_US = 600_000_000
FORGOTTEN_AFTER_US = 900_000_000  # then a newcomer may have its row; no event looks back so far

CODA_US = 15_000_000  # a peak falls to 1/e: of the order of the strong phase of M 6 to 7
CREST = 3.0  # peaks of a second over its RMS
CALM_US = 120_000_000  # without a trigger: then a status tells the quiet noise
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
    account: Account = field(default_factory=Account)
    square: tuple[int, int] | None = None
    quiet_mps2: float = 0.0  # noise as of a status that came in calm
    shaken_mps2: float = 0.0  # a peak and its time; coda_mps2 says what is left of it
    shaken_us: int = 0
    pd_factor: float = 1.0  # by which Pd is divided: what its ground does (site_terms.py)
    doubt: str = ""  # why somebody took its vote away
    told_since_us: int = 0  # another place than where it stands; 0: none
    is_astray: bool = False  # and that is another site

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
        self._recalled: dict[int, Account] = {}
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
        node.account.age(received_us, LIVE_FOR_US)
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
            self._hear_place(node)
        elif node.told_since_us and received_us - node.told_since_us >= MOVES_AFTER_US:
            self._place(node)
        self._copy(node)
        if status.flags & wire.FLAG_GAP:
            self.count_silence(node, received_us)

    def get(self, node_id: int) -> Node | None:
        return self.nodes.get(node_id)

    def rows(self, node_ids: Iterable[int]) -> NDArray[np.intp]:
        """Return the row of each node in the arrays, -1 if it is not known."""
        known = [self.nodes.get(node_id) for node_id in node_ids]
        return np.array([-1 if node is None else node.index for node in known], dtype=np.intp)

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

    def is_quarantined(self, node: Node, now_us: int) -> bool:
        """Tell whether a node chatters so much that it is not listened to."""
        if node.account.is_quarantined(now_us):
            self.is_armed[node.index] = False
            return True
        return False

    def doubt(self, why: Mapping[int, str]) -> None:
        """Take the vote from these nodes: triggers, silence and peaks. All others have it."""
        self._doubts = dict(why)
        for node in self.by_index:
            node.doubt = self._doubts.get(node.node_id, "")
            self._copy(node)

    def quarantine(self) -> dict[int, int]:
        """Return which nodes chatter, and since when (us)."""
        since = ((node.node_id, node.account.quarantined_us) for node in self.by_index)
        return {node_id: at_us for node_id, at_us in since if at_us is not None}

    def count_silence(self, node: Node, since_us: int) -> None:
        """Let the silence of an armed node count since then."""
        self.armed_since_us[node.index] = since_us

    def learnt(self, now_us: int) -> Learnt:
        """Return what restore() takes: of every node, also of those not heard again so far."""
        accounts = self._recalled | {node.node_id: node.account for node in self.by_index}
        worth = {n: replace(a) for n, a in accounts.items() if now_us - a.counted_us < WORTH_US}
        return Learnt(self.false_mark, worth)

    def restore(self, learnt: Learnt) -> None:
        """Believe of each node what was learnt of it before; unknown ones may come later."""
        self.false_mark = learnt.false_mark
        self._recalled = {n: replace(account) for n, account in learnt.accounts.items()}
        for node in self.by_index:
            node.account = self._recalled.pop(node.node_id, node.account)
            self._copy(node)

    def note_false_mark(self, mark: float) -> None:
        """Learn from a trigger that no earthquake has explained how sure it was of one."""
        self.false_mark = max(1.0, self.false_mark + (mark - self.false_mark) / MARK_MEMORY)

    def _add(self, status: wire.Status, received_us: int) -> Node | None:
        row = self._free_row(received_us)
        if row is None:
            self.refused += 1
            return None
        node = Node(status.node_id, row, -1, 0.0, 0.0, status, received_us)
        node.account = self._recalled.pop(status.node_id, Account(counted_us=received_us))
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

    def _hear_place(self, node: Node) -> None:
        told = node.status.lat_udeg / 1e6, node.status.lon_udeg / 1e6
        apart_km = float(travel.distance_km(node.lat_deg, node.lon_deg, *told))
        node.told_since_us = node.heard_us if apart_km > 0 else 0
        node.is_astray = apart_km > SITE_KM

    def _place(self, node: Node) -> None:
        """Give a node its position, and the site of a neighbour within 200 m if there is one."""
        node.is_astray, node.told_since_us = False, 0
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
            and not node.is_astray
            and not status.flags & wire.FLAG_MASKED
            and not self.is_quarantined(node, node.heard_us)
        )
        if self.is_armed[row] and not was_armed:
            self.armed_since_us[row] = node.heard_us


def _square(node: Node, north: int, east: int) -> tuple[int, int]:
    """Return the square of about 200 m (wider at the equator's side) that holds a node."""
    size_deg = SITE_KM / travel.KM_PER_DEG
    shrink = max(float(np.cos(np.radians(round(node.lat_deg)))), 0.02)
    return (
        int(node.lat_deg // size_deg) + north,
        int(node.lon_deg // (size_deg / shrink)) + east,
    )

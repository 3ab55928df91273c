"""Detections that may be votes: kept for a minute, one voice each, gone when withdrawn.

A detection is (node, boot, detection_id); its messages refine one pick. Whether it may vote is
settled here, once, from its flags, its clock and the age of its stamps.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from groundswell import wire
from numpy.typing import NDArray

from vote.nodes.fleet import Fleet, Node
from vote.nodes.stamps import is_clock_bad
from vote.waves import travel

KEEP_US = 60_000_000  # P waves need 40 s for 250 km; nothing older helps to start an event
MAX_PICKS = 4_000
# Of one node in that minute, and no more are heard: of the 507 recorded detections (`replay`) at
# most 8 came so soon after each other
MAX_OF_NODE = 12
MAX_WITHDRAWN = 1_000  # detections of which a message may still be on its way; the oldest go first
TOGETHER_KM = 400.0  # triggers further apart do not start an event together
SLOWEST_KM_S = 5.0  # of a P wave between two nodes, with SLACK_S (EPIC: 6.0 km/s + 3 s)
SLACK_S = 3.0
OF_ONE_NODE = 2  # P and S: what triggers ten times a second must leave room for its neighbours
EARLY_S = 3.0  # the new wave's amplitude so far; later its own S wave comes
MAX_REPORTS = 48  # refinements kept of one detection
VOTED_S = 2.0  # what a vote has heard of most triggers when it is won
YOUNG_S = 10.0  # later an alert would come after the shaking
LONGEST_US = 120_000_000  # from an onset to the last sample that tells of it
MARK_MOST = 12.0  # one node's own opinion weighs at most twelve to one
MOVED_MOST_US = 2_000_000  # by a refined onset: a node goes back by 1.5 s (firmware: onset.py)


@dataclass(frozen=True, slots=True)
class Report:
    """Peaks of one detection, up to one moment."""

    window_s: float  # from the onset to the last sample
    pga_mps2: float
    pgv_mps: float
    pd_m: float


@dataclass(slots=True, eq=False)
class Pick:
    """One detection. Its onset is what the latest of its messages says; its key stays."""

    node: Node
    key: tuple[int, int, int]
    onset_us: int
    clock_sigma_s: float
    p_quake: float
    noise_mps2: float
    false_rate_h: float  # of this node, before this pick
    received_us: int
    may_start: bool  # late data may confirm, never start
    quiet_mps2: float = 0.0  # its node's noise when nothing shakes
    coda_mps2: float = 0.0  # what may be left of the shaking before it
    is_clipped: bool = False
    early_pga_mps2: float = 0.0  # of the first EARLY_S, or of as many as are known
    reports: list[Report] = field(default_factory=list)
    judged_p: float = -1.0  # p_quake when it was last judged
    judged_pga_mps2: float = 0.0  # what it showed then
    false_mark: float = 1.0  # of false triggers in this network (fleet.py)
    # How much likelier what it says is for an earthquake than for what else is sent: p_quake is a
    # probability at even odds of whatever looked like a wave. Only what is likely enough is sent,
    # and so a false trigger is sure of itself too
    mark: float = 1.0
    top_p: float = 0.0  # the surest it was in its first VOTED_S
    slot: int = 0  # of Picks' columns
    shape: tuple[NDArray[np.float32], float, float, float] | None = None  # shape.py keeps it here
    displacements: tuple[list[float], list[float]] | None = None  # and this
    counted: float = 0.0  # so much of it stands in its node's account of false triggers
    first_onset_us: int = 0
    last_update: int = 0  # the latest message heard of it


class Picks:
    """The detections of the last minute, by key and in order of arrival."""

    def __init__(self, fleet: Fleet, max_picks: int = MAX_PICKS) -> None:
        self._fleet = fleet
        self._max = max_picks
        self._order: deque[Pick] = deque()
        self._slots: list[Pick | None] = [None] * max_picks
        self._of_node: Counter[int] = Counter()  # how many are kept of each
        self._next = 0
        self._columns = np.zeros((5, max_picks))  # latitude, longitude, onset, clock, may start
        self.by_key: dict[tuple[int, int, int], Pick] = {}
        self._withdrawn: dict[tuple[int, int, int], None] = {}
        self.refused = 0  # triggers without a vote: unknown node, clock, mask
        self.forgotten = 0  # beyond the bound
        self.quarantined = 0  # triggers of nodes that chatter

    def hear(self, trigger: wire.Trigger, received_us: int, is_late: bool) -> Pick | None:
        """Return the pick that this trigger makes or refines, or None if it has no vote."""
        key = (trigger.node_id, trigger.boot_id, trigger.detection_id)
        pick = self.by_key.get(key)
        if trigger.flags & wire.FLAG_RETRACTED or key in self._withdrawn:
            return None
        node = self._fleet.get(trigger.node_id)
        late = is_late or bool(trigger.flags & wire.FLAG_LATE)
        if node is None or not _may_vote(node, trigger, received_us, late):
            self.refused += 1
            return None
        if pick is None and (
            self._fleet.is_quarantined(node, received_us)
            or self._of_node[node.node_id] >= MAX_OF_NODE
        ):
            self.quarantined += 1
            if trigger.update == 0:
                node.account.add(1.0)  # it goes on
            return None
        if pick is None:
            pick = self._add(key, node, trigger, received_us, late)
        if not late or not pick.may_start:  # late data may confirm, never start
            if _moves(pick, trigger):
                _move(pick, trigger)
                self._columns[2, pick.slot] = pick.onset_us / 1e6
            _believe(pick, trigger)
        _refine(pick, trigger)
        return pick

    def refusals(self) -> dict[str, int]:
        return {
            "without_vote": self.refused,
            "forgotten": self.forgotten,
            "quarantined": self.quarantined,
        }

    def withdraw(self, trigger: wire.Trigger) -> Pick | None:
        """Remove a retracted detection for good: what was said of it before may come later.
        Return it if it was here."""
        key = (trigger.node_id, trigger.boot_id, trigger.detection_id)
        self._withdrawn[key] = None
        if len(self._withdrawn) > MAX_WITHDRAWN:
            del self._withdrawn[next(iter(self._withdrawn))]
        pick = self.by_key.pop(key, None)
        if pick is not None:
            self._order.remove(pick)
            self._free(pick)
        return pick

    def expire(self, now_us: int) -> None:
        while self._order and now_us - self._order[0].received_us > KEEP_US:
            self._drop_oldest()

    def recent(self) -> list[Pick]:
        return list(self._order)

    def newest_first(self) -> Iterator[Pick]:
        return reversed(self._order)

    def joined(self, newest: Pick, most: int) -> list[Pick]:
        """Return the picks that may start an event and that a P wave could join to the newest:
        that one first, then the nearest, so many at most, and of one node the latest."""
        if not newest.may_start or newest.key not in self.by_key:
            return []
        rows = np.flatnonzero(self._columns[4])
        rows = rows[rows != newest.slot]
        lat, lon, onset_s, clock_s, _ = self._columns.take(rows, axis=1)
        apart = travel.distance_km(lat, lon, newest.node.lat_deg, newest.node.lon_deg)
        delay = np.abs(onset_s - self._columns[2, newest.slot])
        slack = SLACK_S + 2 * (clock_s + newest.clock_sigma_s)
        fits = (apart <= TOGETHER_KM) & (delay <= apart / SLOWEST_KM_S + slack)
        found, of_node = [newest], Counter([newest.node.node_id])
        for row in rows[fits][np.lexsort((-onset_s[fits], apart[fits]))]:
            pick = self._slots[row]
            if pick is None or of_node[pick.node.node_id] >= OF_ONE_NODE:
                continue
            of_node[pick.node.node_id] += 1
            found.append(pick)
            if len(found) == most:
                break
        return found

    def _drop_oldest(self) -> None:
        pick = self._order.popleft()
        if pick.counted > 0.5:
            self._fleet.note_false_mark(mark(pick.top_p))
        self.by_key.pop(pick.key, None)
        self._free(pick)

    def _free(self, pick: Pick) -> None:
        self._columns[4, pick.slot] = 0.0
        self._slots[pick.slot] = None
        node_id = pick.node.node_id
        self._of_node[node_id] -= 1
        if not self._of_node[node_id]:
            del self._of_node[node_id]

    def _seat(self, pick: Pick) -> None:
        while self._slots[self._next] is not None:  # only withdrawn ones leave holes
            self._next = (self._next + 1) % self._max
        pick.slot = self._next
        self._slots[pick.slot] = pick
        node = pick.node
        self._of_node[node.node_id] += 1
        self._columns[:, pick.slot] = (
            node.lat_deg, node.lon_deg, pick.onset_us / 1e6, pick.clock_sigma_s, pick.may_start,
        )  # fmt: skip

    def _add(
        self,
        key: tuple[int, int, int],
        node: Node,
        trigger: wire.Trigger,
        received_us: int,
        late: bool,
    ) -> Pick:
        pick = Pick(
            node, key, trigger.onset_us, trigger.clock_error_us / 1e6,
            trigger.p_quake_permille / 1000, trigger.noise_um_s2 / 1e6, node.account.rate_h,
            received_us, may_start=not late,
            quiet_mps2=node.quiet_mps2, coda_mps2=node.coda_mps2(trigger.onset_us),
            false_mark=self._fleet.false_mark, first_onset_us=trigger.onset_us,
            last_update=trigger.update,
        )  # fmt: skip
        node.account.add(1.0)
        pick.counted = 1.0
        if len(self._order) >= self._max:
            self.forgotten += 1
            self._drop_oldest()
        self._order.append(pick)
        self.by_key[key] = pick
        self._seat(pick)
        return pick


def by_site(votes: Sequence[Pick]) -> list[Pick]:
    """Return the first vote of each site."""
    first = {pick.node.site: pick for pick in sorted(votes, key=lambda p: -p.onset_us)}
    return list(first.values())


def mark(p_quake: float) -> float:
    """Return the odds that a node gives, bounded."""
    bounded = min(max(p_quake, 1e-3), 1 - 1e-3)
    return min(max(bounded / (1 - bounded), 1 / MARK_MOST), MARK_MOST)


def _may_vote(node: Node, trigger: wire.Trigger, received_us: int, late: bool) -> bool:
    if node.doubt or node.is_astray or node.clock_is_bad or not node.clock_is_known:
        return False
    if node.status.state == wire.STATE_FAULT:
        return False
    if trigger.flags & (wire.FLAG_MASKED | wire.FLAG_UNSYNCHRONISED):
        return False
    if not 0 <= trigger.sample_us - trigger.onset_us <= LONGEST_US:
        return False
    flags = trigger.flags | (wire.FLAG_LATE if late else 0)
    return not is_clock_bad(trigger.sample_us, received_us, flags, trigger.clock_error_us)


def _moves(pick: Pick, trigger: wire.Trigger) -> bool:
    """Tell whether a message has a later word on the onset: not one that was overtaken."""
    by_us = abs(trigger.onset_us - pick.first_onset_us)
    is_news = trigger.onset_us != pick.onset_us and trigger.update > pick.last_update
    return bool(is_news and by_us <= MOVED_MOST_US)


def _move(pick: Pick, trigger: wire.Trigger) -> None:
    """Take over a refined onset; what was measured until a moment is of another window now."""
    later_s = (trigger.onset_us - pick.onset_us) / 1e6
    pick.onset_us = trigger.onset_us
    moved = (replace(report, window_s=report.window_s - later_s) for report in pick.reports)
    pick.reports = [report for report in moved if report.window_s >= 0]
    pick.shape = pick.displacements = None


def _believe(pick: Pick, trigger: wire.Trigger) -> None:
    """Take over what the node thinks of it now, unless a later message overtook this one."""
    p_quake = trigger.p_quake_permille / 1000
    if trigger.update >= pick.last_update:
        pick.p_quake, pick.mark = p_quake, mark(p_quake) / pick.false_mark
    if (trigger.sample_us - pick.onset_us) / 1e6 <= VOTED_S or not pick.reports:
        pick.top_p = max(pick.top_p, p_quake)


def _refine(pick: Pick, trigger: wire.Trigger) -> None:
    pick.last_update = max(pick.last_update, trigger.update)
    pick.is_clipped = pick.is_clipped or bool(trigger.flags & wire.FLAG_CLIPPED)
    window_s = (trigger.sample_us - pick.onset_us) / 1e6
    if window_s <= EARLY_S:
        pick.early_pga_mps2 = max(pick.early_pga_mps2, trigger.pga_um_s2 / 1e6)
    if len(pick.reports) < MAX_REPORTS and (
        not pick.reports or window_s > pick.reports[-1].window_s
    ):
        pick.shape = pick.displacements = None
        pick.reports.append(
            Report(window_s, trigger.pga_um_s2 / 1e6, trigger.pgv_nm_s / 1e9, trigger.pd_nm / 1e9)
        )

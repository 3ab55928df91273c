"""Detections that may be votes: kept for a minute, one voice each, gone when withdrawn.

A detection is (node, boot, detection_id); its messages refine one pick. Whether it may vote is
settled here, once, from its flags, its clock and the age of its stamps.
"""

from collections import deque
from dataclasses import dataclass, field

from groundswell import wire

from vote.fleet import Fleet, Node, is_clock_bad

KEEP_US = 60_000_000  # P waves need 40 s for 250 km; nothing older helps to start an event
MAX_PICKS = 4_000
MAX_REPORTS = 48  # refinements kept of one detection


@dataclass(frozen=True, slots=True)
class Report:
    """Peaks of one detection, up to one moment."""

    window_s: float  # from the onset to the last sample
    pga_mps2: float
    pgv_mps: float
    pd_m: float


@dataclass(slots=True, eq=False)
class Pick:
    node: Node
    key: tuple[int, int, int]
    onset_us: int
    clock_sigma_s: float
    p_quake: float
    ratio: float
    noise_mps2: float
    false_rate_h: float  # of this node, before this pick
    received_us: int
    may_start: bool  # late data may confirm, never start
    quiet_mps2: float = 0.0  # its node's noise when nothing shakes
    coda_mps2: float = 0.0  # what may be left of the shaking before it
    is_clipped: bool = False
    reports: list[Report] = field(default_factory=list)
    judged_p: float = -1.0  # p_quake when it was last judged
    is_counted: bool = False  # stands in its node's account of false triggers

    def pga_at(self, window_s: float) -> float:
        """Return the peak of the first seconds, or of as many as are known."""
        known = [report.pga_mps2 for report in self.reports if report.window_s <= window_s]
        return max(known, default=0.0)


class Picks:
    """The detections of the last minute, by key and in order of arrival."""

    def __init__(self, fleet: Fleet, max_picks: int = MAX_PICKS) -> None:
        self._fleet = fleet
        self._max = max_picks
        self._order: deque[Pick] = deque()
        self.by_key: dict[tuple[int, int, int], Pick] = {}
        self.refused = 0  # triggers without a vote: unknown node, clock, mask
        self.forgotten = 0  # beyond the bound

    def hear(self, trigger: wire.Trigger, received_us: int, is_late: bool) -> Pick | None:
        """Return the pick that this trigger makes or refines, or None if it has no vote."""
        key = (trigger.node_id, trigger.boot_id, trigger.detection_id)
        pick = self.by_key.get(key)
        if trigger.flags & wire.FLAG_RETRACTED:
            return None
        node = self._fleet.get(trigger.node_id)
        late = is_late or bool(trigger.flags & wire.FLAG_LATE)
        if node is None or not _may_vote(node, trigger, received_us, late):
            self.refused += 1
            return None
        if pick is None:
            pick = self._add(key, node, trigger, received_us, late)
        _refine(pick, trigger)
        return pick

    def refusals(self) -> dict[str, int]:
        return {"without_vote": self.refused, "forgotten": self.forgotten}

    def withdraw(self, trigger: wire.Trigger) -> Pick | None:
        """Remove a retracted detection; return it if it was here."""
        pick = self.by_key.pop((trigger.node_id, trigger.boot_id, trigger.detection_id), None)
        if pick is not None:
            self._order.remove(pick)
        return pick

    def expire(self, now_us: int) -> None:
        while self._order and now_us - self._order[0].received_us > KEEP_US:
            self.by_key.pop(self._order.popleft().key, None)

    def recent(self) -> list[Pick]:
        return list(self._order)

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
            trigger.p_quake_permille / 1000, trigger.ratio_milli / 1000, trigger.noise_um_s2 / 1e6,
            self._fleet.false_rate_h(node), received_us, may_start=not late,
            quiet_mps2=node.quiet_mps2, coda_mps2=node.coda_mps2(trigger.onset_us),
        )  # fmt: skip
        self._fleet.count_false(node, 1.0)
        pick.is_counted = True
        self._order.append(pick)
        self.by_key[key] = pick
        if len(self._order) > self._max:
            self.forgotten += 1
            self.by_key.pop(self._order.popleft().key, None)
        return pick


def _may_vote(node: Node, trigger: wire.Trigger, received_us: int, late: bool) -> bool:
    if node.status.state == wire.STATE_FAULT or node.clock_is_bad or not node.clock_is_known:
        return False
    if trigger.flags & (wire.FLAG_MASKED | wire.FLAG_UNSYNCHRONISED):
        return False
    flags = trigger.flags | (wire.FLAG_LATE if late else 0)
    return not is_clock_bad(trigger.sample_us, received_us, flags, trigger.clock_error_us)


def _refine(pick: Pick, trigger: wire.Trigger) -> None:
    pick.p_quake = trigger.p_quake_permille / 1000
    pick.ratio = max(pick.ratio, trigger.ratio_milli / 1000)
    pick.is_clipped = pick.is_clipped or bool(trigger.flags & wire.FLAG_CLIPPED)
    window_s = (trigger.sample_us - pick.onset_us) / 1e6
    if len(pick.reports) < MAX_REPORTS and (
        not pick.reports or window_s > pick.reports[-1].window_s
    ):
        pick.reports.append(
            Report(window_s, trigger.pga_um_s2 / 1e6, trigger.pgv_nm_s / 1e9, trigger.pd_nm / 1e9)
        )

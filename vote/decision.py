"""The facade of the network's judgement: messages in, alerts out.

`hear` files a message, `tick` decides. Every list has a bound. Who hears the same says the same.
"""

from collections.abc import Sequence

import numpy.ma  # noqa: F401 # np.median would load it, for 8 ms of the first alert
from groundswell import wire

from vote import lifecycle
from vote.alert import Alert
from vote.ground import shaking
from vote.ground.cells import cells_around
from vote.ground.shaking import Area
from vote.judge import quorum
from vote.nodes.fleet import Fleet
from vote.nodes.picks import YOUNG_S, Pick, Picks
from vote.nodes.shaken import Shaken, measures
from vote.nodes.site_terms import SiteTerms
from vote.nodes.stamps import is_clock_bad
from vote.nodes.waiting import Waiting
from vote.running import relocation
from vote.running.aftermath import amplitude_mps2
from vote.running.event import OPEN_US, Event
from vote.running.known import Known
from vote.set_back import set_back
from vote.settings import Settings

KEEP_EVENT_US = 600_000_000  # so long a declared earthquake explains late waves and aftershocks
RELOCATE_EVERY_US = 250_000  # with new triggers
LOOK_AGAIN_US = 1_000_000  # with refined ones only
MAX_EVENTS = 32
JUDGED_A_TICK = 16  # the rest waits for the next tick
REVIEW_P = 0.05  # a trigger is judged again when its node has become so much surer,
REVIEW_GROWN = 2.0  # or shakes so many times as much, by which strength.py tells it from people
# The largest ever recorded: 39 m/s^2 on three components, of which vertical 38 (Iwate-Miyagi 2008)
MOST_PGA_MPS2 = 40.0


class Decider:
    def __init__(
        self,
        sender: str,
        category: str = "exercise",
        areas: Sequence[Area] | None = None,
        settings: Settings | None = None,
        targets: Sequence[Area] = (),
        site_terms: SiteTerms | None = None,
    ) -> None:
        """areas: the places that alerts speak of, instead of the cells around each earthquake.
        targets: registered places, which every alert lists too.
        site_terms: by node, what is known of its ground."""
        self.fleet = Fleet(site_terms=site_terms)
        self.picks = Picks(self.fleet)
        self.known = Known()
        self.sender = sender
        self.category, self.settings = category, settings or Settings()
        self._areas = None if areas is None else tuple(areas)
        self._targets, self.waiting = tuple(targets), Waiting()
        self._shaken = Shaken(self.fleet)
        self._ticked_us = 0

    # -- in ------------------------------------------------------------------------------------

    def hear(self, message: object, received_us: int, is_late: bool = False) -> None:
        """File a message. Everything but Status, Trigger and Shaking is ignored."""
        if isinstance(message, wire.Status):
            self.fleet.hear_status(message, received_us, is_late)
        elif isinstance(message, wire.Trigger):
            self._hear_trigger(message, received_us, is_late)
        elif isinstance(message, wire.Shaking):
            self._hear_shaking(message, received_us)

    def _hear_trigger(self, trigger: wire.Trigger, received_us: int, is_late: bool) -> None:
        if trigger.flags & wire.FLAG_RETRACTED:
            self._withdraw(trigger)
            return
        pick = self.picks.hear(trigger, received_us, is_late)
        if pick is None:
            return
        pick.node.triggered_us = max(pick.node.triggered_us or 0, pick.onset_us)
        pick.node.pga_um_s2 = trigger.pga_um_s2
        pga_mps2, pgv_mps = trigger.pga_um_s2 / 1e6, trigger.pgv_nm_s / 1e9
        # It tells its largest peak so far, again and again: it shakes so only while that grows
        if pga_mps2 > max((report.pga_mps2 for report in pick.reports[:-1]), default=0.0):
            self.fleet.note_shaking(pick.node, trigger.sample_us, pga_mps2)
        self._note_peaks(pick.node.node_id, trigger.sample_us, pga_mps2, pgv_mps)
        for event in self.known.events:
            if pick in event.related:
                event.needs_look = True
        young = trigger.sample_us - pick.onset_us <= YOUNG_S * 1e6
        is_surer = pick.p_quake > pick.judged_p + REVIEW_P
        strong_mps2 = min(amplitude_mps2(pick), MOST_PGA_MPS2)
        # what has been a vote was heard already, and may have been taken back
        is_stronger = pick.counted > 0 and strong_mps2 > REVIEW_GROWN * pick.judged_pga_mps2
        if young and (is_surer or is_stronger):
            pick.judged_p, pick.judged_pga_mps2 = pick.p_quake, strong_mps2
            self.waiting.add(pick)

    def _hear_shaking(self, message: wire.Shaking, received_us: int) -> None:
        node = self.fleet.get(message.node_id)
        if node is None or not measures(node):
            return
        if is_clock_bad(message.end_us, received_us, message.flags, message.clock_error_us):
            return
        if message.flags & wire.FLAG_GAP:  # it missed samples: it may have missed a wave
            self.fleet.count_silence(node, received_us)
        node.pga_um_s2 = message.pga_um_s2
        pga_mps2, pgv_mps = message.pga_um_s2 / 1e6, message.pgv_nm_s / 1e9
        self.fleet.note_shaking(node, message.end_us, pga_mps2)
        self._note_peaks(message.node_id, message.end_us, pga_mps2, pgv_mps)

    def _note_peaks(self, node_id: int, end_us: int, pga_mps2: float, pgv_mps: float) -> None:
        self._shaken.keep(node_id, end_us, pga_mps2, pgv_mps)
        for event in self.known.events:
            self._measure(event, node_id, end_us, pga_mps2, pgv_mps)

    def _measure(
        self, event: Event, node_id: int, end_us: int, pga_mps2: float, pgv_mps: float
    ) -> None:
        """Count a peak as this earthquake's if it came between its P and well after its S."""
        node = self.fleet.get(node_id)
        if node is None or pga_mps2 > MOST_PGA_MPS2:  # forgotten since; a blow, a broken sensor
            return
        path = event.arrivals.path(node)
        after = (end_us - event.origin_us) / 1e6
        if not path.p_s - 1 <= after <= 2 * path.s_s + 30:
            return
        if not any(event.gives_way(other, node, end_us) for other in self.known.events):
            event.note_peaks(node_id, pga_mps2, pgv_mps)

    def _withdraw(self, trigger: wire.Trigger) -> None:
        pick = self.picks.withdraw(trigger)
        key = trigger.node_id, trigger.boot_id, trigger.detection_id
        for event in self.known.events:
            event.forget(key)
        for front in self.known.fronts:
            front.forget(key)
        if pick is not None:
            self.waiting.discard(pick)

    def refusals(self) -> dict[str, int]:
        """Return what had no say since the start, by the reason."""
        return {
            "nodes": self.fleet.refused,
            "flooding": self.waiting.dropped,
            **self.picks.refusals(),
        }

    # -- out -----------------------------------------------------------------------------------

    def tick(self, now_us: int) -> list[Alert]:
        """Decide on what was heard and return the alerts that are due."""
        if now_us < self._ticked_us:
            set_back(self.fleet, self.picks, self.known, self._ticked_us - now_us, now_us)
        self._ticked_us, alerts = now_us, []
        for pick in self.waiting.take(JUDGED_A_TICK):
            self._consider(pick, now_us)
        for event in self.known.events:
            alert = self._update(event, now_us)
            if alert is not None:
                event.last, event.version = alert, alert.version
                event.is_over = alert.type in ("cancel", "final")
                if alert.type == "new":
                    self.known.note_told([event.event_id])
                alerts.append(alert)
        self.picks.expire(now_us)
        self.known.forget_fronts(now_us)
        self.known.events = [
            event
            for event in self.known.events
            if not event.is_cancelled
            and (event.last or not event.is_over)
            and now_us - event.declared_us <= KEEP_EVENT_US
        ]
        return alerts

    def _consider(self, pick: Pick, now_us: int) -> None:
        for event in self.known.events:
            if not event.is_over and event.arrivals.may_include(pick):
                event.relate(pick)
        for front in self.known.fronts:
            front.take(pick)
        known_h = 3600 * self.known.explains_per_s(pick)
        self._count(pick, pick.false_rate_h / (pick.false_rate_h + known_h))
        is_vote = any(event.votes.get(pick.node.node_id) is pick for event in self.known.events)
        if is_vote or not self._has_room():
            return
        verdict = quorum.judge(pick, self.picks, self.known, self.fleet, self.settings, now_us)
        if verdict is None:
            return
        for vote in verdict.votes:
            self._count(vote, 0.0)
        if verdict.is_known:
            self.known.mend(verdict)
        else:
            self._declare(verdict, now_us)

    def _has_room(self) -> bool:
        """Forget the oldest earthquake that is over if there are too many."""
        if len(self.known.events) >= MAX_EVENTS:
            over = next((event for event in self.known.events if event.is_over), None)
            if over is None:
                return False
            self.known.events.remove(over)
        return True

    def _count(self, pick: Pick, share: float) -> None:
        """Let so much of a trigger, at most, stand in its node's account of false ones."""
        share = min(share, pick.counted)
        pick.node.account.add(share - pick.counted)
        pick.counted = share

    def _declare(self, verdict: quorum.Verdict, now_us: int) -> None:
        # as first told: refined onsets come sooner or later, and no name may depend on when
        first = min(verdict.votes, key=lambda pick: (pick.first_onset_us, pick.node.node_id))
        origin_us = verdict.reference_us + round(verdict.source.origin_s * 1e6)
        taken = self.known.names()
        name = lifecycle.event_id(origin_us, first.node.node_id, first.first_onset_us, taken)
        event = Event.of(name, verdict, now_us)
        self.known.part(event)
        for other in self.known.events:
            other.release(verdict.votes)
        for peaks in self._shaken.since(event.origin_us - 1_000_000):  # P is nowhere before
            self._measure(event, *peaks)
        self.known.events.append(event)

    def _update(self, event: Event, now_us: int) -> Alert | None:
        """Look at a running earthquake again; return the message that is due, or None."""
        if event.is_over:
            return None
        if event.last is None and now_us - event.declared_us > OPEN_US:
            event.is_over = True  # a small aftershock that nobody was told of
            return None
        wait_us = RELOCATE_EVERY_US if event.needs_source else LOOK_AGAIN_US
        if event.looked_us and now_us - event.looked_us < wait_us:
            return None
        event.looked_us = now_us
        if event.is_bare:
            return lifecycle.last_word(event, now_us)
        if event.needs_source or event.needs_look:
            relocation.relocate(event, self.fleet, self.known, self.settings, now_us)
        reason = self._why_withdrawn(event)
        if reason:
            return self._take_back(event, reason, now_us)
        observed = event.observed(self.fleet, now_us)
        event.resize(observed, now_us)
        if event.last is None and self._need_not_be_told(event):
            return None
        if lifecycle.has_to_wait(event, now_us):
            return None
        areas = self._areas_of(event)
        source_at = (event.lat_deg, event.lon_deg, event.depth_km)
        forecast = shaking.forecast_for(
            areas, source_at, event.size.magnitude, event.size.sigma, observed
        )
        return lifecycle.next_alert(
            event, areas, forecast, self.sender, self.category, self.settings, now_us
        )

    def _take_back(self, event: Event, reason: str, now_us: int) -> Alert | None:
        if event.last is None:
            return None
        if reason == quorum.FAR_AWAY:
            self.known.note_far(list(event.votes.values()), self.picks.recent())
        return lifecycle.cancel(event, reason, now_us)

    def _need_not_be_told(self, event: Event) -> bool:
        """Tell whether it is too unlikely now, covered by another alert, or from far away."""
        place = event.lat_deg, event.lon_deg, event.depth_km
        return (
            event.ln_odds < self.settings.ln_odds_needed
            or self.known.is_aftershock(event)
            or self.known.is_far(list(event.votes.values()), place)
        )

    def _why_withdrawn(self, event: Event) -> str:
        """Return why an earthquake cannot be upheld, or nothing."""
        votes = list(event.votes.values())
        place = event.lat_deg, event.lon_deg, event.depth_km
        reason = quorum.why_withdrawn(
            votes, place, event.nodes_live_nearby, event.ln_odds, self.settings
        )
        if reason:
            return reason
        other = self.known.same_as(event)
        return f"Withdrawn: it is the earthquake {other.event_id}." if other else ""

    def _areas_of(self, event: Event) -> tuple[Area, ...]:
        if self._areas is not None:
            return self._areas + self._targets
        cells = cells_around(event.lat_deg, event.lon_deg, event.size.magnitude)
        return cells + self._targets

"""What the earthquakes that run say of a new trigger, of a group of triggers, of a new source."""

import itertools
from collections import deque
from collections.abc import Iterable, Sequence

from vote.judge import quorum
from vote.nodes.picks import Pick
from vote.running import delay
from vote.running.arrivals import Arrivals
from vote.running.event import Event
from vote.running.front import Front
from vote.running.sizing import Place

NAMES_KEPT = 1000  # of told earthquakes: some days of an aftershock storm
MOST_FRONTS = 4  # a minute's; the oldest goes first


class Known:
    """The earthquakes that run or have run a short time ago, and waves from far away that were
    told as some, oldest first."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.fronts: deque[Front] = deque(maxlen=MOST_FRONTS)  # of waves from far away
        self._told: deque[str] = deque(maxlen=NAMES_KEPT)

    def note_told(self, event_ids: Iterable[str]) -> None:
        """Remember names that people have heard: a cancel or final is the last word on one."""
        self._told.extend(event_ids)

    def names(self) -> set[str]:
        """Return what no new earthquake may be called."""
        return {event.event_id for event in self.events} | set(self._told)

    def before(self, event: Event) -> list[Event]:
        """Return those whose place it cannot take: the told ones first, then by their age."""
        order = sorted(self.events, key=lambda other: (other.last is None, other.declared_us))
        older = itertools.takewhile(lambda other: other is not event, order)
        return [other for other in older if not other.is_cancelled]

    def explains_per_s(self, pick: Pick) -> float:
        """Return the rate of the earthquake that explains it best; they do not add up."""
        return self._explain_per_s(self.events, pick)

    def others_explain_per_s(self, event: Event, picks: Sequence[Pick]) -> list[float]:
        """Return how often those told before it make each trigger; its votes were weighed so
        already, when they became votes."""
        others = [other for other in self.before(event) if other.last]
        return [
            0.0
            if event.votes.get(pick.node.node_id) is pick
            else self._explain_per_s(others, pick)
            for pick in picks
        ]

    def have_all(self, picks: Sequence[Pick]) -> bool:
        return any(event.arrivals.have_all_but_one(picks) for event in self.events)

    def may_be_followed(
        self, place: tuple[float, float] | None, at_us: int, itself: Event | None = None
    ) -> bool:
        """Tell whether others follow one of them at a place (None: anywhere)."""
        others = (event for event in self.events if event is not itself)
        return any(event.may_be_followed(place, at_us) for event in others)

    def has(self, verdict: quorum.Verdict) -> bool:
        """Tell whether this is a running earthquake seen badly, or one of its aftershocks."""
        found = verdict.source
        origin_us = verdict.reference_us + round(found.origin_s * 1e6)
        where_when = (found.lat_deg, found.lon_deg, origin_us)
        place = found.lat_deg, found.lon_deg, found.depth_km
        sites = len({pick.node.site for pick in verdict.votes})
        if self.is_far(verdict.votes, place):
            return True
        for event in self.events:
            is_same = event.is_same_as(*where_when)
            if event.has_shaken_more(found, verdict.votes):
                return True
            if is_same and event.are_anew(verdict.votes, found):
                continue
            if (
                (is_same and not event.is_far_from(place[:2], found.sigma_km, sites))
                or event.still_ruptures(*where_when)
                or event.arrivals.have_most(verdict.votes)
                or event.arrivals.have_front(verdict.votes, place)
                or event.are_its_s(verdict.votes, found)
            ):
                return True
        return bool(self._seen_badly(verdict))

    def note_far(self, votes: Sequence[Pick], heard: Iterable[Pick]) -> None:
        """Remember a wave from far away by the votes of what was told.

        heard: what else was said of late."""
        self.fronts.append(Front(votes, heard))

    def forget_fronts(self, now_us: int) -> None:
        """Forget what has passed."""
        over = [front for front in self.fronts if front.is_over(now_us)]
        for front in over:
            self.fronts.remove(front)

    def is_far(self, votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
        """Tell whether these votes are a wave from far away that was told before."""
        return any(front.is_what(votes, place) for front in self.fronts)

    def mend(self, verdict: quorum.Verdict) -> None:
        """Let what was seen badly be located anew, with the votes of what it is."""
        for event in self._seen_badly(verdict):
            for vote in verdict.votes:
                event.relate(vote)

    def _seen_badly(self, verdict: quorum.Verdict) -> list[Event]:
        """Return the running earthquakes, near in place and time, whose fewer votes are waves of
        this one: the first nodes of some picked S, and nothing later fits the place they gave."""
        found = verdict.source
        origin_us = verdict.reference_us + round(found.origin_s * 1e6)
        near = [
            event
            for event in self.events
            if not event.is_over
            and len(event.votes) < len(verdict.votes)
            and event.is_same_as(found.lat_deg, found.lon_deg, origin_us)
        ]
        if not near:
            return []
        place = Place(found.lat_deg, found.lon_deg, found.depth_km, origin_us)
        late = delay.of_votes(verdict.votes, place)
        waves = [Arrivals(place, found.sigma_km, late, event.size) for event in near]
        return [e for e, has in zip(near, waves) if has.have_most(list(e.votes.values()))]

    def part(self, event: Event) -> None:
        """Remember of whom a new earthquake was told apart, as near as they are."""
        sites = len({pick.node.site for pick in event.votes.values()})
        event.apart_from = {
            other.event_id
            for other in self.events
            if other is not event
            and other.is_same_as(event.lat_deg, event.lon_deg, event.origin_us)
            and not other.is_far_from((event.lat_deg, event.lon_deg), event.sigma_km, sites)
        }

    def same_as(self, event: Event) -> Event | None:
        """Return the earthquake that it has turned out to be.

        What was told is taken back only if the other one explains it: two may be so near."""
        where_when = event.lat_deg, event.lon_deg, event.origin_us
        place = event.lat_deg, event.lon_deg, event.depth_km
        votes = list(event.votes.values())
        sites = len({pick.node.site for pick in votes})
        for other in self.before(event):
            if other.event_id in event.apart_from or not other.is_same_as(*where_when):
                continue
            is_far = event.last or other.is_far_from(place[:2], event.sigma_km, sites)
            if not is_far or other.arrivals.have_front(votes, place):
                return other
        return None

    def is_aftershock(self, event: Event) -> bool:
        """Tell whether it only follows a larger one whose alert is out."""
        told = [other for other in self.events if other.last and not other.is_cancelled]
        leader = next((o for o in told if o is not event and o.is_aftershock(event)), None)
        event.leader = leader or event.leader
        return leader is not None

    def _explain_per_s(self, events: Iterable[Event], pick: Pick) -> float:
        most = 0.0
        for event in events:
            most = max(most, event.arrivals.explain_per_s(pick))
        for front in self.fronts:
            most = max(most, front.explain_per_s(pick))
        return most

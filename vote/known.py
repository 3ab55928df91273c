"""What the earthquakes that run say of a new trigger, of a group of triggers, of a new source."""

from collections.abc import Sequence

from vote import quorum
from vote.event import Event
from vote.picks import Pick


class Known:
    """The earthquakes that run or have run a short time ago, oldest first."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def explains_per_s(self, pick: Pick) -> float:
        """Return the rate of the earthquake that explains it best; they do not add up."""
        most = 0.0
        for event in self.events:
            most = max(most, event.explains_per_s(pick))
        return most

    def have_all(self, picks: Sequence[Pick]) -> bool:
        return any(event.has_all_but_one(picks) for event in self.events)

    def following_per_s_km2(
        self, place: tuple[float, float] | None, at_us: int, itself: Event | None = None
    ) -> float:
        """Return how often others follow them at a place (None: where they do most)."""
        others = (event for event in self.events if event is not itself)
        return sum(event.following_per_s_km2(place, at_us) for event in others)

    def has(self, verdict: quorum.Verdict) -> bool:
        """Tell whether this is a running earthquake seen badly, or one of its aftershocks."""
        found = verdict.source
        origin_us = verdict.reference_us + round(found.origin_s * 1e6)
        where_when = (found.lat_deg, found.lon_deg, origin_us)
        return any(
            event.is_same_as(*where_when)
            or event.still_ruptures(*where_when)
            or event.is_mostly_its_own(verdict.votes)
            or event.has_shaken_more(found, verdict.votes)
            for event in self.events
        )

    def is_aftershock(self, event: Event) -> bool:
        """Tell whether it only follows a larger one whose alert is out."""
        told = [other for other in self.events if other.last and not other.is_cancelled]
        leader = next((o for o in told if o is not event and o.is_aftershock(event)), None)
        event.leader = leader or event.leader
        return leader is not None

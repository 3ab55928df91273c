"""One running earthquake: its source, its votes, what it explains, what was measured of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vote.alert import Alert
from vote.ground.shaking import Observed
from vote.judge import quorum
from vote.nodes.fleet import Fleet, Node
from vote.nodes.picks import Pick
from vote.running import aftermath, delay, echo, sizing
from vote.running.arrivals import Arrivals
from vote.running.delay import Delay
from vote.running.echo import Peaks
from vote.running.sizing import Place
from vote.search.ellipse import Ellipse
from vote.search.source import Source
from vote.waves import tables, travel
from vote.waves.magnitude import PRIOR_MEAN, PRIOR_SIGMA, Size
from vote.waves.plane import Plane

OPEN_US = 40_000_000  # the estimate may change for so long: a large rupture grows (M 7.5: 30 s)
SPLIT_S, SPLIT_KM = 15.0, 90.0  # EPIC's split guard (peers.md d)
APART_SITES, APART_SIGMAS = 6, 3.0  # with so many, so far apart, two are two all the same
ANEW_SITES = 2  # that notice a second one so near
ECHO_SITES = 3  # that notice its S wave: two have no shape
ANEW_LARGER = 1.0  # what is told already covers one that is not so much larger
SURE_S = 0.6  # origins within a network are known to 0.2 to 0.5, with S waves taken for P to 1.2
ANEW_US = 2_000_000  # it is so at once, or it is what people do afterwards
AFTERSHOCK_BELOW = 1.0  # Baath's law: the largest aftershock is about 1.2 smaller
RUPTURE_KM_S = 2.0  # slow ones; most run at 2.5 to 3
# Of 16 M6, one a minute, four were held for echoes of another 30 km away with a factor of 1;
# Ridgecrest's mixtures seemed 120 km away
ECHO_NEARER = 1.2
FRONT_S = 1.0  # two sigmas of the difference of two picks
# RMS: M6 near each other 0.1 to 0.6 (but for one), eight mixtures of aftershocks 0.7 to 3.7
SHARP_S = 0.6
MAX_RELATED = 256


def rupture_km(size: float) -> float:
    """Return the length, which may run to either side: Wells & Coppersmith (1994)."""
    return float(10 ** (0.59 * size - 2.44))


@dataclass(slots=True, eq=False)
class Event:
    event_id: str
    declared_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_us: int
    sigma_km: float  # as the search sees it; stated is the ellipse
    origin_sigma_s: float
    ellipse: Ellipse
    ln_odds: float
    votes: dict[int, Pick]  # P picks by node
    related: list[Pick]  # picks that may be P, votes among them
    size: Size
    peaks: dict[int, Peaks] = field(default_factory=dict)
    nodes_live_nearby: int = 0
    last: Alert | None = None
    version: int = 0
    located_us: int = 0  # when it was located anew
    needs_source: bool = False  # new triggers
    needs_look: bool = False  # refined ones
    looked_us: int = 0
    is_over: bool = False
    is_bare: bool = False  # what it rested on is not known any more (resume.py)
    found: Source | None = None  # as it was located last
    home: Source | None = None  # where it was told first, or rightly moved far to since
    leader: "Event | None" = None  # the larger one that it was first seen to follow
    apart_from: set[str] = field(default_factory=set)  # as near, and known to be another one
    delay: Delay = delay.NONE
    arrivals: Arrivals = field(init=False)  # of this source and size

    def __post_init__(self) -> None:
        self.arrivals = self._arrivals()

    @classmethod
    def of(cls, name: str, verdict: quorum.Verdict, now_us: int) -> "Event":
        found = verdict.source
        event = cls(
            name, now_us, found.lat_deg, found.lon_deg, found.depth_km,
            verdict.reference_us, found.sigma_km, found.origin_sigma_s, found.ellipse,
            verdict.ln_odds, {}, list(verdict.votes),
            Size(PRIOR_MEAN, PRIOR_SIGMA), nodes_live_nearby=verdict.nodes_live_nearby,
        )  # fmt: skip
        event.move(found, verdict.reference_us, verdict.votes)
        return event

    @property
    def place(self) -> Place:
        return Place(self.lat_deg, self.lon_deg, self.depth_km, self.origin_us)

    @property
    def is_cancelled(self) -> bool:
        return self.last is not None and self.last.type == "cancel"

    def is_same_as(self, lat_deg: float, lon_deg: float, origin_us: int) -> bool:
        """Tell whether a source so near in place and time can only be this earthquake."""
        apart_s = abs(origin_us - self.origin_us) / 1e6
        return apart_s <= SPLIT_S and self.distance_km(lat_deg, lon_deg) <= SPLIT_KM

    def is_far_from(self, place: tuple[float, float], sigma_km: float, sites: int) -> bool:
        """Tell whether a place that so many sites tell is another one, errors allowed."""
        error_km = math.hypot(self.sigma_km, sigma_km)
        return sites >= APART_SITES and self.distance_km(*place) > APART_SIGMAS * error_km

    def are_anew(self, votes: Sequence[Pick], found: Source) -> bool:
        """Tell whether most are second picks of nodes that had noticed this one: P of a larger."""
        again = self._again(votes)
        if len({p.node.site for p, _ in again}) < ANEW_SITES or 2 * len(again) < len(votes):
            return False
        may_be_s = self.origin_sigma_s > SURE_S or self.arrivals.have_most(votes)
        return aftermath.are_of_a_larger(again, self._s_s(again), found, may_be_s)

    def are_its_s(self, votes: Sequence[Pick], found: Source) -> bool:
        """Tell whether most are second picks of nodes that had noticed this one, spaced as its S
        waves are wherever it may be: one beside the network is told to be where it is not."""
        again = self._again(votes)
        if len({p.node.site for p, _ in again}) < ECHO_SITES or 2 * len(again) < len(votes):
            return False
        return self._is_beside() and aftermath.are_s_after_p(
            again, self._s_s(again), found, self.origin_us
        )

    def _is_beside(self) -> bool:
        """Tell whether all who voted stand to one side of it."""
        lat_deg = np.array([pick.node.lat_deg for pick in self.votes.values()])
        lon_deg = np.array([pick.node.lon_deg for pick in self.votes.values()])
        east_km, north_km = Plane(self.lat_deg, self.lon_deg).lay(lat_deg, lon_deg)
        azimuth = np.sort(np.arctan2(east_km, north_km))
        return bool(np.diff(azimuth, append=azimuth[0] + 2 * math.pi).max() > math.pi)

    def _again(self, votes: Sequence[Pick]) -> list[tuple[Pick, Pick]]:
        """Return those whose nodes had noticed this one before, with that vote."""
        of = self.votes.get
        return [(p, own) for p in votes if (own := of(p.node.node_id)) and own.key != p.key]

    def _s_s(self, again: Sequence[tuple[Pick, Pick]]) -> travel.Array:
        return np.array([self.arrivals.path(pick.node).s_s for pick, _ in again])

    def still_ruptures(self, lat_deg: float, lon_deg: float, origin_us: int) -> bool:
        """Tell whether a source is a later part of this rupture, were it two sigmas longer than it
        seems and one sigma slower: with two an M6 of which the nodes feel too much had 55 s."""
        apart_s = (origin_us - self.origin_us) / 1e6
        longer_km, most_km = (
            rupture_km(self.size.magnitude + k * self.size.sigma) for k in (1, 2)
        )
        is_in_time = 0 <= apart_s <= longer_km / RUPTURE_KM_S
        return is_in_time and self.distance_km(lat_deg, lon_deg) <= most_km

    def is_aftershock(self, other: "Event") -> bool:
        """Tell whether another one is a smaller one of the same fault: the alert is out."""
        zone_km = rupture_km(self.size.magnitude) + self.sigma_km + other.sigma_km
        # what was near once stays near: further triggers drag small ones about
        near = other.leader is self or self.distance_km(other.lat_deg, other.lon_deg) <= zone_km
        smaller_by = self.size.magnitude - other.size.magnitude
        if self.event_id in other.apart_from:
            is_late = other.looked_us - other.declared_us > ANEW_US
            return smaller_by > -ANEW_LARGER or is_late
        if not near or smaller_by <= 0:
            return False
        # what several of them together seem to be, is too large or too far away
        is_echo = self._has_shaken_more(list(other.votes.values()), other.peaks, other.place)
        # a first magnitude in the coda is often too large
        return smaller_by + other.size.sigma / 2 > AFTERSHOCK_BELOW or is_echo

    def may_be_followed(self, place: tuple[float, float] | None, at_us: int) -> bool:
        """Tell whether others follow it around a place (None: anywhere)."""
        if self.last is None or at_us < self.origin_us:  # nothing is built upon what was not told
            return False
        zone_km = rupture_km(self.size.magnitude) + self.sigma_km
        return place is None or self.distance_km(*place) <= zone_km

    def has_shaken_more(self, found: Source, votes: Sequence[Pick]) -> bool:
        """Tell whether these nodes felt this earthquake clearly more, and most are nearer to it
        than to the new place: they hear aftershocks, wherever a mixture of several seems to be."""
        place = Place(found.lat_deg, found.lon_deg, found.depth_km, self.origin_us)
        if not self._has_shaken_more(votes, {}, place):
            return False
        lat_deg = np.array([pick.node.lat_deg for pick in votes])
        lon_deg = np.array([pick.node.lon_deg for pick in votes])
        old_km = travel.distance_km(lat_deg, lon_deg, self.lat_deg, self.lon_deg)
        new_km = travel.distance_km(lat_deg, lon_deg, found.lat_deg, found.lon_deg)
        return bool(ECHO_NEARER * np.median(old_km) < np.quantile(new_km, 0.25))

    def _has_shaken_more(
        self, votes: Sequence[Pick], now: Mapping[int, Peaks], place: Place
    ) -> bool:
        """Tell whether these nodes, now by node, felt this earthquake clearly more: if their times
        are another place's, than one half a magnitude smaller there would do to them."""
        if not echo.is_weaker(votes, now, self.peaks):
            return False
        return not self._are_of_another(votes, place) or echo.is_weaker(
            votes, now, self.peaks, [self._less_log10(pick.node, place) for pick in votes]
        )

    def _are_of_another(self, votes: Sequence[Pick], place: Place) -> bool:
        """Tell whether votes are sharply those of another place, and no single front from this
        one's zone: several aftershocks together fit a place far away, but not well."""
        lat_deg, lon_deg = np.array([(p.node.lat_deg, p.node.lon_deg) for p in votes]).T
        times_s = np.array([(pick.onset_us - votes[0].onset_us) / 1e6 for pick in votes])
        apart = travel.distance_km(lat_deg, lon_deg, place.lat_deg, place.lon_deg)
        if (times_s - travel.p_time_s(apart, place.depth_km)).std() > SHARP_S:
            return False
        own_s = times_s - np.array([self.arrivals.path(pick.node).p_s for pick in votes])
        zone_s = rupture_km(self.size.magnitude) / travel.CRUST_P_KM_S
        return float(np.ptp(own_s)) > zone_s + FRONT_S

    def _less_log10(self, node: Node, place: Place) -> float:
        """Return how much less a node feels of one half a magnitude smaller, or further away."""
        here_km = self.arrivals.path(node).distance_km
        there_km = travel.one_km(place.lat_deg, place.lon_deg, node.lat_deg, node.lon_deg)
        reaches = math.hypot(here_km, self.depth_km), math.hypot(there_km, place.depth_km)
        here, there = (tables.one_p_peak_mps2(self.size.magnitude, reach) for reach in reaches)
        return max(math.log10(here / there), 0.0) + aftermath.PEAK_PER_MAGNITUDE / 2

    def move(self, found: Source, reference_us: int, votes: Sequence[Pick]) -> None:
        """Take over a new location, whose times are after reference_us, and its votes."""
        self.lat_deg, self.lon_deg, self.depth_km = found.lat_deg, found.lon_deg, found.depth_km
        self.origin_us = reference_us + round(found.origin_s * 1e6)
        self.sigma_km, self.origin_sigma_s = found.sigma_km, found.origin_sigma_s
        self.ellipse, self.found = found.ellipse, found
        self.votes = quorum.by_node(votes)
        self.delay = delay.of_votes(list(self.votes.values()), self.place)
        self.arrivals = self._arrivals()

    def distance_km(self, lat_deg: float, lon_deg: float) -> float:
        return float(travel.distance_km(self.lat_deg, self.lon_deg, lat_deg, lon_deg))

    def relate(self, pick: Pick) -> None:
        """Keep a pick for the next location, two of one node at most."""
        same = [other for other in self.related if other.node is pick.node]
        if pick not in same and len(same) < 2 and len(self.related) < MAX_RELATED:
            self.related.append(pick)
            self.needs_source, self.is_bare = True, False

    def forget(self, key: tuple[int, int, int]) -> None:
        """Drop a withdrawn pick."""
        self.related = [pick for pick in self.related if pick.key != key]
        if any(pick.key == key for pick in self.votes.values()):
            self.votes = {n: pick for n, pick in self.votes.items() if pick.key != key}
        self.needs_source = True

    def gives_way(self, other: "Event", node: Node, at_us: int) -> bool:
        """Tell whether what shakes a node now is rather a later earthquake's."""
        may_never_be_told = other.last is None and self.event_id in other.apart_from
        if other.origin_us <= self.origin_us or other.is_cancelled or may_never_be_told:
            return False
        has_come = (at_us - other.origin_us) / 1e6 >= other.arrivals.path(node).p_s
        return has_come and other.size.magnitude > self.size.magnitude - AFTERSHOCK_BELOW

    def release(self, picks: Sequence[Pick]) -> None:
        """Give up picks that make another earthquake, but for those at this one's own waves."""
        lost = {id(pick) for pick in picks if not self.arrivals.are_at_phase(pick)}
        if any(id(pick) in lost for pick in self.related):
            self.related = [pick for pick in self.related if id(pick) not in lost]
            self.needs_source = True

    def note_peaks(self, node_id: int, pga_mps2: float, pgv_mps: float) -> None:
        peaks = self.peaks.setdefault(node_id, Peaks())
        peaks.pga_mps2 = max(peaks.pga_mps2, pga_mps2)
        peaks.pgv_mps = max(peaks.pgv_mps, pgv_mps)

    def resize(self, observed: Observed, now_us: int) -> None:
        """Estimate the magnitude anew."""
        votes = list(self.votes.values())
        self.size = sizing.size_of(self.place, self.ellipse, votes, observed, now_us)
        self.arrivals = self.arrivals.of_size(self.size)

    def _arrivals(self) -> Arrivals:
        return Arrivals(self.place, self.sigma_km, self.delay, self.size)

    def observed(self, fleet: Fleet, now_us: int) -> Observed:
        """Return what was measured, one row a site: of its nodes' peaks the median."""
        rows = fleet.rows(self.peaks)
        pga = np.array([peaks.pga_mps2 for peaks in self.peaks.values()])
        pgv = np.array([peaks.pgv_mps for peaks in self.peaks.values()])
        quiet = np.array([fleet.by_index[row].quiet_mps2 for row in rows.tolist()])
        each = np.stack([fleet.lat_deg[rows], fleet.lon_deg[rows], pga, pgv, quiet])[:, rows >= 0]
        site = fleet.site[rows[rows >= 0]]
        sites, first, count = np.unique(site, return_index=True, return_counts=True)
        for shared in np.flatnonzero(count > 1):
            each[:, first[shared]] = np.median(each[:, site == sites[shared]], axis=1)
        lat_deg, lon_deg, pga, pgv, quiet = each[:, np.sort(first)]
        distance = travel.distance_km(lat_deg, lon_deg, self.lat_deg, self.lon_deg)
        s_s = travel.s_time_s(distance, self.depth_km)
        after_s = (now_us - self.origin_us) / 1e6
        is_over = sizing.s_is_over(after_s, s_s)
        return Observed(lat_deg, lon_deg, pga, pgv, is_over, after_s, quiet)

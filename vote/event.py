"""One running earthquake: its source, its votes, what it explains, what was measured of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vote import magnitude, travel
from vote.alert import Alert
from vote.magnitude import Size
from vote.picks import Pick
from vote.shaking import Observed, reach_km
from vote.source import Source

OPEN_US = 40_000_000  # the estimate may change for so long: a large rupture grows (M 7.5: 30 s)
SPLIT_S, SPLIT_KM = 15.0, 90.0  # EPIC's split guard (peers.md d)
# How often per second an earthquake makes one node trigger: near P and S once within the window,
# between and after them now and then (retriggers in the coda), fading over a minute; then its
# aftershocks, by Omori's law: on 13 records of Ridgecrest 2019 (M 7.1) one trigger in 30 s and
# node 200 s later, ten times fewer for each magnitude less.
AT_PHASE_PER_S = 0.3
BETWEEN_PER_S = 0.15
CODA_PER_S = 0.1
CODA_FADE_S = 60.0
AFTERSHOCKS_OF_M7 = 6.0  # triggers per node and s, times the seconds since
# When the peak at a node is known: the S wave has come, and the strong phase after it
S_LASTS_SHARE, S_LASTS_S = 1.15, 5.0
REACH_KM = 1_000.0
AFTERSHOCK_BELOW = 1.0  # Baath's law: the largest aftershock is about 1.2 smaller
AFTERSHOCK_KM = 30.0
ECHO_S = 3.0  # the new P wave's peak so far is compared with the old earthquake's S wave,
ECHO_LOG10 = -1.0  # 0.6 more than P; and half a magnitude (Cua & Heaton 2009: 0.72 for each)
MAX_RELATED = 256


@dataclass(slots=True)
class Peaks:
    pga_mps2: float = 0.0
    pgv_mps: float = 0.0


@dataclass(slots=True, eq=False)
class Event:
    event_id: str
    declared_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_us: int
    sigma_km: float
    origin_sigma_s: float
    ln_odds: float
    votes: dict[int, Pick]  # P picks by node
    related: list[Pick]  # picks that may be P, votes among them
    size: Size
    peaks: dict[int, Peaks] = field(default_factory=dict)
    nodes_live_nearby: int = 0
    last: Alert | None = None
    version: int = 0
    needs_source: bool = False  # new triggers
    needs_look: bool = False  # refined ones
    looked_us: int = 0
    is_over: bool = False

    @property
    def is_cancelled(self) -> bool:
        return self.last is not None and self.last.type == "cancel"

    def is_same_as(self, lat_deg: float, lon_deg: float, origin_us: int) -> bool:
        """Tell whether a source so near in place and time can only be this earthquake."""
        apart_s = abs(origin_us - self.origin_us) / 1e6
        return apart_s <= SPLIT_S and self.distance_km(lat_deg, lon_deg) <= SPLIT_KM

    def is_mostly_its_own(self, votes: Sequence[Pick]) -> bool:
        """Tell whether half of these picks come at this earthquake's own P or S wave."""
        own = [self.explains_per_s(pick) >= AT_PHASE_PER_S for pick in votes]
        return 2 * sum(own) >= len(own)

    def is_aftershock(self, found: Source, size: float) -> bool:
        """Tell whether a source is a smaller one of the same fault: the alert is out already."""
        rupture_km = 10 ** (0.59 * self.size.magnitude - 2.44)  # Wells & Coppersmith 1994, length
        zone_km = AFTERSHOCK_KM + rupture_km + found.sigma_km
        near = self.distance_km(found.lat_deg, found.lon_deg) <= zone_km
        return near and size < self.size.magnitude - AFTERSHOCK_BELOW

    def has_shaken_more(self, votes: Sequence[Pick]) -> bool:
        """Tell whether most of these nodes felt this earthquake clearly more: then what they hear
        now is one of its aftershocks, wherever a mixture of several seems to be."""
        ratios = [
            np.log10(now_mps2 / peaks.pga_mps2)
            for pick in votes
            if (peaks := self.peaks.get(pick.node.node_id)) is not None
            and (now_mps2 := pick.pga_at(ECHO_S)) > 0
        ]
        return 2 * len(ratios) >= len(votes) and float(np.median(ratios)) < ECHO_LOG10

    def move(self, found: Source, reference_us: int) -> None:
        """Take over a new location; its times are after reference_us."""
        self.lat_deg, self.lon_deg, self.depth_km = found.lat_deg, found.lon_deg, found.depth_km
        self.origin_us = reference_us + round(found.origin_s * 1e6)
        self.sigma_km, self.origin_sigma_s = found.sigma_km, found.origin_sigma_s

    def distance_km(self, lat_deg: float, lon_deg: float) -> float:
        return float(
            travel.distance_km(
                self.lat_deg, self.lon_deg,
                lat_deg, lon_deg,
            )
        )  # fmt: skip

    def arrivals_s(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Return P and S travel times to a place."""
        distance = self.distance_km(lat_deg, lon_deg)
        return (
            float(travel.p_time_s(distance, self.depth_km)),
            float(travel.s_time_s(distance, self.depth_km)),
        )

    def may_be_p(self, pick: Pick) -> bool:
        """Tell whether a pick comes when this earthquake's P or S wave might: the next location
        looks at it, and says whether it is a vote."""
        node = pick.node
        if self.distance_km(node.lat_deg, node.lon_deg) > REACH_KM:
            return False
        p_s, s_s = self.arrivals_s(node.lat_deg, node.lon_deg)
        after = (pick.onset_us - self.origin_us) / 1e6
        slack = self._slack_s(p_s, pick)
        return p_s - slack <= after <= max(s_s, p_s + slack)

    def relate(self, pick: Pick) -> None:
        """Keep a pick for the next location, two of one node at most."""
        same = [other for other in self.related if other.node is pick.node]
        if pick not in same and len(same) < 2 and len(self.related) < MAX_RELATED:
            self.related.append(pick)
            self.needs_source = True

    def forget(self, key: tuple[int, int, int]) -> None:
        """Drop a withdrawn pick."""
        self.related = [pick for pick in self.related if pick.key != key]
        if any(pick.key == key for pick in self.votes.values()):
            self.votes = {n: pick for n, pick in self.votes.items() if pick.key != key}
        self.needs_source = True

    def _slack_s(self, p_s: float, pick: Pick) -> float:
        return 1.5 + 0.05 * p_s + 2 * pick.clock_sigma_s + self.sigma_km / travel.CRUST_P_KM_S

    def explains_per_s(self, pick: Pick) -> float:
        """Return how often this earthquake makes that node trigger around that time."""
        node = pick.node
        if self.distance_km(node.lat_deg, node.lon_deg) > REACH_KM:
            return 0.0
        p_s, s_s = self.arrivals_s(node.lat_deg, node.lon_deg)
        after = (pick.onset_us - self.origin_us) / 1e6
        slack = self._slack_s(p_s, pick)
        if after < p_s - slack:
            return 0.0
        if abs(after - p_s) <= slack or abs(after - s_s) <= slack * travel.VP_OVER_VS:
            return AT_PHASE_PER_S
        if after < s_s:
            return BETWEEN_PER_S
        since = after - s_s
        coda = CODA_PER_S * float(np.exp(-since / CODA_FADE_S))
        productivity = float(10 ** (min(self.size.magnitude, 8.0) - 7.0))
        aftershocks = AFTERSHOCKS_OF_M7 * productivity / (since + CODA_FADE_S)
        return max(coda, min(aftershocks, CODA_PER_S))

    def note_peaks(self, node_id: int, pga_mps2: float, pgv_mps: float) -> None:
        peaks = self.peaks.setdefault(node_id, Peaks())
        peaks.pga_mps2 = max(peaks.pga_mps2, pga_mps2)
        peaks.pgv_mps = max(peaks.pgv_mps, pgv_mps)

    def resize(self, observed: Observed) -> None:
        """Estimate the magnitude anew: P displacement before each S wave, S velocity after it."""
        rows = [row for pick in self.votes.values() if (row := self._pd(pick)) is not None]
        pd, reach, window = np.array(rows, dtype=np.float64).reshape(-1, 3).T
        done = observed.is_complete
        distance = travel.distance_km(
            observed.lat_deg[done], observed.lon_deg[done], self.lat_deg, self.lon_deg
        )
        self.size = magnitude.combine(
            magnitude.from_displacement(pd, reach, window),
            magnitude.from_velocity(observed.pgv_mps[done], reach_km(distance, self.depth_km)),
        )

    def _pd(self, pick: Pick) -> tuple[float, float, float] | None:
        _, s_s = self.arrivals_s(pick.node.lat_deg, pick.node.lon_deg)
        until_s = max((self.origin_us - pick.onset_us) / 1e6 + s_s, 1.0)
        usable = [r for r in pick.reports if r.window_s <= until_s and r.pd_m > 0]
        if not usable or pick.is_clipped:
            return None
        reach = np.hypot(self.distance_km(pick.node.lat_deg, pick.node.lon_deg), self.depth_km)
        return usable[-1].pd_m, float(max(reach, 3.0)), usable[-1].window_s

    def observed(self, positions: dict[int, tuple[float, float]], now_us: int) -> Observed:
        """Return what was measured; positions: latitude and longitude by node."""
        rows = [
            (*positions[node_id], peaks.pga_mps2, peaks.pgv_mps)
            for node_id, peaks in self.peaks.items()
        ]
        lat_deg, lon_deg, pga, pgv = np.array(rows, dtype=np.float64).reshape(-1, 4).T
        distance = travel.distance_km(lat_deg, lon_deg, self.lat_deg, self.lon_deg)
        s_s = travel.s_time_s(distance, self.depth_km)
        is_complete = (now_us - self.origin_us) / 1e6 > S_LASTS_SHARE * s_s + S_LASTS_S
        return Observed(lat_deg, lon_deg, pga, pgv, np.asarray(is_complete, dtype=bool))

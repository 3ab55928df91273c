"""When an earthquake's waves come to each node, how strong they are, and which picks they are.

Of one place and one size: a new location or magnitude makes new arrivals.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from vote.nodes.fleet import Node
from vote.nodes.picks import MAX_PICKS, Pick, by_site
from vote.running import aftermath
from vote.running.aftermath import Path, Waves
from vote.running.delay import Delay
from vote.running.sizing import Place
from vote.waves import tables, travel
from vote.waves.magnitude import Size

REACH_KM = 1_000.0
SIGMAS_MORE = 2.0  # an early magnitude may be so much too small

_Known = TypeVar("_Known", float, bool)
# A pick by its key, as it is: a refinement moves its onset, and it grows
_Seen = tuple[tuple[int, int, int], int, float]


class Arrivals:
    def __init__(self, place: Place, sigma_km: float, delay: Delay, size: Size) -> None:
        self._place, self._sigma_km, self._delay, self._size = place, sigma_km, delay, size
        self._paths: dict[int, Path] = {}  # by node
        self._waves: dict[int, Waves] = {}
        self._explained: dict[_Seen, float] = {}
        self._at_phase: dict[_Seen, bool] = {}

    def of_size(self, size: Size) -> "Arrivals":
        """Return those of another size at the same place."""
        other = Arrivals(self._place, self._sigma_km, self._delay, size)
        other._paths = self._paths
        return other

    def path(self, node: Node) -> Path:
        """Return how far it is to a node, and when waves come."""
        known = self._paths.get(node.node_id)
        if known is None:
            place = self._place
            distance = travel.one_km(place.lat_deg, place.lon_deg, node.lat_deg, node.lon_deg)
            p_s = self._delay.p_s(distance, place.depth_km)
            known = self._paths[node.node_id] = Path(distance, p_s, travel.VP_OVER_VS * p_s)
        return known

    def waves(self, node: Node) -> Waves:
        """Return what reaches a node, and when."""
        known = self._waves.get(node.node_id)
        if known is None:
            path = self.path(node)
            size = self._size
            sizes = size.magnitude, size.magnitude + SIGMAS_MORE * size.sigma
            reach = math.hypot(path.distance_km, self._place.depth_km)
            peaks = (tables.one_p_peak_mps2(size, reach) for size in sizes)
            known = Waves(path.distance_km, path.p_s, path.s_s, *peaks)
            self._waves[node.node_id] = known
        return known

    def may_include(self, pick: Pick) -> bool:
        """Tell whether a pick comes when this earthquake's P or S wave might: the next location
        looks at it, and says whether it is a vote."""
        path = self.path(pick.node)
        slack, after = self._slack_s(path, pick), self._after_s(pick)
        is_near = path.distance_km <= REACH_KM
        return is_near and path.p_s - slack <= after <= max(path.s_s, path.p_s + slack)

    def are_at_phase(self, pick: Pick) -> bool:
        """Tell whether it comes at this earthquake's own P or S wave, and may be it."""
        seen = pick.key, pick.onset_us, pick.early_pga_mps2
        known = self._at_phase.get(seen)
        if known is None:
            waves = self.waves(pick.node)
            slack = self._slack_s(waves, pick)
            known = aftermath.is_at_phase(waves, pick, self._after_s(pick), slack)
            _keep(self._at_phase, seen, known)
        return known

    def explain_per_s(self, pick: Pick) -> float:
        """Return how often this earthquake makes that node trigger around that time."""
        seen = pick.key, pick.onset_us, pick.early_pga_mps2
        known = self._explained.get(seen)
        if known is None:
            path, known, after_s = self.path(pick.node), 0.0, self._after_s(pick)
            slack = self._slack_s(path, pick)
            if path.distance_km <= REACH_KM and after_s >= path.p_s - slack:
                known = aftermath.explained_per_s(self.waves(pick.node), pick, after_s, slack)
            _keep(self._explained, seen, known)
        return known

    def _after_s(self, pick: Pick) -> float:
        return (pick.onset_us - self._place.origin_us) / 1e6

    def _slack_s(self, path: Path, pick: Pick) -> float:
        place_s = self._sigma_km / travel.CRUST_P_KM_S
        return 1.5 + 0.05 * path.p_s + 2 * pick.clock_sigma_s + place_s

    def have_most(self, votes: Sequence[Pick]) -> bool:
        """Tell whether half of these picks come at this earthquake's own P or S wave."""
        return 2 * sum(self.are_at_phase(pick) for pick in votes) >= len(votes)

    def have_front(self, votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
        """Tell whether these picks have the shape of its P or S front, and not clearly better that
        of another one at a place (latitude, longitude, depth); few have no shape."""
        first = by_site(votes)
        if len(first) < aftermath.FRONT_SITES:
            return self.have_most(votes)
        waves = [self.waves(pick.node) for pick in first]
        after_s = np.array([self._after_s(pick) for pick in first])
        slack_s = np.array([self._slack_s(one, pick) for one, pick in zip(waves, first)])
        return aftermath.are_a_front(first, waves, after_s, slack_s, place)

    def have_all_but_one(self, picks: Sequence[Pick]) -> bool:
        """Tell whether no choice of three of these could be less than half its own."""
        foreign = 0
        for pick in picks:
            foreign += not self.are_at_phase(pick)
            if foreign > 1:
                return False
        return True


def _keep(cache: dict[_Seen, _Known], seen: _Seen, known: _Known) -> None:
    """Remember it; of what is over nobody makes new arrivals, and picks go on coming."""
    if len(cache) >= MAX_PICKS:
        cache.clear()
    cache[seen] = known

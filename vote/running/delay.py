"""How much later an earthquake's waves come than in the plain crust: what its own votes show.

A crust that is faster or slower, a wrong depth and a wrong origin time leave a pattern in the
residuals. It goes on beyond the nodes that have spoken: there the next P waves come, and the S
waves of the same paths, which in a plain crust would be seconds off and seem another earthquake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from vote.nodes.picks import Pick
from vote.running.sizing import Place
from vote.waves import travel

LEAST_VOTES = 6  # fewer have hardly a residual: the place is made to fit them
MOST_VOTES = 24  # count as so many: their paths share the same rock
# What each of them may be: the origin time's own error; 6.45 +- 0.23 km/s, region by region
# (Christensen & Mooney 1995); half the distance between the search's depths
OFFSET_SIGMA_S, SHARE_SIGMA, DEEPER_SIGMA_KM = 1.0, 0.035, 10.0
MOST_SHARE = 0.2
STEP_KM = 4.0  # of depth, either way
ROUNDS, OUTLIER_SIGMAS = 3, 2.0
_PRIOR = np.diag([OFFSET_SIGMA_S**-2, SHARE_SIGMA**-2, DEEPER_SIGMA_KM**-2])


@dataclass(frozen=True, slots=True)
class Delay:
    """Of one earthquake at all nodes."""

    offset_s: float = 0.0
    share: float = 0.0  # of the travel time in the plain crust
    deeper_km: float = 0.0

    def p_s(self, distance_km: float, depth_km: float) -> float:
        """Return when to expect the P wave at a node, after the origin."""
        plain_s = travel.one_p_s(distance_km, depth_km)
        if self == NONE:
            return plain_s
        upper_km, lower_km = _around(depth_km)
        upper_s, lower_s = (travel.one_p_s(distance_km, z) for z in (upper_km, lower_km))
        deeper_s = self.deeper_km * (lower_s - upper_s) / (lower_km - upper_km)
        late_s, most_s = self.offset_s + self.share * plain_s + deeper_s, MOST_SHARE * plain_s
        return plain_s + min(max(late_s, -most_s), most_s)


NONE = Delay()


def of_votes(votes: Sequence[Pick], place: Place) -> Delay:
    """Return what explains the residuals of these P waves best: least squares that give outliers
    little say, with what each cause may be at all as prior."""
    if len(votes) < LEAST_VOTES:
        return NONE
    lat = np.array([pick.node.lat_deg for pick in votes])
    lon = np.array([pick.node.lon_deg for pick in votes])
    after_s = np.array([(pick.onset_us - place.origin_us) / 1e6 for pick in votes])
    distance = travel.distance_km(lat, lon, place.lat_deg, place.lon_deg)
    upper_km, lower_km = _around(place.depth_km)
    depths_km = np.array([[place.depth_km], [upper_km], [lower_km]])
    time_s, upper_s, lower_s = travel.p_time_s(distance, depths_km)
    late_s = after_s - time_s
    each = min(MOST_VOTES / len(votes), 1.0) / travel.PICK_SIGMA_S**2
    per_km_s = (lower_s - upper_s) / (lower_km - upper_km)
    terms = np.stack([np.ones_like(time_s), time_s, per_km_s])
    causes = np.array([median(late_s.tolist()), 0.0, 0.0])
    for _ in range(ROUNDS):
        off = (late_s - causes @ terms) / (OUTLIER_SIGMAS * travel.PICK_SIGMA_S)
        weight = each / (1 + np.square(off))
        causes = np.linalg.solve((terms * weight) @ terms.T + _PRIOR, terms @ (weight * late_s))
    return Delay(*causes.tolist())


def _around(depth_km: float) -> tuple[float, float]:
    return max(depth_km - STEP_KM, 0.0), depth_km + STEP_KM

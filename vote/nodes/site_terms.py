"""What the ground under each node does to its P displacement, learnt from past earthquakes.

A term is log10 of how much larger Pd is there than at the others. It is relative: what an
earthquake does to all nodes is no node's. Nothing is known, nothing changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vote.waves import magnitude, travel
from vote.waves.travel import Array

LEAST_NODES = 4  # of an earthquake: with fewer its own error is not told from a node's
LEAST_EVENTS = 5  # of a node; fewer say nothing
# So many earthquakes weigh as much as a term of 0 does beforehand: the scatter of one node's Pd
# about its own mean (0.28 magnitude in magnitude.py: 0.23 in log10) over that of the terms, which
# is assumed to be as large, squared
SHRINK = 1.0
MOST_LOG10 = 0.5
SAME_PLACE_KM = 0.2


@dataclass(frozen=True, slots=True)
class SiteTerm:
    """Of a node that still stands where it stood."""

    lat_deg: float
    lon_deg: float
    pd_log10: float

    def pd_factor(self, lat_deg: float, lon_deg: float) -> float:
        """Return what to divide Pd by; 1 if the node stands elsewhere."""
        apart = travel.distance_km(lat_deg, lon_deg, self.lat_deg, self.lon_deg)
        return float(10**self.pd_log10) if apart <= SAME_PLACE_KM else 1.0


SiteTerms = Mapping[int, SiteTerm]  # by node


def residuals(
    node_ids: Sequence[int], pd_m: Array, hypocentral_km: Array, window_s: Array, size: float
) -> Mapping[int, float]:
    """Return by node log10 of Pd over what the earthquake's magnitude lets expect, as far as it
    is not common to all; empty where the nodes are too few."""
    if len(node_ids) < LEAST_NODES:
        return {}
    each = np.log10(pd_m) - magnitude.pd_log10_expected(size, hypocentral_km, window_s)
    return dict(zip(node_ids, (each - np.median(each)).tolist()))


def term_of(residual_log10: Sequence[float]) -> float:
    """Return a node's term: the median, so that one bad earthquake does nothing, shrunk."""
    count = len(residual_log10)
    if count < LEAST_EVENTS:
        return 0.0
    term = float(np.median(residual_log10)) * count / (count + SHRINK)
    return min(max(term, -MOST_LOG10), MOST_LOG10)

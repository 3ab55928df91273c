"""How strongly it shook where it was noticed: as an earthquake there would, or as people do.

Against common causes only (rivals.py). Of chance nothing is assumed: a node that falls over shakes
as strongly as one likes.
"""

import math
from collections.abc import Sequence

import numpy as np

from vote.nodes.picks import Pick
from vote.search.source import Source
from vote.waves import tables, travel

# Footsteps, doors, jumping: a few mm/s^2 to some cm/s^2 at a node on a wall, as study/ assumes it
PEOPLE_LOG10, PEOPLE_SIGMA = -2.0, 0.5  # of m/s^2
# Of a P wave about its median: Cua & Heaton's 0.29 to 0.31, and as much for its first seconds
QUAKE_SIGMA = 0.45
MAGNITUDES = np.arange(3.5, 8.01, 0.25)
B_VALUE = 1.0
LN_MOST = 4.0  # that it says at all


def ln_ratio(votes: Sequence[Pick], found: Source) -> float:
    """Return the logarithm of how much likelier these peaks are of that earthquake than of people.

    Its magnitude is any, as probable as who triggered there, and who did not, leaves it. That is
    not divided by the chance to be noticed at all: an earthquake that so many notice only by their
    luck is rather people. (Divided, 33 of 2,773 simulated crowds were declared instead of 4.)
    """
    measured = [(pick, pick.early_pga_mps2) for pick in votes if pick.early_pga_mps2 > 0]
    if len(measured) < 2:
        return 0.0
    log10 = np.log10([pga for _, pga in measured])
    apart = travel.distance_km(
        np.array([pick.node.lat_deg for pick, _ in measured]),
        np.array([pick.node.lon_deg for pick, _ in measured]),
        found.lat_deg, found.lon_deg,
    )  # fmt: skip
    reach = np.hypot(apart, found.depth_km)
    expected = np.log10([tables.p_peak_mps2(float(m), reach) for m in MAGNITUDES])
    ln_magnitude = np.interp(MAGNITUDES, tables.MAGNITUDES, found.ln_by_magnitude)
    beyond = np.maximum(MAGNITUDES - tables.MAGNITUDES[-1], 0.0)
    ln_magnitude = ln_magnitude - B_VALUE * math.log(10.0) * beyond
    ln_magnitude -= np.logaddexp.reduce(ln_magnitude)
    quake = ln_magnitude - 0.5 * np.square((log10 - expected) / QUAKE_SIGMA).sum(axis=1)
    people = -0.5 * float(np.square((log10 - PEOPLE_LOG10) / PEOPLE_SIGMA).sum())
    narrower = len(log10) * math.log(PEOPLE_SIGMA / QUAKE_SIGMA)
    ln = float(np.logaddexp.reduce(quake)) - people + narrower
    return min(max(ln, -LN_MOST), LN_MOST)

"""Is it a wave from far away? A plane, which is fast along the surface, against a source here.

A wave from another part of the world comes from below: flat, and faster along the surface than the
8 km/s of any that started within reach. One from 90 km below the network is curved by 0.6 s over
100 km, from 200 km by 0.25 s: while few nodes have heard that one, or over a town, it looks as
flat. What tells the two apart there is the S wave, which comes within seconds from a near source.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vote.nodes.picks import Pick, by_site
from vote.search import shape
from vote.waves import tables, travel
from vote.waves.plane import Plane
from vote.waves.travel import Array

# Of 240 waves of 8 to 13 km/s with onsets off by 0.6 s (study/bursts.py) 129 were told and 83
# upheld with 10 km/s, of 120 with 8.5 44 and 14.
SITES, WIDE_KM = 5, 40.0  # with fewer, or over less, everything is flat
FASTER_KM_S, RMS_S = 8.5, 0.35
BETTER = 4.0  # chi^2, with a pick's sigma: a likelihood ratio of e^2
# To take back what was told: a plane has as many terms as a source, and with few sites or emergent
# onsets it is the better one by chance. Of 1,575 simulated earthquakes 35 were taken back and told
# again with (5 sites, 4), 13 with (8, 4), 3 with (8, 10), none with (8, 20), for this reason;
# teleseisms with onsets off by 0.3 to 0.8 s are taken back all the same, with (8, 30) no longer.
KEPT_SITES, KEPT_BETTER = 8, 20.0
DEEPER_KM = 150.0  # a source below the deepest row of the tables is looked for there
# Where an earthquake is told to be is no fit of the onsets: amplitudes choose the place, and its
# depth is one of four. So the plane must also be better than the source that fits best, S waves
# among it, by so much. Of 252 simulated earthquakes 0 to 95 km outside (15 to 110 km deep, half of
# the nodes trigger again at S) it was 2.8 at most, but for two, 90 and 110 km deep.
BEST_BETTER = 3.0
FREE_DEPTHS_KM = (8.0, 20.0, 40.0, 60.0, 90.0)
ROUNDS, MOST_STEP_KM, DAMPING = 8, 30.0, 1e-4  # of least squares


@dataclass(frozen=True, slots=True)
class _Front:
    """The first onset of each site, on a plane around where the earthquake is told to be."""

    picks: Sequence[Pick]
    east_km: Array
    north_km: Array
    onset_s: Array

    @classmethod
    def of(cls, votes: Sequence[Pick], place: tuple[float, float, float]) -> "_Front":
        picks = by_site(votes)
        lat_deg = np.array([pick.node.lat_deg for pick in picks])
        lon_deg = np.array([pick.node.lon_deg for pick in picks])
        east, north = Plane(place[0], place[1]).lay(lat_deg, lon_deg)
        return cls(
            picks, east, north,
            np.array([(pick.onset_us - picks[0].onset_us) / 1e6 for pick in picks]),
        )  # fmt: skip

    def is_wide(self) -> bool:
        """Tell whether there are enough sites, two of them so far apart."""
        if len(self.picks) < SITES:
            return False
        if max(np.ptp(self.east_km), np.ptp(self.north_km)) > WIDE_KM:
            return True  # mostly: a large earthquake has ten thousand pairs
        apart = np.hypot(
            self.east_km[:, None] - self.east_km, self.north_km[:, None] - self.north_km
        )
        return float(apart.max()) > WIDE_KM

    def plane_s(self) -> tuple[float, float]:
        """Return what a plane leaves, RMS in s, and its slowness along the surface, s/km."""
        terms = np.stack([np.ones_like(self.east_km), self.east_km, self.north_km], axis=1)
        plane, *_ = np.linalg.lstsq(terms, self.onset_s)
        return float((self.onset_s - terms @ plane).std()), float(np.hypot(*plane[1:]))

    def source_s(self, depth_km: float) -> float:
        """Return what the source leaves where it is told to be, but so deep."""
        apart = np.hypot(self.east_km, self.north_km)
        return float((self.onset_s - travel.p_time_s(apart, depth_km)).std())

    def chi2(self, rms_s: float) -> float:
        return len(self.picks) * (rms_s / travel.PICK_SIGMA_S) ** 2


def is_flat(votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
    """Tell a wave from far away: a plane fits its onsets better than the earthquake that was
    found, by enough, or at all and well."""
    better, rms_s = flatter(votes, place)
    return better > BETTER or (better > 0 and rms_s < RMS_S)


def is_surely_flat(votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
    """Tell whether it is a wave from far away rather than any earthquake here."""
    better, rms_s = flatter(votes, place)
    if better <= KEPT_BETTER:
        return False
    front = _Front.of(votes, place)
    best = min(_best_chi2(front, depth_km) for depth_km in FREE_DEPTHS_KM)
    return len(front.picks) >= KEPT_SITES and best - front.chi2(rms_s) > BEST_BETTER


def is_surely_near(votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
    """Tell whether an earthquake here explains them as much better than any plane as it takes to
    take one back."""
    front = _Front.of(votes, place)
    rms_s, _ = front.plane_s()
    best = min(_best_chi2(front, depth_km) for depth_km in FREE_DEPTHS_KM)
    return front.chi2(rms_s) - best > KEPT_BETTER


def flatter(votes: Sequence[Pick], place: tuple[float, float, float]) -> tuple[float, float]:
    """Return by how much (chi^2) a plane that is fast along the surface fits better than a source
    there, or as deep below as none is looked for; and what it leaves, RMS in s."""
    front = _Front.of(votes, place)
    if not front.is_wide():
        return 0.0, 0.0
    rms_s, slowness = front.plane_s()
    if slowness >= 1 / FASTER_KM_S:
        return 0.0, rms_s
    by_source_s = min(front.source_s(depth_km) for depth_km in (place[2], *_below(place)))
    return front.chi2(by_source_s) - front.chi2(rms_s), rms_s


def _below(place: tuple[float, float, float]) -> tuple[float, ...]:
    """Return how deep it may be where it is as deep as any that is looked for."""
    return (DEEPER_KM,) if place[2] == tables.DEPTHS_KM[-1] else ()


def _best_chi2(front: _Front, depth_km: float) -> float:
    """Return how badly the best place at a depth fits, onsets and S waves together: chi^2, against
    a wave without S. Least squares, from where it is told to be and from among the nodes."""
    starts = np.zeros(2), np.array([front.east_km.mean(), front.north_km.mean()])
    left_s, time_s = min(
        (_least_squares(front, depth_km, start) for start in starts), key=lambda fit: fit[0]
    )
    growth, until_s, *_ = shape.of(front.picks)
    jump = shape.jump_ln(time_s[None].astype(np.float32), growth, until_s.astype(np.float32))
    s_wave_ln = 0.0 if jump is None else float(shape.pooled(jump)[0])
    return front.chi2(left_s) - 2 * s_wave_ln


def _least_squares(front: _Front, depth_km: float, start_km: Array) -> tuple[float, Array]:
    """Return what the best place found leaves, RMS in s, and the travel times from there."""
    at_km, best = start_km, (np.inf, np.zeros(0))
    for _ in range(ROUNDS):
        east, north = front.east_km - at_km[0], front.north_km - at_km[1]
        apart = np.maximum(np.hypot(east, north), 0.1)
        time_s = travel.p_time_s(apart, depth_km)
        left = front.onset_s - time_s
        best = min(best, (float(left.std()), time_s), key=lambda fit: fit[0])
        slowness = (travel.p_time_s(apart + 1, depth_km) - time_s) / apart
        terms = -np.stack([slowness * east, slowness * north], axis=1)
        terms -= terms.mean(axis=0)
        square = terms.T @ terms + DAMPING * np.eye(2)
        step = np.linalg.solve(square, terms.T @ (left - left.mean()))
        at_km = at_km + step * min(1.0, MOST_STEP_KM / max(float(np.hypot(*step)), 1e-9))
    return best

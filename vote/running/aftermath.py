"""What an earthquake that is known already still does at one node: its waves, coda, aftershocks.

It explains a trigger only as far as its shaking can really be there: near its P and S times, in
the coda only while the node's own level shows the coda, and never with a larger amplitude than it
has. An explanation costs the new trigger likelihood; it does not silence it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from vote.nodes.picks import EARLY_S, Pick
from vote.waves import hearing, travel

if TYPE_CHECKING:
    from vote.search.source import Source

# How often per second such waves make a node trigger that hears them for sure
AT_PHASE_PER_S = 0.3  # at P, and at S: once within the window
BETWEEN_PER_S = 0.15
SLACK_SIGMAS = 2.5  # the window's half width
# New detections in the coda, 8 to 60 s after S, on recordings with PGA >= 0.02 m/s^2 (by models
# that had not seen them): 1 in 3,200 s of MEMS nodes, 12 in 6,900 s of others, real aftershocks
# among them
CODA_PER_S = 0.003
S_OVER_P = 5.0  # peaks at one place: 0.6 to 0.7 in log10 (Cua & Heaton 2009)
# Coda: as much power over the quiet noise as the average just before the onset shows. It scatters
# by some tens of percent (10 s long).
QUIET_SCATTER = 1.5
# Aftershocks reach 1.2 magnitudes less about once (Baath's law), ten times as often for each one
# less (Gutenberg & Richter), and fade as 1 / time (Omori): a tenth of all in each e-fold of time
# from a minute to two weeks. 13 records of Ridgecrest 2019 had three times as many at 200 s.
AFTERSHOCKS = 0.1 * 10**-1.2
OMORI_C_S = 60.0
AFTERSHOCKS_MOST_PER_S = 0.1
PEAK_PER_MAGNITUDE = 0.72  # log10 (Cua & Heaton 2009)
RATHER_P = 9.0  # chi^2: so much better must the P waves of another fit than the S waves of this
# log10 of its peaks over those of the first, so long after the onset at the same nodes: people and
# chatter after small ones reach 0.5 mostly, M 6.8 after M 4.9 has 0.7 to 1.4
STRONGER = 0.6
# An S wave is five times its P wave (0.7 +- 0.3); the median of emergent ones is no more than this
NO_S_LOG10 = 1.7
BEGAN_S = 25.0  # a place told 90 km too near, and Vp / Vs of 1.8, put it 18 s off
# A front of many may come so many times later or earlier than one trigger, if it keeps its shape
FRONT_SITES, FRONT_SLACKS = 5, 2.0
FRONT_PATH_SHARE = 0.02  # of the travel time: what neighbouring paths differ by (ellipse.py)
FRONT_MAY_BE = 0.1  # as strong: the magnitude may still grow


@dataclass(frozen=True, slots=True)
class Path:
    """From one earthquake to one node."""

    distance_km: float
    p_s: float  # after the origin
    s_s: float


@dataclass(frozen=True, slots=True)
class Waves(Path):
    """One earthquake's waves at one node."""

    p_peak_mps2: float  # median at the most likely magnitude
    p_peak_at_most_mps2: float  # at two sigmas more


def amplitude_mps2(pick: Pick) -> float:
    """Return what the trigger's first seconds have shown: at least what makes it trigger."""
    needed = hearing.TRIGGER_OVER_NOISE * pick.noise_mps2
    return max(pick.early_pga_mps2, needed, 1e-4)


def may_be(waves: Waves, pick: Pick) -> float:
    """Return whether these waves can be as strong as what was recorded, 0 to 1."""
    ratio = amplitude_mps2(pick) / (S_OVER_P * waves.p_peak_at_most_mps2)
    return 1 / (1 + ratio * ratio)


def is_at_phase(waves: Waves, pick: Pick, after_s: float, slack_s: float) -> bool:
    """Tell whether a trigger comes when the P or the S wave may come, and may be it."""
    near_p = abs(after_s - waves.p_s) <= slack_s
    near_s = abs(after_s - waves.s_s) <= slack_s * travel.VP_OVER_VS
    return (near_p or near_s) and may_be(waves, pick) > 0.5


def are_of_a_larger(
    again: Sequence[tuple[Pick, Pick]], s_s: travel.Array, found: "Source", may_be_s: bool
) -> bool:
    """Tell whether second picks are P waves of another earthquake, a larger one at `found`.

    again: of each node the new pick, and the one of this earthquake's P wave. s_s: when its S
    waves come. may_be_s: whether the new ones may come with them, as far as that is known."""
    more_log10 = median(_more_log10(new, old) for new, old in again)
    if more_log10 < STRONGER:
        return False
    return more_log10 > NO_S_LOG10 or not may_be_s or is_rather_p(again, s_s, found)


def _more_log10(new: Pick, old: Pick) -> float:
    """Return how much more a node feels of a new wave than, so long after its onset, of an old."""
    until_s = min(new.reports[-1].window_s, EARLY_S)
    felt = (report.pga_mps2 for report in old.reports if report.window_s <= until_s)
    before = max(felt, default=old.reports[0].pga_mps2)
    return math.log10(max(new.early_pga_mps2, 1e-6) / max(before, 1e-6))


def is_rather_p(again: Sequence[tuple[Pick, Pick]], s_s: travel.Array, found: "Source") -> bool:
    """Tell P waves of another earthquake, at `found`, from S waves, which come s_s after this one,
    or wherever it was by what P needs times VP_OVER_VS. All may begin when they like."""
    lat_deg, lon_deg = np.array([(new.node.lat_deg, new.node.lon_deg) for new, _ in again]).T
    apart = travel.distance_km(lat_deg, lon_deg, found.lat_deg, found.lon_deg)
    times_us = np.array([(new.onset_us, old.onset_us) for new, old in again])
    new_s, old_s = (times_us - times_us[0, 0]).T / 1e6
    both_err = 1 + travel.VP_OVER_VS**2
    as_s = min((new_s - s_s).var(), (new_s - travel.VP_OVER_VS * old_s).var() / both_err)
    as_p = (new_s - travel.p_time_s(apart, found.depth_km)).var()
    return bool(len(again) * (as_s - as_p) / travel.PICK_SIGMA_S**2 > RATHER_P)


def are_s_after_p(
    again: Sequence[tuple[Pick, Pick]], s_s: travel.Array, found: "Source", origin_us: int
) -> bool:
    """Tell whether second picks come as S waves come after the first ones, and as strong, and P
    waves of another one, at `found`, do not fit them clearly better.

    origin_us: of this earthquake; it must have begun about when S minus P tells."""
    if any(new.onset_us <= old.onset_us for new, old in again):
        return False
    share = travel.VP_OVER_VS - 1
    began_us = median(old.onset_us - (new.onset_us - old.onset_us) / share for new, old in again)
    if abs(began_us - origin_us) > BEGAN_S * 1e6:
        return False
    more_log10 = median(_more_log10(new, old) for new, old in again)
    return more_log10 <= NO_S_LOG10 and not is_rather_p(again, s_s, found)


def are_a_front(
    picks: Sequence[Pick],
    waves: Sequence[Waves],
    after_s: travel.Array,
    slack_s: travel.Array,
    place: tuple[float, float, float],
) -> bool:
    """Tell whether picks have the shape of this earthquake's P or S front, all earlier or later by
    about the same, and another one at a place does not fit them clearly better.

    after_s: seconds after the origin. slack_s: of a single P wave. place: latitude, longitude,
    depth."""
    strong = [may_be(one, pick) for one, pick in zip(waves, picks)]
    if median(strong) < FRONT_MAY_BE:
        return False
    lat_deg, lon_deg = np.array([(pick.node.lat_deg, pick.node.lon_deg) for pick in picks]).T
    apart = travel.distance_km(lat_deg, lon_deg, place[0], place[1])
    own_s2 = (after_s - travel.p_time_s(apart, place[2])).var()
    for ratio in (1.0, travel.VP_OVER_VS):
        wave_s = ratio * np.array([one.p_s for one in waves])
        off = after_s - wave_s
        sigma_s = math.hypot(travel.PICK_SIGMA_S, FRONT_PATH_SHARE * float(wave_s.mean()))
        is_near = abs(float(off.mean())) <= FRONT_SLACKS * ratio * float(np.median(slack_s))
        if is_near and len(off) * (off.var() - own_s2) / sigma_s**2 < RATHER_P:
            return True
    return False


def explained_per_s(waves: Waves, pick: Pick, after_s: float, slack_s: float) -> float:
    """Return how often the earthquake makes that node trigger so strongly at that time."""
    if after_s < waves.p_s - slack_s:
        return 0.0
    off = min(abs(after_s - waves.p_s), abs(after_s - waves.s_s) / travel.VP_OVER_VS) / slack_s
    rate = AT_PHASE_PER_S * math.exp(-0.5 * (SLACK_SIGMAS * off) ** 2)
    if waves.p_s < after_s < waves.s_s:
        rate = max(rate, BETWEEN_PER_S)
    rate *= may_be(waves, pick)
    if after_s < waves.s_s:
        return rate
    return max(rate, coda_per_s(pick), _aftershocks(waves, pick, after_s - waves.s_s))


def coda_per_s(pick: Pick) -> float:
    """Return the rate of triggers in what is left of the shaking before this one."""
    calm = QUIET_SCATTER * pick.quiet_mps2 / max(pick.noise_mps2, 1e-9)
    ratio = amplitude_mps2(pick) / max(pick.coda_mps2, 1e-9)
    return CODA_PER_S * max(0.0, 1 - calm * calm) / (1 + ratio * ratio)


def _aftershocks(waves: Waves, pick: Pick, since_s: float) -> float:
    smaller = math.log10(amplitude_mps2(pick) / waves.p_peak_mps2) / PEAK_PER_MAGNITUDE
    rate = AFTERSHOCKS * 10 ** min(-smaller, 6.0) / (since_s + OMORI_C_S)
    return min(rate, AFTERSHOCKS_MOST_PER_S)

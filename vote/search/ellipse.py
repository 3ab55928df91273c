"""Where the epicentre lies with 68 %: the spread of the posterior, with the onsets' true errors.

The search takes all onsets for equally good, each path's crust for another one, and each S wave's
errors too. None of it is so: a strong P wave is picked ten times better than a weak one, the speed
of a region is one error for all paths, and so is the lateness of weak onsets and what the crust
does to S. At the place found, errors of the onsets move it by K = P G' W (P: the posterior's
covariance, G: how travel times change with the place, W: the weights of the search; the origin
time taken out), and errors of the S waves by what P knows beyond the onsets. So the errors as they
are take the place of what the search takes them for within P (a "sandwich"; Huber 1967): along no
direction can that take more than P has, because W is never more than the search's own. A depth
that is not known is one error of all onsets too.
"""

import math
from dataclasses import dataclass

import numpy as np

from vote.search import grid, shape, voting
from vote.search.laid import Laid
from vote.waves import tables, travel
from vote.waves.tables import Single
from vote.waves.travel import Array

SHARE, SIGMAS = 0.68, 1.51  # of a Gaussian in the plane
FLOOR_KM = 0.6  # one sigma: of a place anywhere in one of the finest cells
# What the travel time of a path errs by. A region's mean P speed differs from the crust that is
# assumed: 6.45 +- 0.23 km/s world-wide (Christensen & Mooney 1995). The rest of the 4 % that the
# search has (travel.py) is shared by paths to nodes close together.
REGION_SHARE = 0.035
PATH_SHARE, PATH_KM = 0.02, 60.0
# Of an onset's squared error its mean, which all onsets as weak have: they are late together. Of
# 62 of the recordings 8 to 16 times above the noise the mean is 0.65 s, the RMS 0.96
LATE_SHARE = 0.5
# What S - P errs by, at all nodes together: Vp / Vs is 1.71 in granite to 1.84 in gabbro
# (Christensen 1996); and within the seconds that shape.py looks at, the S wave comes at any time
VP_OVER_VS_SIGMA = 0.04
S_READ_S = (shape.BEFORE_S + shape.AFTER_S) / math.sqrt(12)
# What the posterior has beyond what its onsets leave and what else it knows (the search takes any
# onset for seconds late with 15 %) counts as far as onsets err as the search says, and this share
# of the rest: chosen by how often the ellipse holds 770 simulated earthquakes (study, seeds of
# their own), the recorded ones in it 21 of 30 times for 20
BEYOND_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Holds the epicentre with 68 %."""

    major_km: float  # half axes
    minor_km: float
    azimuth_deg: float  # of the major one, clockwise from north, 0 to 180

    @property
    def sigma_km(self) -> float:
        """Return one sigma of one axis, the mean of both, as if it were Gaussian."""
        return math.hypot(self.major_km, self.minor_km) / math.sqrt(2) / SIGMAS


def ellipse_of(sigmas: float, error_km2: Array) -> Ellipse:
    """Return the ellipse of so many sigmas (sigmas_of) that has this covariance's shape."""
    major_km, minor_km, azimuth = grid.axes(error_km2)
    major_km, minor_km = max(major_km, FLOOR_KM), max(minor_km, FLOOR_KM)
    # one cell may have all of the share: the place is anywhere in it
    major_km, minor_km = (max(sigmas * km, SIGMAS * FLOOR_KM) for km in (major_km, minor_km))
    return Ellipse(major_km, minor_km, math.degrees(azimuth) % 180.0)


def with_true_errors(
    covariance_km2: Array,
    known: Laid,
    fit: voting.Fit,
    row: int,
    east_north_depth_km: Array,
    depth_share: Array,
) -> Array:
    """Return the covariance of a place whose onsets and S waves err as they do.

    fit, row: how the onsets fit the best cell. depth_share: of the posterior, each of
    tables.DEPTHS_KM.
    """
    east_km, north_km, depth_km = east_north_depth_km
    east, north = known.east_km - east_km, known.north_km - north_km
    away_km = np.maximum(np.hypot(east, north), 0.1)
    around_km = np.stack([away_km, away_km + 0.5, np.maximum(away_km - 0.5, 0.0)])
    time_s, outer_s, inner_s = travel.p_time_s(around_km, depth_km)
    assumed = np.square(fit.sigma_s[row])
    is_vote = fit.ln_density[row] + known.ln_gain > 0
    # the same weights as the search of an origin time gives
    weight = is_vote / assumed / np.square(1 + 0.25 * np.square(fit.residual_s[row]) / assumed)
    if not is_vote.any():
        return covariance_km2
    later = -(outer_s - inner_s) / away_km * np.stack([east, north])
    slower = later - (later @ weight / weight.sum())[:, None]
    told = (slower * weight) @ slower.T
    bounded = _no_surer(covariance_km2, told)
    moved = bounded @ (slower * weight)
    moved_s = _moved_by_s(covariance_km2, told, is_vote * later, time_s, known.grown_until_s)
    by_others = bounded - bounded @ told @ bounded
    taken_for = moved * assumed @ moved.T
    own = moved @ _own_errors_s2(known, time_s) @ moved.T
    beyond = _counts(own, taken_for) * (covariance_km2 - by_others - taken_for)
    shared = _moved_together(moved, moved_s, known.onset_error_s, time_s)
    shared = np.hstack([shared, _moved_by_depth(moved, away_km, time_s, depth_share)])
    return np.asarray(by_others + own + beyond + shared @ shared.T)


def _counts(own_km2: Array, taken_for_km2: Array) -> float:
    """Return how much of what nothing explains counts: all of it where onsets err as they do for
    the search."""
    as_taken = float(np.trace(own_km2)) / max(float(np.trace(taken_for_km2)), 1e-9)
    return BEYOND_SHARE + (1 - BEYOND_SHARE) * min(as_taken, 1.0)


def _moved_by_depth(moved: Array, away_km: Array, time_s: Array, depth_share: Array) -> Array:
    """Return how far each of the depths moves the place, by the root of its share: (2, depths)."""
    depths_s = travel.p_time_s(away_km, tables.DEPTHS_KM[:, None])
    return np.asarray(moved @ (depths_s - time_s).T * np.sqrt(depth_share))


def _own_errors_s2(known: Laid, time_s: Array) -> Array:
    """Return the covariance of the onsets' errors, but for what is one error for all."""
    apart_km = np.hypot(
        known.east_km[:, None] - known.east_km, known.north_km[:, None] - known.north_km
    )
    near = PATH_SHARE**2 * np.exp(-0.5 * np.square(apart_km / PATH_KM))
    own = (1 - LATE_SHARE) * np.square(known.onset_error_s)
    own += known.variance_s2 - travel.PICK_SIGMA_S**2
    return np.asarray(np.outer(time_s, time_s) * near + np.diag(own))


def _moved_together(moved: Array, moved_s: Array, onset_error_s: Array, time_s: Array) -> Array:
    """Return how far one sigma of each error that all nodes share moves the place: (2, errors).

    moved, moved_s: by each onset, and by each S - P, in km/s.
    """
    speed = REGION_SHARE * (moved + (travel.VP_OVER_VS - 1) * moved_s) @ time_s
    # a late onset is nearer to its S wave
    late = math.sqrt(LATE_SHARE) * (moved - moved_s) @ onset_error_s
    ratio = VP_OVER_VS_SIGMA * moved_s @ time_s
    return np.stack([speed, late, ratio, S_READ_S * moved_s.sum(axis=1)], axis=1)


def _moved_by_s(
    covariance_km2: Array, told_km2: Array, later: Array, time_s: Array, until_s: Single
) -> Array:
    """Return how far the place moves with each S - P, km/s.

    told_km2: what the onsets tell of the place. What is known beyond that the S waves have told,
    each node's as much, where any can be seen.
    """
    share = travel.VP_OVER_VS - 1
    slower = np.asarray(share * later * shape.is_seen(share * time_s, until_s))
    length = float(np.square(slower).sum())
    if length == 0.0:
        return slower
    beyond = np.linalg.eigvalsh(np.linalg.inv(covariance_km2) - told_km2)
    weight = float(np.maximum(beyond, 0.0).sum()) / length
    return np.asarray(covariance_km2 @ slower * weight)


def _no_surer(covariance_km2: Array, told_km2: Array) -> Array:
    """Return the covariance, along no direction larger than what the onsets alone would leave.

    told_km2: what they tell of the place, the inverse of what they leave. Where the posterior is
    wider all the same, something else disagrees with them, and they have less say than K has.
    """
    value, axis = np.linalg.eigh(covariance_km2)
    root = axis * np.sqrt(np.maximum(value, 1e-6))
    value, axis = np.linalg.eigh(root.T @ told_km2 @ root)
    return np.asarray(root @ (axis / np.maximum(value, 1.0)) @ axis.T @ root.T)


def sigmas_of(covariance_km2: Array, weight: Array, off_km: Array) -> float:
    """Return how many of a posterior's sigmas hold its share, tails and all.

    off_km, weight: its places from the middle, (2, c) and (c,).
    """
    major_km, minor_km, azimuth = grid.axes(covariance_km2)
    major_km, minor_km = max(major_km, FLOOR_KM), max(minor_km, FLOOR_KM)
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    along, across = off_km[0] * sin + off_km[1] * cos, off_km[0] * cos - off_km[1] * sin
    sigmas = np.hypot(along / major_km, across / minor_km)
    order = np.argsort(sigmas)
    at = int(np.searchsorted(np.cumsum(weight[order]), SHARE))
    return float(sigmas[order[min(at, len(order) - 1)]])

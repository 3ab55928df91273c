"""Where the epicentre lies with 68 %: the spread of the posterior, with the onsets' true errors.

The search takes all onsets for equally good, and each path's crust for another one. Neither is so:
a strong P wave is picked ten times better than a weak one, and the speed of a region is one error
for all paths. At the place found, errors of the onsets move it by K = P G' W (P: the posterior's
covariance, G: how travel times change with the place, W: the weights of the search; the origin
time taken out). So K C K' takes the place of K V K' within P: C are the errors as they are, V what
the search takes them for (a "sandwich"; Huber 1967).
"""

import math
from dataclasses import dataclass

import numpy as np

from vote import grid, travel, voting
from vote.laid import Laid
from vote.travel import Array

SHARE, SIGMAS = 0.68, 1.51  # of a Gaussian in the plane
FLOOR_KM = 0.6  # one sigma: of a place anywhere in one of the finest cells
# What the travel time of a path errs by. A region's mean P speed differs from the crust that is
# assumed: 6.45 +- 0.23 km/s world-wide (Christensen & Mooney 1995). The rest of the 4 % that the
# search has (travel.py) is shared by paths to nodes close together.
REGION_SHARE = 0.035
PATH_SHARE, PATH_KM = 0.02, 60.0
# Tails, silence and amplitudes are not in K: it takes away half of a sigma at most
LEAST_VARIANCE = 0.25


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
    return Ellipse(sigmas * major_km, sigmas * minor_km, math.degrees(azimuth) % 180.0)


def with_true_errors(
    covariance_km2: Array, known: Laid, fit: voting.Fit, row: int, east_north_depth_km: Array
) -> Array:
    """Return the covariance of a place whose onsets err as they do.

    fit, row: how the onsets fit the best cell.
    """
    east_km, north_km, depth_km = east_north_depth_km
    east, north = known.east_km - east_km, known.north_km - north_km
    away_km = np.maximum(np.hypot(east, north), 0.1)
    time_s = travel.p_time_s(away_km, depth_km)
    assumed = np.square(fit.sigma_s[row])
    is_vote = fit.ln_density[row] + known.ln_gain > 0
    # the same weights as the search of an origin time gives
    weight = is_vote / assumed / np.square(1 + 0.25 * np.square(fit.residual_s[row]) / assumed)
    if not is_vote.any():
        return covariance_km2
    outer_s, inner_s = (
        travel.p_time_s(np.maximum(away_km + by, 0.0), depth_km) for by in (0.5, -0.5)
    )
    slower = -(outer_s - inner_s) / away_km * np.stack([east, north])
    slower = slower - (slower @ weight / weight.sum())[:, None]
    gain_km2 = _no_surer(covariance_km2, (slower * weight) @ slower.T)
    moved = gain_km2 @ (slower * weight)
    change = moved @ (_errors_s2(known, time_s) - np.diag(assumed)) @ moved.T
    return _changed(covariance_km2, change)


def _errors_s2(known: Laid, time_s: Array) -> Array:
    """Return the covariance of the onsets' errors: pick, clock, crust."""
    apart_km = np.hypot(
        known.east_km[:, None] - known.east_km, known.north_km[:, None] - known.north_km
    )
    shared = REGION_SHARE**2 + PATH_SHARE**2 * np.exp(-0.5 * np.square(apart_km / PATH_KM))
    own = np.square(known.onset_error_s) + known.variance_s2 - travel.PICK_SIGMA_S**2
    return np.asarray(np.outer(time_s, time_s) * shared + np.diag(own))


def _no_surer(covariance_km2: Array, known_km2: Array) -> Array:
    """Return the covariance, along no direction larger than what the onsets alone would leave.

    known_km2: what they tell of the place, the inverse of what they leave. Where the posterior is
    wider all the same, something else disagrees with them, and they have less say than K has.
    """
    root = _root(covariance_km2)
    value, axis = np.linalg.eigh(root.T @ known_km2 @ root)
    return np.asarray(root @ (axis / np.maximum(value, 1.0)) @ axis.T @ root.T)


def _changed(covariance_km2: Array, change_km2: Array) -> Array:
    """Return the sum, along no direction less than LEAST_VARIANCE of what it was."""
    root = _root(covariance_km2)
    back = np.linalg.inv(root)
    value, axis = np.linalg.eigh(np.eye(2) + back @ change_km2 @ back.T)
    return np.asarray(root @ (axis * np.maximum(value, LEAST_VARIANCE)) @ axis.T @ root.T)


def _root(covariance_km2: Array) -> Array:
    value, axis = np.linalg.eigh(covariance_km2)
    return np.asarray(axis * np.sqrt(np.maximum(value, 1e-6)))


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

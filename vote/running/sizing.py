"""How large an earthquake is, over the places where it may have been.

The place's error is in every node's magnitude, and all are wrong together; the place also decides
what is still P at a node, and whose S wave is over. So the size is taken at some places of the
ellipse, each with the origin time that suits it there, and their spread is part of its error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vote.ground.shaking import Observed, reach_km
from vote.nodes.picks import Pick
from vote.running.aftermath import QUIET_SCATTER
from vote.search import shape
from vote.search.ellipse import SIGMAS, Ellipse
from vote.waves import magnitude, travel
from vote.waves.magnitude import PRIOR_MEAN, Size
from vote.waves.plane import Plane
from vote.waves.travel import Array, Some

# When the peak at a node is known: the S wave has come, and the strong phase after it
S_LASTS_SHARE, S_LASTS_S = 1.15, 5.0
S_BEGUN_S = 1.0  # after S: what a node measures is its S wave
# What is left of an earthquake before still moves the ground slowly, of which the noise in 1-12 Hz
# says little: what a node tells sooner after an onset in it has hardly anything of the P wave
IN_CODA_LEAST_S = 0.5
NEAREST_KM = 3.0  # hypocentral: nothing ruptures nearer to a node
# Five places have a Gaussian's mean and variance: the middle, and two sigmas along either axis
MIDDLE_WEIGHT, OUTER_WEIGHT, OUTER_SIGMAS = 0.5, 0.125, 2.0
# One sigma over the nearest vote's distance below which the middle will do: 1.38 log10(1.1) is
# less than 0.06 of magnitude
WELL_KNOWN = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_us: int


def size_of(
    middle: Place, ellipse: Ellipse, votes: Sequence[Pick], observed: Observed, now_us: int
) -> Size:
    """Return the size, and its error with the place's in it.

    observed: peaks so far; which of them are complete depends on the place, and is not asked.
    """
    where = _where(middle, ellipse, votes)
    by_p = magnitude.from_displacements(*_displacements(where, votes))
    sizes = _with_s_waves(by_p, where.places, middle.depth_km, observed, now_us)
    weights = where.weights
    mean = sum(weight * size.magnitude for weight, size in zip(weights, sizes))
    variance = sum(
        weight * (size.sigma**2 + (size.magnitude - mean) ** 2)
        for weight, size in zip(weights, sizes)
    )
    return Size(mean, math.sqrt(variance))


def s_is_over(after_origin_s: Some, s_s: Array) -> np.ndarray:
    """Tell at which nodes the strongest shaking is behind; s_s: when S comes, after the origin."""
    return np.asarray(after_origin_s > S_LASTS_SHARE * s_s + S_LASTS_S, dtype=bool)


@dataclass(frozen=True, slots=True)
class _Where:
    """The places, and the paths from each to each vote: (p, i)."""

    weights: Sequence[float]
    places: Sequence[Place]
    distance_km: Array
    p_s: Array


def _where(middle: Place, ellipse: Ellipse, votes: Sequence[Pick]) -> _Where:
    """Return places and their weights; the middle alone where it is known well enough."""
    lat_deg = np.array([pick.node.lat_deg for pick in votes])
    lon_deg = np.array([pick.node.lon_deg for pick in votes])
    apart = travel.distance_km(lat_deg, lon_deg, middle.lat_deg, middle.lon_deg)
    p_s = travel.p_time_s(apart, middle.depth_km)
    nearest_km = math.hypot(float(apart.min(initial=math.inf)), middle.depth_km)
    major_km, minor_km = ellipse.major_km / SIGMAS, ellipse.minor_km / SIGMAS
    if major_km <= WELL_KNOWN * nearest_km:
        return _Where((1.0,), (middle,), apart[None], p_s[None])
    sigma_s = travel.arrival_sigma_s(p_s, np.array([p.clock_sigma_s for p in votes]))
    weight = sigma_s**-2 / (sigma_s**-2).sum()
    mean_s = float(weight @ p_s)
    sin, cos = (f(math.radians(ellipse.azimuth_deg)) for f in (math.sin, math.cos))
    both = np.array([-OUTER_SIGMAS, OUTER_SIGMAS])
    east_km = np.concatenate([both * (major_km * sin), both * (minor_km * cos)])
    north_km = np.concatenate([both * (major_km * cos), both * (-minor_km * sin)])
    lat, lon = Plane(middle.lat_deg, middle.lon_deg).lift(east_km, north_km)
    there = travel.distance_km(lat_deg, lon_deg, lat[:, None], lon[:, None])
    there_s = travel.p_time_s(there, middle.depth_km)
    # the onsets are what they are: from further away it began earlier
    earlier_us = [round((float(weight @ row_s) - mean_s) * 1e6) for row_s in there_s]
    outer = [
        Place(one_lat, one_lon, middle.depth_km, middle.origin_us - us)
        for one_lat, one_lon, us in zip(lat.tolist(), lon.tolist(), earlier_us)
    ]
    return _Where(
        (MIDDLE_WEIGHT, *(OUTER_WEIGHT for _ in outer)), (middle, *outer),
        np.vstack([apart, there]), np.vstack([p_s, there_s]),
    )  # fmt: skip


def _displacements(where: _Where, votes: Sequence[Pick]) -> tuple[Array, Array, Array]:
    """Return P displacement, hypocentral distance and window at each place (p, i) of the votes
    that tell of any; the window is magnitude.NO_WINDOW_S where one says nothing.

    What may be its sensor's noise, or the coda that it triggers in, is the most that it can be:
    where that is more than anybody expects, it says nothing."""
    own = [k for k, pick in enumerate(votes) if not pick.is_clipped and shape.has_moved(pick)]
    heard = [votes[k] for k in own]
    windows_s, pd_m = shape.displacements(heard)
    onset_us = np.array([pick.onset_us for pick in heard])
    origin_us = np.array([[place.origin_us] for place in where.places])
    s_after_p_s = travel.VP_OVER_VS * where.p_s[:, own] - (onset_us - origin_us) / 1e6
    last = (windows_s <= np.maximum(s_after_p_s, 1.0)[:, :, None]).sum(axis=2) - 1
    window, pd = (of_each[np.arange(len(own)), last] for of_each in (windows_s, pd_m))
    sensor = [min(pick.noise_mps2, QUIET_SCATTER * pick.quiet_mps2) for pick in heard]  # no coda
    is_felt = pd >= magnitude.PD_NOISE_S2 * np.array(sensor)
    shakes = [pick.noise_mps2 > QUIET_SCATTER * pick.quiet_mps2 for pick in heard]
    is_felt &= ~np.array(shakes, dtype=bool) | (window >= IN_CODA_LEAST_S)
    pd = pd / np.array([pick.node.pd_factor for pick in heard])
    reach = np.maximum(np.hypot(where.distance_km[:, own], where.places[0].depth_km), NEAREST_KM)
    says = last >= 0
    if not is_felt[says].all():
        says &= is_felt | (magnitude.node_magnitude(pd, reach, window) < PRIOR_MEAN)
    return pd, reach, np.where(says, window, magnitude.NO_WINDOW_S)


def _with_s_waves(
    by_p: Sequence[Size | None],
    places: Sequence[Place],
    depth_km: float,
    observed: Observed,
    now_us: int,
) -> list[Size]:
    """Return the size at each place: P displacement before each S wave, S velocity after it.

    What may be the noise of its node is the most that it can be: it says something where that is
    less than what the others say, or than what is expected if they say nothing."""
    lat_deg = np.array([[place.lat_deg] for place in places])
    lon_deg = np.array([[place.lon_deg] for place in places])
    after_s = np.array([[(now_us - place.origin_us) / 1e6] for place in places])
    distance = travel.distance_km(observed.lat_deg, observed.lon_deg, lat_deg, lon_deg)
    s_s = travel.s_time_s(distance, depth_km)
    done = s_is_over(after_s, s_s)
    grows = ~done & (after_s > s_s + S_BEGUN_S)
    reach = np.where(done | grows, reach_km(distance, depth_km), np.inf)
    sizes = magnitude.by_velocity(np.broadcast_to(observed.pgv_mps, reach.shape), reach)
    waves = np.concatenate([np.where(done, sizes, np.nan), np.where(grows, sizes, np.nan)])
    may_be_noise = observed.pgv_mps < magnitude.PGV_NOISE_S * observed.noise_mps2
    said = magnitude.from_velocities(np.where(may_be_noise, np.nan, waves))
    if may_be_noise.any():
        sure = np.array([size.magnitude if size else PRIOR_MEAN for size in said])
        waves[may_be_noise & (waves >= sure[:, None])] = np.nan
        if not np.isnan(waves[:, may_be_noise]).all():
            said = magnitude.from_velocities(waves)
    enough = (np.count_nonzero(~np.isnan(waves), axis=1) >= magnitude.LEAST_NODES).tolist()
    rows = zip(said[len(by_p) :], enough[len(by_p) :])
    growing = [size if is_enough else None for size, is_enough in rows]
    return [magnitude.of_waves(*each) for each in zip(by_p, said, enough, growing)]

"""How large an earthquake is, over the places where it may have been.

The place's error is in every node's magnitude, and all are wrong together; the place also decides
what is still P at a node, and whose S wave is over. So the size is taken at some places of the
ellipse, each with the origin time that suits it there, and their spread is part of its error.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vote import magnitude, travel
from vote.ellipse import SIGMAS, Ellipse
from vote.magnitude import Size
from vote.picks import Pick
from vote.plane import Plane
from vote.shaking import Observed, reach_km
from vote.travel import Array

# When the peak at a node is known: the S wave has come, and the strong phase after it
S_LASTS_SHARE, S_LASTS_S = 1.15, 5.0
S_BEGUN_S = 1.0  # after S: what a node measures is its S wave
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
    parts = [
        (weight, _size_at(place, votes, observed, now_us))
        for weight, place in _places(middle, ellipse, votes)
    ]
    mean = sum(weight * size.magnitude for weight, size in parts)
    variance = sum(
        weight * (size.sigma**2 + (size.magnitude - mean) ** 2) for weight, size in parts
    )
    return Size(mean, math.sqrt(variance))


def s_is_over(after_origin_s: float, s_s: Array) -> np.ndarray:
    """Tell at which nodes the strongest shaking is behind; s_s: when S comes, after the origin."""
    return np.asarray(after_origin_s > S_LASTS_SHARE * s_s + S_LASTS_S, dtype=bool)


def _places(
    middle: Place, ellipse: Ellipse, votes: Sequence[Pick]
) -> Iterator[tuple[float, Place]]:
    """Yield places with their weights; the middle alone where it is known well enough."""
    lat_deg = np.array([pick.node.lat_deg for pick in votes])
    lon_deg = np.array([pick.node.lon_deg for pick in votes])
    apart = travel.distance_km(lat_deg, lon_deg, middle.lat_deg, middle.lon_deg)
    nearest_km = math.hypot(float(apart.min(initial=math.inf)), middle.depth_km)
    major_km, minor_km = ellipse.major_km / SIGMAS, ellipse.minor_km / SIGMAS
    if major_km <= WELL_KNOWN * nearest_km:
        yield 1.0, middle
        return
    yield MIDDLE_WEIGHT, middle
    sigma_s = travel.arrival_sigma_s(
        travel.p_time_s(apart, middle.depth_km), np.array([p.clock_sigma_s for p in votes])
    )
    weight = sigma_s**-2 / (sigma_s**-2).sum()
    mean_s = float(weight @ travel.p_time_s(apart, middle.depth_km))
    azimuth = math.radians(ellipse.azimuth_deg)
    major = major_km * math.sin(azimuth), major_km * math.cos(azimuth)
    minor = minor_km * math.cos(azimuth), -minor_km * math.sin(azimuth)
    plane = Plane(middle.lat_deg, middle.lon_deg)
    for east_km, north_km in (major, minor):
        for sigmas in (-OUTER_SIGMAS, OUTER_SIGMAS):
            lat, lon = (float(x) for x in plane.lift(sigmas * east_km, sigmas * north_km))
            there = travel.distance_km(lat_deg, lon_deg, lat, lon)
            # the onsets are what they are: from further away it began earlier
            earlier_s = float(weight @ travel.p_time_s(there, middle.depth_km)) - mean_s
            origin_us = middle.origin_us - round(earlier_s * 1e6)
            yield OUTER_WEIGHT, Place(lat, lon, middle.depth_km, origin_us)


def _size_at(place: Place, votes: Sequence[Pick], observed: Observed, now_us: int) -> Size:
    """Estimate the magnitude: P displacement before each S wave, S velocity after it."""
    rows = [row for pick in votes if (row := _pd(place, pick)) is not None]
    pd, apart, window = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    reach = np.maximum(np.hypot(apart, place.depth_km), NEAREST_KM)
    distance = travel.distance_km(observed.lat_deg, observed.lon_deg, place.lat_deg, place.lon_deg)
    s_s = travel.s_time_s(distance, place.depth_km)
    after_s = (now_us - place.origin_us) / 1e6
    done = s_is_over(after_s, s_s)
    grows = ~done & (after_s > s_s + S_BEGUN_S)
    by_p = magnitude.from_displacement(pd, reach, window)
    s_reach = reach_km(distance, place.depth_km)
    return magnitude.of_waves(by_p, observed.pgv_mps, s_reach, done, grows)


def _pd(place: Place, pick: Pick) -> tuple[float, float, float] | None:
    """Return P displacement, epicentral distance and window of a node, None if unknown."""
    if pick.is_clipped:
        return None
    distance_km, p_s = travel.one_km_s(
        place.lat_deg, place.lon_deg, pick.node.lat_deg, pick.node.lon_deg, place.depth_km
    )
    after_s = (pick.onset_us - place.origin_us) / 1e6
    until_s = max(travel.VP_OVER_VS * p_s - after_s, 1.0)
    usable = (r for r in reversed(pick.reports) if r.window_s <= until_s and r.pd_m > 0)
    last = next(usable, None)
    if last is None:
        return None
    return last.pd_m / pick.node.pd_factor, distance_km, last.window_s

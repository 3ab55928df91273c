"""What the nodes say at one moment; and the same on a plane, in 32-bit floats, for scoring."""

from dataclasses import dataclass

import numpy as np

from vote.search import shape
from vote.waves import hearing, travel
from vote.waves.plane import Plane
from vote.waves.tables import Single
from vote.waves.travel import Array


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the nodes say at one moment, in arrays. Times are seconds after a common moment.

    Triggers are sorted by site; `site_starts` are the first rows of each site. One site, one vote.
    """

    lat_deg: Array  # (i,) triggered
    lon_deg: Array
    onset_s: Array
    clock_sigma_s: Array
    ln_gain: Array  # ln(g(p_quake) / rate per second)
    noise_mps2: Array
    site_starts: np.ndarray
    silent_lat_deg: Array  # (k,) alive, not triggered
    silent_lon_deg: Array
    silent_noise_mps2: Array
    silent_share: Array  # nodes of one site say no together: 1 / how many they are
    silent_since_s: Array  # listening since; what passed before says nothing
    now_s: float
    growth: Single  # (i, t) shape.py
    grown_until_s: Array  # (i,)
    pd_m: Array  # (i,)
    pd_window_s: Array  # (i,)
    reference_us: int = 0  # the common moment


@dataclass(frozen=True, slots=True)
class Silent:
    """Live nodes that have not triggered, on a plane, in the form that scoring wants."""

    east_km: Single  # (k,)
    north_km: Single
    deafness: Single
    share: Single
    since_s: Single
    now_s: float


@dataclass(frozen=True, slots=True)
class Told:
    """Evidence on a plane, as far as it speaks for or against an earthquake."""

    plane: Plane
    east_km: Single  # (i,) of the triggered nodes
    north_km: Single
    deafness: Single
    onset_s: Single
    variance_s2: Single  # of the pick and the clock, all picks being equal
    ln_gain: Single
    site_starts: np.ndarray
    silent: Silent | None


@dataclass(frozen=True, slots=True)
class Laid(Told):
    """Evidence on a plane, with what chooses between places."""

    onset_error_s: Array  # of the pick as it is
    growth: Single
    grown_until_s: Single
    fall: shape.Fall


def lay_told(evidence: Evidence, plane: Plane) -> Told:
    return Told(*_told(evidence, plane))


def lay(evidence: Evidence, plane: Plane) -> Laid:
    return Laid(
        *_told(evidence, plane),
        hearing.onset_error_s(
            shape.first_second_mps2(evidence.growth, evidence.grown_until_s), evidence.noise_mps2
        ),
        _single(evidence.growth), _single(evidence.grown_until_s),
        shape.Fall.of(evidence.pd_m, evidence.pd_window_s),
    )  # fmt: skip


def _told(
    evidence: Evidence, plane: Plane
) -> tuple[Plane, Single, Single, Single, Single, Single, Single, np.ndarray, Silent | None]:
    east, north = plane.lay(evidence.lat_deg, evidence.lon_deg)
    variance = travel.PICK_SIGMA_S**2 + np.square(evidence.clock_sigma_s)
    return (
        plane, _single(east), _single(north), hearing.deafness(evidence.noise_mps2),
        _single(evidence.onset_s), _single(variance), _single(evidence.ln_gain),
        evidence.site_starts, lay_silent(evidence, plane),
    )  # fmt: skip


def lay_silent(evidence: Evidence, plane: Plane) -> Silent | None:
    if not len(evidence.silent_share):
        return None
    east, north = plane.lay(evidence.silent_lat_deg, evidence.silent_lon_deg)
    return Silent(
        _single(east), _single(north), hearing.deafness(evidence.silent_noise_mps2),
        _single(evidence.silent_share), _single(evidence.silent_since_s), evidence.now_s,
    )  # fmt: skip


def _single(values: np.ndarray) -> Single:
    return np.asarray(values, dtype=np.float32)

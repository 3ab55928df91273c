"""How strongly it will shake, where, and when: ground motion models, intensity, S arrivals.

Medians of Boore, Stewart, Seyhan & Atkinson (2014), corrected by what the nodes have measured of
this earthquake; never less than what two neighbours measure now (PLUM, Kodera et al. 2018).
"""

from dataclasses import dataclass

import numpy as np

from vote import travel
from vote.motion_model import (
    PGA,
    PGV,
    STANDARD_GRAVITY_MPS2,
    Motion,
    mmi_of_peaks,
    mmi_of_pga,
    mmi_of_pgv,
)
from vote.travel import Array

PLUM_KM = 30.0


@dataclass(frozen=True, slots=True)
class Area:
    area_id: str
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True)
class Observed:
    """What nodes have measured of one earthquake, one row a node."""

    lat_deg: Array
    lon_deg: Array
    pga_mps2: Array
    pgv_mps: Array
    is_complete: np.ndarray  # the S wave has passed: the peak is known


@dataclass(frozen=True, slots=True)
class Forecast:
    mmi: Array  # (a,)
    mmi_sigma: Array
    s_arrival_s: Array  # after the origin


def forecast(
    lat_deg: Array,
    lon_deg: Array,
    source: tuple[float, float, float],
    magnitude: float,
    magnitude_sigma: float,
    observed: Observed,
) -> Forecast:
    """Return the expected maximum at each place; source is latitude, longitude, depth."""
    here_lat, here_lon = np.float64(source[0]), np.float64(source[1])
    epicentral = travel.distance_km(lat_deg, lon_deg, here_lat, here_lon)
    reach = reach_km(epicentral, source[2])
    terms, left = [], []
    node_reach = reach_km(
        travel.distance_km(observed.lat_deg, observed.lon_deg, here_lat, here_lon), source[2]
    )
    for model, peak in (
        (PGA, observed.pga_mps2 / STANDARD_GRAVITY_MPS2),
        (PGV, observed.pgv_mps * 100),
    ):
        term, tau_left = event_term(model, magnitude, node_reach, peak, observed.is_complete)
        terms.append(term)
        left.append(tau_left)
    pga_gal = np.exp(PGA.ln_median(magnitude, reach) + terms[0]) * STANDARD_GRAVITY_MPS2 * 100
    pgv_cm_s = np.exp(PGV.ln_median(magnitude, reach) + terms[1])
    mmi = (mmi_of_pga(pga_gal) + mmi_of_pgv(pgv_cm_s)) / 2
    ln_sigma = np.hypot(PGA.phi, left[0])
    # about 1.5 MMI for each decade of motion; a unit of magnitude is about 0.9 MMI at 50 km
    sigma = np.sqrt((1.8 * ln_sigma / np.log(10)) ** 2 + (0.9 * magnitude_sigma) ** 2 * left[0])
    measured = neighbours_mmi(lat_deg, lon_deg, observed)
    return Forecast(
        np.maximum(mmi, measured),
        np.full_like(mmi, sigma),
        travel.s_time_s(epicentral, source[2]),
    )


def event_term(
    model: Motion, magnitude: float, reach_km: Array, peak: Array, is_complete: np.ndarray
) -> tuple[float, float]:
    """Return the mean residual of what is known, shrunk, and the error that is left (ln units)."""
    use = is_complete & (peak > 0)
    n = int(use.sum())
    if n == 0:
        return 0.0, model.tau
    residual = np.log(peak[use]) - model.ln_median(magnitude, reach_km[use])
    share = n * model.tau**2 / (n * model.tau**2 + model.phi**2)
    return float(share * np.median(residual)), model.tau * float(np.sqrt(1 - share))


def neighbours_mmi(lat_deg: Array, lon_deg: Array, observed: Observed) -> Array:
    """Return the second largest intensity that nodes within 30 km of each place measure now."""
    if len(observed.lat_deg) < 2:
        return np.ones_like(lat_deg)
    mmi = mmi_of_peaks(observed.pga_mps2, observed.pgv_mps)
    apart = travel.distance_km(
        lat_deg[:, None], lon_deg[:, None], observed.lat_deg, observed.lon_deg
    )
    near = np.where(apart <= PLUM_KM, mmi, 1.0)
    return np.asarray(np.sort(near, axis=1)[:, -2])


def reach_km(epicentral_km: Array, depth_km: float) -> Array:
    """Return BSSA14's distance, with the depth beyond that of their shallow earthquakes."""
    return np.asarray(np.hypot(epicentral_km, max(depth_km - 8.0, 0.0)))

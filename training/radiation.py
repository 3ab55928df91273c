"""Which way a fault slips, and how strongly P and S leave it in each direction.

A double couple (Aki & Richards 2002, equations 4.84 to 4.86). What arrives at the frequencies that
nodes see has been scattered: half of its energy keeps the pattern, half has the mean of all
directions (Takemura et al. 2009, GJI 178:1703: the pattern is gone above some 3 to 5 Hz).
"""

import math
from dataclasses import dataclass

import numpy as np

from training.rays import Some
from training.spectrum import RADIATION, Array

KEEPS_PATTERN = 0.5  # share of the energy


@dataclass(frozen=True)
class Mechanism:
    strike_deg: float
    dip_deg: float
    rake_deg: float


def drawn_mechanism(rng: np.random.Generator) -> Mechanism:
    """Return any mechanism: a network must not lean on one."""
    strike, dip, rake = rng.random(3)
    return Mechanism(360 * strike, 30 + 60 * dip, 360 * rake - 180)


def directions(mechanism: Mechanism, east_km: Array, north_km: Array, up_km: Some) -> Array:
    """Return (3, ...): amplitude of P, SV and SH over the mean of each, for rays that leave so.

    P over the mean of P; SV and SH so that together they have the mean energy of S.
    """
    azimuth = np.arctan2(east_km, north_km)
    away = np.arctan2(np.hypot(east_km, north_km), -np.asarray(up_km))  # from straight down
    phi = np.radians(mechanism.strike_deg) - azimuth
    dip, rake = math.radians(mechanism.dip_deg), math.radians(mechanism.rake_deg)
    strike_slip = math.cos(rake) * math.sin(dip)
    dip_slip = math.sin(rake) * math.sin(2 * dip)
    tilted_slip = math.sin(rake) * math.cos(2 * dip)
    tilted_strike = math.cos(rake) * math.cos(dip)
    sin_phi, cos_phi = np.sin(-phi), np.cos(-phi)
    sin_2phi, cos_2phi = np.sin(-2 * phi), np.cos(-2 * phi)
    sin_i, cos_i = np.sin(away), np.cos(away)
    sin_2i, cos_2i = np.sin(2 * away), np.cos(2 * away)
    across = tilted_slip * sin_phi - tilted_strike * cos_phi
    p = (
        strike_slip * sin_i**2 * sin_2phi
        + across * sin_2i
        + dip_slip * (cos_i**2 - sin_i**2 * sin_phi**2)
    )
    sv = (
        across * cos_2i
        + 0.5 * strike_slip * sin_2i * sin_2phi
        - 0.5 * dip_slip * sin_2i * (1 + sin_phi**2)
    )
    sh = (tilted_strike * sin_phi + tilted_slip * cos_phi) * cos_i + sin_i * (
        strike_slip * cos_2phi - 0.5 * dip_slip * sin_2phi
    )
    half = RADIATION["S"] / math.sqrt(2)
    pattern = np.stack([np.abs(p) / RADIATION["P"], np.abs(sv) / half, np.abs(sh) / half])
    return np.asarray(np.sqrt(KEEPS_PATTERN * pattern**2 + 1 - KEEPS_PATTERN))

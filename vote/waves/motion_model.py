"""Ground motion models: peaks from magnitude and distance, and what people feel from peaks."""

from dataclasses import dataclass

import numpy as np

from vote.waves.travel import Array, Some

# Rock, not the stiff soil where people build: with 400 m/s PGV at the true magnitude comes out 0.5
# (ln) too large on the median of 14 recorded events, with 760 it is right within 0.05.
VS30_MPS = 760.0
STANDARD_GRAVITY_MPS2 = 9.80665


@dataclass(frozen=True, slots=True)
class Motion:
    """Coefficients of BSSA14, style unspecified. Y in g (PGA) or cm/s (PGV), ln."""

    e0: float
    e4: float
    e5: float
    e6: float
    hinge: float
    c1: float
    c2: float
    c3: float
    h_km: float
    site: float
    site_limit_mps: float
    phi: tuple[float, float]  # within one earthquake: of small ones, of large ones
    tau: tuple[float, float]  # between earthquakes

    def ln_median(self, magnitude: Some, distance_km: Array) -> Array:
        """Return the median; magnitude and distance (to the surface projection) broadcast."""
        over = np.asarray(magnitude - self.hinge)
        event = np.where(over <= 0, self.e4 * over + self.e5 * over**2, self.e6 * over)
        reach = np.hypot(distance_km, self.h_km)
        path = (self.c1 + self.c2 * (magnitude - 4.5)) * np.log(reach) + self.c3 * (reach - 1)
        site = self.site * np.log(min(VS30_MPS, self.site_limit_mps) / 760.0)
        return np.asarray(self.e0 + event + path + site)

    def scatter(self, magnitude: float) -> tuple[float, float]:
        """Return phi and tau (ln), which fall between M 4.5 and M 5.5."""
        share = min(max(magnitude - 4.5, 0.0), 1.0)
        phi = self.phi[0] + share * (self.phi[1] - self.phi[0])
        return phi, self.tau[0] + share * (self.tau[1] - self.tau[0])


# Boore, Stewart, Seyhan & Atkinson (2014), Earthquake Spectra 30, coefficients and scatter of the
# unspecified style of faulting. Without their terms for basins, for regions, and for soil that
# yields under strong shaking.
PGA = Motion(
    0.4473, 1.431, 0.05053, -0.1662, 5.5, -1.134, 0.1917, -0.008088, 4.5, -0.6, 1500.0,
    (0.695, 0.495), (0.398, 0.348),
)  # fmt: skip
PGV = Motion(
    5.037, 1.073, -0.1536, 0.2252, 6.2, -1.243, 0.1489, -0.00344, 5.3, -0.84, 1300.0,
    (0.644, 0.552), (0.401, 0.346),
)  # fmt: skip


def mmi_of_pga(pga_gal: Array) -> Array:
    """Return MMI by Worden et al. (2012), with their third branch for what is hardly felt."""
    x = np.log10(np.maximum(pga_gal, 1e-3))
    low, middle, high = 1.71 + 2.08 * x, 1.78 + 1.55 * x, -1.60 + 3.70 * x
    return np.asarray(np.clip(np.where(x < 0.14, low, np.where(x < 1.57, middle, high)), 1, 10))


def mmi_of_pgv(pgv_cm_s: Array) -> Array:
    x = np.log10(np.maximum(pgv_cm_s, 1e-4))
    low, middle, high = 4.62 + 2.17 * x, 3.78 + 1.47 * x, 2.89 + 3.16 * x
    return np.asarray(np.clip(np.where(x < -1.21, low, np.where(x < 0.53, middle, high)), 1, 10))


def mmi_of_peaks(pga_mps2: Array, pgv_mps: Array) -> Array:
    """Return the intensity of both: acceleration for weak shaking, velocity for strong.

    Below V the relation to PGA is used, above VII that to PGV, between them both (Wald et al.
    1999, the practice of ShakeMap).
    """
    by_pga, by_pgv = mmi_of_pga(pga_mps2 * 100), mmi_of_pgv(pgv_mps * 100)
    strong = np.clip(((by_pga + by_pgv) / 2 - 5) / 2, 0.0, 1.0)
    return np.asarray((1 - strong) * by_pga + strong * by_pgv)

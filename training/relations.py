"""Published relations of peak motion with magnitude and distance: what the simulator is held to.

Boore, Stewart, Seyhan & Atkinson 2014 (Earthquake Spectra 30:1057), style unspecified, and Cua &
Heaton's envelopes (Cua 2005, thesis, Caltech; coefficients as in the Virtual Seismologist), rock.
The vote has its own ground motion model: this is a yardstick, and stays apart from it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

STANDARD_GRAVITY_MPS2 = 9.80665
REFERENCE_VS30_MPS = 760.0


@dataclass(frozen=True)
class Bssa14:
    """Coefficients of one measure; the median is in `unit`, SI."""

    unit: float
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
    phi: tuple[float, float]  # within an earthquake, at and below M 4.5, at and above M 5.5
    tau: tuple[float, float]  # between earthquakes

    def median(
        self, magnitude: ArrayLike, distance_km: ArrayLike, vs30_mps: float
    ) -> NDArray[np.float64]:
        """Return the median; distance_km to the surface projection of the rupture."""
        over = np.asarray(magnitude) - self.hinge
        source = np.where(over <= 0, self.e4 * over + self.e5 * over**2, self.e6 * over)
        reach_km = np.hypot(distance_km, self.h_km)
        spreading = self.c1 + self.c2 * (np.asarray(magnitude) - 4.5)
        ln = self.e0 + source + spreading * np.log(reach_km) + self.c3 * (reach_km - 1)
        return np.asarray(
            self.unit * np.exp(ln + self.site * math.log(vs30_mps / REFERENCE_VS30_MPS))
        )

    def ln_sigma(self, magnitude: float) -> float:
        phi, tau = (np.interp(magnitude, (4.5, 5.5), pair) for pair in (self.phi, self.tau))
        return math.hypot(phi, tau)


PGA = Bssa14(
    STANDARD_GRAVITY_MPS2, 0.4473, 1.431, 0.05053, -0.1662, 5.5, -1.134, 0.1917, -0.008088, 4.5,
    -0.6, (0.695, 0.495), (0.398, 0.348),
)  # fmt: skip
PGV = Bssa14(
    0.01, 5.037, 1.073, -0.1536, 0.2252, 6.2, -1.243, 0.1489, -0.00344, 5.3,
    -0.84, (0.644, 0.552), (0.401, 0.346),
)  # fmt: skip


@dataclass(frozen=True)
class CuaHeaton:
    """log10 A = a M + b (R1 + C) + d log10(R1 + C) + e, in cm; the median is SI."""

    a: float
    b: float
    c1: float
    c2: float
    d: float
    e: float
    log10_sigma: float

    def median(self, magnitude: float, epicentral_km: ArrayLike) -> NDArray[np.float64]:
        size_km = self.c1 * math.exp(self.c2 * (magnitude - 5)) * (math.atan(magnitude - 5) + 1.4)
        reach_km = np.sqrt(np.square(epicentral_km) + 9) + size_km
        log = self.a * magnitude + self.b * reach_km + self.d * np.log10(reach_km) + self.e
        return np.asarray(0.01 * 10**log)


P_VERTICAL_ACCELERATION = CuaHeaton(0.74, -4.01e-3, 1.75, 1.09, -1.2, -0.96, 0.29)

"""How a large earthquake grows: parts of a fault that break one after the other.

Up to M 6.5 a point. Above, the fault of Wells & Coppersmith (1994, BSSA 84:974) is cut into parts
that break when a front, which leaves the hypocentre at 2.8 km/s, reaches them, each as a point
source with its share of the moment. So the first seconds of an M 7.5 are those of one part, and a
long fault shakes for long. After Motazedian & Atkinson (2005, BSSA 95:995), with fixed corners.
"""

from dataclasses import dataclass

import numpy as np

from training.radiation import Mechanism
from training.spectrum import Array, Source, point_source, size_km

POINT_UP_TO = 6.5
PART_MAGNITUDE = 5.7  # as large as a part is: 4 at M 6.6, 32 at M 7.5, 100 at M 8
FRONT_KM_S = 2.8  # 0.8 of Vs
SLIP_LN_SIGMA = 0.6  # between parts: slip is patchy
SHALLOWEST_KM = 1.0


@dataclass(frozen=True)
class Rupture:
    """Parts of a fault; part 0 is the hypocentre. All arrays: (m,)."""

    source: Source  # of a part with the mean moment
    east_km: Array  # from the epicentre
    north_km: Array
    depth_km: Array
    delay_s: Array  # after the origin
    weight: Array  # moment over the mean of the parts


def rupture(
    magnitude: float,
    stress_bar: float,
    depth_km: float,
    mechanism: Mechanism,
    rng: np.random.Generator,
) -> Rupture:
    """Return the rupture of an earthquake; one part where it is a point."""
    if magnitude <= POINT_UP_TO:
        zero = np.zeros(1)
        source = point_source(magnitude, stress_bar)
        return Rupture(source, zero, zero, zero + depth_km, zero, zero + 1.0)
    along_km, down_km = _parts_km(magnitude, depth_km, mechanism, rng)
    strike, dip = np.radians([mechanism.strike_deg, mechanism.dip_deg])
    across_km = down_km * np.cos(dip)
    slip = np.exp(SLIP_LN_SIGMA * rng.standard_normal(len(along_km)))
    late_s = np.hypot(along_km, down_km) / FRONT_KM_S
    return Rupture(
        source=_part_of(point_source(magnitude, stress_bar), len(along_km)),
        east_km=along_km * np.sin(strike) + across_km * np.cos(strike),
        north_km=along_km * np.cos(strike) - across_km * np.sin(strike),
        depth_km=depth_km + down_km * np.sin(dip),
        delay_s=late_s,
        weight=slip / slip.mean(),
    )


def _part_of(whole: Source, count: int) -> Source:
    """Return the mean part: its corner is such that the parts together, whose phases are random,
    have the high frequencies of the whole: sqrt(n) * (M / n) * f^2 = M * fc^2."""
    moment_nm = whole.moment_nm / count
    magnitude = (np.log10(moment_nm) - 9.05) / 1.5
    return Source(moment_nm, whole.corner_hz * count**0.25, size_km(float(magnitude)))


def _parts_km(
    magnitude: float, depth_km: float, mechanism: Mechanism, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return how far along the strike and down the dip of the hypocentre the parts lie."""
    length_km = 10 ** (-2.44 + 0.59 * magnitude)
    width_km = 10 ** (-1.01 + 0.32 * magnitude)
    count = 10 ** (magnitude - PART_MAGNITUDE)
    rows = max(1, round(np.sqrt(count * width_km / length_km)))
    columns = max(2, round(count / rows))
    begins = 0.2 + 0.6 * rng.random(2)  # where in the fault the hypocentre lies
    along_km = length_km * ((np.arange(columns) + 0.5) / columns - begins[0])
    down_km = width_km * ((np.arange(rows) + 0.5) / rows - begins[1])
    rise = np.sin(np.radians(mechanism.dip_deg))
    deeper_km = max(0.0, SHALLOWEST_KM - depth_km - float(down_km.min()) * rise)
    down_km += deeper_km / rise
    along, down = (axis.ravel() for axis in np.meshgrid(along_km, down_km))
    first = int(np.argmin(np.hypot(along, down)))
    order = np.r_[first, np.delete(np.arange(len(along)), first)]
    along, down = along[order], down[order]
    along[0] = down[0] = 0.0  # this part breaks from the hypocentre
    return along, down

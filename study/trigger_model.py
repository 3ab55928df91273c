"""What a node makes of the ground's motion, without samples: when it triggers, and how sure it is.

Tables from what the node's detector said about 183 recorded P waves (`groundswell detect` over
the recordings, ADXL355 noise, analysts' and automatic picks): by the peak of the first second
after the onset. They are tables of the detector of that day.
"""

import math
from dataclasses import dataclass

import numpy as np

from study.networks import Array

# Half of the P waves with a peak of five times the noise trigger: of 349 records with a P, found
# before S were 31 % at a PGA of 3 to 10 mm/s^2, 79 % at 10 to 30, 96 % at 30 to 100, with S five
# times P (Cua & Heaton 2009) and a noise of 0.45 mm/s^2.
TRIGGER_RATIO = 5.0
RATIO_LOG10_SIGMA = 0.3
S_MAY_TRIGGER_AFTER_S = 0.2

_SHARES = np.array([0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0])
# peak of the first second, log10 m/s^2, up to; then published - onset, s; onset - P, s; and
# p_quake in the first message and after a second. 10, 63, 64 and 45 detections.
_ROWS = (
    (
        -2.3,
        (0.10, 0.15, 0.21, 0.34, 0.44, 0.79, 1.47, 2.05, 2.5),
        (-0.6, -0.40, -0.02, 0.20, 0.67, 1.36, 2.48, 3.34, 4.0),
        (0.40, 0.53, 0.61, 0.63, 0.69, 0.75, 0.81, 0.84, 0.90),
        (0.55, 0.63, 0.63, 0.70, 0.77, 0.83, 0.87, 0.88, 0.92),
    ),
    (
        -1.9,
        (0.05, 0.07, 0.10, 0.17, 0.33, 0.46, 0.81, 1.03, 1.3),
        (-0.2, -0.10, -0.04, 0.00, 0.39, 0.56, 0.95, 1.24, 1.6),
        (0.40, 0.50, 0.56, 0.63, 0.69, 0.80, 0.86, 0.86, 0.92),
        (0.55, 0.61, 0.65, 0.69, 0.79, 0.83, 0.89, 0.91, 0.95),
    ),
    (
        math.inf,
        (0.03, 0.04, 0.07, 0.09, 0.15, 0.23, 0.33, 0.48, 0.7),
        (-0.1, -0.05, -0.03, -0.01, 0.02, 0.15, 0.25, 0.28, 0.4),
        (0.55, 0.67, 0.69, 0.74, 0.83, 0.88, 0.92, 0.96, 0.98),
        (0.65, 0.76, 0.78, 0.83, 0.86, 0.90, 0.90, 0.91, 0.95),
    ),
)
# What 18 false detections said of themselves in the end (worn sensors, bench, quiet parts)
FALSE_P_QUAKE = np.array([0.1, 0.19, 0.41, 0.69, 0.70, 0.79, 0.81, 0.87, 0.89, 0.96, 0.97])
# Of quiet field nodes: 3 in 9.75 h of background before earthquakes (0.06 to 0.9/h)
FALSE_PER_HOUR = 0.3
FALSE_LN_SIGMA = 0.7  # between nodes


@dataclass(frozen=True)
class Onset:
    """One detection. Times are seconds after the origin, by a perfect clock."""

    onset_s: float
    published_s: float
    p_first: float
    p_later: float


def onset_of(arrival_s: float, peak_mps2: float, rng: np.random.Generator) -> Onset:
    """Return the detection of a phase that is known to trigger."""
    row = next(row for row in _ROWS if math.log10(peak_mps2) < row[0])
    chance = rng.uniform(size=3)
    waits_s = float(np.interp(chance[0], _SHARES, row[1]))
    late_s = float(np.interp(chance[1], _SHARES, row[2]))
    onset_s = arrival_s + late_s
    # a node cannot speak of a wave before it is there
    published_s = max(onset_s + waits_s, arrival_s + 0.04)
    first, later = (float(np.interp(chance[2], _SHARES, row[k])) for k in (3, 4))
    return Onset(onset_s, published_s, first, later)


def triggers(peak_mps2: Array, noise_mps2: Array, rng: np.random.Generator) -> np.ndarray:
    """Return which nodes notice a peak in their noise."""
    ratio = np.log10(np.maximum(peak_mps2, 1e-9) / (TRIGGER_RATIO * noise_mps2))
    return np.asarray(ratio + RATIO_LOG10_SIGMA * rng.standard_normal(ratio.shape) > 0)


def false_p_quake(rng: np.random.Generator, count: int) -> Array:
    shares = np.linspace(0, 1, len(FALSE_P_QUAKE))
    return np.asarray(np.interp(rng.uniform(size=count), shares, FALSE_P_QUAKE))


def false_rates_h(rng: np.random.Generator, count: int) -> Array:
    """Return each node's own false rate, whose mean is FALSE_PER_HOUR."""
    spread = np.exp(FALSE_LN_SIGMA * rng.standard_normal(count) - FALSE_LN_SIGMA**2 / 2)
    return np.asarray(FALSE_PER_HOUR * spread)

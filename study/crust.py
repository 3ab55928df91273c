"""A crust that is not the same everywhere: how much later waves come than in a plain one.

Each earthquake has a region of its own: a mean speed that is not the vote's, and a smooth random
field of slowness about it, summed along the straight line from the epicentre to each node.
"""

import math

import numpy as np

from study.networks import Array

# Mean P speed of the crust, region by region: 6.45 +- 0.23 km/s (Christensen & Mooney 1995)
REGION_SIGMA = 0.035
# Within a region: tomography of the upper crust sees 2 to 5 % over some 10 to 50 km
FIELD_SIGMA, FIELD_KM = 0.03, 30.0
WAVES = 64


def late_shares(
    east_km: float,
    north_km: float,
    to_east_km: Array,
    to_north_km: Array,
    rng: np.random.Generator,
) -> Array:
    """Return how much longer each path takes, as a share of its travel time.

    The field is a sum of plane waves with Gaussian wave numbers, so its correlation is
    exp(-(distance / FIELD_KM)^2 / 2), and its mean along a line needs no steps.
    """
    region = REGION_SIGMA * rng.standard_normal()
    wave = rng.standard_normal((2, WAVES)) / FIELD_KM
    phase = rng.uniform(0, 2 * math.pi, WAVES)
    begin = east_km * wave[0] + north_km * wave[1] + phase
    end = to_east_km[:, None] * wave[0] + to_north_km[:, None] * wave[1] + phase
    turned = end - begin
    turned = np.where(np.abs(turned) < 1e-6, 1e-6, turned)
    mean = (np.sin(end) - np.sin(begin)) / turned
    field = FIELD_SIGMA * math.sqrt(2 / WAVES) * mean.sum(axis=1)
    return np.asarray(region + field)

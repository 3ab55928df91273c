"""The flat piece of the sphere: true distances, no date line, there and back."""

import numpy as np
import pytest

from vote.waves import travel
from vote.waves.plane import Plane


@pytest.mark.parametrize("middle", [(17.0, -100.0), (-43.0, 179.9), (64.0, -21.0), (0.0, 0.0)])
def test_distances_near_the_middle_are_those_of_the_sphere(middle: tuple[float, float]):
    rng = np.random.default_rng(3)
    lat = middle[0] + rng.uniform(-2, 2, 50)
    lon = (middle[1] + rng.uniform(-2, 2, 50) + 180) % 360 - 180
    east, north = Plane(*middle).lay(lat, lon)
    flat_km = np.hypot(east[1:] - east[:-1], north[1:] - north[:-1])

    assert flat_km == pytest.approx(
        travel.distance_km(lat[1:], lon[1:], lat[:-1], lon[:-1]), rel=5e-3, abs=0.05
    )


def test_what_is_laid_down_is_lifted_to_where_it_was():
    plane = Plane(-43.0, 179.9)
    lat, lon = np.array([-43.0, -44.5, -41.0]), np.array([179.9, -178.0, 178.0])

    assert np.array(plane.lift(*plane.lay(lat, lon))) == pytest.approx(np.array([lat, lon]))


def test_north_is_up_and_east_is_right():
    east, north = Plane(17.0, -100.0).lay(np.array([18.0, 17.0]), np.array([-100.0, -99.0]))

    assert north[0] == pytest.approx(111.195, abs=0.01) and abs(east[0]) < 1e-9
    assert east[1] > 100 and abs(north[1]) < 0.5

import math

import numpy as np
import pytest

from training import wavefield
from training.wavefield import Earthquake, motion_at

ORIGIN_US = 1_770_000_000_000_000
KM_PER_DEG = 111.195
EPICENTRE = (17.0, -100.0)


def earthquake(magnitude: float, depth_km: float = 8.0, event_id: str = "e") -> Earthquake:
    return Earthquake(event_id, ORIGIN_US, *EPICENTRE, depth_km, magnitude)


def motions(magnitude: float, distance_km: float, count: int) -> list[np.ndarray]:
    """Return horizontal motions at rock sites without a site term, (2, n)."""
    found = []
    for number in range(count):
        place = f"place {number}"
        lat_deg = EPICENTRE[0] + distance_km / KM_PER_DEG
        motion = motion_at(earthquake(magnitude), place, lat_deg, EPICENTRE[1], 100.0, number)
        found.append(motion.acceleration_mps2[:2] / wavefield.site_factor(place, number))
    return found


def bssa14(magnitude: float, distance_km: float, of: str) -> float:
    """Boore, Stewart, Seyhan & Atkinson 2014 at 760 m/s: median PGA (m/s^2) or PGV (m/s)."""
    table = {
        "pga": (0.4473, 1.431, 0.05053, -0.1662, 5.5, -1.134, 0.1917, -0.008088, 4.5, 9.80665),
        "pgv": (5.037, 1.073, -0.1536, 0.2252, 6.2, -1.243, 0.1489, -0.00344, 5.3, 0.01),
    }
    e0, e4, e5, e6, hinge, c1, c2, c3, h_km, unit = table[of]
    over = magnitude - hinge
    source = e0 + (e6 * over if over > 0 else e4 * over + e5 * over**2)
    r_km = math.hypot(distance_km, h_km)
    return (
        math.exp(source + (c1 + c2 * (magnitude - 4.5)) * math.log(r_km) + c3 * (r_km - 1)) * unit
    )


def median_peak(samples: list[np.ndarray]) -> float:
    """Return the median of the geometric mean of the two horizontal peaks."""
    return float(np.median([np.sqrt(np.prod(np.abs(pair).max(axis=1))) for pair in samples]))


@pytest.mark.parametrize("magnitude", [4.0, 5.0, 6.0, 7.0])
@pytest.mark.parametrize("distance_km", [10.0, 30.0, 70.0, 150.0])
def test_medians_are_within_a_factor_of_two_of_bssa14(
    magnitude: float, distance_km: float
) -> None:
    accelerations = motions(magnitude, distance_km, 25)
    velocities = [np.cumsum(pair, axis=1) / 100.0 for pair in accelerations]

    pga = median_peak(accelerations) / bssa14(magnitude, distance_km, "pga")
    pgv = median_peak(velocities) / bssa14(magnitude, distance_km, "pgv")

    assert 0.5 < pga < 2.0
    assert 0.5 < pgv < 2.0


def test_arrivals_are_those_of_straight_rays_and_head_waves() -> None:
    assert wavefield.travel_time_s(60.0, 10.0, "P") == pytest.approx(math.hypot(60, 10) / 6.2)
    assert wavefield.travel_time_s(60.0, 10.0, "S") == pytest.approx(math.hypot(60, 10) / 3.55)
    # Pn at 300 km from the surface: down and up through 35 km of crust, then along the mantle
    cosine = math.sqrt(1 - (6.2 / 8.0) ** 2)
    expected_s = 2 * 35 / (6.2 * cosine) + (300 - 2 * 35 * (6.2 / 8.0) / cosine) / 8.0
    assert wavefield.travel_time_s(300.0, 0.0, "P") == pytest.approx(expected_s)


def test_travel_time_never_jumps_with_distance() -> None:
    for phase, slowest_km_s in (("P", 6.2), ("S", 3.55)):
        times_s = [wavefield.travel_time_s(km, 15.0, phase) for km in range(1, 600)]
        steps_s = np.diff(times_s)
        assert steps_s.min() > 0 and steps_s.max() <= 1 / slowest_km_s + 1e-9


def test_nothing_moves_before_p_and_s_is_the_larger_on_the_horizontals() -> None:
    motion = motion_at(earthquake(6.0), "here", 17.6, -100.0, 100.0, 1)
    assert motion.p_us is not None and motion.s_us is not None
    delay = round((motion.s_us - motion.p_us) / 1e4)
    horizontal, vertical = motion.acceleration_mps2[:2], motion.acceleration_mps2[2]

    assert motion.first_index == wavefield.index_at(motion.p_us, 100.0)
    first_s = np.abs(horizontal[:, :100]).max()
    assert np.abs(horizontal[:, delay:]).max() > 3 * first_s
    assert np.abs(vertical[: delay - 1]).max() > 1.5 * np.abs(horizontal[:, : delay - 1]).max()


def test_p_before_s_is_large_enough_to_trigger_on_at_60_km() -> None:
    """Cua & Heaton: vertical P acceleration at rock, M6 and 60 km, is some 0.1 m/s^2."""
    peaks = []
    for number in range(15):
        motion = motion_at(earthquake(6.0), f"p{number}", 17.54, -100.0, 100.0, number)
        assert motion.p_us is not None and motion.s_us is not None
        delay = round((motion.s_us - motion.p_us) / 1e4)
        peaks.append(np.abs(motion.acceleration_mps2[2, :delay]).max())
    assert 0.04 < np.median(peaks) < 0.25


def test_the_same_seed_and_place_give_the_same_motion_and_others_do_not() -> None:
    one = motion_at(earthquake(5.0), "here", 17.3, -100.0, 125.0, 1).acceleration_mps2
    again = motion_at(earthquake(5.0), "here", 17.3, -100.0, 125.0, 1).acceleration_mps2
    elsewhere = motion_at(earthquake(5.0), "there", 17.3, -100.0, 125.0, 1).acceleration_mps2
    reseeded = motion_at(earthquake(5.0), "here", 17.3, -100.0, 125.0, 2).acceleration_mps2
    another = motion_at(
        earthquake(5.0, event_id="f"), "here", 17.3, -100.0, 125.0, 1
    ).acceleration_mps2

    assert np.array_equal(one, again)
    for other in (elsewhere, reseeded, another):
        assert not np.array_equal(one, other)


def test_a_window_is_a_slice_of_the_whole() -> None:
    quake = earthquake(5.0)
    whole = wavefield.acceleration_mps2([quake], 17.3, -100.0, ORIGIN_US, 4000, 125.0, 1)
    part = wavefield.acceleration_mps2(
        [quake], 17.3, -100.0, ORIGIN_US + 8_000 * 700, 1000, 125.0, 1
    )

    assert np.abs(whole[:, 700:1700]).max() > 0
    assert np.array_equal(whole[:, 700:1700], part)


def test_two_earthquakes_add_up() -> None:
    first, second = earthquake(5.0, event_id="a"), earthquake(5.5, event_id="b")

    def at(earthquakes: list[Earthquake]) -> np.ndarray:
        return wavefield.acceleration_mps2(earthquakes, 17.3, -100.0, ORIGIN_US, 3000, 125.0, 1)

    assert np.allclose(at([first, second]), at([first]) + at([second]), atol=1e-6)

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
    assert np.abs(vertical[: delay - 1]).max() > np.abs(horizontal[:, : delay - 1]).max()


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


def test_across_the_date_line_waves_come_from_where_the_earthquake_is() -> None:
    def east_of(lon_deg: float) -> np.ndarray:
        quake = Earthquake("e", ORIGIN_US, 0.0, lon_deg, 10.0, 7.5, 150.0, 0.0, 90.0, 0.0)
        beyond_deg = (lon_deg + 0.3 + 180.0) % 360.0 - 180.0
        return motion_at(quake, "a", 0.1, beyond_deg, 50.0, 1, 20.0).acceleration_mps2

    here, there = east_of(0.0), east_of(179.8)
    n = min(here.shape[1], there.shape[1])
    assert np.allclose(here[:, :n], there[:, :n], atol=1e-3 * np.abs(here).max())

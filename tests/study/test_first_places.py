"""What bounds a first location: three sites' geometry, and least squares of their P times."""

import numpy as np
import pytest

from study.first_places import bound_km, least_squares
from vote.waves import travel

DEPTH_KM = 10.0
AROUND = np.array([30.0, -20.0, -10.0]), np.array([5.0, 25.0, -30.0])
ONE_SIDE = np.array([30.0, 33.0, 36.0]), np.array([-4.0, 0.0, 4.0])
ONSET_S = np.full(3, 0.1)


def test_an_earthquake_between_its_sites_is_bounded_and_one_beside_them_is_not():
    around, beside = (bound_km(*sites, DEPTH_KM, ONSET_S, True) for sites in (AROUND, ONE_SIDE))

    assert around < 1.5
    assert beside > 10 * around


def test_a_depth_and_a_crust_that_nobody_knows_make_the_bound_wider():
    crust_s = np.hypot(ONSET_S, 0.3)

    known, deep, crust = (
        bound_km(*AROUND, DEPTH_KM, sigma_s, is_known)
        for sigma_s, is_known in ((ONSET_S, True), (ONSET_S, False), (crust_s, False))
    )

    assert known < deep < crust


def test_the_bound_is_what_least_squares_reach():
    rng = np.random.default_rng(1)
    p_s = travel.p_time_s(np.hypot(*AROUND), DEPTH_KM)
    off_km = [
        np.hypot(*least_squares(*AROUND, p_s + 0.1 * rng.standard_normal(3), ONSET_S, DEPTH_KM))
        for _ in range(60)
    ]

    bound = bound_km(*AROUND, DEPTH_KM, ONSET_S, True)

    assert float(np.sqrt(np.mean(np.square(off_km)))) == pytest.approx(bound, rel=0.3)


def test_an_s_wave_bounds_what_three_p_waves_of_one_side_leave_open():
    crust_s = np.hypot(ONSET_S, 0.3)
    phase = np.array([1.0, 1.0, 1.0, travel.VP_OVER_VS])
    with_s = [np.append(axis, axis[0]) for axis in ONE_SIDE]

    alone = bound_km(*ONE_SIDE, DEPTH_KM, crust_s, False)
    told = bound_km(*with_s, DEPTH_KM, np.append(crust_s, 0.4), False, phase)
    another_p = bound_km(*with_s, DEPTH_KM, np.append(crust_s, 0.4), False)

    assert told < 0.6 * alone
    assert another_p > 0.9 * alone

"""Magnitude: the published relation, one node that cannot rule, errors that shrink."""

import numpy as np
import pytest

from vote import magnitude
from vote.magnitude import Size
from vote.motion_model import PGV


def displacement_m(size: float, reach_km: float) -> float:
    """Return what Kuyuk & Allen (2013) expect, in metres."""
    return float(10 ** ((size - 5.39 - 1.38 * np.log10(reach_km)) / 1.23) / 100)


def test_the_relation_of_kuyuk_and_allen_gives_back_its_own_magnitude():
    reach_km = np.array([20.0, 50.0, 100.0])
    pd_m = np.array([displacement_m(6.0, r) for r in reach_km])
    late = np.full(3, 20.0)

    each = magnitude.by_displacement(pd_m, reach_km, late)

    assert each == pytest.approx(6.0 + magnitude.PD_MISSING[-1])


def test_a_second_of_a_large_earthquake_is_taken_for_more_than_the_same_share_of_a_small_one():
    """Pd of the first second hardly grows with magnitude: an early estimate must not halve M 7."""
    grown = [
        float(magnitude.node_magnitude(np.full(1, pd_m), np.full(1, 40.0), np.full(1, 1.0))[0])
        for pd_m in (1e-5, 1e-4, 1e-3)
    ]

    assert np.diff(grown) == pytest.approx(1.5 * magnitude.PD_SLOPE)


def test_one_noisy_node_cannot_make_a_large_earthquake():
    reach_km = np.full(6, 40.0)
    pd_m = np.array([displacement_m(5.0, 40.0)] * 5 + [displacement_m(8.0, 40.0)])

    size = magnitude.from_displacement(pd_m, reach_km, np.full(6, 4.0))

    assert size is not None and size.magnitude < 5.7


def test_more_seconds_make_a_smaller_error():
    pd_m, reach_km = np.full(4, 1e-4), np.full(4, 40.0)
    sigmas = [
        size.sigma
        for window_s in (0.2, 1.0, 4.0, 10.0)
        if (size := magnitude.from_displacement(pd_m, reach_km, np.full(4, window_s)))
    ]

    assert sigmas == sorted(sigmas, reverse=True) and len(sigmas) == 4


def test_velocity_gives_back_the_magnitude_of_the_ground_motion_model():
    reach_km = np.array([15.0, 40.0, 90.0])
    for size in (4.0, 5.5, 7.2):
        pgv_mps = np.exp(PGV.ln_median(size, reach_km)) / 100
        strong = pgv_mps >= magnitude.PGV_LEAST_MPS
        found = magnitude.from_velocity(pgv_mps, reach_km)
        assert strong.any() and found is not None
        assert found.magnitude == pytest.approx(size, abs=0.02)


def test_no_amplitude_means_only_the_prior():
    empty = np.zeros(0)
    assert magnitude.from_displacement(empty, empty, empty) is None
    assert magnitude.from_velocity(np.array([1e-6]), np.array([50.0])) is None
    nothing = magnitude.combine(None, None)
    assert nothing.magnitude == pytest.approx(magnitude.PRIOR_MEAN)
    assert nothing.sigma == pytest.approx(magnitude.PRIOR_SIGMA)


def test_the_surer_part_weighs_more():
    both = magnitude.combine(Size(5.0, 0.6), Size(7.0, 0.2))

    assert 6.5 < both.magnitude < 7.0
    assert both.sigma < 0.2

"""Magnitude: the published relation, one node that cannot rule, errors that shrink."""

import numpy as np
import pytest

from vote.waves import magnitude
from vote.waves.magnitude import Size
from vote.waves.motion_model import PGV


def displacement_m(size: float, reach_km: float) -> float:
    """Return what Kuyuk & Allen (2013) expect, in metres."""
    return float(10 ** ((size - 5.39 - 1.38 * np.log10(reach_km)) / 1.23) / 100)


def as_displacement_m(size: float, reach_km: float, window_s: float) -> float:
    """Return what a node has seen by then that is to be taken for such a magnitude."""
    growth = float(np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_GROWTH))
    missing = float(np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_MISSING))
    like = magnitude.PD_PIVOT + (size - magnitude.PD_PIVOT) / growth - missing
    return displacement_m(like, reach_km)


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


def by_displacement(*of_each_node: np.ndarray) -> Size | None:
    """Return what P displacement, distance and window say at the only place."""
    return magnitude.from_displacements(*(each[None] for each in of_each_node))[0]


def test_one_noisy_node_cannot_make_a_large_earthquake():
    reach_km = np.full(6, 40.0)
    pd_m = np.array([displacement_m(5.0, 40.0)] * 5 + [displacement_m(8.0, 40.0)])

    size = by_displacement(pd_m, reach_km, np.full(6, 4.0))

    assert size is not None and size.magnitude < 5.7


def test_more_seconds_make_a_smaller_error():
    pd_m, reach_km = np.full(4, 1e-4), np.full(4, 40.0)
    sigmas = [
        size.sigma
        for window_s in (0.2, 1.0, 4.0, 10.0)
        if (size := by_displacement(pd_m, reach_km, np.full(4, window_s)))
    ]

    assert sigmas == sorted(sigmas, reverse=True) and len(sigmas) == 4


def test_a_node_with_seconds_outweighs_many_that_only_begin():
    """What the first half second misses it misses at all nodes: they do not outvote an older."""
    window_s = np.array([4.0] + [0.3] * 6)
    off = np.array([1.0] + [0.0] * 6)  # more, as magnitude
    pd_m = np.array([as_displacement_m(6.0 + o, 30.0, w) for o, w in zip(off, window_s)])

    size = by_displacement(pd_m, np.full(7, 30.0), window_s)

    assert size is not None and size.magnitude > 6.5


def test_the_stated_sigma_holds_the_truth_in_60_to_76_percent():
    """Shared errors that fade with the window; those of nodes have longer tails than stated."""
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        window_s = np.sort(rng.choice([0.3, 0.5, 1.0, 2.0, 4.0, 8.0], rng.integers(3, 12)))[::-1]
        variance = np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_SHARED_SIGMA) ** 2
        steps = np.sqrt(np.maximum(np.diff(variance, prepend=0.0), 0.0))
        shared = np.cumsum(steps * rng.normal(size=len(steps)))
        node = np.interp(window_s, magnitude.WINDOW_S, magnitude.PD_NODE_SIGMA)
        each = 6.0 + shared + node * rng.standard_t(5, len(node)) * np.sqrt(3 / 5)
        pd_m = [as_displacement_m(m, 30.0, w) for m, w in zip(each, window_s)]
        size = by_displacement(np.array(pd_m), np.full(len(pd_m), 30.0), window_s)
        assert size is not None
        inside.append(abs(size.magnitude - 6.0) <= size.sigma)

    assert 0.60 <= np.mean(inside) <= 0.76


def test_a_growing_s_wave_raises_an_estimate_and_never_lowers_it():
    early = Size(5.5, 0.6)

    assert magnitude.grown(early, None) == early
    assert magnitude.grown(early, Size(4.8, 0.3)) == early
    raised = magnitude.grown(early, Size(6.7, 0.4))
    assert 6.0 < raised.magnitude < 6.7 and raised.sigma < 0.4


def test_velocity_gives_back_the_magnitude_of_the_ground_motion_model():
    reach_km = np.array([15.0, 40.0, 90.0])
    for size in (4.0, 5.5, 7.2):
        pgv_mps = np.exp(PGV.ln_median(size, reach_km)) / 100
        strong = pgv_mps >= magnitude.PGV_LEAST_MPS
        found = magnitude.from_velocities(magnitude.by_velocity(pgv_mps, reach_km)[None])[0]
        assert strong.any() and found is not None
        assert found.magnitude == pytest.approx(size, abs=0.02)


def test_the_magnitude_of_a_velocity_is_interpolated_between_the_medians_of_its_own_node():
    rng = np.random.default_rng(1)
    pgv_mps, reach_km = 10 ** rng.uniform(-3.4, 1, 400), rng.uniform(0.1, 249, 400)
    sizes = np.arange(2.0, 9.01, 0.1)
    medians = PGV.ln_median(sizes[:, None], reach_km)
    exactly = medians[rng.integers(0, len(sizes), 400), np.arange(400)]
    for ln_cm_s in (np.log(pgv_mps * 100), exactly):
        found = magnitude.by_velocity(np.maximum(np.exp(ln_cm_s) / 100, 3e-4), reach_km)
        ln_cm_s = np.log(np.maximum(np.exp(ln_cm_s) / 100, 3e-4) * 100)
        one_by_one = [np.interp(y, column, sizes) for y, column in zip(ln_cm_s, medians.T)]
        assert found.tolist() == pytest.approx(one_by_one, abs=1e-12)


def test_no_amplitude_means_only_the_prior():
    empty = np.zeros(0)
    assert by_displacement(empty, empty, empty) is None
    noise = magnitude.by_velocity(np.array([1e-6]), np.array([50.0]))
    assert magnitude.from_velocities(noise[None]) == [None]
    nothing = magnitude.combine(None, None)
    assert nothing.magnitude == pytest.approx(magnitude.PRIOR_MEAN)
    assert nothing.sigma == pytest.approx(magnitude.PRIOR_SIGMA)


def test_the_surer_part_weighs_more():
    both = magnitude.combine(Size(5.0, 0.6), Size(7.0, 0.2))

    assert 6.5 < both.magnitude < 7.0
    assert both.sigma < 0.2

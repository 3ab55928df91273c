"""What calibration makes of a network's outputs is a probability."""

import numpy as np
import pytest
from groundswell.judge import HEADS

from training import calibrate


def drawn(count: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outputs whose true log-odds are 2 * output - 1, of as many groups; even odds in all."""
    rng = np.random.default_rng(5)
    outputs = rng.normal(0.5, 1.0, count)
    is_quake = rng.random(count) < 1 / (1 + np.exp(1 - 2 * outputs))
    return outputs, is_quake, np.array([str(number) for number in range(count)])


def test_the_line_of_each_age_is_found_and_drawn_in_a_little() -> None:
    outputs, is_quake, group = drawn()

    for age_s, head in ((0.0, 0), (9.0, HEADS - 1)):
        ages_s = np.full(len(outputs), age_s, np.float32)
        slope, shift = calibrate.fit_heads(outputs, ages_s, is_quake, group)[head]
        assert slope == pytest.approx(2 * calibrate.SHRINK, rel=0.1)
        assert shift == pytest.approx(-1 * calibrate.SHRINK, abs=0.15)


def test_an_age_of_which_nothing_is_known_stays_as_it_is() -> None:
    outputs, is_quake, group = drawn(50)
    heads = calibrate.fit_heads(outputs, np.zeros(50, np.float32), is_quake, group)

    assert heads[1:] == [(1.0, 0.0)] * (HEADS - 1)
    ages_s = np.array([0.0, 0.5, 1.0, 2.0, 3.0], np.float32)
    assert list(calibrate.head_of(ages_s)) == list(range(HEADS))


def test_either_side_weighs_half_and_a_large_group_by_its_root() -> None:
    is_quake = np.array([True] * 5 + [False] * 3)
    group = np.array(["a"] * 4 + ["b"] + ["c"] * 3)

    weight = calibrate.even_weights(is_quake, group)

    assert weight[is_quake].sum() == pytest.approx(0.5)
    assert weight[~is_quake].sum() == pytest.approx(0.5)
    assert weight[:4].sum() == pytest.approx(2 * weight[4])


def test_the_error_is_how_far_promise_and_share_are_apart() -> None:
    is_quake = np.array([True, False] * 50)
    weight = np.full(100, 0.01)

    for p, error in ((0.5, 0.0), (0.9, 0.4)):
        rows = calibrate.reliability(np.full(100, p), is_quake, weight)
        assert rows == [[pytest.approx(p), pytest.approx(0.5), pytest.approx(1.0)]]
        assert calibrate.calibration_error(rows) == pytest.approx(error)

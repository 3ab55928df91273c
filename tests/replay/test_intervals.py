"""Intervals against SciPy's distributions, and their promise against simulation."""

import random

import pytest

from replay.intervals import Rate, Share, quantile

stats = pytest.importorskip("scipy.stats")


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (5, 5), (3, 10), (100, 101), (50, 300)])
def test_the_interval_of_a_share_is_clopper_and_pearsons(hits: int, trials: int) -> None:
    low = stats.beta.ppf(0.025, hits, trials - hits + 1) if hits else 0.0
    high = stats.beta.ppf(0.975, hits + 1, trials - hits) if hits < trials else 1.0

    assert Share(hits, trials).interval == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("count", "hours"), [(0, 60.0), (1, 3.0), (8, 12.9), (400, 10.0)])
def test_the_interval_of_a_rate_is_the_exact_poisson_one(count: int, hours: float) -> None:
    low = stats.chi2.ppf(0.025, 2 * count) / 2 / hours if count else 0.0
    high = stats.chi2.ppf(0.975, 2 * count + 2) / 2 / hours

    assert Rate(count, hours).interval == pytest.approx((low, high), rel=1e-9)


def test_nothing_tried_has_no_share_and_no_interval() -> None:
    assert Share(0, 0).as_dict() == {"hits": 0, "trials": 0, "share": None, "ci95": None}
    assert Rate(0, 0.0).as_dict()["per_hour"] is None
    assert quantile([], 0.5).as_dict() == {"value": None, "ci95": None, "count": 0}


@pytest.mark.parametrize(("count", "level"), [(6, 0.5), (11, 0.5), (60, 0.9)])
def test_the_interval_of_a_quantile_holds_it_in_95_of_100_samples(
    count: int, level: float
) -> None:
    source = random.Random(1)
    held = 0
    for _ in range(1000):
        interval = quantile([source.random() for _ in range(count)], level).interval
        assert interval is not None
        held += interval[0] <= level <= interval[1]

    assert held >= 940  # at least 95 %, less three standard deviations of the simulation


def test_five_values_are_too_few_for_an_interval_of_the_median() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.5).interval is None
    assert quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.5).value == 3.0

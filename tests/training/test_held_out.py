"""What int8 loses, and who may know what: counted on windows that were made."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="make train has it")

from tests.training.some_examples import made
from training import cross_instrument, held_out
from training.examples import fold_of


def test_recall_is_that_at_the_wanted_share_of_false_ones_ties_told_by_a_coin() -> None:
    is_quake = np.array([False] * 10 + [True] * 10)
    apart = np.arange(20.0)
    assert held_out.recall_at(apart, is_quake, 0.1) == 1.0
    tied = np.where(is_quake, 1.0, 0.0)
    tied[5:10] = 1.0  # half of the others look just like an earthquake
    assert held_out.recall_at(tied, is_quake, 0.25) == pytest.approx(0.5)


def test_what_rounding_loses_has_an_interval_over_groups() -> None:
    examples = made(240)
    exact = np.where(examples.is_quake, 1.0, -1.0) + np.linspace(0, 0.5, len(examples))
    rounded = exact.copy()
    groups = sorted(set(examples.group[examples.is_quake].tolist()))
    rounded[np.isin(examples.group, groups[: len(groups) // 2])] = -2.0
    for line in held_out.losses(exact, rounded, examples):
        assert line["float"] == 1.0 and line["int8"] == pytest.approx(0.5)
        assert line["lost_low"] < 0.5 < line["lost_high"]


def test_the_error_of_each_age_is_at_even_odds_with_limits_over_groups() -> None:
    ages_s = np.resize(np.array([0.0, 0.5, 1.0, 2.0, 3.0, 3.5, 0.1], np.float32), 240)
    examples = replace(made(240), age_s=ages_s)
    bits = np.where(examples.is_quake, 4.0, -5.0)  # always right: off by what p is bounded to
    most, least = 1 / (1 + 2.0**-4), 1 / (1 + 2.0**5)

    errors = [head["error"] for head in held_out.reliability(bits, examples)]
    assert errors == [pytest.approx((1 - most) / 2 + least / 2)] * len(errors)
    limits = held_out.error_limits(bits, examples)
    assert np.allclose(limits, errors[0]) and np.shape(limits) == (len(errors), 2)
    half = bits.copy()
    half[: len(half) // 2] = -bits[: len(half) // 2]
    assert all(low < high for low, high in held_out.error_limits(half, examples))


def test_who_is_tried_on_an_instrument_has_not_seen_its_events() -> None:
    examples = replace(made(240), group=np.repeat(["mems", "both", "other", "person"], 60))
    events, tried = {"mems", "both", "other"}, {"mems", "both"}
    knows = cross_instrument.may_know(examples, events, tried)
    known = set(examples.group[knows].tolist())

    assert "other" in known and not known & tried
    is_tried = fold_of(np.array(["person"]))[0] == cross_instrument.TRIED
    assert ("person" in known) != is_tried


def test_a_window_is_judged_by_the_model_that_left_its_group_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examples = made(240)
    monkeypatch.setattr(held_out, "bits_of", lambda judge, some: np.full(len(some), judge))
    rows = examples.age_s < np.inf
    rows[::3] = False
    outputs = np.where(examples.is_quake, 1.0, -1.0)

    exact, rounded = held_out.bits_by_fold(examples, outputs, [10, 11, 12, 13, 14], rows)  # type: ignore[list-item]

    assert np.array_equal(rounded, np.where(rows, 10 + fold_of(examples.group), 0))
    assert np.all(exact[rows & examples.is_quake] > exact[rows & ~examples.is_quake].max())
    assert not exact[~rows].any()

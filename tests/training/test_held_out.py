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


def test_who_is_tried_on_an_instrument_has_not_seen_its_events() -> None:
    examples = replace(made(240), group=np.repeat(["mems", "both", "other", "person"], 60))
    events, tried = {"mems", "both", "other"}, {"mems", "both"}
    knows = cross_instrument.may_know(examples, events, tried)
    known = set(examples.group[knows].tolist())

    assert "other" in known and not known & tried
    is_tried = fold_of(np.array(["person"]))[0] == cross_instrument.TRIED
    assert ("person" in known) != is_tried

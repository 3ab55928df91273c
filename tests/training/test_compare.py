"""The comparison counts what it says: what is wrong at equal recall, as recorded, held out."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="make train has it")

from failure import Failure
from tests.training.some_examples import made
from training import compare, evaluate
from training.examples import ACTIVITY


def test_what_is_wrong_is_counted_at_the_level_that_earthquakes_reach() -> None:
    examples = made(200)
    outputs = np.where(examples.is_quake, 1.0, 0.0)
    outputs[np.flatnonzero(~examples.is_quake)[:25]] = 2.0
    rows = np.ones(len(examples), np.bool_)
    result = compare.Result("one", outputs, rows, 0, 0, 0.0)

    assert compare.false_at_recall(result, examples, 0)[ACTIVITY] == pytest.approx(0.25)


def test_a_forest_is_compared_with_the_plain_ratio_on_the_same_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compare, "TREES", 5)
    examples = made()
    forest = compare.of_forest(examples, [0, 1])
    ratio = compare.of_ratio(examples, [0, 1])

    assert forest.rows.any() and np.array_equal(forest.rows, ratio.rows)
    assert compare.false_at_recall(forest, examples, 0)[ACTIVITY] == 0.0
    assert compare.false_at_recall(ratio, examples, 0)[ACTIVITY] == 1.0


def test_without_the_models_of_the_folds_nothing_is_evaluated(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="make train"):
        evaluate.judges_of(tmp_path)

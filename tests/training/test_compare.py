"""The comparison counts what it says: what is wrong at equal recall, as recorded, held out."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="make train has it")

from failure import Failure
from tests.training.some_examples import made
from training import compare, evaluate, kinds_of_models
from training.examples import ACTIVITY, KINDS, Examples, joined
from training.model_rows import Row, markdown, read_rows


def row_of(scores: kinds_of_models.Scores, examples: Examples) -> Row:
    return compare.row_of("one", "these", scores, examples)


def test_what_is_wrong_is_counted_at_the_level_that_earthquakes_reach() -> None:
    examples = made(200)
    outputs = np.where(examples.is_quake, 1.0, 0.0)
    outputs[np.flatnonzero(~examples.is_quake)[:25]] = 2.0
    rows = np.ones(len(examples), np.bool_)
    row = row_of(kinds_of_models.Scores(outputs, rows, 0, 0, 0.0), examples)

    assert row.false == {KINDS[ACTIVITY]: pytest.approx(0.25)}
    assert row.of[KINDS[ACTIVITY]] == 100


def test_a_look_that_comes_later_is_delay_and_one_that_comes_too_late_is_none() -> None:
    now = made(200)
    later = replace(now, age_s=np.full(len(now), 2.0, np.float32))
    too_late = replace(now, age_s=np.full(len(now), 6.0, np.float32))
    examples = joined([now, later, too_late])
    outputs = np.repeat([0.0, 1.0, 2.0], len(now)) * examples.is_quake
    rows = np.ones(len(examples), np.bool_)
    row = row_of(kinds_of_models.Scores(outputs, rows, 0, 0, 0.0), examples)

    assert (row.median_s, row.p90_s) == (2.0, 2.0)
    assert row.all_false == 0.0


def test_a_forest_is_compared_with_the_plain_ratio_on_the_same_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kinds_of_models, "TREES", 5)
    examples = made()
    forest = kinds_of_models.of_forest(examples, [0, 1])
    ratio = kinds_of_models.of_ratio(examples, [0, 1])

    assert forest.rows.any() and np.array_equal(forest.rows, ratio.rows)
    assert row_of(forest, examples).all_false == 0.0
    assert row_of(ratio, examples).all_false == 1.0


def test_rows_are_read_as_written_and_come_in_order(tmp_path: Path) -> None:
    bad = Row("bad", "these", {"quiet": 0.5}, {"quiet": 9, "earthquake": 9}, 0.1, 1.0, 1, 1, 1.0)
    good = replace(bad, name="good", false={"quiet": 0.1})
    cheap = replace(good, name="cheap", work=0)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in (bad, good, cheap)))

    assert read_rows(path) == [bad, good, cheap]
    names = [line.split()[1] for line in markdown(read_rows(path))[2:]]
    assert names == ["cheap", "good", "bad"]


@pytest.mark.parametrize("text", ["{", "{}", '{"name": 2}', "[1]"])
def test_a_file_of_something_else_is_not_gone_on_with(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text)

    with pytest.raises(Failure, match="remove it"):
        read_rows(path)


def test_without_the_models_of_the_folds_nothing_is_evaluated(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="make train"):
        evaluate.judges_of(tmp_path)

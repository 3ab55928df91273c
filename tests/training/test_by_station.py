"""What a model may know that is tried on records of one fold of events and one of stations."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="make train has it")

from tests.training.some_examples import made
from training.by_station import may_know
from training.cross_instrument import keep_model
from training.examples import FOLDS, fold_of


def test_a_model_has_seen_neither_the_event_nor_the_station_that_it_is_tried_on():
    examples = made(240)  # of 24 records, a group each
    stations = {f"record {number}": f"XX.S{number % 7}" for number in range(20)}
    tried = (1, 2)

    knows = may_know(examples, stations, tried)

    events = fold_of(examples.group)
    names = np.array([stations.get(record, "") for record in examples.record.tolist()])
    assert not knows[events == tried[0]].any()
    assert not knows[(names != "") & (fold_of(names) == tried[1])].any()
    others = (events != tried[0]) & ((names == "") | (fold_of(names) != tried[1]))
    assert knows[others].all() and others.any()


def test_a_model_is_made_once_and_written_whole(tmp_path: Path):
    file = tmp_path / "model.tflite"

    def breaks_off() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_model(file, breaks_off)
    assert not file.exists()
    keep_model(file, lambda: b"one")
    keep_model(file, breaks_off)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == b"one"


def test_what_has_no_station_goes_by_its_event_alone():
    examples = made(240)
    for station in range(FOLDS):
        assert may_know(examples, {}, (0, station)).tolist() == [
            fold != 0 for fold in fold_of(examples.group).tolist()
        ]

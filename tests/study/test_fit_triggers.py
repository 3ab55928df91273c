"""What the node makes of P waves, from `groundswell detect`: quantiles by amplitude."""

import json
from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from replay.catalogue import Arrival, RecordTruth
from study import fit_triggers, trigger_model


def record(name: str, event_id: str, is_mems: bool = True) -> RecordTruth:
    return RecordTruth(
        name, event_id, "XX.A", 17.0, -100.0, 0, True, is_mems, False, 120.0, 50.0, 0.02,
        Arrival(60.0, "label"), 70.0, 50.0,
    )  # fmt: skip


def detection(onset_s: float, pga_mps2: float, p_quake: tuple[float, float] = (0.6, 0.9)):
    return [
        {
            "onset_s": onset_s, "published_s": onset_s + after_s, "p_quake": p,
            "pga_mps2": pga_mps2,
        }
        for after_s, p in zip((0.3, 1.0), p_quake)
    ]  # fmt: skip


def test_rows_are_quantiles_of_waves_and_the_rest_is_false():
    records = {name: record(name, "e1") for name in "abcd"} | {"n": record("n", "")}
    detections = {
        "a": [detection(60.1, 0.001)],
        "b": [detection(20.0, 0.003, (0.7, 0.5)), detection(60.5, 0.008)],
        "c": [detection(60.3, 0.03)],
        "d": [detection(61.0, 0.1)],
        "n": [detection(5.0, 0.2, (0.55, 0.8))],
    }
    table = fit_triggers.fitted(records, detections)
    assert [row["detections"] for row in table["rows"]] == [1, 1, 1, 1]
    assert [row["late_s"][4] for row in table["rows"]] == pytest.approx([0.1, 0.5, 0.3, 1.0])
    assert table["false_p_quake"] == [0.7, 0.8]
    assert (table["false_in_quiet_mems"], table["false_in_activity"]) == (1, 1)
    assert table["quiet_mems_h"] == pytest.approx(200 / 3600, abs=0.01)


def test_no_waves_and_no_lines_are_one_clear_line(tmp_path: Path):
    with pytest.raises(Failure, match="too few"):
        fit_triggers.fitted({}, {})
    path = tmp_path / "triggers.jsonl"
    path.write_text('{"record_id": "a"', encoding="utf-8")
    with pytest.raises(Failure, match="cannot read"):
        fit_triggers.read_detections(path)


def test_a_record_without_a_detection_counts_as_looked_at(tmp_path: Path):
    path = tmp_path / "triggers.jsonl"
    path.write_text(json.dumps({"record_id": "a", "done": True, "processed_s": 1.0}) + "\n")
    assert fit_triggers.read_detections(path) == {"a": []}


def test_draws_lie_within_the_table():
    rng = np.random.default_rng(1)
    for peak_mps2 in (1e-3, 8e-3, 0.5):
        onset = trigger_model.onset_of(5.0, peak_mps2, rng)
        assert 4.0 <= onset.onset_s <= 9.0 and onset.published_s >= 5.0
        assert 0 <= onset.p_first <= 1 and 0 <= onset.p_later <= 1
    assert 0.05 <= float(np.mean(trigger_model.false_p_quake(rng, 100))) <= 0.99

"""What is beside the triggers in the report on nodes: files of other commands, as tables."""

import json
from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from replay.catalogue import Arrival, Catalogue, RecordTruth
from replay.node_score import Verdict
from replay.outcomes import Detection, Played
from training import node_bars, node_beside, node_findings, plotting
from training.node_cases import Noise, Study
from training.page import Page

HELD_OUT = {
    "windows": 20,
    "earthquakes": 9,
    "float": [{"rows": [[0.1, 0.0, 0.5], [0.9, 1.0, 0.5]], "error": 0.1}] * 5,
    "int8": [{"rows": [[0.2, 0.0, 1.0]], "error": 0.2}] * 5,
    "int8_limits": [[0.1, 0.3]] * 5,
    "all": [{"rows": [[0.04, 0.0, 1.0]], "error": 0.04}] * 5,
    "groups": 7,
    "model": {"bytes": 9016, "multiply_adds": 60000},
    "losses": [
        {"false_rate": 0.05, "float": 0.9, "int8": 0.88, "lost_low": -0.01, "lost_high": 0.03}
    ],
}
PROPOSER = {"median_s": 0.5, "p90_s": 2.0, "false": 3, "quiet_hours": 9.0, "delays": 10}
HOUR = {
    "record_id": "a",
    "happened": {"door": 2},
    "node": {"door": 1},
    "woken": {"door": 1},
    "withdrawn": {},
    "simple": {},
}


def page_of(folder: Path) -> str:
    page = Page("one", "two")
    for add in (
        *(node_findings.judged, node_findings.proposer, node_findings.onsets),
        *(node_findings.budgets, node_findings.background, node_findings.models),
    ):
        add(page, folder)
    page.write(folder)
    return (folder / "report.md").read_text()


def test_what_was_not_made_is_said_with_its_command(tmp_path: Path) -> None:
    text = page_of(tmp_path)
    for command in (
        "held_out", "proposer_curve", "analysts", "thresholds", "study-background", "study-models",
    ):  # fmt: skip
        assert f"{command}" in text


def test_what_was_found_is_in_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotting, "THEMES", (plotting.LIGHT,))
    row = {
        "name": "gru", "protocol": "five folds", "false": {"quiet": 0.125}, "of": {"quiet": 8},
        "median_s": 0.1, "p90_s": 0.75, "parameters": 2521, "work": 99, "seconds": 1.0,
    }  # fmt: skip
    for name, found in {
        "held_out.json": HELD_OUT,
        "proposer.jsonl": {"ratio": 3.0, "all": PROPOSER, "mems": PROPOSER},
        "analysts.json": {"a": 0.25, "b": -0.75, "c": None},
        "background.jsonl": HOUR | {"p": {"door": [0.625]}},
        "models.jsonl": row,
        "thresholds.json": {
            "quiet": {"hours": 24.0, "p": [410, 820]},
            "busy": {"hours": 24.0, "p": [950]},
            "day": {"happened": 0, "p": []},
        },
    }.items():
        (tmp_path / name).write_text(json.dumps(found) + "\n")
    text = page_of(tmp_path)

    assert "| 45 % | 1.0 | 1 in 24.0 h" in text and "busy from p 40 % (48 a day)" in text
    assert "| int8, as on a node | 0.200 |" in text and "-1.0 to 3.0 points" in text
    assert "| int8, of all detections | 0.040 |" in text and "| 0.100 to 0.300 |" in text
    assert "| 3 | 0.50 / 2.00 s | 3 in 9.0 h |" in text
    assert "2 were detected" in text and "1 of them within 0.5 s" in text
    assert (
        "door (2) | 1 = 1.000/h" in text and "| 1.00 | 1.00 | 1.00 | 0.00 | 0.00 | 0.00 |" in text
    )
    assert "| gru | 12.5% | 12.5% | 0.10 / 0.75 s | 2,521 | 99 | 1 |" in text
    assert {path.stem for path in tmp_path.glob("*.svg")} == {"judged-light", "proposer-light"}


def test_a_file_of_something_else_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "proposer.jsonl").write_text("{")
    with pytest.raises(Failure, match="cannot read"):
        page_of(tmp_path)


def truth_of(record_id: str) -> RecordTruth:
    return RecordTruth(
        record_id, "", "", None, None, None, False, True, False, 60.0, None, None, None, None, 0.0
    )


def test_a_higher_level_hears_later_or_never(tmp_path: Path) -> None:
    truth = truth_of("a")
    said = [(0, 1.0, 0.5), (1, 1.5, 0.75)]
    lines = [
        {"record_id": "a", "detection_id": 0, "update": update, "onset_s": 0.5,
         "published_s": at_s, "p_quake": p, "is_retracted": False}
        for update, at_s, p in said
    ]  # fmt: skip
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    heard = [Detection(0.5, 1.0, False)]
    study = Study(
        "one", tmp_path, Catalogue({"a": truth}, {}), {"a": Played(heard, 60.0)}, [],
        [Noise(truth, "door", 1 / 60, heard)], [],
    )  # fmt: skip

    records = {row[0]: row[-1] for row in node_beside.levels(study, path)}
    assert records["p ≥ 50%"].startswith("1 of 1") and records["p ≥ 75%"].startswith("1 of 1")
    assert records["p ≥ 80%"].startswith("0 of 1")
    assert np.all([len(row) == len(node_beside.HEAD) for row in node_beside.levels(study, path)])


def test_each_bar_says_whether_it_is_met_and_why_not(tmp_path: Path) -> None:
    quiet = Noise(truth_of("a"), "quiet", 1.0, [])
    study = Study("one", tmp_path, Catalogue({}, {}), {}, [], [quiet], [])
    for name, found in {
        "held_out.json": HELD_OUT,
        "analysts.json": {"a": 0.25, "b": -0.05, "c": None},
        "background.jsonl": HOUR,
    }.items():
        (tmp_path / name).write_text(json.dumps(found) + "\n")
    rows = {bar.asked.split(":")[0]: bar for bar in node_bars.bars([study], [], tmp_path)}

    assert rows["records of the noise folder with a trigger"].cells[1:] == ["0 of 1", "yes", ""]
    daily = rows["daily life, simulated"]
    assert daily.found == "1.00 an hour in 1 h" and not daily.is_met and "100 Hz" in daily.cells[3]
    assert not rows["onset error against analysts' picks on windows scaled to 0.1 m/s²"].is_met
    assert rows["int8 loses at most 0.5 points of recall"].found.startswith("2.0 points")
    asked = "calibration error at most 0.05 at 0, 0.5, 1, 2, 3 s, "
    assert rows[asked + "of what becomes clear"].found == " ".join(["0.200"] * 5)
    assert (
        not rows[asked + "of what becomes clear"].is_met
        and rows[asked + "of all detections"].is_met
    )
    model = rows["model"]
    assert model.found == "9,016 bytes, 60,000" and not model.is_met


def test_a_worse_chip_is_held_against_the_simple_detector_on_what_both_detect(
    tmp_path: Path,
) -> None:
    def study_of(name: str, delays_s: dict[str, float]) -> Study:
        verdicts = [
            Verdict(
                truth_of(record),
                Arrival(20.0, "label"),
                Detection(20.0, 20.0 + late_s, False),
                True,
                0,
            )
            for record, late_s in delays_s.items()
        ]
        return Study(name, tmp_path, Catalogue({}, {}), {}, verdicts, [], [])

    ours = study_of("MPU6050 noise", {"a": 0.5, "b": 9.0})
    theirs = study_of("MPU6050 noise, simple detector", {"a": 0.75})
    rows = {
        bar.asked.split(": ")[-1]: bar for bar in node_bars.bars([ours], [ours, theirs], tmp_path)
    }

    delay = rows["delay, median / 90th percentile"]
    assert delay.is_met and delay.found.startswith("0.50 / 0.50 to 0.75 / 0.75 s on the 1 records")
    assert "(1 and 0 more" in delay.found

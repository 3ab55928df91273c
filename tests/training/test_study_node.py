"""The studies on a small made folder: what they count, and that what they write is whole."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from failure import Failure
from replay.outcomes import Detection
from training import plotting, study_node, study_set
from training.node_cases import (
    PGA_BINS_MPS2,
    Claim,
    calibration_error,
    confusion,
    false_by_kind,
    is_detected_again,
    read_study,
    recall_by,
    reliability,
)
from training.page import Page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study")
    assert study_set.main([str(out / "data"), "--earthquakes", "3", "--each", "1"]) == 0
    (out / "triggers.jsonl").write_text("".join(line + "\n" for line in triggers_of(out / "data")))
    return out


def triggers_of(folder: Path) -> list[str]:
    """Return triggers half a second after P in all records but one; one false one on a door."""
    lines = []
    with (folder / "eq_index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        record_id, p_s = row["record_id"], float(row["p_label_s"])
        if number:
            lines.append(message(record_id, p_s + 0.4, p_s + 0.5, 0.9))
        lines.append(json.dumps({"record_id": record_id, "done": True, "processed_s": 200.0}))
    for row in (folder / "noise_index.csv").read_text().splitlines()[1:]:
        record_id, kind = row.split(",")[:2]
        if kind == "door":
            lines.append(message(record_id, 25.0, 25.5, 0.6))
        lines.append(json.dumps({"record_id": record_id, "done": True, "processed_s": 60.0}))
    return lines


def message(record_id: str, onset_s: float, published_s: float, p_quake: float) -> str:
    return json.dumps(
        {
            "record_id": record_id, "detection_id": 0, "update": 0, "onset_s": onset_s,
            "published_s": published_s, "p_quake": p_quake, "pga_mps2": 0.1, "pgv_mps": 0.01,
            "pd_m": 1e-5, "is_retracted": False,
        }
    )  # fmt: skip


def test_the_simulated_set_is_a_folder_like_the_recorded_one(folder: Path) -> None:
    study = read_study("simulated", folder / "data", folder / "triggers.jsonl")

    assert len(study.verdicts) == 18 and len({n.kind for n in study.noise}) == 13
    assert all(v.arrival.kind == "label" for v in study.verdicts)
    for record in (folder / "data").rglob("*.npz"):
        samples = np.load(record)["data"]
        assert samples.shape[0] == 3 and np.isfinite(samples).all() and samples.any()


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert study_set.main([str(tmp_path), "--earthquakes", "1", "--each", "1"]) == 0
    for path in tmp_path.rglob("*.npz"):
        if path.parts[-3] == "noise":
            name = path.relative_to(tmp_path)
            assert path.read_bytes() == (folder / "data" / name).read_bytes()


def test_what_the_study_counts_is_what_was_said(folder: Path) -> None:
    study = read_study("simulated", folder / "data", folder / "triggers.jsonl")

    hits = sum(v.hit is not None for v in study.verdicts)
    assert hits == 17
    bins = recall_by(study.verdicts, (0.0, *PGA_BINS_MPS2), "pga_mps2")
    assert sum(share.trials for _, _, share in bins) == 18
    assert sum(share.hits for _, _, share in bins) == 17
    assert study.delays_s == pytest.approx([0.5] * 17, abs=1e-6)
    assert study.onset_errors_s == pytest.approx([0.4] * 17, abs=1e-6)
    worst = false_by_kind(study.noise)[0]
    assert worst[0] == "door" and worst[3].count == 1
    rows = {kind: counts for kind, *counts in confusion(study)}
    assert rows["door"] == [1, 0, 0] and rows["quiet"] == [0, 0, 1]


def test_reliability_weighs_earthquakes_and_noise_alike() -> None:
    """A certainty that does not depend on what it was is right half of the time at even odds."""
    claims = [Claim("r", 0, 0.75, is_true=number % 10 > 0) for number in range(100)]
    (found,) = reliability(claims, 0)

    assert found == pytest.approx((0.75, 0.5, 1.0))
    assert calibration_error([found]) == pytest.approx(0.25)
    assert reliability(claims, 1) == []


def test_the_report_is_whole_in_both_formats(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_node, "MOST_SHOWN", 2)
    monkeypatch.setattr(plotting, "THEMES", (plotting.DARK,))
    given = ["--simulated", str(folder / "data"), str(folder / "triggers.jsonl")]
    assert study_node.main([str(tmp_path), *given]) == 0

    page = (tmp_path / "report.html").read_text()
    text = (tmp_path / "report.md").read_text()
    names = {path.name for path in tmp_path.glob("*.svg")}
    for name in names:
        assert name in page and name in text
        ElementTree.parse(tmp_path / name)
    assert len(names) >= 6
    assert "17 of 18 = 94.4 %" in page and "17 of 18 = 94.4 %" in text


def test_triggers_of_another_folder_are_a_failure(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"record_id": "x", "done": true, "processed_s": 1}\n')

    with pytest.raises(Failure, match="no finished record"):
        read_study("simulated", folder / "data", other)


def test_names_from_outside_are_text_in_the_page(tmp_path: Path) -> None:
    page = Page("<b>", "x `<i>` y")
    page.table("t", ["<u>"], [["a|b"], ["<script>"]])
    page.write(tmp_path)

    written = (tmp_path / "report.html").read_text()
    assert "<script>" not in written and "<code>&lt;i&gt;</code>" in written
    assert "a\\|b" in (tmp_path / "report.md").read_text()


def test_a_second_detection_of_the_same_shaking_is_counted(folder: Path) -> None:
    study = read_study("simulated", folder / "data", folder / "triggers.jsonl")
    verdict = next(v for v in study.verdicts if v.hit is not None)
    assert verdict.hit is not None and verdict.truth.s_s is not None
    assert not any(is_detected_again(study, v) for v in study.verdicts)

    at_s = verdict.truth.s_s + 0.5
    study.played[verdict.truth.record_id].detections.append(Detection(at_s, at_s, False))
    assert [v for v in study.verdicts if is_detected_again(study, v)] == [verdict]

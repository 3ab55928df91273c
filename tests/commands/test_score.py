"""`groundswell score`: tables for people, JSON for programs, one clear line for broken input."""

import json
from pathlib import Path

import pytest

from commands.main import main
from tests.replay.synthetic import (
    DURATION_S,
    EPICENTRE,
    EVENT_ID,
    ORIGIN_US,
    PLACES,
    iso,
    write_folder,
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("data"))


def write_lines(path: Path, *entries: object) -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def trigger(station: str, published_s: float, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "record_id": f"{EVENT_ID}__XX_{station}", "detection_id": 0, "update": 0,
        "onset_s": published_s - 0.5, "published_s": published_s, "p_quake": 0.9,
        "pga_mps2": 0.1, "pgv_mps": 0.01, "pd_m": 1e-5, "is_retracted": False,
    }  # fmt: skip
    return fields | changes


def done(station: str) -> dict[str, object]:
    return {"record_id": f"{EVENT_ID}__XX_{station}", "done": True, "processed_s": DURATION_S}


def alert(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "schema": 1, "event_id": "gs1", "version": 1, "type": "new", "category": "live",
        "issued_us": ORIGIN_US + 5_000_000, "origin_us": ORIGIN_US, "lat_deg": EPICENTRE[0],
        "lon_deg": EPICENTRE[1], "magnitude": 5.0, "level": "be_aware",
        "areas": [{"id": f"XX.{name}", "mmi": 5.0} for name, _, _ in PLACES],
        "event_replayed": EVENT_ID,
    }  # fmt: skip
    return fields | changes


FINISHED = {"event_replayed": EVENT_ID, "done": True}


def test_triggers_and_alerts_become_figures(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    triggers = write_lines(
        tmp_path / "t.jsonl",
        trigger("S0", 33.0), trigger("S0", 33.5, update=1), done("S0"),
        done("S1"),
        trigger("S2", 34.0, is_retracted=True), done("S2"),
        trigger("S3", 35.0),  # never finished: not played
    )  # fmt: skip
    alerts = write_lines(
        tmp_path / "a.jsonl", alert(), alert(version=2, type="final", magnitude=5.6), FINISHED
    )
    out = tmp_path / "score.json"

    words = ["--triggers", str(triggers), "--alerts", str(alerts), "--json", str(out)]

    code = main(["score", str(data_dir), *words])

    figures = json.loads(out.read_text("utf-8"))
    node, network = figures["node"]["synthetic"], figures["network"]["synthetic"]
    assert code == 0
    assert node["records_played"] == 3
    assert node["all"]["recall_strong"]["hits"] == 1
    assert node["all"]["recall_strong"]["trials"] == 3
    assert network["must_be_declared"]["hits"] == network["must_be_declared"]["trials"] == 1
    assert network["duplicates"] == 0
    assert network["final"]["magnitude_absolute_mean"] == pytest.approx(0.1)
    printed = capsys.readouterr().out
    assert EVENT_ID in printed
    assert "1/3 = 33.3 %" in printed
    assert "\x1b" not in printed  # no colours outside a terminal


def test_a_trigger_during_an_event_without_an_origin_is_false(tmp_path: Path) -> None:
    index = "record_id,event_id,origin_time,ev_lat,ev_lon,magnitude,duration_s\n"
    rows = f"a,quake,{iso(ORIGIN_US)},17,-100,5,60\nb,door,,,,,60\n"
    (tmp_path / "eq_index.csv").write_text(index + rows, encoding="utf-8")
    triggers = write_lines(
        tmp_path / "t.jsonl",
        trigger("S0", 5.0, record_id="b"),
        {"record_id": "b", "done": True, "processed_s": 60.0},
    )
    out = tmp_path / "score.json"

    assert main(["score", str(tmp_path), "--triggers", str(triggers), "--json", str(out)]) == 0

    figures = json.loads(out.read_text("utf-8"))["node"]["real"]["all"]
    assert figures["false_in_noise"]["count"] == 1


def test_an_event_without_its_done_line_was_not_replayed(data_dir: Path, tmp_path: Path) -> None:
    alerts = write_lines(tmp_path / "a.jsonl", alert())
    out = tmp_path / "score.json"

    assert main(["score", str(data_dir), "--alerts", str(alerts), "--json", str(out)]) == 0

    assert json.loads(out.read_text("utf-8"))["not_replayed"] == [EVENT_ID]


@pytest.mark.parametrize(
    ("option", "text", "complaint"),
    [
        ("--triggers", "{}\n", "line 1 is no trigger message"),
        ("--triggers", '{"record_id": "r", "done": true, "processed_s": 1}\nx\n', "line 2"),
        ("--alerts", '{"event_replayed": "e"}\n', "line 1 is no alert message"),
        ("--alerts", "[]\n", "line 1 is no JSON object"),
    ],
)
def test_a_broken_file_gives_its_line_and_code_2(
    data_dir: Path, tmp_path: Path, option: str, text: str, complaint: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "f.jsonl"
    path.write_text(text, encoding="utf-8")

    assert main(["score", str(data_dir), option, str(path)]) == 2
    assert complaint in capsys.readouterr().err


def test_missing_folders_and_files_give_code_2(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path / "no"), "--baselines"]) == 2
    assert main(["score", str(tmp_path), "--baselines"]) == 2
    assert main(["score", str(data_dir), "--alerts", str(tmp_path / "no")]) == 2
    assert main(["score", str(data_dir)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[2].endswith(f"cannot read {tmp_path / 'no'}: No such file or directory")


def test_a_missing_folder_is_said_before_a_missing_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path / "no")]) == 2
    assert f"no such folder: {tmp_path / 'no'}" in capsys.readouterr().err

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from commands.main import main
from replay.iso_time import unix_us
from training.scenario_file import read_scenario
from training.wavefield import time_of

SCENARIO = """
seed = 3
lead_s = 20
tail_s = 20
[[node]]
name = "Coyuca de Benítez"
lat_deg = 17.0
lon_deg = -100.0
clock_error_ms = 250
[[node]]
name = "B"
lat_deg = 17.2
lon_deg = -100.0
[[earthquake]]
after_s = 100
lat_deg = 16.8
lon_deg = -100.0
depth_km = 20.0
magnitude = 6.0
[[door]]
after_s = 400
node = "B"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("simulated"), SCENARIO)


def simulated(place: Path, text: str) -> Path:
    (place / "scenario.toml").write_text(text)
    out = place / "out"
    assert main(["simulate", "--scenario", str(place / "scenario.toml"), "--out", str(out)]) == 0
    return out


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "eq_index.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_file_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = simulated(tmp_path, SCENARIO)

    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert len(names) == 2 + 4
    for name in names:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name


def test_another_seed_gives_other_samples(folder: Path, tmp_path: Path) -> None:
    other = simulated(tmp_path, SCENARIO.replace("seed = 3", "seed = 4"))
    name = rows_of(folder)[0]["file"]

    assert (folder / name).read_bytes() != (other / name).read_bytes()


def test_the_arrivals_of_the_index_are_where_the_samples_begin_to_move(folder: Path) -> None:
    for row in rows_of(folder)[:2]:
        record = np.load(folder / row["file"])
        data, rate_hz = record["data"], float(record["fs"])
        assert data.shape == (3, int(row["n_samples"])) and data.dtype == np.float32
        assert list(record["components"]) == ["E", "N", "Z"]
        assert str(record["start_time"]) == row["start_time"]
        arrival = int(float(row["p_ak135_s"]) * rate_hz)
        before = np.abs(data[2, :arrival]).max()
        assert np.abs(data[2, arrival : arrival + 2 * int(rate_hz)]).max() > 3 * before


def test_the_labels_are_the_first_motion_of_the_ground_at_each_node(folder: Path) -> None:
    scenario = read_scenario(folder.parent / "scenario.toml")
    for place, row in zip(scenario.nodes, rows_of(folder)[:2], strict=True):
        motion = scenario.motion_of(scenario.happenings[0], place)
        assert motion is not None
        moving = np.flatnonzero(np.abs(motion.acceleration_mps2).max(axis=0))
        first_us = time_of(motion.first_index + int(moving[0]), scenario.rate_hz)
        start_us = unix_us(row["start_time"])
        assert start_us is not None
        label_us = start_us - scenario.clock_error_us(place) + float(row["p_label_s"]) * 1e6

        assert abs(label_us - first_us) <= 2e6 / scenario.rate_hz
        s_minus_p_s = float(row["s_label_s"]) - float(row["p_label_s"])
        assert motion.s_us is not None and motion.p_us is not None
        assert s_minus_p_s == pytest.approx((motion.s_us - motion.p_us) / 1e6, abs=0.002)


def test_score_says_how_long_after_the_true_p_the_nodes_triggered_and_that_it_is_synthetic(
    folder: Path, tmp_path: Path
) -> None:
    row = rows_of(folder)[0]
    record_id, p_s = row["record_id"], float(row["p_label_s"])
    trigger = {
        "record_id": record_id, "detection_id": 0, "update": 0, "onset_s": p_s,
        "published_s": p_s + 0.75, "p_quake": 0.9, "pga_mps2": 0.1, "pgv_mps": 0.01,
        "pd_m": 1e-5, "is_retracted": False,
    }  # fmt: skip
    done = {"record_id": record_id, "done": True, "processed_s": float(row["duration_s"])}
    triggers, out = tmp_path / "t.jsonl", tmp_path / "score.json"
    triggers.write_text(f"{json.dumps(trigger)}\n{json.dumps(done)}\n")

    assert main(["score", str(folder), "--triggers", str(triggers), "--json", str(out)]) == 0

    node = json.loads(out.read_text())["node"]
    assert list(node) == ["synthetic"]
    assert node["synthetic"]["all"]["delay_median_s"]["value"] == pytest.approx(0.75)


def test_a_wrong_clock_shifts_the_stamp_and_not_the_ground(folder: Path, tmp_path: Path) -> None:
    right = simulated(tmp_path, SCENARIO.replace("clock_error_ms = 250", "clock_error_ms = 0"))
    wrong_row, right_row = rows_of(folder)[0], rows_of(right)[0]

    assert right_row["start_time"].endswith("00:01:20.000000Z")
    assert wrong_row["start_time"].endswith("00:01:20.250000Z")
    assert wrong_row["p_ak135_s"] == right_row["p_ak135_s"]
    assert wrong_row["p_label_s"] == right_row["p_label_s"]
    wrong, right_record = np.load(folder / wrong_row["file"]), np.load(right / right_row["file"])
    assert np.array_equal(wrong["data"], right_record["data"])


def test_what_is_no_earthquake_has_no_origin_and_no_arrival(folder: Path) -> None:
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    door = [row for row in rows_of(folder) if row["event_id"] == "door1"]

    assert [event["event_id"] for event in events] == ["earthquake1", "door1"]
    assert events[0]["magnitude"] == 6.0 and "magnitude" not in events[1]
    assert len(door) == 2
    for column in ("origin_time", "magnitude", "p_ak135_s", "p_label_s", "s_label_s"):
        assert all(row[column] == "" for row in door)
    assert float(door[0]["pga_ms2"]) == 0.0 and float(door[1]["pga_ms2"]) > 0.1


def test_columns_are_those_of_the_recorded_folder(folder: Path) -> None:
    recorded = Path("../shared/data/eq_index.csv")
    if not recorded.exists():
        pytest.skip("needs ../shared/data")
    with recorded.open(newline="") as file:
        columns = next(csv.reader(file))

    assert list(rows_of(folder)[0]) == columns


def test_a_folder_with_something_in_it_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = str(folder.parent / "scenario.toml")

    assert main(["simulate", "--scenario", scenario, "--out", str(folder)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_a_scenario_in_which_nothing_happens_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "quiet.toml"
    path.write_text(SCENARIO[: SCENARIO.index("[[earthquake]]")])
    assert read_scenario(path).happenings == ()

    assert main(["simulate", "--scenario", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "nothing happens" in capsys.readouterr().err

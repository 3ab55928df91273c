import csv
import json
from pathlib import Path

import numpy as np
import pytest

from commands.main import main
from training.scenario import read_scenario

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


def test_a_wrong_clock_shifts_the_stamp_and_not_the_ground(folder: Path, tmp_path: Path) -> None:
    right = simulated(tmp_path, SCENARIO.replace("clock_error_ms = 250", "clock_error_ms = 0"))
    wrong_row, right_row = rows_of(folder)[0], rows_of(right)[0]

    assert right_row["start_time"].endswith("00:01:20.000000Z")
    assert wrong_row["start_time"].endswith("00:01:20.250000Z")
    assert wrong_row["p_ak135_s"] == right_row["p_ak135_s"]
    wrong, right_record = np.load(folder / wrong_row["file"]), np.load(right / right_row["file"])
    assert np.array_equal(wrong["data"], right_record["data"])


def test_what_is_no_earthquake_has_no_origin_and_no_arrival(folder: Path) -> None:
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    door = [row for row in rows_of(folder) if row["event_id"] == "door1"]

    assert [event["event_id"] for event in events] == ["earthquake1", "door1"]
    assert events[0]["magnitude"] == 6.0 and "magnitude" not in events[1]
    assert len(door) == 2
    assert all(row["origin_time"] == row["p_ak135_s"] == row["magnitude"] == "" for row in door)
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

"""`groundswell detect` as it is used from outside: contracts.md sections 0 and 1."""

import csv
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands.main import main
from replay.records import COLUMNS
from training.wavefield import Earthquake, motion_at

RATE_HZ = 100.0
FIELDS = [
    "record_id",
    "detection_id",
    "update",
    "onset_s",
    "published_s",
    "p_quake",
    "pga_mps2",
    "pgv_mps",
    "pd_m",
    "is_retracted",
]


def ground_motion(seed: int, onset_s: float = 20.0) -> Any:
    """Return (3, n) m/s^2: quiet ground, then a simulated earthquake of 0.8 m/s^2."""
    shock = Earthquake(f"shock{seed}", 1_700_000_000_000_000, 0.0, 0.0, 10.0, 5.5)
    motion = motion_at(shock, "node", 0.2, 0.0, RATE_HZ, seed)
    samples = 1e-4 * np.random.default_rng(seed).standard_normal((3, int(40 * RATE_HZ)))
    first = int(onset_s * RATE_HZ)
    shaking = motion.acceleration_mps2[:, : samples.shape[1] - first]
    samples[:, first : first + shaking.shape[1]] += shaking * (0.8 / np.abs(shaking).max())
    return samples


def folder(path: Path, records: dict[str, Any], **columns: str) -> Path:
    """Write a data folder of these samples; columns: what every row of its index holds besides."""
    rows = []
    for record_id, samples in records.items():
        file = f"eq/ev/{record_id}.npz"
        (path / "eq/ev").mkdir(parents=True, exist_ok=True)
        if samples is not None:
            np.savez(path / file, data=samples, fs=RATE_HZ)
        row = dict.fromkeys(COLUMNS, "")
        row |= {"record_id": record_id, "event_id": "ev", "file": file, "units": "m/s^2"}
        row |= {"network": "XX", "station": record_id, "sta_lat": "17.0", "sta_lon": "-100.0"}
        row |= {"start_time": "2020-01-01T00:00:00.000000Z", "time_quality": "absolute"}
        row |= {"sampling_rate_hz": str(RATE_HZ), "components": "E,N,Z"}
        rows.append(row | {"sensor_class": "force-balance"} | columns)
    with (path / "eq_index.csv").open("w", newline="") as file_:
        writer = csv.DictWriter(file_, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def detect(data_dir: Path, *options: str) -> list[dict[str, Any]]:
    out = data_dir / "triggers.jsonl"
    assert main(["detect", str(data_dir), "--out", str(out), *options]) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_a_line_for_each_message_and_one_when_the_record_is_done(tmp_path: Path) -> None:
    lines = detect(folder(tmp_path, {"a": ground_motion(1)}))

    assert list(lines[0]) == FIELDS
    assert lines[0]["record_id"] == "a"
    assert [line["update"] for line in lines[:-1]] == list(range(len(lines) - 1))
    assert {line["detection_id"] for line in lines[:-1]} == {0}
    assert abs(lines[0]["onset_s"] - 20.0) < 0.1
    assert 20.0 < lines[0]["published_s"] < 20.4
    assert 0.3 < lines[-2]["pga_mps2"] < 2.0
    assert lines[0]["is_retracted"] is False
    assert lines[-1] == {"record_id": "a", "done": True, "processed_s": 40.0}


@pytest.mark.parametrize(
    ("samples", "word"),
    [
        (np.zeros((3, 4000)), "zero"),
        (np.full((3, 4000), np.nan), "finite"),
        (np.full((3, 4000), np.inf), "finite"),
        (np.ones(4000), "shape"),
        (np.ones((2, 4000)), "shape"),
        (np.ones((3, 0)), "no samples"),
        (np.array([["a", "b"]] * 3), "type"),
        (np.array([[{}, {}]] * 3), "cannot read"),
        (None, "cannot read"),
    ],
)
def test_a_record_that_no_node_could_use_is_an_error_line(
    tmp_path: Path, samples: Any, word: str
) -> None:
    lines = detect(folder(tmp_path, {"bad": samples, "good": ground_motion(2)}))

    assert list(lines[0]) == ["record_id", "error"]
    assert lines[0]["record_id"] == "bad" and word in lines[0]["error"]
    assert lines[-1]["record_id"] == "good" and lines[-1]["done"]


@pytest.mark.parametrize("rate", ["10", "501", "0", "-5", "nan", "inf", "", "fast"])
def test_a_rate_that_no_node_has_is_an_error_line(tmp_path: Path, rate: str) -> None:
    lines = detect(folder(tmp_path, {"a": ground_motion(1)}, sampling_rate_hz=rate))

    assert [list(line) for line in lines] == [["record_id", "error"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_archive_is_an_error_line(tmp_path: Path, content: bytes) -> None:
    data_dir = folder(tmp_path, {"a": ground_motion(1)})
    (data_dir / "eq/ev/a.npz").write_bytes(content)

    assert [list(line) for line in detect(data_dir)] == [["record_id", "error"]]


def test_odd_rows_of_the_index_do_no_harm(tmp_path: Path) -> None:
    data_dir = folder(
        tmp_path, {"a": ground_motion(1)}, sta_lat="north", start_time="today", sta_elev_m="nan"
    )

    assert detect(data_dir)[-1]["done"]


def test_the_catalogue_is_not_read(tmp_path: Path) -> None:
    records = {"a": ground_motion(1), "b": ground_motion(2)}
    answers = {"p_label_s": "20.0", "magnitude": "7.5", "pga_ms2": "1e9", "p_auto_s": "3.0"}
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()

    assert detect(folder(tmp_path / "with", records, **answers)) == detect(
        folder(tmp_path / "without", records)
    )


def test_the_noise_of_the_sensor_depends_on_the_seed_and_the_record_only(tmp_path: Path) -> None:
    data_dir = folder(tmp_path, {"a": ground_motion(1), "b": ground_motion(1)})

    first, again = detect(data_dir), detect(data_dir)
    other = detect(data_dir, "--seed", "1")

    assert first == again
    assert first[0]["pga_mps2"] != other[0]["pga_mps2"]
    firsts = [line for line in first if line.get("update") == 0]
    assert firsts[0]["pga_mps2"] != firsts[1]["pga_mps2"]


def test_a_worse_sensor_hears_less(tmp_path: Path) -> None:
    data_dir = folder(tmp_path, {"a": 0.05 * ground_motion(1)})

    heard = {name: len(detect(data_dir, "--sensor", name)) for name in ("none", "mpu6050")}

    assert heard["mpu6050"] == 1 < heard["none"]


def test_many_records_are_told_in_the_order_of_the_index(tmp_path: Path) -> None:
    names = [f"r{zlib.crc32(bytes([i])):08x}" for i in range(20)]
    data_dir = folder(tmp_path, dict.fromkeys(names, 0.01 * ground_motion(1)[:, :500]))

    assert [line["record_id"] for line in detect(data_dir)] == names


def test_noise_records_are_found_by_their_own_index(tmp_path: Path) -> None:
    data_dir = folder(tmp_path, {"a": ground_motion(1)})
    with (data_dir / "noise_index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "sampling_rate_hz", "units", "gravity", "file"])
        writer.writerow(["walk", "100.0", "m/s^2", "included", "noise/walk.npz"])
    (data_dir / "noise").mkdir()
    gravity = np.array([[0.0], [0.0], [9.81]])
    np.savez(data_dir / "noise/walk.npz", data=gravity + 0.001 * ground_motion(3), fs=100.0)

    done = [line["record_id"] for line in detect(data_dir, "--kind", "all") if "done" in line]
    noise = [line["record_id"] for line in detect(data_dir, "--kind", "noise") if "done" in line]

    assert (done, noise) == (["a", "walk"], ["walk"])


@pytest.mark.parametrize(
    "words",
    [
        ["detect", "no/such/folder", "--out", "x.jsonl"],
        ["detect", ".", "--out", "x.jsonl", "--kind", "noise"],
        ["detect", "EMPTY", "--out", "x.jsonl"],
    ],
)
def test_a_folder_without_recordings_is_one_clear_line(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path) if word == "EMPTY" else word for word in words]
    words[words.index("x.jsonl")] = str(tmp_path / "x.jsonl")

    assert main(words) == 2

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_help_tells_the_processing_constant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["detect", "--help"])

    assert "0.010 s" in capsys.readouterr().out


def test_the_recordings_are_detected_as_well_as_they_were(
    shared_data: Path, compiled: None
) -> None:
    """Ten strong MEMS records of one event: a smoke test; `score` gives the figures."""
    from replay.node import messages_of
    from replay.records import read_records
    from replay.sensors import counts_of

    records = [r for r in read_records(shared_data, "eq") if r.event_id == "mx20180216233939"]
    heard = 0
    for record in records[:10]:
        counts, lsb_nm_s2 = counts_of(record, record.load(), "adxl355", 0)
        heard += any(hasattr(m, "onset_us") for m in messages_of(record, counts, lsb_nm_s2))
    assert len(records) >= 5 and heard >= 5

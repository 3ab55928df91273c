import csv
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from failure import Failure
from replay import records
from replay.records import COLUMNS, Unusable, read_records

ROW = {
    "record_id": "a",
    "event_id": "e",
    "network": "OEW",
    "station": "007",
    "location": "",
    "sta_lat": "17.5",
    "sta_lon": "-100.25",
    "sta_elev_m": "12",
    "start_time": "2020-01-01T00:00:00.250000Z",
    "time_quality": "absolute (NTP, ~0.1-0.5 s)",
    "sampling_rate_hz": "31.25",
    "components": "H1,H2,Z",
    "units": "m/s^2",
    "sensor_class": "MEMS",
    "file": "eq/e/a.npz",
}


def only_record(path: Path, **changes: str) -> records.Record:
    with (path / "eq_index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, "p_label_s"])
        writer.writeheader()
        writer.writerow(ROW | {"p_label_s": "12.5"} | changes)
    (record,) = read_records(path, "eq")
    return record


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    record = only_record(tmp_path)

    assert record.place == "OEW.007"
    assert (record.lat_deg, record.lon_deg, record.rate_mhz) == (17.5, -100.25, 31250)
    assert record.start_us == 1_577_836_800_250_000
    assert record.has_absolute_time and record.has_place
    assert record.problem == ""


@pytest.mark.parametrize(
    ("quality", "is_absolute", "error_us"),
    [
        ("absolute", True, 10_000),
        ("absolute (NTP, ~0.1-0.5 s)", True, 200_000),
        ("absolute (start rounded to whole seconds)", True, 300_000),
        ("none (zero pads removed)", False, 3_600_000_000),
        ("suspect", False, 3_600_000_000),
        ("", False, 3_600_000_000),
    ],
)
def test_what_the_index_says_of_the_time_becomes_the_clocks_error(
    tmp_path: Path, quality: str, is_absolute: bool, error_us: int
) -> None:
    record = only_record(tmp_path, time_quality=quality)

    assert (record.has_absolute_time, record.clock_error_us) == (is_absolute, error_us)


def test_absolute_without_a_time_is_not_absolute(tmp_path: Path) -> None:
    assert not only_record(tmp_path, start_time="").has_absolute_time


def test_no_field_of_a_record_comes_from_the_catalogue() -> None:
    for word in ("p_label_s", "origin_time", "magnitude", "pga_ms2", "epi_dist_km"):
        assert word not in COLUMNS


@pytest.mark.parametrize("place", [("", ""), ("91", "0"), ("0", "200"), ("nan", "0")])
def test_a_place_that_is_none_is_no_place(tmp_path: Path, place: tuple[str, str]) -> None:
    assert not only_record(tmp_path, sta_lat=place[0], sta_lon=place[1]).has_place


def test_event_ids_are_all_that_is_read_of_the_events(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"event_id": "a"}\n\n{"event_id": "b", "x": 1}\n')

    assert records.event_ids(tmp_path) == ["a", "b"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", "\n1\n"])
def test_a_broken_list_of_events_is_one_clear_failure(tmp_path: Path, text: str) -> None:
    (tmp_path / "events.jsonl").write_text(text)

    with pytest.raises(Failure):
        records.event_ids(tmp_path)


@pytest.mark.parametrize("text", ["[" * 200_000, r'{"event_id": "\ud800"}'])
def test_a_list_of_events_that_nobody_could_write_is_one_clear_failure(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "events.jsonl").write_text(text)

    with pytest.raises(Failure, match="cannot read"):
        records.event_ids(tmp_path)


def test_a_broken_index_is_one_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "eq_index.csv").write_bytes(b"record_id,file\n\xff\xfe,\n")
    with pytest.raises(Failure):
        read_records(tmp_path, "eq")

    (tmp_path / "eq_index.csv").write_text("record_id,sampling_rate_hz,file\n,100,a.npz\n")
    with pytest.raises(Failure):
        read_records(tmp_path, "eq")


@pytest.mark.parametrize("text", ["", "hello\n", "hello\nworld\n", "record_id;file\na;b\n"])
def test_a_file_that_is_no_index_is_a_failure_and_not_a_folder_of_no_records(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "eq_index.csv").write_text(text)

    with pytest.raises(Failure, match="no column record_id, sampling_rate_hz, file"):
        read_records(tmp_path, "eq")


@pytest.mark.parametrize("start", ["1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31"])
def test_a_time_that_the_wire_cannot_say_is_no_time(tmp_path: Path, start: str) -> None:
    record = only_record(tmp_path, start_time=start)

    assert not record.has_absolute_time
    assert record.start_us == records.NO_TIME_US


@pytest.mark.parametrize("file", ["../a.npz", "eq/../../a.npz", "/etc/passwd"])
def test_a_file_outside_the_data_folder_is_not_opened(tmp_path: Path, file: str) -> None:
    np.savez(tmp_path / "a.npz", data=np.ones((3, 10)))
    folder = tmp_path / "data"
    folder.mkdir()

    with pytest.raises(Unusable, match="not inside the data folder"):
        only_record(folder, file=file).load()


@pytest.mark.parametrize("content", [b"", b"hello", os.urandom(4000), b"\x93NUMPY\x01\x00"])
def test_a_file_of_other_bytes_is_called_what_it_is(tmp_path: Path, content: bytes) -> None:
    # numpy's own words are "if you trust the file you can load it unsafely"
    (tmp_path / "a.npz").write_bytes(content)

    with pytest.raises(Unusable, match=r"^a\.npz is no \.npz file$"):
        only_record(tmp_path, file="a.npz").load()


class _Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_no_pickle_in_a_data_folder_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    np.savez(tmp_path / "object.npz", data=np.array([_Evil(mark)], dtype=object))
    (tmp_path / "raw.npz").write_bytes(pickle.dumps(_Evil(mark)))

    for file in ("object.npz", "raw.npz"):
        with pytest.raises(Unusable):
            only_record(tmp_path, file=file).load()
    assert not mark.exists()


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_ARRAY_BYTES", 1_000_000)
    np.savez_compressed(tmp_path / "bomb.npz", data=np.zeros((3, 50_000)))
    with zipfile.ZipFile(tmp_path / "bomb.npz") as archive:
        assert archive.infolist()[0].compress_size < 10_000

    with pytest.raises(Unusable, match="1200128 bytes of samples"):
        only_record(tmp_path, file="bomb.npz").load()


@pytest.mark.parametrize(
    ("components", "rows"),
    [
        ("E,N,Z", (0, 1, 2)),
        ("HNZ,HNN,HNE", (1, 2, 0)),
        ("NS, UD, EW", (0, 2, 1)),
        ("H1,H2,H3", (0, 1, 2)),
        ("", (0, 1, 2)),
    ],
)
def test_the_vertical_is_where_the_index_says_and_comes_last(
    tmp_path: Path, components: str, rows: tuple[int, int, int]
) -> None:
    record = only_record(tmp_path, components=components)
    samples = np.arange(1.0, 13.0).reshape(3, 4)
    record.path.parent.mkdir(parents=True)
    np.savez(record.path, data=samples)

    assert record.load().tolist() == samples[list(rows)].tolist()


def test_where_samples_are_missing_the_last_one_is_held(tmp_path: Path) -> None:
    # one number that is none cost the whole recording
    record = only_record(tmp_path)
    nan, inf = np.nan, np.inf
    samples = np.array([[nan, 1, nan, nan, 4], [0, 1, 2, 3, inf], [nan] * 5])
    record.path.parent.mkdir(parents=True)
    np.savez(record.path, data=samples)

    assert record.load().tolist() == [[1, 1, 1, 1, 4], [0, 1, 2, 3, 3], [0] * 5]


def test_zeros_for_lost_samples_are_no_step_in_a_record_with_an_offset(tmp_path: Path) -> None:
    record = only_record(tmp_path)
    samples = np.array([[5.0, 6, 0, 0, 0, 7, 6], [1, 0, 0, 0, 0, 1, 2], [-3, -3, 0, 0, 0, 0, -4]])
    record.path.parent.mkdir(parents=True)
    np.savez(record.path, data=samples)

    held = [[5, 6, 6, 6, 6, 7, 6], [1, 0, 1, 1, 1, 1, 2], [-3, -3, -3, -3, -3, 0, -4]]
    assert record.load().tolist() == held


def test_single_zeros_are_samples(tmp_path: Path) -> None:
    record = only_record(tmp_path)
    samples = np.array([[5.0, 0, 0, 7, 6], [1, 0, 0, 1, 2], [-3, 0, 0, 0, -4]])
    record.path.parent.mkdir(parents=True)
    np.savez(record.path, data=samples)

    assert record.load().tolist() == samples.tolist()


def test_zeros_are_the_level_of_a_record_without_an_offset(tmp_path: Path) -> None:
    record = only_record(tmp_path)
    wave = np.array([-2.0, 0, 0, 0, 1, 3, -1, 2])
    record.path.parent.mkdir(parents=True)
    np.savez(record.path, data=np.stack([wave, 2 * wave, -wave]))

    assert record.load()[0].tolist() == wave.tolist()

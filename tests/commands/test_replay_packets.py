"""`groundswell replay-packets`: what it writes, and what it says of garbage."""

import gzip
import json
from pathlib import Path

import pytest

from commands.main import main
from tests.replay.test_packet_replay import ALL, STATIONS, in_order

pytestmark = pytest.mark.usefixtures("compiled")


def write_stations(path: Path) -> Path:
    rows = [
        ",".join((*station.place.split("."), str(station.lat_deg), str(station.lon_deg)))
        for station in STATIONS.values()
    ]
    path.write_text("network,station,sta_lat,sta_lon\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def packet_lines() -> list[bytes]:
    lines = []
    for packet in in_order(*ALL):
        y, z, x = ([count / 1000 for count in packet.counts[axis::3]] for axis in range(3))
        fields = {
            "device_id": packet.device_id, "x": x, "y": y, "z": z, "sr": 31.25,
            "device_t": packet.device_us / 1e6, "cloud_t": packet.cloud_us / 1e6,
        }  # fmt: skip
        lines.append(json.dumps(fields).encode())
    return lines


def run(tmp_path: Path, lines: list[bytes]) -> tuple[int, Path]:
    packets = tmp_path / "ev1.jsonl.gz"
    packets.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    stations = write_stations(tmp_path / "eq_index.csv")
    out = tmp_path / "alerts.jsonl"
    words = ["replay-packets", str(packets), "--stations", str(stations), "--out", str(out)]
    return main(words), out


def test_packets_become_alerts_with_the_name_of_the_file(tmp_path: Path) -> None:
    code, out = run(tmp_path, packet_lines())

    *alerts, last = map(json.loads, out.read_text("utf-8").splitlines())
    assert code == 0
    assert [alert["type"] for alert in alerts].count("new") == 1
    assert {alert["event_replayed"] for alert in alerts} == {"ev1"}
    assert {alert["category"] for alert in alerts} == {"live"}
    assert [area["id"] for area in alerts[0]["areas"]] == sorted(
        station.place for station in STATIONS.values()
    )
    assert last == {"event_replayed": "ev1", "done": True}


def test_garbage_between_the_packets_changes_no_byte_and_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clean").mkdir()
    (tmp_path / "dirty").mkdir()
    lines = packet_lines()
    dirty = [line for good in lines for line in (b"{\xff", good)]

    _, clean_out = run(tmp_path / "clean", lines)
    capsys.readouterr()
    code, dirty_out = run(tmp_path / "dirty", dirty)

    assert code == 0
    assert dirty_out.read_bytes() == clean_out.read_bytes()
    assert f"malformed {len(lines)}" in capsys.readouterr().out


def test_a_file_without_a_packet_gives_one_clear_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = run(tmp_path, [b"no", b"packets"])

    error = capsys.readouterr().err
    assert code == 2
    assert f"no packet in {tmp_path / 'ev1.jsonl.gz'}" in error
    assert "stations" not in error  # they are not to blame


def test_a_file_that_is_cut_off_is_played_as_far_as_it_goes_and_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packets = tmp_path / "ev1.jsonl.gz"
    packets.write_bytes(gzip.compress(b"\n".join(packet_lines()) + b"\n")[:-1000])
    stations = write_stations(tmp_path / "eq_index.csv")
    words = ["replay-packets", str(packets), "--stations", str(stations)]

    code = main([*words, "--out", str(tmp_path / "out.jsonl")])

    assert code == 0
    assert "the file is damaged or cut off after them" in capsys.readouterr().out


def test_packets_of_stations_that_the_file_does_not_have_are_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = run(
        tmp_path, [line.replace(b'"device_id": "', b'"device_id": "x') for line in packet_lines()]
    )

    assert code == 2
    assert "has none of the stations in the packets" in capsys.readouterr().err


def test_a_missing_file_gives_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["replay-packets", str(tmp_path / "no"), "--stations", "s", "--out", "o"]

    assert main(words) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_recorded_packets_play_without_an_error(shared_data: Path, tmp_path: Path) -> None:
    """The shortest file of ten; all of them: docs/measured.md has the figures."""
    packets = shared_data / "openeew_packets" / "mx20200330050821.jsonl.gz"
    out = tmp_path / "alerts.jsonl"
    stations = str(shared_data / "eq_index.csv")

    code = main(["replay-packets", str(packets), "--stations", stations, "--out", str(out)])

    *alerts, last = map(json.loads, out.read_text("utf-8").splitlines())
    assert code == 0
    assert [alert["type"] for alert in alerts].count("new") == 1
    assert last == {"event_replayed": "mx20200330050821", "done": True}

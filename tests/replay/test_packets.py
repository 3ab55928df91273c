"""Packets from outside: good ones exactly, everything else counted and dropped."""

import gzip
import json
import random
from pathlib import Path

import pytest

from failure import Failure
from replay.packets import Counters, parse, read_device_ids, read_packets, read_stations

GOOD = {
    "device_id": "007", "x": [0.053, -0.041], "y": [1.0, 2.0], "z": [0.0, -3.5],
    "device_t": 1513379400.154, "cloud_t": 1513379400.057, "sr": 31.25,
}  # fmt: skip


def line(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_x_is_vertical_and_comes_last_in_thousandths_of_a_gal() -> None:
    packet = parse(line())

    assert packet is not None
    assert list(packet.counts) == [1000, 0, 53, 2000, -3500, -41]
    assert (packet.device_id, packet.sample_count) == ("007", 2)
    assert packet.device_us == 1_513_379_400_154_000
    assert packet.cloud_us == 1_513_379_400_057_000


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, line(device_id=7),
        line(x=[0.1]), line(x=[]), line(x=[0.0] * 513, y=[0.0] * 513, z=[0.0] * 513),
        line(x=[0.1, "2"]), line(x=[0.1, None]), line(x=[0.1, True]), line(x=[0.1, 1e9]),
        line(x="ab"), line(x={"0": 1}), line(device_t=None), line(device_t="soon"),
        line(device_t=-1.0), line(cloud_t=1e300), line(cloud_t=True),
        line().replace(b"0.053", b"NaN"), line().replace(b"0.053", b"Infinity"),
        line().replace(b"0.053", b"1" * 400),
    ],
)  # fmt: skip
def test_what_is_no_packet_is_refused(bad: bytes) -> None:
    assert parse(bad) is None


def test_no_random_change_of_a_packet_does_more_than_be_refused() -> None:
    source = random.Random(3)
    for _ in range(3000):
        text = bytearray(line())
        for _ in range(source.randint(1, 4)):
            text[source.randrange(len(text))] = source.randrange(256)
        packet = parse(bytes(text))
        assert packet is None or len(packet.counts) == 3 * packet.sample_count


def test_bad_lines_are_counted_and_the_good_ones_between_them_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join([line(), b"garbage", b"", b"x" * 200_000, line()])))
    counters = Counters()

    packets = list(read_packets(path, counters))

    assert len(packets) == 2
    assert (counters.lines, counters.malformed) == (4, 2)


def test_a_file_that_ends_in_the_middle_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    source = random.Random(5)
    lines = [line(x=[source.random(), 0.0]) for _ in range(5000)]
    whole = gzip.compress(b"\n".join(lines))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    counters = Counters()

    packets = list(read_packets(path, counters))

    assert 1000 < len(packets) < 4000
    assert counters.is_truncated


def test_a_plain_file_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line() + b"\n")

    assert read_device_ids(path) == {"007"}


STATIONS = "network,station,sta_lat,sta_lon,magnitude\n"


def test_only_stations_in_the_packets_with_a_position_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "eq_index.csv"
    rows = "OE,007,17.1,-100.2,9\nOE,008,18,-100,9\nOE,009,,,9\nOE,010,95,0,9\n"
    path.write_text(STATIONS + rows, encoding="utf-8")

    stations = read_stations(path, {"007", "009", "010"})

    assert {name: (s.place, s.lat_deg) for name, s in stations.items()} == {
        "007": ("OE.007", 17.1)
    }


def test_a_name_of_two_networks_is_of_the_one_that_has_the_others(tmp_path: Path) -> None:
    path = tmp_path / "eq_index.csv"
    rows = "AA,007,1,1,9\nOE,007,17,-100,9\nOE,008,18,-100,9\n"
    path.write_text(STATIONS + rows, encoding="utf-8")

    assert read_stations(path, {"007", "008"})["007"].place == "OE.007"


def test_a_stations_file_without_these_stations_or_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "eq_index.csv"
    path.write_text(STATIONS, encoding="utf-8")
    with pytest.raises(Failure, match="none of the stations"):
        read_stations(path, {"007"})

    path.write_text("station,sta_lat\n", encoding="utf-8")
    with pytest.raises(Failure, match="no column network, sta_lon"):
        read_stations(path, {"007"})

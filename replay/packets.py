"""The packets of the OpenEEW network, as they reached the cloud: read, checked, never believed.

One JSON object a line, in the order of `cloud_t`. Anything that is not what it should be is
counted and dropped; `Counters` says what and how often.
"""

import csv
import gzip
import json
import math
import zlib
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from failure import Failure, reason_of

MAX_LINE_BYTES = 65_536  # real ones have 900
MAX_SAMPLES = 512  # a packet; real ones have 32
MAX_ABS_GAL = 20_000.0  # 20 g: no sensor of ours measures more
LSB_NM_S2 = 10_000  # 0.001 gal, the last digit that the packets give
EARLIEST_S, LATEST_S = 946_684_800.0, 4_102_444_800.0  # 2000 to 2100
MAX_DEVICES = 20_000  # in one file
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass
class Counters:
    """What became of the lines, since the start."""

    lines: int = 0
    played: int = 0
    malformed: int = 0
    unknown_station: int = 0
    impossible_arrival: int = 0  # far from the arrivals around it
    duplicate_or_old: int = 0  # samples that had been played, or come too late to be
    unplayable: int = 0  # of devices whose sample rate makes no sense
    is_truncated: bool = False  # the file ends in the middle


@dataclass(frozen=True)
class Station:
    """All that is read of the stations file."""

    place: str  # NETWORK.STATION
    lat_deg: float
    lon_deg: float

    @property
    def node_id(self) -> int:
        return zlib.crc32(self.place.encode())


@dataclass(frozen=True)
class Packet:
    device_id: str
    device_us: int  # the device's clock at the last sample
    cloud_us: int
    counts: "array[int]"  # interleaved horizontal, horizontal, vertical; LSB_NM_S2
    sample_count: int


def read_stations(path: Path, device_ids: Collection[str]) -> dict[str, Station]:
    """Return the stations with these device_ids, each of which is a station's name.

    A name that several networks use is taken of the network that has most of the device_ids. Rows
    without a position are left out: a node that stands nowhere has no vote.
    """
    networks: dict[str, dict[str, Station]] = {}
    for row in _station_rows(path):
        lat_deg, lon_deg = _degrees(row["sta_lat"], 90), _degrees(row["sta_lon"], 180)
        if row["station"] in device_ids and lat_deg is not None and lon_deg is not None:
            place = f"{row['network']}.{row['station']}"
            station = Station(place, lat_deg, lon_deg)
            networks.setdefault(row["network"], {}).setdefault(row["station"], station)
    stations: dict[str, Station] = {}
    for _, known in sorted(networks.items(), key=lambda pair: (len(pair[1]), pair[0])):
        stations.update(known)
    if not stations:
        raise Failure(f"{path} has none of the stations in the packets")
    return stations


def read_device_ids(path: Path) -> set[str]:
    """Return the devices that speak in a file, MAX_DEVICES at most."""
    device_ids: set[str] = set()
    for packet in read_packets(path, Counters()):
        if len(device_ids) < MAX_DEVICES:
            device_ids.add(packet.device_id)
    return device_ids


def read_packets(path: Path, counters: Counters) -> Iterator[Packet]:
    """Yield the well-formed packets of a file, gzip or plain. Raises Failure if it is neither."""
    for line in _lines(path, counters):
        counters.lines += 1
        packet = parse(line)
        if packet is None:
            counters.malformed += 1
        else:
            yield packet


def parse(line: bytes) -> Packet | None:
    """Return the packet in a line, or None for anything else, whatever its bytes."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    device_id = entry.get("device_id")
    device_us, cloud_us = _unix_us(entry.get("device_t")), _unix_us(entry.get("cloud_t"))
    counts = _counts(entry)
    if not isinstance(device_id, str) or device_us is None or cloud_us is None or counts is None:
        return None
    return Packet(device_id, device_us, cloud_us, counts, len(counts) // 3)


def _station_rows(path: Path) -> list[dict[str, str]]:
    columns = ("network", "station", "sta_lat", "sta_lon")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise Failure(f"{path} has no column {', '.join(missing)}")
            return [{name: row[name] or "" for name in columns} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"cannot read the stations in {path}: {reason_of(error)}") from error


def _degrees(text: str, most_deg: float) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if abs(degrees) <= most_deg else None


def _lines(path: Path, counters: Counters) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
        with gzip.open(path) if is_gzip else path.open("rb") as file:
            yield from _bounded_lines(file, counters)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        counters.is_truncated = True
    except OSError as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error


def _bounded_lines(file: "IO[bytes] | gzip.GzipFile", counters: Counters) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES):
        if line.endswith(b"\n") or len(line) < MAX_LINE_BYTES:
            if line.strip():
                yield line
            continue
        counters.lines += 1
        counters.malformed += 1
        while rest := file.readline(MAX_LINE_BYTES):  # the rest of an endless line
            if rest.endswith(b"\n"):
                break


def _unix_us(value: Any) -> int | None:
    number = _number(value)
    if number is None or not EARLIEST_S <= number <= LATEST_S:
        return None
    return round(number * 1e6)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:  # JSON integers have no bound
        return None
    return number if math.isfinite(number) else None


def _counts(entry: dict[str, Any]) -> "array[int] | None":
    """Device x is vertical (OpenEEW devices.csv): it comes last."""
    axes = [_axis(entry.get(name)) for name in ("y", "z", "x")]
    first, second, vertical = axes
    if first is None or second is None or vertical is None:
        return None
    if not len(first) == len(second) == len(vertical):
        return None
    return array("i", [value for triplet in zip(first, second, vertical) for value in triplet])


def _axis(values: Any) -> list[int] | None:
    if not isinstance(values, list) or not 0 < len(values) <= MAX_SAMPLES:
        return None
    counts = []
    for value in values:
        gal = _number(value)
        if gal is None or abs(gal) > MAX_ABS_GAL:
            return None
        counts.append(round(gal * 1e7 / LSB_NM_S2))
    return counts

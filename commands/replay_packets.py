"""`groundswell replay-packets`: the OpenEEW network's packets, as they reached the cloud."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from failure import Failure, reason_of
from replay.compiled import compile_kernels
from replay.packet_replay import PacketReplay
from replay.packets import Counters, Packet, read_device_ids, read_packets, read_stations

DESCRIPTION = """\
Play packets of the OpenEEW network in the order and at the times at which they reached the cloud
(cloud_t): late, duplicated, with wrong clocks, as if each station were one of our nodes whose
detector runs where the packets arrive. Writes every alert as one JSON line with `event_replayed`
(the file's name), and {"event_replayed": ..., "done": true} at the end. `issued_us` is on the
timeline of cloud_t. Malformed lines are counted, dropped and reported on the terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("packets", metavar="FILE.jsonl.gz", type=Path, help="one packet a line")
    parser.add_argument(
        "--stations",
        type=Path,
        required=True,
        metavar="CSV",
        help="eq_index.csv; only network, station, sta_lat and sta_lon are read",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="F", help="JSON lines of alerts"
    )


def run(arguments: argparse.Namespace) -> int:
    if not arguments.packets.is_file():
        raise Failure(f"no such file: {arguments.packets}")
    device_ids = read_device_ids(arguments.packets)
    if not device_ids:
        raise Failure(
            f"no packet in {arguments.packets}: gzip with one JSON object a line is wanted"
        )
    stations = read_stations(arguments.stations, device_ids)
    counters = Counters()
    compile_kernels()
    name = event_name(arguments.packets)
    replay = PacketReplay(stations, counters)
    messages = [alert.as_dict() for alert in replay.play(_shown(arguments.packets, counters))]
    if counters.played == 0:
        raise Failure(f"no packet of a known station in {arguments.packets} ({_report(counters)})")
    _write(arguments.out, messages, name)
    declared = sum(message["type"] == "new" for message in messages)
    print(f"{name}: {declared} declared, {len(messages)} messages; {_report(counters)}")
    return 0


def event_name(path: Path) -> str:
    """Return the file's name without .jsonl.gz or .jsonl."""
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


def _shown(path: Path, counters: Counters) -> Iterator[Packet]:
    """Pass the packets on and show on a terminal that something is happening."""
    is_terminal = sys.stderr.isatty()
    for packet in read_packets(path, counters):
        yield packet
        if is_terminal and counters.lines % 500 == 0:
            print(f"\r{counters.lines} packets", end="", file=sys.stderr, flush=True)
    if is_terminal:
        print("\r", end="", file=sys.stderr)


def _report(counters: Counters) -> str:
    named = dataclasses.asdict(dataclasses.replace(counters, is_truncated=False)).items()
    counts = [f"{name.replace('_', ' ')} {count}" for name, count in named if count]
    cut = ["the file is damaged or cut off after them"] if counters.is_truncated else []
    return ", ".join(counts + cut)


def _write(path: Path, messages: list[dict[str, Any]], name: str) -> None:
    lines = [{**message, "event_replayed": name} for message in messages]
    lines.append({"event_replayed": name, "done": True})
    try:
        with path.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error

"""`groundswell replay`: recorded events through the whole chain, and what that was worth."""

import argparse
import concurrent.futures
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from groundswell.reporter import PROCESSING_US
from rich.console import Console
from rich.progress import Progress

from failure import Failure, reason_of
from replay import score_table, sensors
from replay.catalogue import read_catalogue
from replay.chain import ENGINE_PROCESSING_US, GATEWAY_PROCESSING_US, Uplink
from replay.compiled import compile_kernels
from replay.event import EventReplay, chosen_events, replay_event, usable_records
from replay.outcomes import threads_of
from replay.realtime import replay_in_real_time
from replay.records import Record
from replay.score import network_figures, score_events

_PROCESSING_US = (PROCESSING_US, GATEWAY_PROCESSING_US, ENGINE_PROCESSING_US)
_NODE_MS, _GATEWAY_MS, _ENGINE_MS = (us // 1000 for us in _PROCESSING_US)

DESCRIPTION = f"""\
Play the usable records (time_quality absolute...) of an event, or of all events one by one,
through the whole chain on one timeline: nodes, wire frames, gateway, voting, alerts, with the
real code of each stage. Writes every alert as one JSON line with `event_replayed`, and
{{"event_replayed": ..., "done": true}} after each event. Nothing of the catalogue reaches the
system; the table at the end compares its alerts with the catalogue.

Added to the recordings' own time: one acquisition block (about 32 ms, at least one sample),
{_NODE_MS} ms in the node, {_GATEWAY_MS} in the gateway, {_ENGINE_MS} in the engine (constants),
--latency-ms, and what a gateway's batch waits."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path, help="folder with eq_index.csv")
    parser.add_argument("--event", required=True, metavar="EVENT_ID|all")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="F", help="JSON lines of alerts"
    )
    parser.add_argument(
        "--sensor",
        choices=sensors.NAMES,
        default="adxl355",
        help="whose noise and steps records of better sensors get (default adxl355)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of that noise and of --drop")
    parser.add_argument(
        "--latency-ms", type=float, default=50.0, metavar="MS", help="node to engine (default 50)"
    )
    parser.add_argument(
        "--drop", type=float, default=0.0, metavar="SHARE", help="of the frames, lost (default 0)"
    )
    parser.add_argument(
        "--realtime",
        action="store_true",
        help="in real time through the broker at --broker, with gateway and engine as processes",
    )
    parser.add_argument(
        "--broker",
        metavar="HOST:PORT",
        help="an MQTT broker on this machine, for --realtime; the alerts on it are live ones",
    )


def run(arguments: argparse.Namespace) -> int:
    uplink = _uplink_of(arguments)
    event_ids = chosen_events(arguments.data_dir, arguments.event)
    records = usable_records(arguments.data_dir, event_ids)
    if arguments.realtime:
        results: Iterator[EventReplay] = iter(
            [_in_real_time(arguments, event_ids, records, uplink)]
        )
    else:
        results = replay_all(records, arguments.sensor, arguments.seed, uplink)
    finished = _write(arguments.out, results, len(event_ids))
    _print_summary(arguments.data_dir, finished)
    return 0


def replay_all(
    records: dict[str, list[Record]], sensor: str, seed: int, uplink: Uplink
) -> Iterator[EventReplay]:
    """Yield each event's replay in order, computed by as many processes as there are CPUs."""
    workers = min(os.cpu_count() or 1, len(records))
    if workers < 2:
        compile_kernels()
        for event_id, own in records.items():
            yield replay_event(event_id, own, sensor, seed, uplink)
        return
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=compile_kernels) as pool:
        count = len(records)
        yield from pool.map(
            replay_event, records, records.values(), [sensor] * count, [seed] * count,
            [uplink] * count,
        )  # fmt: skip


def _uplink_of(arguments: argparse.Namespace) -> Uplink:
    if not 0.0 <= arguments.drop <= 1.0:
        raise Failure("--drop is a share: 0 to 1")
    if not 0.0 <= arguments.latency_ms <= 60_000.0:
        raise Failure("--latency-ms must be between 0 and 60000")
    if arguments.seed < 0:
        raise Failure("--seed must not be negative")
    if arguments.realtime != (arguments.broker is not None):
        raise Failure("--realtime needs --broker HOST:PORT, and --broker is for --realtime only")
    return Uplink(round(arguments.latency_ms * 1000), arguments.drop, arguments.seed)


def _in_real_time(
    arguments: argparse.Namespace,
    event_ids: Sequence[str],
    records: dict[str, list[Record]],
    uplink: Uplink,
) -> EventReplay:
    if len(event_ids) != 1:
        raise Failure("--realtime plays one event: give --event EVENT_ID")
    (event_id,) = event_ids
    if not records[event_id]:
        raise Failure(f"{event_id} has no record with absolute time: nothing to play")
    compile_kernels()
    return replay_in_real_time(
        event_id, records[event_id], arguments.sensor, arguments.seed, arguments.broker, uplink
    )


def _write(path: Path, results: Iterator[EventReplay], count: int) -> list[EventReplay]:
    finished = []
    progress = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
    try:
        with path.open("w", encoding="utf-8") as file, progress:
            task = progress.add_task("events", total=count)
            for result in results:
                for line in result.lines():
                    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
                file.flush()
                finished.append(result)
                progress.advance(task)
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error
    return finished


def _print_summary(data_dir: Path, finished: Sequence[EventReplay]) -> None:
    """From here on, and only here, the catalogue is looked at."""
    for result in finished:
        for record_id, problem in result.unusable.items():
            print(f"not played: {record_id}: {problem}")
    declared = sum(any(a["type"] == "new" for a in result.alerts) for result in finished)
    played = sum(result.played for result in finished)
    print(f"{len(finished)} events, {played} records played, {declared} events with an alert")
    try:
        catalogue = read_catalogue(data_dir)
    except Failure as failure:
        print(f"No comparison with a catalogue is possible: {failure}")
        return
    if not catalogue.events:
        print("No comparison with a catalogue is possible: the index has no origins.")
        return
    alerts = {result.event_id: threads_of(result.alerts) for result in finished}
    scores = score_events(catalogue, alerts)
    network = score_table.network_tables({"all": network_figures(scores)})
    score_table.print_tables([*score_table.event_tables(scores), *network])

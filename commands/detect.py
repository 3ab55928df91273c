"""`groundswell detect`: the node's own detector over every record of a folder."""

import argparse
import concurrent.futures
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundswell import reporter, wire
from rich.console import Console
from rich.progress import Progress

from failure import Failure, reason_of
from replay import sensors
from replay.compiled import compile_kernels
from replay.node import messages_of
from replay.records import KINDS, Record, Unusable, read_records

DESCRIPTION = f"""Run the node's own detector over every record of a folder, as a node would:
causally, block by block, from a cold start, with the filters and the trigger of the firmware, bit
for bit. One JSON line for each message that the node would have published:

  record_id, detection_id, update, onset_s, published_s, p_quake, pga_mps2, pgv_mps, pd_m,
  is_retracted

and after each record {{"record_id", "done": true, "processed_s"}}, or {{"record_id", "error"}}
for a record that no node could use. onset_s and published_s count from the record's first sample;
published_s is the time of the last sample used, plus one acquisition block (about 32 ms, at least
one sample), plus the node's processing time on the device: {reporter.PROCESSING_US / 1e6:.3f} s,
a constant."""

CHUNK = 8  # records a process takes at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines are written here")
    parser.add_argument("--kind", choices=KINDS, default="all", help="which index (default all)")
    parser.add_argument(
        "--sensor",
        choices=sensors.NAMES,
        default="adxl355",
        help="whose noise and steps records of better sensors get (default adxl355)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of that noise (default 0)")


def run(arguments: argparse.Namespace) -> int:
    if arguments.seed < 0:
        raise Failure("--seed must not be negative")
    records = read_records(arguments.data_dir, arguments.kind)
    try:
        with arguments.out.open("w", encoding="utf-8") as out:
            for lines in _with_progress(
                lines_of_all(records, arguments.sensor, arguments.seed), len(records)
            ):
                out.writelines(line + "\n" for line in lines)
    except OSError as error:
        raise Failure(f"cannot write {arguments.out}: {reason_of(error)}") from error
    return 0


def lines_of_all(records: list[Record], sensor: str, seed: int) -> Iterator[list[str]]:
    """Yield the lines of each record, in order, computed on all CPUs."""
    workers = min(os.cpu_count() or 1, len(records) // CHUNK)
    compile_kernels()
    if workers < 2:
        for record in records:
            yield lines_of(record, sensor, seed)
        return
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=compile_kernels) as pool:
        count = len(records)
        yield from pool.map(lines_of, records, [sensor] * count, [seed] * count, chunksize=CHUNK)


def lines_of(record: Record, sensor: str, seed: int) -> list[str]:
    """Return the JSON lines of one record, the last one `done` or the only one `error`."""
    try:
        acc_mps2 = record.load()
        counts, lsb_nm_s2 = sensors.counts_of(record, acc_mps2, sensor, seed)
        lines = [
            json.dumps(_fields(record, message))
            for message in messages_of(record, counts, lsb_nm_s2)
            if isinstance(message, wire.Trigger)
        ]
    except Unusable as reason:
        return [json.dumps({"record_id": record.record_id, "error": str(reason)})]
    processed_s = round(acc_mps2.shape[1] / record.rate_hz, 3)
    done = {"record_id": record.record_id, "done": True, "processed_s": processed_s}
    return [*lines, json.dumps(done)]


def _fields(record: Record, trigger: Any) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "detection_id": trigger.detection_id,
        "update": trigger.update,
        "onset_s": round((trigger.onset_us - record.start_us) / 1e6, 6),
        "published_s": round((trigger.sent_us - record.start_us) / 1e6, 6),
        "p_quake": trigger.p_quake_permille / 1000,
        "pga_mps2": trigger.pga_um_s2 / 1e6,
        "pgv_mps": trigger.pgv_nm_s / 1e9,
        "pd_m": trigger.pd_nm / 1e9,
        "is_retracted": bool(trigger.flags & wire.FLAG_RETRACTED),
    }


def _with_progress(lines: Iterator[list[str]], total: int) -> Iterator[list[str]]:
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("records", total=total)
        for some in lines:
            yield some
            progress.advance(task)

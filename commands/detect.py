"""`groundswell detect`: the node's own detector over every record of a folder."""

import argparse
import concurrent.futures
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from groundswell import reporter
from rich.console import Console
from rich.progress import Progress

from failure import Failure, reason_of
from replay import sensors
from replay.compiled import compile_kernels
from replay.records import KINDS, Record, read_records
from replay.trigger_lines import lines_of

DESCRIPTION = f"""Run the node's own detector over every record of a folder, as a node would:
causally, block by block, from a cold start, with the filters and the trigger of the firmware, bit
for bit. One JSON line for each message that the node would have published:

  record_id, detection_id, update, onset_s, published_s, p_quake, pga_mps2, pgv_mps, pd_m,
  is_retracted

and after each record {{"record_id", "done": true, "processed_s"}}, or {{"record_id", "error"}}
for a record that no node could use. onset_s and published_s count from the record's first sample;
published_s is the time of the last sample used, plus one acquisition block (about 32 ms, at least
one sample), plus {reporter.PROCESSING_US / 1e6:.3f} s, a constant for a device's computing."""

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


def _with_progress(lines: Iterator[list[str]], total: int) -> Iterator[list[str]]:
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("records", total=total)
        for some in lines:
            yield some
            progress.advance(task)

"""How soon, and how often for nothing, the node's STA/LTA alone triggers: it bounds the delay.

python -m training.proposer_curve DATA --out FILE: one JSON line for each of RATIOS, the judge left
out; one that FILE holds already is not made again. Wherever no threshold reaches a delay that was
asked for, no judge can, since it is asked only then.
"""

import argparse
import json
import sys
from array import array
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from groundswell import detector, motion
from rich.console import Console
from rich.progress import Progress

from failure import Failure
from replay import sensors
from replay.baseline_detectors import PUBLISH_AFTER_S
from replay.catalogue import read_catalogue
from replay.compiled import compile_kernels
from replay.node_score import judge
from replay.outcomes import Detection, Played
from replay.records import Record, Unusable, read_records
from training.record_lines import entries_of, sum_of

RATIOS = (3.0, 3.75, 5.0, 2.5)
QUANTILES = (0.5, 0.9)


def triggers_of(job: tuple[Record, float]) -> list[float] | None:
    """Return when the detector begins, in seconds of the record; None where no node could run."""
    record, ratio = job
    try:
        counts, lsb_nm_s2 = sensors.counts_of(record, record.load(), "adxl355", 0)
        one = detector.Detector(
            record.rate_mhz, lsb_nm_s2, motion.range_counts(-1), round(8 * ratio)
        )
    except (Unusable, ValueError):
        return None
    samples = array("i", counts.tobytes())
    total = len(samples) // 3
    block = max(1, int(record.rate_hz * 0.032))
    found = []
    for at in range(0, total, block):
        if one.take(samples, at, min(block, total - at)) == detector.BEGINS:
            found.append(one.samples / record.rate_hz)
    return found


def line_of(
    ratio: float, data_dir: Path, records: list[Record], found: list[list[float] | None]
) -> dict[str, Any]:
    """Return delays and false triggers, for all records and for those of MEMS sensors."""
    truths = read_catalogue(data_dir).records
    line: dict[str, Any] = {"ratio": ratio}
    for name in ("all", "mems"):
        delays_s, false, quiet_s = [], 0, 0.0
        for record, times_s in zip(records, found, strict=True):
            truth = truths.get(record.record_id)
            if truth is None or times_s is None or (name == "mems" and not truth.is_mems):
                continue
            heard = [Detection(time_s, time_s + PUBLISH_AFTER_S, False) for time_s in times_s]
            verdict = judge(truth, Played(heard, truth.duration_s))
            if verdict is not None and verdict.delay_s is not None:
                delays_s.append(verdict.delay_s)
            quiet_s += truth.quiet_s
            false += sum(time_s < truth.quiet_s for time_s in times_s)
        quantiles = np.quantile(delays_s, QUANTILES).tolist() if delays_s else [None, None]
        line[name] = {
            "delays": len(delays_s),
            "median_s": quantiles[0],
            "p90_s": quantiles[1],
            "false": false,
            "quiet_hours": quiet_s / 3600,
        }
    return line


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.proposer_curve", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    records = read_records(given.data_dir, "eq")
    made_of = sum_of([], given.data_dir)
    lines = entries_of(given.out, made_of)
    done = {line["ratio"] for line in lines}
    console = Console(stderr=True)
    with (
        given.out.open("w", encoding="utf-8") as out,
        ProcessPoolExecutor(2, initializer=compile_kernels) as pool,
        Progress(console=console, transient=True) as progress,
    ):
        out.writelines(json.dumps(line) + "\n" for line in lines)
        for ratio in (ratio for ratio in RATIOS if ratio not in done):
            task = progress.add_task(f"ratio {ratio:g}", total=len(records))
            found = []
            for times_s in pool.map(triggers_of, [(r, ratio) for r in records], chunksize=4):
                found.append(times_s)
                progress.advance(task)
            line = line_of(ratio, given.data_dir, records, found) | {"made_of": made_of}
            out.write(json.dumps(line) + "\n")
            out.flush()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.proposer_curve: {error}")

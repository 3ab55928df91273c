"""Onsets against analysts' picks: python -m training.analysts DATA --out FILE.

The windows of DATA/ps_windows, uncalibrated, are scaled to STRONGEST_MPS2, given an ADXL355's
noise and heard by the node as it is committed, which has not seen them. FILE, JSON: the error of
each onset, seconds, or null where nothing was published between P - 2 s and S + 30 s.
"""

import argparse
import csv
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from groundswell import wire
from rich.console import Console

from failure import Failure, reason_of
from replay.compiled import compile_kernels
from replay.node import messages_of
from replay.node_score import AFTER_S_S, BEFORE_P_S
from replay.records import NO_TIME_US, Record, Unusable
from training import augment

STRONGEST_MPS2 = 0.1


def windows(folder: Path) -> Iterator[tuple[Record, float, float]]:
    """Yield each window with its P and S, seconds. Raises Failure without an index."""
    index = folder / "ps_index.csv"
    try:
        with index.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rate_hz = float(row["sampling_rate_hz"])
                record = Record(
                    row["record_id"], "", row["network"], row["station"], "", 0.0, 0.0, 0.0, False,
                    NO_TIME_US, rate_hz, False, 0, "", folder / row["file"],
                )  # fmt: skip
                yield record, int(row["p_sample"]) / rate_hz, int(row["s_sample"]) / rate_hz
    except (OSError, ValueError, KeyError, ZeroDivisionError) as error:
        raise Failure(f"cannot read {index}: {reason_of(error)}") from error


def error_s(record: Record, p_s: float, s_s: float) -> float | None:
    """Return onset, as its last message says, minus P of the first that is published in time."""
    samples = record.load()
    samples = samples - samples.mean(axis=1, keepdims=True)
    samples *= STRONGEST_MPS2 / max(float(np.abs(samples).max()), 1e-9)
    rng = np.random.default_rng(zlib.crc32(record.record_id.encode()))
    take = augment.with_chip_noise(augment.Take(samples, record.rate_hz), augment.NOISES_G[0], rng)
    detection_id = found_s = None
    for message in messages_of(record, augment.counts_of(take), augment.LSB_NM_S2):
        if not isinstance(message, wire.Trigger):
            continue
        sent_s = (message.sent_us - record.start_us) / 1e6
        if detection_id is None and p_s - BEFORE_P_S <= sent_s <= s_s + AFTER_S_S:
            detection_id = None if message.update else message.detection_id
        if message.detection_id == detection_id:
            found_s = float((message.onset_us - record.start_us) / 1e6 - p_s)
    return found_s


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.analysts", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    compile_kernels()
    found: dict[str, float | None] = {}
    for record, p_s, s_s in windows(given.data_dir):
        try:
            found[record.record_id] = error_s(record, p_s, s_s)
        except Unusable as reason:
            Console(stderr=True).print(f"{record.record_id}: {reason}", highlight=False)
    given.out.write_text(json.dumps(found) + "\n", encoding="utf-8")
    sizes = [abs(one) for one in found.values() if one is not None]
    if sizes:
        median_s, p90_s = np.quantile(sizes, (0.5, 0.9)).tolist()
        Console().print(
            f"onsets against analysts: {len(sizes)} of {len(found)}, error median "
            f"{median_s:.2f} s, 90th percentile {p90_s:.2f} s",
            highlight=False,
        )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.analysts: {error}")

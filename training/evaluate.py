"""The whole node on recordings that its model has not seen: python -m training.evaluate DATA.

Every record goes through the node's own code with the model of the fold that left its group out
(build/train, written by `make train`); the lines are those of `groundswell detect`, for
`groundswell score DATA --triggers FILE`.
"""

# ruff: noqa: T201 - it speaks to whoever trains
import argparse
import concurrent.futures
import sys
from pathlib import Path

import numpy as np
from groundswell.judge import Judge

from failure import Failure, reason_of
from replay import sensors
from replay.compiled import compile_kernels
from replay.records import KINDS, Record, read_records
from replay.trigger_lines import lines_of
from training.dataset import group_of
from training.examples import FOLDS, fold_of

_judges: list[Judge] = []


def judges_of(cache: Path) -> list[Judge]:
    """Return the models of the folds. Raises Failure where they are missing."""
    try:
        return [Judge((cache / f"fold-{number}.tflite").read_bytes()) for number in range(FOLDS)]
    except OSError as error:
        raise Failure(f"{reason_of(error)}: run `make train` first") from error


def _prepare(cache: Path) -> None:
    compile_kernels()
    _judges[:] = judges_of(cache)


def _lines(record: Record, fold: int, sensor: str) -> list[str]:
    return lines_of(record, sensor, 0, _judges[fold])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("build/train"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, default="all")
    parser.add_argument("--sensor", choices=sensors.NAMES, default="adxl355")
    arguments = parser.parse_args()
    judges_of(arguments.cache)
    records = read_records(arguments.data_dir, arguments.kind)
    everything = read_records(arguments.data_dir, "all")  # folds are those of the training
    names = np.array([group_of(record) for record in everything])
    folds = dict(zip(names.tolist(), fold_of(names).tolist(), strict=True))
    count = len(records)
    with concurrent.futures.ProcessPoolExecutor(
        2, initializer=_prepare, initargs=(arguments.cache,)
    ) as pool:
        found = pool.map(
            _lines,
            records,
            [folds[group_of(record)] for record in records],
            [arguments.sensor] * count,
            chunksize=8,
        )
        with arguments.out.open("w", encoding="utf-8") as out:
            for lines in found:
                out.writelines(line + "\n" for line in lines)
    print(f"{count} records into {arguments.out}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"evaluate: {failure}")

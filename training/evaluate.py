"""The whole node on recordings that its model has not seen: python -m training.evaluate DATA.

Every record goes through the node's own code with the model of the fold that left its group out
(build/train, written by `make train`, or by its --folds-only); the lines are those of
`groundswell detect`, for `groundswell score DATA --triggers FILE`. A file that is there is gone on
with.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from groundswell.judge import Judge
from rich.console import Console

from failure import Failure, reason_of
from replay import sensors
from replay.compiled import compile_kernels
from replay.records import KINDS, Record, read_records
from replay.trigger_lines import lines_of
from training.dataset import group_of
from training.examples import FOLDS, fold_of
from training.record_lines import sum_of, write_lines

_judges: list[Judge] = []
_sensor: list[str] = []


def paths_of(cache: Path) -> list[Path]:
    return [cache / f"fold-{number}.tflite" for number in range(FOLDS)]


def judges_of(cache: Path) -> list[Judge]:
    """Return the models of the folds. Raises Failure where they are missing."""
    try:
        return [Judge(path.read_bytes()) for path in paths_of(cache)]
    except OSError as error:
        raise Failure(f"{reason_of(error)}: run `make train` first") from error


def _prepare(cache: Path, sensor: str) -> None:
    compile_kernels()
    _judges[:] = judges_of(cache)
    _sensor[:] = [sensor]


def _lines(record: Record) -> list[str]:
    fold = int(fold_of(np.array([group_of(record)]))[0])
    return lines_of(record, _sensor[0], 0, _judges[fold])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("build/train"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, default="all")
    parser.add_argument("--sensor", choices=sensors.NAMES, default="adxl355")
    arguments = parser.parse_args()
    judges_of(arguments.cache)
    made_of = f"{arguments.sensor} {sum_of(paths_of(arguments.cache), arguments.data_dir)}"
    records = read_records(arguments.data_dir, arguments.kind)
    done = write_lines(
        arguments.out, records, _lines, _prepare, (arguments.cache, arguments.sensor), made_of
    )
    Console().print(f"{done} of {len(records)} records into {arguments.out}", highlight=False)


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError) as failure:
        sys.exit(f"evaluate: {failure}")

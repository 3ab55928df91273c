"""Does it carry over to another place? python -m training.by_station DATA --out DIR.

The folds of `make train` are of events: most stations of MEMS records are in several of them, and
a station has its own noise. Here a model that is tried on a record has seen neither its event nor
its station: five folds of each, so FOLDS x FOLDS models of the windows of `make train`, calibrated
on another fold of events of what they may know, to which they are not fitted. What is simulated,
and what people did, has no station and goes by the folds of events. The node's own code, int8.
DIR/by-station.jsonl: the lines of `groundswell detect` for all records of earthquakes.
"""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from groundswell.judge import Judge
from rich.console import Console

from failure import Failure
from replay.compiled import compile_kernels
from replay.records import Record, read_records
from replay.trigger_lines import lines_of
from training import train
from training.cross_instrument import given_of, keep_model, model_of
from training.dataset import group_of
from training.examples import FOLDS, Examples, fold_of
from training.record_lines import sum_of, write_lines

Pair = tuple[int, int]  # folds: of events, of stations

_judges: dict[Pair, Judge] = {}


def may_know(
    examples: Examples, station_of: Mapping[str, str], tried: Pair
) -> npt.NDArray[np.bool_]:
    """Return which rows a model may know that is tried on records of these folds.

    station_of: by record, of those that have one.
    """
    names = [station_of.get(record, "") for record in examples.record.tolist()]
    is_there = np.array([bool(name) for name in names], np.bool_)
    is_station = is_there & (fold_of(np.array(names)) == tried[1])
    return np.asarray((fold_of(examples.group) != tried[0]) & ~is_station)


def pair_of(record: Record) -> Pair:
    event, station = fold_of(np.array([group_of(record), record.place]))
    return int(event), int(station)


def _prepare(files: dict[Pair, Path]) -> None:
    compile_kernels()
    _judges.clear()
    _judges.update({pair: Judge(file.read_bytes()) for pair, file in files.items()})


def _lines(record: Record) -> list[str]:
    return lines_of(record, "adxl355", 0, _judges[pair_of(record)])


def main(arguments: list[str]) -> int:
    given = given_of("by_station", __doc__ or "", arguments)
    console = Console(stderr=True, highlight=False)
    records = read_records(given.data_dir, "eq")
    station_of = {record.record_id: record.place for record in records}
    examples = train.windows_of(given.data_dir, given.cache, given.passes)
    sum8 = train.fit_sum(examples, given.epochs)
    pairs = sorted({pair_of(record) for record in records})
    files = {pair: given.out / f"not-{pair[0]}-{pair[1]}-{sum8}.tflite" for pair in pairs}
    for number, (pair, file) in enumerate(files.items(), start=1):
        knows = may_know(examples, station_of, pair)
        calibrated = (pair[0] + 1) % FOLDS
        keep_model(file, partial(model_of, examples, knows, given.epochs, calibrated))
        console.print(f"model {number} of {len(files)}")
    out = given.out / "by-station.jsonl"
    made_of = sum_of(list(files.values()), given.data_dir)
    done = write_lines(out, records, _lines, _prepare, (files,), made_of)
    console.print(
        f"{done} of {len(records)} records into {out}: groundswell score --triggers {out}"
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.by_station: {error}")

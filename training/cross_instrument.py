"""Does it carry over to another instrument? python -m training.cross_instrument DATA --out DIR.

Two models of the windows of `make train`: one that has seen no event with a MEMS (OpenEEW) record,
tried on all of those records, and one that has seen no event with another record, tried on those.
Both have seen what is simulated, and of what people did all but fold TRIED, on which both are
tried; they are calibrated on fold CALIBRATED of what they may know, to which they are not fitted.
The node's own code, int8.
DIR/to-mems.jsonl and DIR/from-mems.jsonl: the lines of `groundswell detect`.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from groundswell.judge import Judge
from rich.console import Console

from failure import Failure
from replay.compiled import compile_kernels
from replay.records import Record, read_records
from replay.trigger_lines import lines_of
from training import calibrate, export, fit, train
from training.arguments import at_least_one
from training.dataset import group_of
from training.examples import Examples, clear, fold_of, teaching
from training.networks import Pooled
from training.record_lines import sum_of, write_lines

TRIED, CALIBRATED = 0, 4
_judge: list[Judge] = []


def may_know(examples: Examples, events: set[str], tried: set[str]) -> npt.NDArray[np.bool_]:
    """Return which rows a model may know that is tried on the records of some of these events."""
    fold = fold_of(examples.group)
    is_event = np.array([group in events for group in examples.group.tolist()], np.bool_)
    is_tried = np.array([group in tried for group in examples.group.tolist()], np.bool_)
    return np.asarray(~is_tried & (is_event | (fold != TRIED)))


def model_of(
    examples: Examples, knows: npt.NDArray[np.bool_], epochs: int, calibrated: int = CALIBRATED
) -> bytes:
    """Return a .tflite that was fitted on these rows, and calibrated on those of one fold."""
    fold = fold_of(examples.group)
    settings = fit.Settings(epochs=epochs, seed=train.SEED)
    network = fit.fit(examples.chosen(knows & (fold != calibrated) & teaching(examples)), settings)
    if not isinstance(network, Pooled):
        raise Failure("only the pooled network can be exported")
    rows = knows & (fold == calibrated) & (examples.number == 0) & clear(examples)
    rows &= examples.ratio >= train.SEEN_RATIO
    some = examples.chosen(rows)
    outputs = fit.scores(network, some.inputs)
    heads = calibrate.fit_heads(outputs, some.age_s, some.is_quake, some.group)
    return export.tflite_of(network, heads, examples.inputs[knows][::20])


def _prepare(file: Path) -> None:
    compile_kernels()
    _judge[:] = [Judge(file.read_bytes())]


def _lines(record: Record) -> list[str]:
    return lines_of(record, "adxl355", 0, _judge[0])


def keep_model(file: Path, made: Callable[[], bytes]) -> None:
    """Make a model where there is none yet; a kill on the way leaves none that is half written."""
    if not file.is_file():
        begun = file.with_name(file.name + ".partial")
        begun.write_bytes(made())
        begun.replace(file)


def given_of(module: str, doc: str, words: list[str]) -> argparse.Namespace:
    """Return what a study of models that it fits by itself is told; makes its folder."""
    parser = argparse.ArgumentParser(
        prog=f"python -m training.{module}", description=doc.splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--cache", type=Path, default=train.ROOT / "build" / "train")
    parser.add_argument("--passes", type=at_least_one, default=train.PASSES)
    parser.add_argument("--epochs", type=at_least_one, default=train.EPOCHS)
    given = parser.parse_args(words)
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    return given


def main(arguments: list[str]) -> int:
    given = given_of("cross_instrument", __doc__ or "", arguments)
    records = read_records(given.data_dir, "all")
    noise = [
        record
        for record in records
        if not record.event_id and fold_of(np.array([group_of(record)]))[0] == TRIED
    ]
    shaken = [record for record in records if record.event_id]
    events = {group_of(record) for record in shaken}
    examples = train.windows_of(given.data_dir, given.cache, given.passes)
    sum8 = train.fit_sum(examples, given.epochs)
    for name, is_mems in (("to-mems", True), ("from-mems", False)):
        tried = [record for record in shaken if (record.sensor_class == "MEMS") == is_mems]
        model = given.out / f"{name}-{sum8}.tflite"
        knows = may_know(examples, events, {group_of(record) for record in tried})
        keep_model(model, partial(model_of, examples, knows, given.epochs))
        Console(stderr=True).print(f"{model} is fitted", highlight=False)
        out = given.out / f"{name}.jsonl"
        write_lines(
            out, [*tried, *noise], _lines, _prepare, (model,), sum_of([model], given.data_dir)
        )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.cross_instrument: {error}")

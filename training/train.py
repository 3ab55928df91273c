"""From recordings to a committed model: `make train`, or python -m training.train DATA.

Cuts the windows of several passes (kept under --cache), fits a network to all groups but those of
one fold, five times, calibrates what it says on the groups that it did not see, fits one more to
everything and writes firmware/models/ (model, golden vectors, card) and groundswell/trained.py.
Seeded; taken up again where it was interrupted, and what was fitted already is not fitted again.
"""

# ruff: noqa: T201 - it speaks to whoever trains
import argparse
import concurrent.futures
import hashlib
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from groundswell.model import Model

from failure import Failure
from replay.catalogue import read_catalogue
from replay.compiled import compile_kernels
from training import calibrate, card, dataset, export, fit, litert_vectors, usable
from training.arguments import at_least_one
from training.examples import FOLDS, Examples, clear, fold_of, joined, load, save, teaching
from training.manifest import checksum, data_sum
from training.networks import Pooled

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "firmware" / "models"
MODULE = ROOT / "firmware" / "groundswell" / "trained.py"
# whose change makes windows anew
NODE_CODE = ("detector", "filters", "kernel", "logarithm", "motion", "sta_lta", "window")
REPLAY_CODE = ("catalogue", "iso_time", "records", "sensors")  # which P counts is there
WINDOW_CODE = (
    *("augment", "dataset", "disturbances", "examples", "ground_motion", "imagined", "noise"),
    *("nuisances", "radiation", "rays", "rupture", "shower", "spectrum", "wavefield", "windows"),
)
FIT_CODE = ("examples", "fit", "networks", "train", "weighing")
EXPORT_CODE = ("calibrate", "export", "tflite_writer")
PASSES = 5  # one plain, four augmented
EPOCHS = 15
SEEN_RATIO = 3.0  # a little below the one that rouses a node: more examples to calibrate by
SEED = 0
VECTORS = 64


def windows_of(data_dir: Path, cache: Path, passes: int) -> Examples:
    """Cut each pass once; what is in the cache under the same checksums stays.

    Says which recordings teach nothing. Raises Failure where what is left cannot teach.
    """
    print(usable.told(data_dir))
    paths = [cache / f"windows-{key_of(data_dir)}-{number}.npz" for number in range(passes)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    if missing:
        with concurrent.futures.ProcessPoolExecutor(2, initializer=compile_kernels) as pool:
            jobs = [(data_dir, number, paths[number]) for number in missing]
            for number in pool.map(_cut, jobs):
                print(f"pass {number} is cut")
    examples = joined([load(path) for path in paths])
    usable.check_windows(examples)
    return examples


def _cut(job: tuple[Path, int, Path]) -> int:
    data_dir, number, path = job
    catalogue = read_catalogue(data_dir)
    save(joined(dataset.passes(data_dir, catalogue, [number], SEED)), path)
    return number


def key_of(data_dir: Path) -> str:
    """Return what windows go by: another whenever others would be cut."""
    return f"{code_sum()[:8]}{data_sum(data_dir)[:8]}"


def code_sum() -> str:
    paths = [ROOT / "firmware" / "groundswell" / f"{name}.py" for name in NODE_CODE]
    paths += [ROOT / "replay" / f"{name}.py" for name in REPLAY_CODE]
    return checksum(paths + [ROOT / "training" / f"{name}.py" for name in WINDOW_CODE])


def held_out_outputs(examples: Examples, cache: Path, epochs: int) -> npt.NDArray[np.float64]:
    """Return what a network says to each window that was fitted to the groups of other folds."""
    fold = fold_of(examples.group)
    teaches = teaching(examples)
    sum8 = fit_sum(examples, epochs)
    networks: list[Pooled] = []
    outputs = np.zeros(len(examples))
    for number in range(FOLDS):
        network = fit.fit(
            examples.chosen(teaches & (fold != number)),
            _settings(cache, f"fold-{number}-{sum8}", epochs, number),
        )
        outputs[fold == number] = fit.scores(network, examples.inputs[fold == number])
        networks.append(_exported(network))
        print(f"fold {number} is fitted")
    for number, network in enumerate(networks):
        others = fold != number
        heads = heads_of(examples, outputs, others)
        file = export.tflite_of(network, heads, examples.inputs[others][::20])
        (cache / f"fold-{number}.tflite").write_bytes(file)
    return outputs


def heads_of(
    examples: Examples, outputs: npt.NDArray[np.float64], rows: npt.NDArray[np.bool_]
) -> calibrate.Heads:
    """Return the calibration by these rows, of those as recorded and as the node sees them."""
    rows = rows & (examples.number == 0) & clear(examples) & (examples.ratio >= SEEN_RATIO)
    return calibrate.fit_heads(
        outputs[rows], examples.age_s[rows], examples.is_quake[rows], examples.group[rows]
    )


def fit_sum(examples: Examples, epochs: int) -> str:
    """Checksum of all that a fit depends on: what was begun otherwise is not gone on with."""
    total = hashlib.sha256(f"{epochs}".encode())
    for field in fields(examples):
        column = getattr(examples, field.name)
        total.update(f"{field.name} {column.dtype.str} {column.shape}".encode())
        total.update(column.tobytes())
    total.update(checksum(ROOT / "training" / f"{name}.py" for name in FIT_CODE).encode())
    return total.hexdigest()[:8]


def _settings(cache: Path, name: str, epochs: int, seed: int) -> fit.Settings:
    log_dir, checkpoint = cache / "tensorboard" / name, cache / f"{name}.checkpoint"
    return fit.Settings(epochs=epochs, seed=seed, log_dir=log_dir, checkpoint=checkpoint)


def _exported(network: torch.nn.Module) -> Pooled:
    if not isinstance(network, Pooled):
        raise Failure("only the pooled network can be exported")
    return network


def write_model(
    data_dir: Path,
    cache: Path,
    epochs: int,
    examples: Examples,
    outputs: npt.NDArray[np.float64],
    heads: calibrate.Heads,
) -> str:
    """Fit to all groups, and write the model, its vectors, its module and its card; return that.

    outputs, heads: of the folds, which say what such a model is worth.
    """
    settings = _settings(cache, f"all-{fit_sum(examples, epochs)}", epochs, SEED)
    network = _exported(fit.fit(examples.chosen(teaching(examples)), settings))
    file = export.tflite_of(network, heads, examples.inputs[::20])
    MODELS.mkdir(exist_ok=True)
    inputs = litert_vectors.inputs_for(Model(file).input_count, VECTORS, SEED)
    litert_vectors.write(MODELS, "judge", file, inputs)
    export.write_module(file, MODULE)
    made = checksum(ROOT / "training" / f"{name}.py" for name in (*FIT_CODE, *EXPORT_CODE))
    sums = {"code": code_sum(), "fits": made, "data": data_sum(data_dir)}
    sums = {name: whole[:12] for name, whole in sums.items()}
    text = card.text_of(examples, outputs, heads, file, sums, SEEN_RATIO)
    (MODELS / "judge.md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    given = _arguments()
    torch.set_num_threads(given.threads)
    given.cache.mkdir(parents=True, exist_ok=True)
    if given.anew:
        for path in given.cache.glob("*.checkpoint"):
            path.unlink()
    examples = windows_of(given.data_dir, given.cache, given.passes)
    outputs = held_out_outputs(examples, given.cache, given.epochs)
    heads = heads_of(examples, outputs, np.ones(len(examples), np.bool_))
    np.savez(given.cache / "held_out.npz", outputs=outputs, heads=np.array(heads))
    if not given.folds_only:
        print(write_model(given.data_dir, given.cache, given.epochs, examples, outputs, heads))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "train")
    parser.add_argument("--passes", type=at_least_one, default=PASSES)
    parser.add_argument("--epochs", type=at_least_one, default=EPOCHS)
    parser.add_argument(
        "--threads", type=at_least_one, default=1, help="others give other last digits"
    )
    parser.add_argument("--folds-only", action="store_true", help="no model for the firmware")
    parser.add_argument("--anew", action="store_true", help="fit again what is fitted")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"train: {failure}")

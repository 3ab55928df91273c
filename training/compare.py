"""Which kind of model: all under one protocol, `make study-models`.

    python -m training.compare DATA

Folds by event, person and record, the windows of training/train.py; each model scores what it was
not fitted to. Compared by false windows at equal recall (RECALL of the clear earthquakes' windows
at that age, as recorded), by cost of a run and by size. Written to firmware/models/comparison.md.
"""

# ruff: noqa: T201 - it speaks to whoever trains
import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from groundswell.window import CHANNELS, FRAMES
from sklearn.ensemble import RandomForestClassifier

from failure import Failure
from training import calibrate, fit, train
from training.examples import ACTIVITY, FOLDS, QUAKE, QUIET, Examples, clear, fold_of, weights
from training.examples import teaching as teaching_rows
from training.networks import NETWORKS

Floats = npt.NDArray[np.float64]
RECALL = 0.95
AGES = {"0 s": 0, "0.5 s": 1, "1 s": 2, "2 s": 3}  # heads of calibrate.py
TREES = 60


@dataclass(frozen=True)
class Result:
    name: str
    outputs: Floats
    rows: npt.NDArray[np.bool_]  # that were scored
    parameters: int
    work: int  # multiply-accumulates of a run
    seconds: float  # of one fit


def of_network(name: str, examples: Examples, folds: list[int], epochs: int) -> Result:
    def scored(teach: Examples, rest: Examples, seed: int) -> Floats:
        settings = fit.Settings(network=name, epochs=epochs, seed=seed, is_quiet=True)
        return fit.scores(fit.fit(teach, settings), rest.inputs)

    network = NETWORKS[name]()
    size = sum(one.numel() for one in network.parameters())
    return _scored(name, examples, folds, scored, size, work_of(network))


def of_forest(examples: Examples, folds: list[int]) -> Result:
    sizes: list[int] = []

    def scored(teach: Examples, rest: Examples, seed: int) -> Floats:
        forest = RandomForestClassifier(TREES, min_samples_leaf=8, random_state=seed)
        forest.fit(features(teach), teach.is_quake, sample_weight=weights(teach))
        sizes.append(sum(tree.tree_.node_count for tree in forest.estimators_))
        return np.asarray(forest.predict_proba(features(rest))[:, 1])

    found = _scored("features + forest", examples, folds, scored, 0, 0)
    return Result(found.name, found.outputs, found.rows, sizes[0], 0, found.seconds)


def of_ratio(examples: Examples, folds: list[int]) -> Result:
    """Plain STA/LTA: the highest ratio so far."""
    rows = np.isin(fold_of(examples.group), folds)
    return Result("STA/LTA ratio", examples.ratio.astype(np.float64), rows, 0, 0, 0.0)


def features(examples: Examples) -> Floats:
    """Levels of each channel now, at their loudest, before, and how much they vary."""
    x = examples.inputs.astype(np.float64)
    parts = (x[:, -1], x[:, -8:].mean(1), x.max(1), x[:, :24].mean(1), x[:, -24:].std(1))
    return np.column_stack(parts)


def work_of(network: torch.nn.Module) -> int:
    """Return multiply-accumulates of one window, by counting what each layer sees."""
    total = 0

    def count(layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: object) -> None:
        nonlocal total
        if isinstance(layer, torch.nn.Conv1d):
            assert isinstance(output, torch.Tensor)
            total += output.shape[-1] * layer.weight.numel()
        elif isinstance(layer, torch.nn.Linear):
            total += inputs[0].numel() // layer.in_features * layer.weight.numel()
        elif isinstance(layer, torch.nn.GRU):
            total += FRAMES * sum(w.numel() for n, w in layer.named_parameters() if "weight" in n)
        elif isinstance(layer, torch.nn.MultiheadAttention):
            rows, width = inputs[0].shape[-2:]
            total += rows * 4 * width * width + 2 * rows * rows * width

    hooks = [layer.register_forward_hook(count) for layer in network.modules()]
    network.train()  # the transformer's fast path of evaluation calls no layer
    with torch.no_grad():
        network(torch.zeros(1, FRAMES, CHANNELS))
    for hook in hooks:
        hook.remove()
    return total


def _scored(
    name: str,
    examples: Examples,
    folds: list[int],
    scored: Callable[[Examples, Examples, int], Floats],
    parameters: int,
    work: int,
) -> Result:
    fold = fold_of(examples.group)
    teaches = teaching_rows(examples)
    outputs = np.zeros(len(examples))
    began = time.perf_counter()
    for number in folds:
        rest = fold == number
        teach = examples.chosen(teaches & ~rest)
        outputs[rest] = scored(teach, examples.chosen(rest), number)
    seconds = (time.perf_counter() - began) / len(folds)
    print(f"{name}: {seconds:.0f} s a fold")
    return Result(name, outputs, np.isin(fold, folds), parameters, work, seconds)


def false_at_recall(result: Result, examples: Examples, head: int) -> dict[int, float]:
    """Return the share of each kind's windows above the level that RECALL of quakes reach."""
    judged = result.rows & (examples.number == 0) & (calibrate.head_of(examples.age_s) == head)
    quakes = result.outputs[judged & clear(examples) & (examples.kind == QUAKE)]
    level = np.quantile(quakes, 1 - RECALL)
    return {
        kind: float(np.mean(result.outputs[rows] >= level)) if rows.any() else 0.0
        for kind in (QUIET, ACTIVITY)
        for rows in [judged & (examples.kind == kind)]
    }


def table(results: list[Result], examples: Examples, folds: list[int]) -> str:
    lines = [
        f"# Models compared: windows that are none at {RECALL:.0%} recall",
        "",
        f"`python -m training.compare`; {len(folds)} of {FOLDS} folds held out one after another, "
        "as recorded; quiet / activity, share of windows above the level that the share of clear "
        "earthquakes' windows of the same age reaches.",
        "",
        f"| model | {' | '.join(AGES)} | parameters | multiply-accumulates | s a fit |",
        "|---|" + "---|" * (len(AGES) + 3),
    ]
    for result in results:
        cells = []
        for head in AGES.values():
            shares = false_at_recall(result, examples, head)
            cells.append(f"{shares[QUIET]:.1%} / {shares[ACTIVITY]:.1%}")
        cells += [str(result.parameters), str(result.work), f"{result.seconds:.0f}"]
        lines.append(f"| {result.name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--cache", type=Path, default=train.ROOT / "build" / "train")
    parser.add_argument("--passes", type=int, default=train.PASSES)
    parser.add_argument("--epochs", type=int, default=train.EPOCHS)
    parser.add_argument("--folds", type=int, default=FOLDS, help="how many are held out")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    examples = train.windows_of(arguments.data_dir, arguments.cache, arguments.passes)
    folds = list(range(arguments.folds))
    results = [of_ratio(examples, folds), of_forest(examples, folds)]
    results += [of_network(name, examples, folds, arguments.epochs) for name in NETWORKS]
    text = table(results, examples, folds)
    (train.MODELS / "comparison.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"compare: {failure}")

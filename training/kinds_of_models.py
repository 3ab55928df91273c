"""The kinds of models that are compared (compare.py): fitted by folds, and what each one costs.

Each says what it thinks of detections of the groups that it was not fitted to.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from groundswell.window import CHANNELS, FRAMES
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from training import fit
from training.examples import Examples, fold_of, teaching
from training.networks import NETWORKS, Pooled
from training.weighing import weights

Floats = npt.NDArray[np.float64]
TREES = 60
BOOSTED, LEAVES = 100, 8  # 200 of 4 leaves are no better


@dataclass(frozen=True)
class Scores:
    """What a model says of the rows of some examples, and what it costs."""

    outputs: Floats
    rows: npt.NDArray[np.bool_]  # that were scored
    parameters: int
    work: int  # multiply-accumulates of a run
    seconds: float  # of one fit


def of_network(name: str, examples: Examples, folds: list[int], epochs: int) -> Scores:
    def scored(teach: Examples, rest: Examples, seed: int) -> Floats:
        settings = fit.Settings(network=name, epochs=epochs, seed=seed, is_quiet=True)
        return fit.scores(fit.fit(teach, settings), rest.inputs)

    network = NETWORKS[name]()
    size = sum(one.numel() for one in network.parameters())
    return _scored(examples, folds, scored, size, work_of(network))


def of_forest(examples: Examples, folds: list[int]) -> Scores:
    def made(seed: int) -> RandomForestClassifier:
        return RandomForestClassifier(TREES, min_samples_leaf=8, random_state=seed)

    def nodes(forest: RandomForestClassifier) -> int:
        return sum(tree.tree_.node_count for tree in forest.estimators_)

    return _of_trees(examples, folds, made, nodes)


def of_boosted(examples: Examples, folds: list[int]) -> Scores:
    """Trees so few and small that a node could hold them, if it ran trees."""

    def made(seed: int) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=BOOSTED, max_leaf_nodes=LEAVES, min_samples_leaf=100, random_state=seed
        )

    return _of_trees(examples, folds, made, lambda fitted: BOOSTED * (2 * LEAVES - 1))


def _of_trees(
    examples: Examples, folds: list[int], made: Callable[[int], Any], nodes: Callable[[Any], int]
) -> Scores:
    sizes: list[int] = []

    def scored(teach: Examples, rest: Examples, seed: int) -> Floats:
        trees = made(seed)
        trees.fit(features(teach), teach.is_quake, sample_weight=weights(teach))
        sizes.append(nodes(trees))
        return np.asarray(trees.predict_proba(features(rest))[:, 1])

    found = _scored(examples, folds, scored, 0, 0)
    return Scores(found.outputs, found.rows, sizes[0], 0, found.seconds)


def of_ratio(examples: Examples, folds: list[int]) -> Scores:
    """Plain STA/LTA: the highest ratio so far."""
    rows = np.isin(fold_of(examples.group), folds)
    return Scores(examples.ratio.astype(np.float64), rows, 0, 0, 0.0)


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
        if isinstance(layer, Pooled):
            total += layer.parts_work
        elif isinstance(layer, torch.nn.Conv1d):
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
    examples: Examples,
    folds: list[int],
    scored: Callable[[Examples, Examples, int], Floats],
    parameters: int,
    work: int,
) -> Scores:
    fold = fold_of(examples.group)
    teaches = teaching(examples)
    outputs = np.zeros(len(examples))
    began = time.perf_counter()
    for number in folds:
        rest = fold == number
        teach = examples.chosen(teaches & ~rest)
        outputs[rest] = scored(teach, examples.chosen(rest), number)
    seconds = (time.perf_counter() - began) / len(folds)
    return Scores(outputs, np.isin(fold, folds), parameters, work, seconds)

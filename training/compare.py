"""Which kind of model: all under one protocol, `make study-models`.

    python -m training.compare DATA --out build/study/models

Folds by event, person and record, the windows of training/train.py; each model says what it
thinks of detections that it was not fitted to, as recorded. A detection counts as a trigger as
soon as one of its looks, up to LAST_S, is at the model's level; the level is the one at which
RECALL of the clear earthquakes' detections are triggers, so that what differs is how many of the
others are (false), and how soon (delay). Each model's row goes to rows.jsonl as soon as it is
known; a row that is there under the same windows and settings is not made again. The table,
fewest false first, then the sooner, then the cheaper: models.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from groundswell.window import CHANNELS, FRAMES
from rich.console import Console
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from failure import Failure
from training import fit, train
from training.arguments import at_least_one
from training.examples import (
    ACTIVITY,
    FOLDS,
    KINDS,
    QUAKE,
    QUIET,
    Examples,
    clear,
    detections,
    fold_of,
)
from training.examples import teaching as teaching_rows
from training.model_rows import Row, cells_of, markdown, read_rows
from training.networks import NETWORKS, Pooled
from training.weighing import weights

Floats = npt.NDArray[np.float64]
RECALL = 0.95
LAST_S = 4.0  # how long a node looks often
OTHERS = (QUIET, ACTIVITY)
TREES = 60
BOOSTED, LEAVES = 100, 8  # 200 of 4 leaves are no better
EPOCHS = 12  # at most; each stops when what is held back gets no better (fit.py)
FOREST, RATIO = "features + forest", "STA/LTA alone"
TREES_BOOSTED = "features + boosted trees"


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
    teaches = teaching_rows(examples)
    outputs = np.zeros(len(examples))
    began = time.perf_counter()
    for number in folds:
        rest = fold == number
        teach = examples.chosen(teaches & ~rest)
        outputs[rest] = scored(teach, examples.chosen(rest), number)
    seconds = (time.perf_counter() - began) / len(folds)
    return Scores(outputs, np.isin(fold, folds), parameters, work, seconds)


def row_of(name: str, protocol: str, scores: Scores, examples: Examples) -> Row:
    """Return what a model is worth. Raises Failure where nothing can be counted."""
    judged = scores.rows & clear(examples) & (examples.ratio >= train.SEEN_RATIO)
    judged &= (examples.age_s <= LAST_S) & (examples.number == 0)
    kept, outputs = examples.chosen(judged), scores.outputs[judged]
    best: dict[tuple[str, int, float], tuple[int, list[tuple[float, float]]]] = {}
    for key, kind, age_s, output in zip(
        detections(kept), kept.kind.tolist(), kept.age_s.tolist(), outputs.tolist(), strict=True
    ):
        best.setdefault(key, (kind, []))[1].append((age_s, output))
    highest = {
        kind: np.array([max(o for _, o in looks) for k, looks in best.values() if k == kind])
        for kind in (*OTHERS, QUAKE)
    }
    if not len(highest[QUAKE]):
        raise Failure("there is no earthquake to compare by")
    level = float(np.quantile(highest[QUAKE], 1 - RECALL))
    delays_s = [
        min(age_s for age_s, output in looks if output >= level)
        for kind, looks in best.values()
        if kind == QUAKE and max(output for _, output in looks) >= level
    ]
    present = [kind for kind in OTHERS if len(highest[kind])]
    return Row(
        name,
        protocol,
        {KINDS[kind]: float(np.mean(highest[kind] >= level)) for kind in present},
        {KINDS[kind]: len(highest[kind]) for kind in (QUAKE, *present)},
        float(np.median(delays_s)),
        float(np.quantile(delays_s, 0.9)),
        scores.parameters,
        scores.work,
        scores.seconds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--cache", type=Path, default=train.ROOT / "build" / "train")
    parser.add_argument("--out", type=Path, default=train.ROOT / "build" / "study" / "models")
    parser.add_argument("--passes", type=at_least_one, default=train.PASSES)
    parser.add_argument("--epochs", type=at_least_one, default=EPOCHS)
    parser.add_argument(
        "--folds",
        type=int,
        choices=range(1, FOLDS + 1),
        default=FOLDS,
        help="how many are held out",
    )
    parser.add_argument("--threads", type=at_least_one, default=1)
    parser.add_argument(
        "--only", nargs="+", choices=(RATIO, FOREST, TREES_BOOSTED, *NETWORKS), help="of these"
    )
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    examples = train.windows_of(given.data_dir, given.cache, given.passes)
    folds = list(range(given.folds))
    protocol = (
        f"{given.folds} of {FOLDS} folds held out, {given.passes} passes, at most "
        f"{given.epochs} epochs, "
        f"windows {train.key_of(given.data_dir)}"
    )
    makers: dict[str, Callable[[], Scores]] = {
        RATIO: lambda: of_ratio(examples, folds),
        FOREST: lambda: of_forest(examples, folds),
        TREES_BOOSTED: lambda: of_boosted(examples, folds),
    }
    for name in NETWORKS:
        makers[name] = partial(of_network, name, examples, folds, given.epochs)
    given.out.mkdir(parents=True, exist_ok=True)
    path, console = given.out / "rows.jsonl", Console()
    rows = [row for row in read_rows(path) if row.protocol == protocol]
    for name, make in makers.items():
        if given.only and name not in given.only:
            continue
        if name not in {row.name for row in rows}:
            rows.append(row_of(name, protocol, make(), examples))
            with path.open("a", encoding="utf-8") as out:
                out.write(json.dumps(asdict(rows[-1])) + "\n")
        (row,) = [row for row in rows if row.name == name]
        console.print(" | ".join(cells_of(row)), highlight=False, soft_wrap=True)
        rows = [row for row in read_rows(path) if row.protocol == protocol]  # others write too
        text = "\n".join([*_heading(rows, protocol), *markdown(rows)]) + "\n"
        (given.out / "models.md").write_text(text, encoding="utf-8")
    console.print(text, highlight=False, soft_wrap=True)


def _heading(rows: Sequence[Row], protocol: str) -> list[str]:
    quakes = rows[0].of[KINDS[QUAKE]]
    return [
        f"# Kinds of models, at {RECALL:.0%} of {quakes} earthquakes' detections",
        "",
        f"`make study-models`; {protocol}. False: share of the other detections that become a "
        f"trigger within {LAST_S:g} s, with their number; delay: from a detection to the trigger.",
        "",
    ]


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError) as failure:
        sys.exit(f"compare: {failure}")

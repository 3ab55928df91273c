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
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from failure import Failure
from training import train
from training.arguments import at_least_one
from training.examples import ACTIVITY, FOLDS, KINDS, QUAKE, QUIET, Examples, clear, detections
from training.kinds_of_models import Scores, of_boosted, of_forest, of_network, of_ratio
from training.model_rows import Row, cells_of, markdown, read_rows
from training.networks import NETWORKS

RECALL = 0.95
LAST_S = 4.0  # how long a node looks often
OTHERS = (QUIET, ACTIVITY)
EPOCHS = 12  # at most; each stops when what is held back gets no better (fit.py)
FOREST, RATIO = "features + forest", "STA/LTA alone"
TREES_BOOSTED = "features + boosted trees"


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


def makers_of(
    examples: Examples, folds: list[int], epochs: int
) -> dict[str, Callable[[], Scores]]:
    """Return by name how each kind of model is made and scored."""
    found: dict[str, Callable[[], Scores]] = {
        RATIO: lambda: of_ratio(examples, folds),
        FOREST: lambda: of_forest(examples, folds),
        TREES_BOOSTED: lambda: of_boosted(examples, folds),
    }
    for name in NETWORKS:
        found[name] = partial(of_network, name, examples, folds, epochs)
    return found


def main() -> None:
    given = _arguments()
    torch.set_num_threads(given.threads)
    examples = train.windows_of(given.data_dir, given.cache, given.passes)
    protocol = (
        f"{given.folds} of {FOLDS} folds held out, {given.passes} passes, at most "
        f"{given.epochs} epochs, "
        f"windows {train.key_of(given.data_dir)}"
    )
    given.out.mkdir(parents=True, exist_ok=True)
    path, console = given.out / "rows.jsonl", Console()
    rows = [row for row in read_rows(path) if row.protocol == protocol]
    for name, make in makers_of(examples, list(range(given.folds)), given.epochs).items():
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


def _arguments() -> argparse.Namespace:
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
    return parser.parse_args()


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

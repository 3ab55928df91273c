"""What the judge says to windows that it was not fitted to: calibration, and what int8 loses.

python -m training.held_out DATA --out FILE: after `make train`, or its --folds-only. Windows as
recorded, from the node's own ratio on. FILE, JSON: for float and int8 the reliability of each
age (rows of mean p, share of earthquakes, weight) and its expected calibration error; and for some
rates of false windows the recall of both, with the interval of their difference when whole groups
are drawn again (an event's windows are not independent). Of detections within an earthquake only
those that become clear later count (examples.clear: the others may be noise between P and S), but
for "all", which is int8 on every detection.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from groundswell.detector import THRESHOLD_8
from groundswell.judge import LEAST, MOST, STEPS, Judge
from rich.console import Console

from failure import Failure, reason_of
from replay.compiled import compile_kernels
from training import calibrate, train
from training.evaluate import judges_of, paths_of
from training.examples import Examples, clear, fold_of

FALSE_RATES = (0.01, 0.02, 0.05, 0.1, 0.2)
DRAWS = 400
Floats = npt.NDArray[np.float64]


def bits_of(judge: Judge, examples: Examples) -> Floats:
    """Return the log-odds, bits, that a model as it is on a node says to each row."""
    model, zero = judge.model, judge.model.output_zero
    heads = calibrate.head_of(examples.age_s)
    found = [
        (model.run(bytes(window.astype(np.int8).tobytes()))[head] - zero) / STEPS
        for window, head in zip(examples.inputs, heads.tolist(), strict=True)
    ]
    return np.array(found)


def reliability(bits: Floats, examples: Examples) -> list[dict[str, Any]]:
    """Return the rows and the error of each age, at even odds, as a node bounds its p."""
    truth = (examples.age_s, examples.is_quake, examples.group)
    tables = calibrate.reliability_by_age(_p_of(bits), *truth)
    return [{"rows": rows, "error": calibrate.calibration_error(rows)} for rows in tables]


def error_limits(bits: Floats, examples: Examples) -> list[list[float]]:
    """Return of each age where 95 % of the errors lie when groups are drawn again."""
    rng = np.random.default_rng(0)
    p, errors = _p_of(bits), []
    age_s, is_quake, group = examples.age_s, examples.is_quake, examples.group
    for rows in drawn_again(group, rng):
        tables = calibrate.reliability_by_age(p[rows], age_s[rows], is_quake[rows], group[rows])
        errors.append([calibrate.calibration_error(table) for table in tables])
    limits: list[list[float]] = np.quantile(errors, (0.025, 0.975), axis=0).T.tolist()
    return limits


def _p_of(bits: Floats) -> Floats:
    return np.asarray(1 / (1 + 2 ** -bits.clip(LEAST, MOST)))


def drawn_again(
    group: npt.NDArray[np.str_], rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the rows of as many groups as there are, drawn with repetition, DRAWS times."""
    _, number = np.unique(group, return_inverse=True)
    members = [np.flatnonzero(number == one) for one in range(number.max() + 1)]
    for _ in range(DRAWS):
        drawn = rng.integers(len(members), size=len(members))
        yield np.concatenate([members[one] for one in drawn])


def recall_at(bits: Floats, is_quake: npt.NDArray[np.bool_], false_rate: float) -> float:
    """Return the share of earthquakes above the level that this share of the others reaches.

    Equal outputs (int8 has steps) are told apart as by a coin.
    """
    others, quakes = bits[~is_quake], bits[is_quake]
    level = float(np.quantile(others, 1 - false_rate, method="inverted_cdf"))
    above, at = float(np.mean(others > level)), float(np.mean(others == level))
    share = min(1.0, max(0.0, (false_rate - above) / at)) if at else 0.0
    return float(np.mean(quakes > level) + share * np.mean(quakes == level))


def losses(exact: Floats, rounded: Floats, examples: Examples) -> list[dict[str, float]]:
    """Return for each rate the recall of both, and the interval of what int8 loses."""
    rng = np.random.default_rng(0)
    found = []
    for rate in FALSE_RATES:
        lost = []
        for rows in drawn_again(examples.group, rng):
            is_quake = examples.is_quake[rows]
            if is_quake.any() and not is_quake.all():
                both = [recall_at(bits[rows], is_quake, rate) for bits in (exact, rounded)]
                lost.append(both[0] - both[1])
        low, high = np.quantile(lost, (0.025, 0.975)) if lost else (math.nan, math.nan)
        found.append(
            {
                "false_rate": rate,
                "float": recall_at(exact, examples.is_quake, rate),
                "int8": recall_at(rounded, examples.is_quake, rate),
                "lost_low": float(low),
                "lost_high": float(high),
            }
        )
    return found


def bits_by_fold(
    examples: Examples, outputs: Floats, judges: Sequence[Judge], rows: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the log-odds, bits, of these rows by the fold that left them out: float and int8.

    outputs: of the folds' networks, before calibration; judges: the same as a node has them.
    """
    fold = fold_of(examples.group)
    exact, rounded = np.zeros(len(examples)), np.zeros(len(examples))
    for number, judge in enumerate(judges):
        heads = train.heads_of(examples, outputs, fold != number)  # as the fold's model has them
        here = rows & (fold == number)
        some = examples.chosen(here)
        exact[here] = calibrate.log_odds(outputs[here], some.age_s, heads) / math.log(2)
        rounded[here] = bits_of(judge, some)
    return exact, rounded


def findings(examples: Examples, outputs: Floats, judges: Sequence[Judge]) -> dict[str, Any]:
    """Return what FILE says of the models, but for how large they are."""
    heard = (examples.number == 0) & (examples.ratio >= THRESHOLD_8 / 8)
    judged = heard & clear(examples)
    exact, rounded = bits_by_fold(examples, outputs, judges, heard)
    some = examples.chosen(judged)
    return {
        "windows": len(some),
        "earthquakes": int(some.is_quake.sum()),
        "float": reliability(exact[judged], some),
        "int8": reliability(rounded[judged], some),
        "int8_limits": error_limits(rounded[judged], some),
        "all": reliability(rounded[heard], examples.chosen(heard)),
        "groups": len(set(some.group[some.is_quake].tolist())),
        "losses": losses(exact[judged], rounded[judged], some),
    }


def told(found: dict[str, Any]) -> Iterator[str]:
    """Yield findings as lines for the terminal."""
    for name in ("float", "int8", "all"):
        errors = " ".join(f"{head['error']:.3f}" for head in found[name])
        yield f"calibration error, {name}: {errors}"
    for line in found["losses"]:
        yield (
            f"false {line['false_rate']:.0%}: float {line['float']:.1%}, int8 {line['int8']:.1%}; "
            f"lost {line['lost_low']:.1%} to {line['lost_high']:.1%}"
        )


def _outputs_of(path: Path, count: int) -> Floats:
    """Return what the folds' networks said of so many windows. Raises Failure."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            outputs: Floats = archive["outputs"]
    except (OSError, ValueError, KeyError) as error:
        raise Failure(f"{reason_of(error)}: run `make train` first") from error
    if len(outputs) != count:
        raise Failure(f"{path} is of other windows: run `make train`")
    return outputs


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.held_out", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=train.ROOT / "build" / "train")
    parser.add_argument("--passes", type=int, default=train.PASSES)
    given = parser.parse_args(arguments)
    compile_kernels()
    judges = judges_of(given.cache)
    examples = train.windows_of(given.data_dir, given.cache, given.passes)
    outputs = _outputs_of(given.cache / "held_out.npz", len(examples))
    found = findings(examples, outputs, judges)
    found["model"] = {
        "bytes": paths_of(given.cache)[0].stat().st_size,
        "multiply_adds": judges[0].model.multiply_adds,
    }
    given.out.write_text(json.dumps(found) + "\n", encoding="utf-8")
    console = Console(highlight=False)
    for line in told(found):
        console.print(line)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.held_out: {error}")

"""How sure a node must be, from a budget of false triggers a day: python -m training.thresholds.

A budget for each class of places (judge.BUSY_UM_S2 parts them), and the level of p that keeps it:
of LEVELS the lowest. What would be false at which level is counted on detections that the judge
had not seen (models of the folds), heard out at the moments at which a silent node asks:

    quiet: the background before recorded earthquakes and what of the noise folder is quiet, a
           day; and A_DAY happenings of a simulated day in a house (study_background)
    busy:  the noise folder: worn, carried, touched, beside machines

DATA: hear them anew and write --table; without it the table that is there is read. The firmware's
levels (judge.py) are those of the table beside this file, and a test holds them to it.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from groundswell import judge, wire
from rich.console import Console
from rich.table import Table

from failure import Failure, reason_of
from replay import sensors
from replay.catalogue import read_catalogue
from replay.compiled import compile_kernels
from replay.intervals import Rate
from replay.node import messages_of
from replay.records import Record, Unusable, read_records
from training.dataset import group_of
from training.evaluate import judges_of
from training.examples import fold_of
from training.json_files import read_lines
from training.study_background import A_DAY

TABLE = Path(__file__).with_name("thresholds_today.json")
# False triggers a day. The vote forgets a node that is wrong 20 times an hour
# (vote/nodes/account.py) and weighs each trigger by how often its node is wrong. The study's years
# have nodes that are wrong 0.4 times an hour in the mean, apart by a factor of two: one in twenty
# once an hour, and that is what a quiet place may have; a busy one a tenth of what sends it away.
BUDGET_A_DAY = {"quiet": 24.0, "busy": 48.0}
# What is likelier to be something else, by three to two, is published for no budget.
LEVELS = tuple(range(400, 950, 50))
LEAST_S = 10.0  # of a record: less is no place

_judges: list[judge.Judge] = []

Heard = dict[str, Any]  # by class: hours, and the highest p of each detection


class Listener:
    """A judge that publishes nothing and keeps how sure it was, at most, of each detection."""

    def __init__(self, model: judge.Judge) -> None:
        self._model = model
        self.said: list[tuple[int, int]] = []  # permille, noise before the onset

    def p_permille(self, window: Any, age_us: int, noise_um_s2: int) -> int:
        permille = self._model.p_permille(window, age_us, noise_um_s2)
        if age_us == 0:
            self.said.append((permille, noise_um_s2))
        else:
            highest, noise = self.said[-1]
            self.said[-1] = max(highest, permille), noise
        return 0


def class_of(noise_um_s2: int) -> str:
    return "busy" if noise_um_s2 >= judge.BUSY_UM_S2 else "quiet"


def nothing() -> Heard:
    return {name: {"hours": 0.0, "p": []} for name in BUDGET_A_DAY}


def heard_in(record: Record, quiet_s: float, model: judge.Judge) -> Heard:
    """Return what a node detects in a record, or in so many seconds from its beginning on.

    Time belongs to the class of the noise at its end: a Status tells it every 30 s.
    """
    found = nothing()
    try:
        samples = record.load()
        if quiet_s:
            samples = samples[:, : int(quiet_s * record.rate_hz)]
        if samples.shape[1] < LEAST_S * record.rate_hz:
            return found
        counts, lsb_nm_s2 = sensors.counts_of(record, samples, "adxl355", 0)
        listener, before_us = Listener(model), record.start_us
        for message in messages_of(record, counts, lsb_nm_s2, listener):
            if isinstance(message, wire.Status):
                hours = (message.sent_us - before_us) / 3.6e9
                found[class_of(message.noise_um_s2)]["hours"] += hours
                before_us = message.sent_us
    except Unusable:
        return nothing()
    for permille, noise_um_s2 in listener.said:
        found[class_of(noise_um_s2)]["p"].append(permille)
    return found


def _prepare(cache: Path) -> None:
    compile_kernels()
    _judges[:] = judges_of(cache)


def _heard(job: tuple[Record, float]) -> Heard:
    fold = int(fold_of(np.array([group_of(job[0])]))[0])
    return heard_in(*job, _judges[fold])


def made_of(data_dir: Path, cache: Path) -> Heard:
    """Return hours and detections of all that is no earthquake. Raises Failure without any."""
    judges_of(cache)
    truths = read_catalogue(data_dir).records
    known = [(one, truths[one.record_id]) for one in read_records(data_dir, "all")]
    jobs = [(one, truth.quiet_s) for one, truth in known if truth.quiet_s or not truth.event_id]
    found = nothing()
    with ProcessPoolExecutor(2, initializer=_prepare, initargs=(cache,)) as pool:
        for one in pool.map(_heard, jobs, chunksize=8):
            for name, heard in one.items():
                found[name]["hours"] += heard["hours"]
                found[name]["p"] += heard["p"]
    if not all(heard["hours"] for heard in found.values()):
        raise Failure(f"{data_dir} has no hour without an earthquake, quiet and busy")
    for heard in found.values():
        heard["hours"], heard["p"] = round(heard["hours"], 3), sorted(heard["p"])
    return found


def a_day_of(lines: Sequence[Mapping[str, Any]]) -> Heard:
    """Return how much happened in the lines of study_background, and how sure the node was."""
    happened = sum(
        n for line in lines for kind, n in line["happened"].items() if kind != "thunder"
    )
    said = [p for line in lines for each in line["p"].values() for p in each]
    return {"happened": happened, "p": sorted(round(1000 * p) for p in said)}


def false_a_day(table: Heard, name: str, permille: int) -> float:
    """Return how many false triggers a place of a class has a day, from this level on."""
    heard = table[name]
    found = 24 * _from(heard["p"], permille) / float(heard["hours"])
    if name == "quiet" and table["day"]["happened"]:
        found += A_DAY * _from(table["day"]["p"], permille) / float(table["day"]["happened"])
    return found


def level_of(table: Heard, name: str, budget_a_day: float) -> int:
    """Return the lowest of LEVELS that keeps the budget, or the highest where none does."""
    kept = (level for level in LEVELS if false_a_day(table, name, level) <= budget_a_day)
    return next(kept, LEVELS[-1])


def rows_of(table: Heard) -> list[list[str]]:
    """Return a row for each level: of both classes false triggers a day, and of what."""
    rows = []
    for level in LEVELS:
        row = [f"{level / 10:g} %"]
        for name in BUDGET_A_DAY:
            count, hours = _from(table[name]["p"], level), table[name]["hours"]
            low, high = (24 * limit for limit in Rate(count, hours).interval or (0.0, 0.0))
            row.append(f"{false_a_day(table, name, level):.1f}")
            row.append(f"{count} in {hours:.1f} h ({low:.0f} to {high:.0f})")
        if happened := table["day"]["happened"]:
            row.append(f"{A_DAY * _from(table['day']['p'], level) / happened:.1f}")
        else:
            row.append("-")
        rows.append(row)
    return rows


HEAD = (
    "p from", "quiet, a day", "recorded background", "busy, a day", "recorded activity",
    f"of {A_DAY} simulated happenings",
)  # fmt: skip


def read_table(path: Path) -> Heard:
    """Raises Failure for a file that is none."""
    try:
        table: Heard = json.loads(path.read_text(encoding="utf-8"))
        for name in BUDGET_A_DAY:
            false_a_day(table, name, LEVELS[0])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return table


def _from(said: Sequence[int], permille: int) -> int:
    return sum(p >= permille for p in said)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.thresholds", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, nargs="?", metavar="DATA_DIR")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--cache", type=Path, default=Path("build/train"), help="models of folds")
    parser.add_argument("--background", type=Path, help="lines of training.study_background")
    for name, budget in BUDGET_A_DAY.items():
        text = f"false triggers a day of a {name} place (default {budget:g})"
        parser.add_argument(f"--{name}", type=float, default=budget, metavar="N", help=text)
    given = parser.parse_args(arguments)
    if given.data_dir:
        table = made_of(given.data_dir, given.cache)
        table["day"] = a_day_of(read_lines(given.background) if given.background else [])
        given.table.write_text(json.dumps(table) + "\n", encoding="utf-8")
    table = read_table(given.table)
    shown = Table(*HEAD, title="False triggers a day, by the level from which on a node publishes")
    for row in rows_of(table):
        shown.add_row(*row)
    console = Console(highlight=False)
    console.print(shown)
    for name in BUDGET_A_DAY:
        budget = getattr(given, name)
        level = level_of(table, name, budget)
        kept = false_a_day(table, name, level)
        told = f"{name}: from p {level / 10:g} % on, {kept:.1f} a day of {budget:g}"
        console.print(told if kept <= budget else told + ": no level keeps this budget")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as failure:
        sys.exit(f"training.thresholds: {failure}")

"""`groundswell thresholds`: what another threshold would have done, and which one to take."""

import argparse
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from failure import Failure, reason_of
from replay.intervals import Rate
from replay.score_table import print_tables
from study import choices, history
from study.choices import Choice
from study.networks import NETWORKS, Network

DESCRIPTION = f"""\
Run a history through the real vote at every threshold, and show what each would have cost: false
alerts a year against earthquakes that were missed or announced too late. Then pick the setting
that keeps your budget, and print it as lines for the engine's configuration.

The history is simulated (a network of the study, earthquakes of M 3.5 to 7.8, years of false
triggers and of thunder, mains glitches and the like), or the recordings of a data folder, which
have no years without an earthquake: false alerts then come from the simulated years.

tried:  posterior odds for {", ".join(f"{b:g}" for b in choices.BUDGETS)} false alerts a year,
        each with at least {", ".join(map(str, choices.NODES))} nodes,
        cost ratios {", ".join(f"{r:g}" for r in choices.RATIOS)} at each place
missed: not announced, of earthquakes with MMI >= V at three places; late: announced after S had
        come to half of them

example:
  groundswell thresholds --network region-20 --earthquakes 60 --years 3 --out thresholds
  groundswell thresholds ../shared/data --years 3 --out thresholds
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path, nargs="?", help="recordings")
    parser.add_argument(
        "--network",
        default="region-20",
        metavar="NAME",
        help=f"of {', '.join(NETWORKS)} (default: %(default)s)",
    )
    parser.add_argument(
        "--earthquakes",
        type=int,
        default=60,
        metavar="N",
        help="simulated ones (default: %(default)d)",
    )
    parser.add_argument(
        "--years",
        type=float,
        default=2,
        metavar="N",
        help="without an earthquake (default: %(default)g)",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=0.1,
        metavar="N",
        help="false alerts a year to keep (default: %(default)g)",
    )
    parser.add_argument(
        "--dearer", type=float, default=10.0, metavar="X",
        help="a missed alarm costs so many needless ones (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="plots and JSON")


def run(arguments: argparse.Namespace) -> int:
    numbers = arguments.years, arguments.budget, arguments.dearer
    if arguments.earthquakes < 1 or not all(0 < number < math.inf for number in numbers):
        raise Failure("--earthquakes, --years, --budget and --dearer must be positive and finite")
    draw = _plots()
    network = history.network_named(arguments.network)
    tried = choices.choices()
    _try_all(tried, arguments, network)
    best, ratio = choices.picked(tried, arguments.budget, arguments.dearer)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        _write(arguments.out, tried, best, ratio)
        draw(arguments.out, tried, best)
    except OSError as error:
        raise Failure(f"cannot write to {arguments.out}: {reason_of(error)}") from error
    print_tables([_table(tried, best), _cost_table(best, arguments.dearer)])
    print(_advice(best, ratio, arguments.budget))
    return 0


def _plots() -> Callable[[Path, Sequence[Choice], Choice], None]:
    """Matplotlib comes with an extra; say so before the work, not after it."""
    try:
        from study import choice_plots
    except ImportError as error:
        raise Failure(f"plots need {error.name}: .venv/bin/pip install -e '.[study]'") from error
    return choice_plots.write


def _try_all(tried: list[Choice], arguments: argparse.Namespace, network: Network) -> None:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("history", total=None)
        if arguments.data_dir is None:
            cases = list(history.simulated(network, arguments.earthquakes))
        else:
            cases = list(history.recorded(arguments.data_dir))
        false = list(history.disturbances(network, arguments.years))
        progress.update(task, description="tried", total=len(tried) * (len(cases) + len(false)))
        for choice in tried:
            choice.years = arguments.years
            for case in cases:
                choices.try_case(choice, case)
                progress.advance(task)
            for one in false:
                choices.try_disturbance(choice, one)
                progress.advance(task)


def _table(tried: Sequence[Choice], best: Choice) -> Table:
    table = Table(title="False alerts against missed and late ones", title_justify="left")
    for column in (
        "", "nodes", "aims at", "ln odds", "false a year", "missed", "late", "wrong",
        "after origin, median",
    ):  # fmt: skip
        table.add_column(column, justify="right", no_wrap=True)
    for choice in tried:
        told = sorted(choice.after_origin_s)
        table.add_row(
            "->" if choice is best else "", str(choice.min_nodes), f"{choice.false_per_year:g}",
            f"{choice.ln_odds:+.1f}", f"{choice.false_a_year:.2f}",
            f"{choice.missed} of {choice.strong}", f"{choice.late} of {choice.strong}",
            str(choice.wrong), f"{told[len(told) // 2]:.1f} s" if told else "-",
        )  # fmt: skip
    return table


def _cost_table(best: Choice, dearer: float) -> Table:
    table = Table(title="When a place acts on it: cost ratios", title_justify="left")
    columns = ("ratio", "in time", "late", "missed", "needless", f"cost, missed = {dearer:g}")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for acts in best.acts.values():
        table.add_row(
            f"{acts.ratio:g}", str(acts.in_time), str(acts.late), str(acts.missed),
            str(acts.needless), f"{acts.cost(dearer):.0f}",
        )  # fmt: skip
    return table


def _advice(best: Choice, ratio: float, budget: float) -> str:
    kept = "keeps" if best.false_a_year <= budget else "comes nearest to"
    low, high = Rate(best.false, best.years).interval or (0.0, float("inf"))
    return (
        f"# {kept} {budget:g} false alerts a year: {best.false} in {best.years:g} years, which\n"
        f"# means {low:.2f} to {high:.2f} a year (95 %); missed or late: {best.failed:.1%}\n"
        f"false_per_year = {best.false_per_year}\n"
        f"min_nodes = {best.min_nodes}\n"
        f"take_action_cost_ratio = {ratio}"
    )


def _write(out: Path, tried: Sequence[Choice], best: Choice, ratio: float) -> None:
    document = {
        "choices": [choice.as_dict() for choice in tried],
        "picked": {
            "false_per_year": best.false_per_year,
            "min_nodes": best.min_nodes,
            "take_action_cost_ratio": ratio,
        },
    }
    path = out / "thresholds.json"
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

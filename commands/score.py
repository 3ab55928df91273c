"""`groundswell score`: how good triggers and alerts were, against the catalogue."""

import argparse
import json
from pathlib import Path
from typing import Any

from rich.table import Table

from failure import Failure, reason_of
from replay import score, score_table
from replay.baselines import run_baselines, tables_of
from replay.catalogue import Catalogue, read_catalogue
from replay.outcomes import read_alerts, read_triggers

DESCRIPTION = (
    "Print how good the triggers of `detect` and the alerts of `replay` were, with counts and\n"
    "95 % intervals: Clopper-Pearson for shares, Poisson for rates, order statistics for medians."
    "\n\n"
    "Definitions:\n" + "\n".join(f"- {line}" for line in score.DEFINITIONS)
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path, help="folder with the indices")
    parser.add_argument("--triggers", type=Path, metavar="F", help="JSON lines from `detect`")
    parser.add_argument("--alerts", type=Path, metavar="F", help="JSON lines from `replay`")
    parser.add_argument(
        "--baselines",
        action="store_true",
        help="run simple detectors and rules on the same records and score them too",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here as JSON")


def run(arguments: argparse.Namespace) -> int:
    catalogue = read_catalogue(arguments.data_dir)
    if not (arguments.triggers or arguments.alerts or arguments.baselines):
        raise Failure("nothing to score: give --triggers, --alerts or --baselines")
    figures: dict[str, Any] = {"definitions": list(score.DEFINITIONS)}
    tables: list[Table] = []
    if arguments.triggers:
        figures["node"] = score.score_triggers(catalogue, read_triggers(arguments.triggers))
        tables += score_table.node_tables(figures["node"])
    if arguments.alerts:
        tables += _score_alerts(catalogue, arguments.alerts, figures)
    if arguments.baselines:
        figures["baselines"] = run_baselines(arguments.data_dir, catalogue)
        for title, rows in tables_of(figures["baselines"]).items():
            tables.append(score_table.baseline_table(title, rows))
    if arguments.json:
        _write(arguments.json, figures)
    score_table.print_tables(tables)
    return 0


def _score_alerts(catalogue: Catalogue, path: Path, figures: dict[str, Any]) -> list[Table]:
    scores = score.score_events(catalogue, read_alerts(path))
    figures["network"] = score.score_alerts(scores)
    figures["not_replayed"] = sorted(set(catalogue.events) - {s.event_id for s in scores})
    tables = score_table.network_tables(figures["network"])
    return [*score_table.event_tables(scores), *tables]


def _write(path: Path, figures: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error

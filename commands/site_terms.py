"""`groundswell site-terms`: learn what the ground under each node does, from past earthquakes."""

import argparse
import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from groundswell import wire
from rich.table import Table

from aggregator.reader import Reader
from aggregator.site_terms import (
    MOST_RESIDUAL,
    NodeResiduals,
    SiteTermsError,
    as_json,
    read_residuals,
)
from failure import Failure, reason_of
from replay.score_table import print_tables
from vote.nodes.site_terms import LEAST_EVENTS, LEAST_NODES, SAME_PLACE_KM, residuals
from vote.waves import travel

MOST_EVENTS = 10_000
FITS_S, FITS_SHARE = 2.0, 0.08  # of a P wave about its time: two sigmas of crust and pick
LEAST_WINDOW_S = 1.0  # before, Pd says too little
NEAREST_KM = 3.0
_UNUSABLE = wire.FLAG_CLIPPED | wire.FLAG_RETRACTED | wire.FLAG_UNSYNCHRONISED | wire.FLAG_GAP

DESCRIPTION = f"""\
Learn from the engine's record how much larger or smaller P displacements are at each node than at
the others, and write that to a file which the engine reads at its start (site_terms = "FILE" in
its configuration, or --site-terms FILE). Magnitudes then count each node by its own ground.

Used are final alerts with at least {LEAST_NODES} nodes, but for those of category test. A node
gets a term from {LEAST_EVENTS} earthquakes on: the median, shrunk, at most a factor of 3. Nodes
that moved begin anew.

The record keeps triggers for 90 days. Run this every month on the same file: what it holds stays.

example:
  groundswell site-terms groundswell.db --out site-terms.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", type=Path, help="the engine's database")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="added to if it is there"
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        known = read_residuals(arguments.out) if arguments.out.exists() else {}
        added = _learn(Reader(arguments.record), known)
    except SiteTermsError as error:
        raise Failure(str(error)) from error
    except sqlite3.Error as error:
        raise Failure(f"cannot read {arguments.record}: {reason_of(error)}") from error
    partial = arguments.out.with_name(arguments.out.name + ".partial")
    try:
        # it holds more than the record does: whatever happens, the old or the new one is there
        partial.write_text(as_json(known), encoding="utf-8")
        partial.replace(arguments.out)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise Failure(f"cannot write {arguments.out}: {reason_of(error)}") from error
    print_tables([_table(known)])
    print(f"{added} earthquakes added; {len(known)} nodes in {arguments.out}")
    return 0


def _learn(record: Reader, known: dict[int, NodeResiduals]) -> int:
    """Add what the record's earthquakes show; return how many did."""
    places = {
        row["node_id"]: (row["lat_udeg"] / 1e6, row["lon_udeg"] / 1e6) for row in record.nodes()
    }
    for node_id, place in places.items():
        node = known.get(node_id)
        if node and travel.distance_km(*place, node.lat_deg, node.lon_deg) > SAME_PLACE_KM:
            del known[node_id]
    added = 0
    for event in reversed(record.events(MOST_EVENTS)):
        if event["type"] != "final" or event["category"] == "test":
            continue
        found = _of_event(event, record.triggers_of(event["origin_us"]), places)
        added += bool(found)
        for node_id, residual in found.items():
            node = known.setdefault(node_id, NodeResiduals(*places[node_id]))
            node.log10[event["event_id"]] = round(residual, 3)
    return added


def _of_event(
    event: Mapping[str, Any],
    triggers: Sequence[Mapping[str, Any]],
    places: Mapping[int, tuple[float, float]],
) -> Mapping[int, float]:
    """Return each node's residual: of its last message before its S wave."""
    lat_deg, lon_deg = event["lat_udeg"] / 1e6, event["lon_udeg"] / 1e6
    depth_km = event["depth_m"] / 1e3
    best: dict[int, tuple[float, float, float]] = {}
    by_node: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in triggers:
        by_node[row["node_id"]].append(row)
    for node_id, own in by_node.items():
        if node_id not in places:
            continue
        apart_km = float(travel.distance_km(*places[node_id], lat_deg, lon_deg))
        p_s, s_s = (float(t(apart_km, depth_km)) for t in (travel.p_time_s, travel.s_time_s))
        reach_km = max(float(np.hypot(apart_km, depth_km)), NEAREST_KM)
        for row in own:
            onset_s = (row["onset_us"] - event["origin_us"]) / 1e6
            window_s = (row["sample_us"] - row["onset_us"]) / 1e6
            is_p = abs(onset_s - p_s) <= FITS_S + FITS_SHARE * p_s
            longest_s = best[node_id][2] if node_id in best else LEAST_WINDOW_S
            is_used = is_p and not row["flags"] & _UNUSABLE and row["pd_nm"] > 0
            if is_used and longest_s <= window_s <= s_s - onset_s:
                best[node_id] = row["pd_nm"] / 1e9, reach_km, window_s
    if not best:
        return {}
    pd_m, reach_km_of, window = np.array(list(best.values())).T
    size = event["magnitude_milli"] / 1e3
    found = residuals(list(best), pd_m, reach_km_of, window, size)
    return {node: value for node, value in found.items() if abs(value) <= MOST_RESIDUAL}


def _table(known: Mapping[int, NodeResiduals]) -> Table:
    table = Table(title="Site terms", title_justify="left")
    for column in ("node", "earthquakes", "term, log10 Pd", "Pd divided by"):
        table.add_column(column, justify="right")
    for node_id, node in sorted(known.items()):
        term = node.term.pd_log10
        table.add_row(f"{node_id:08x}", str(len(node.log10)), f"{term:+.2f}", f"{10**term:.2f}")
    return table

"""The file of site terms: what each past earthquake showed at each node, JSON.

{"schema": 1, "nodes": {"17": {"lat_deg": 16.8, "lon_deg": -99.9, "residuals": {"gs...": 0.13}}}}

`groundswell site-terms` writes it and adds to it: the record forgets triggers after 90 days, the
file keeps each node's last MOST_EVENTS. The engine reads it at its start.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vote.nodes.site_terms import SiteTerm, term_of

SCHEMA = 1
MOST_NODES, MOST_EVENTS = 20_000, 50
MOST_BYTES = 64 << 20
MOST_RESIDUAL = 3.0  # log10; a thousand times too much is a fault, no ground


class SiteTermsError(ValueError):
    """This file holds no site terms; the message says where."""


@dataclass
class NodeResiduals:
    lat_deg: float
    lon_deg: float
    log10: dict[str, float] = field(default_factory=dict)  # by event, oldest first

    @property
    def term(self) -> SiteTerm:
        return SiteTerm(self.lat_deg, self.lon_deg, term_of(list(self.log10.values())))


def read_site_terms(path: Path) -> dict[int, SiteTerm]:
    """Return the terms of the nodes that have one."""
    terms = {node_id: node.term for node_id, node in read_residuals(path).items()}
    return {node_id: term for node_id, term in terms.items() if term.pd_log10}


def read_residuals(path: Path) -> dict[int, NodeResiduals]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SiteTermsError(f"{path}: larger than {MOST_BYTES >> 20} MiB")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteTermsError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SiteTermsError(f"{path}: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise SiteTermsError(f"{path}: not of schema {SCHEMA}")
    nodes = document.get("nodes")
    if not isinstance(nodes, dict) or len(nodes) > MOST_NODES:
        raise SiteTermsError(f"{path}: needs nodes, at most {MOST_NODES}")
    try:
        return {_node_id(name): _node(entry) for name, entry in nodes.items()}
    except SiteTermsError as error:
        raise SiteTermsError(f"{path}: {error}") from error


def as_json(nodes: Mapping[int, NodeResiduals]) -> str:
    entries = {
        str(node_id): {
            "lat_deg": node.lat_deg,
            "lon_deg": node.lon_deg,
            "residuals": dict(list(node.log10.items())[-MOST_EVENTS:]),
        }
        for node_id, node in sorted(nodes.items())
    }
    return json.dumps({"schema": SCHEMA, "nodes": entries}, indent=1) + "\n"


def _node_id(name: str) -> int:
    if not (name.isascii() and name.isdigit() and 0 < int(name[:12]) < 1 << 32):
        raise SiteTermsError(f"{name[:20]!r} is no node's number")
    return int(name)


def _node(entry: Any) -> NodeResiduals:
    residuals = entry.get("residuals") if isinstance(entry, dict) else None
    if not isinstance(residuals, dict) or len(residuals) > MOST_EVENTS:
        raise SiteTermsError(f"a node without residuals, or with more than {MOST_EVENTS}")
    log10 = {event: _number(value, MOST_RESIDUAL) for event, value in residuals.items()}
    return NodeResiduals(
        _number(entry.get("lat_deg"), 90.0), _number(entry.get("lon_deg"), 180.0), log10
    )


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SiteTermsError("something is no number")
    if abs(value) > most:
        raise SiteTermsError(f"{value:g} lies outside {-most:g} to {most:g}")
    return float(value)

"""What the engine tells the console and the watchers of its health, as JSON. Pure."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from groundswell import faults, wire

from aggregator.ingest import Counters, Heard
from aggregator.store import Health
from vote.alert import Alert
from vote.nodes.fleet import Fleet, Node

# About 230 bytes each: half a megabyte. nats-server refuses a message of more than one and closes
# the connection, which alerts need. Beyond it the map shows triggered nodes first, then lost ones.
MAX_NODES_SHOWN = 2_000
_STATES = ("triggered", "offline", "late", "mute", "alive")


def nodes(fleet: Fleet, now_us: int) -> bytes:
    shown = [(fleet.state_of(node, now_us), node) for node in fleet.nodes.values()]
    if len(shown) > MAX_NODES_SHOWN:
        shown.sort(key=lambda pair: _STATES.index(pair[0]))
    documents = [_node(state, node) for state, node in shown[:MAX_NODES_SHOWN]]
    return _line({"sent_us": now_us, "nodes": documents})


def delays(alert: Alert, heard: Heard, alert_us: int) -> bytes:
    """Tell when the message that completed the vote passed each station on its way."""
    sent_us = getattr(heard.message, "sent_us", heard.gateway_received_us)
    return _line(
        {
            "event_id": alert.event_id,
            "sample_us": getattr(heard.message, "sample_us", sent_us),
            "node_sent_us": sent_us,
            "gateway_received_us": heard.gateway_received_us,
            "gateway_sent_us": heard.gateway_sent_us,
            "engine_received_us": heard.received_us,
            "alert_us": alert_us,
        }
    )


def heartbeat(
    identity: dict[str, str],
    fleet: Fleet,
    counters: Counters,
    refusals: dict[str, int],
    store: Health,
    now_us: int,
) -> bytes:
    """identity: sender, category and version of the engine."""
    return _line(
        {
            **identity,
            "sent_us": now_us,
            "nodes_live": int(fleet.live(now_us).sum()),
            "nodes_known": len(fleet.nodes),
            "ingest": asdict(counters),
            "vote": refusals,
            "store": asdict(store),
        }
    )


def _node(state: str, node: Node) -> dict[str, Any]:
    return {
        "node_id": f"{node.node_id:08x}",
        "lat_deg": node.lat_deg,
        "lon_deg": node.lon_deg,
        "state": state,
        "last_heard_us": node.heard_us,
        "triggered_us": node.triggered_us,
        "noise_um_s2": node.status.noise_um_s2,
        "clock_error_us": node.status.clock_error_us,
        "pga_um_s2": node.pga_um_s2,
        "faults": "; ".join([*faults.words(node.status.faults), *_why_no_vote(node)]),
    }


def _why_no_vote(node: Node) -> Iterator[str]:
    """Yield what the vote holds against a node, which the node itself does not know."""
    if node.doubt:
        yield node.doubt
    if node.is_astray:
        yield "tells another place than before: no vote until it has told that for ten minutes"
    if node.clock_is_bad and not node.status.flags & wire.FLAG_UNSYNCHRONISED:
        yield "its times are not those of this engine's clock"
    if node.account.quarantined_us is not None:
        since = datetime.fromtimestamp(node.account.quarantined_us / 1e6, UTC)
        yield f"triggers all the time: no vote since {since:%Y-%m-%d %H:%M} UTC, until it is quiet"


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

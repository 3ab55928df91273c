"""Which row of the record a message becomes. Pure; the tables are in schema.sql."""

from collections.abc import Sequence
from typing import Any

from groundswell import wire

from aggregator.ingest import Heard

_PUT_STATUS = """
INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (node_id) DO UPDATE SET
    boot_id = excluded.boot_id, state = excluded.state,
    lat_udeg = excluded.lat_udeg, lon_udeg = excluded.lon_udeg,
    elevation_m = excluded.elevation_m, sensor = excluded.sensor,
    clock_error_us = excluded.clock_error_us, noise_um_s2 = excluded.noise_um_s2,
    gateway_id = excluded.gateway_id, heard_us = excluded.heard_us,
    status_frame = excluded.status_frame, is_sealed = excluded.is_sealed
WHERE excluded.heard_us >= nodes.heard_us
"""
_PUT_TRIGGER = "INSERT OR IGNORE INTO triggers VALUES (" + ", ".join("?" * 22) + ")"
_PUT_EVENT = """
INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (event_id) DO UPDATE SET
    category = excluded.category, type = excluded.type, version = excluded.version,
    last_issued_us = excluded.last_issued_us, origin_us = excluded.origin_us,
    lat_udeg = excluded.lat_udeg, lon_udeg = excluded.lon_udeg, depth_m = excluded.depth_m,
    magnitude_milli = excluded.magnitude_milli, max_mmi_milli = excluded.max_mmi_milli,
    level = excluded.level, nodes_triggered = excluded.nodes_triggered
WHERE excluded.last_issued_us >= events.last_issued_us
"""
_PUT_ALERT = """
INSERT INTO alerts (event_id, version, type, category, issued_us, document)
VALUES (?, ?, ?, ?, ?, ?)
"""

_PUT_LEARNT = "INSERT OR REPLACE INTO learnt VALUES ('false triggers', ?)"

# What the record keeps, so that no file grows for ever. Alerts and events of category live stay.
KEEP_TRIGGERS_US = 90 * 86_400_000_000  # 100 nodes, 10 messages an hour: 2 million rows
KEEP_EXERCISES = 20_000  # alerts of other categories: a thousand exercises, about 100 MB
KEEP_NODES = 20_000
_PRUNE_AT_A_TIME = 5_000  # a minute: more than 10,000 nodes send, and 20 ms of the writer's time

_PRUNE_TRIGGERS = """
DELETE FROM triggers WHERE (node_id, boot_id, seq) IN
    (SELECT node_id, boot_id, seq FROM triggers WHERE received_us < ? LIMIT ?)
"""
_PRUNE_ALERTS = """
DELETE FROM alerts WHERE category <> 'live' AND alert_id <= (SELECT MAX(alert_id) FROM alerts) - ?
"""
_PRUNE_EVENTS = """
DELETE FROM events WHERE category <> 'live' AND event_id NOT IN (SELECT event_id FROM alerts)
"""
_PRUNE_NODES = """
DELETE FROM nodes WHERE node_id NOT IN (SELECT node_id FROM nodes ORDER BY heard_us DESC LIMIT ?)
"""

Row = tuple[str, Sequence[Any]]  # statement, parameters


def of_status(heard: Heard, status: wire.Status) -> Row:
    # what was retained tells when it was spoken, not that the node was heard now
    heard_us = min(status.sent_us, heard.received_us) if heard.is_late else heard.received_us
    return _PUT_STATUS, (
        status.node_id,
        status.boot_id,
        status.state,
        status.lat_udeg,
        status.lon_udeg,
        status.elevation_m,
        status.sensor,
        status.clock_error_us,
        status.noise_um_s2,
        heard.gateway_id,
        heard_us,
        wire.encode(status),
        int(heard.is_sealed),
    )


def of_trigger(heard: Heard, trigger: wire.Trigger) -> Row:
    # wire.Trigger's fields are the table's first columns, in the table's order
    return _PUT_TRIGGER, (
        *trigger,
        heard.gateway_id,
        heard.gateway_received_us,
        heard.gateway_sent_us,
        heard.received_us,
        int(heard.is_late),
        int(heard.is_sealed),
    )


def of_alert(document: dict[str, Any], line: str) -> Row:
    keys = ("event_id", "version", "type", "category", "issued_us")
    return _PUT_ALERT, (*(document[key] for key in keys), line)


def of_event(document: dict[str, Any]) -> Row:
    return _PUT_EVENT, (
        document["event_id"],
        document["category"],
        document["type"],
        document["version"],
        document["issued_us"],
        document["issued_us"],
        document["origin_us"],
        round(document["lat_deg"] * 1e6),
        round(document["lon_deg"] * 1e6),
        round(document["depth_km"] * 1e3),
        round(document["magnitude"] * 1e3),
        round(document["max_mmi"] * 1e3),
        document["level"],
        document["nodes_triggered"],
    )


def of_learnt(document: str) -> Row:
    return _PUT_LEARNT, (document,)


def prunes(now_us: int) -> list[Row]:
    """Return what keeps the record within its bounds, if done every minute."""
    return [
        (_PRUNE_TRIGGERS, (now_us - KEEP_TRIGGERS_US, _PRUNE_AT_A_TIME)),
        (_PRUNE_ALERTS, (KEEP_EXERCISES,)),
        (_PRUNE_EVENTS, ()),
        (_PRUNE_NODES, (KEEP_NODES,)),
    ]


def is_of_alert(row: Row) -> bool:
    return row[0] in (_PUT_ALERT, _PUT_EVENT)

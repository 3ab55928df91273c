"""What `run` believes of what it hears on the broker, where anybody may publish. Pure.

`document_of` is the border: what it returns has the fields that `run` reads, of the right types;
what is not as agreed is None, and that is all that happens.
"""

import json
import math
from collections.abc import Callable
from typing import Any

from groundswell import topics

Document = dict[str, Any]
Check = Callable[[Any], bool]

MAX_CHARACTERS = 500  # of a reason; a name is shorter
_LATEST_US = 4_102_444_800_000_000  # the year 2100, as in wire.py


def document_of(topic: str, payload: bytes) -> Document | None:
    """Return the fields that `run` reads of a message on this topic, or None."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if topic == topics.HEARTBEAT:
        return {}  # that it came is all that is asked
    if topic == topics.of_view("nodes"):
        return _nodes(found)
    if topic == topics.of_view("delays"):
        return _fields(found, _DELAYS)
    if topic.startswith(topics.of_alert("")):
        return _alert(found, topic)
    return None


def _alert(found: Document, topic: str) -> Document | None:
    """Leave out the areas: a hundred kilobytes of each alert that `run` does not show."""
    head = _fields(found, _ALERT)
    if head is None or topic != topics.of_alert(head["category"]):
        return None
    rest = _fields(found, _CANCEL if head["type"] == "cancel" else _SOURCE)
    return None if rest is None else head | rest


def _nodes(found: Document) -> Document | None:
    nodes = found.get("nodes")
    if not isinstance(nodes, list):
        return None
    checked = [_fields(node, _NODE) for node in nodes]
    return None if None in checked else {"nodes": checked}


def _fields(found: Any, checks: dict[str, Check]) -> Document | None:
    if not isinstance(found, dict):
        return None
    if not all(check(found.get(name)) for name, check in checks.items()):
        return None
    return {name: found[name] for name in checks}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_CHARACTERS


def _is_time_us(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LATEST_US


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e9 and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1_000_000


_ALERT: dict[str, Check] = {
    "event_id": _is_text,
    "version": _is_count,
    "type": _is_text,
    "category": _is_text,
    "issued_us": _is_time_us,
}
_CANCEL: dict[str, Check] = {"reason": _is_text}
_SOURCE: dict[str, Check] = {
    "origin_us": _is_time_us,
    "lat_deg": _is_number,
    "lon_deg": _is_number,
    "magnitude": _is_number,
    "level": _is_text,
    "nodes_triggered": _is_count,
}
_NODE: dict[str, Check] = {"state": _is_text, "last_heard_us": _is_time_us}
_DELAYS: dict[str, Check] = {"event_id": _is_text} | dict.fromkeys(
    ("sample_us", "node_sent_us", "gateway_received_us", "engine_received_us", "alert_us"),
    _is_time_us,
)

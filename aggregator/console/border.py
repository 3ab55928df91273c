"""The console's border: bytes from the broker become plain documents, or MalformedError.

Everything behind this file trusts what it gets: right types, finite numbers, bounded sizes, only
the fields that are named here, no control characters. A page writes strings as text, never as
markup.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
Check = Callable[[Any], Any]

# 10,000 nodes (design.md section 6) of about 250 bytes each, and some room
MAX_PAYLOAD_BYTES = 4_194_304
MAX_NODES = 20_000
# More hexagons than a screen can show apart. The most shaken are kept, the others are counted.
MAX_AREAS = 4096
MAX_REASON_CHARACTERS = 500
MAX_NAME_CHARACTERS = 64

_LATEST_US = 4_102_444_800_000_000  # the year 2100, as in wire.py


class MalformedError(ValueError):
    """These bytes are none of the messages that the console listens to."""


def alert(payload: bytes, category: str) -> Document:
    """Return an alert of contracts.md section 4; absent optional fields are None.

    category: what its topic says. An alert that calls itself something else is refused: an
    exercise must never be able to pass for the real thing.
    """
    document = document_of(payload)
    found = _fields(document, _ALERT_HEAD)
    if found["category"] != category:
        raise MalformedError(f"category {found['category']} on the topic of {category}")
    is_cancel = found["type"] == "cancel"
    found |= _fields(document, _ALERT_SOURCE, may_be_absent=is_cancel)
    found |= _fields(document, _ALERT_EXTRAS, may_be_absent=True)
    return found | _areas(document.get("areas", []))


def heartbeat(payload: bytes) -> Document:
    """Return an engine's sign of life; what it tells of its own health may be absent."""
    document = document_of(payload)
    found = _fields(document, _HEARTBEAT)
    for name, checks in (("ingest", _INGEST), ("store", _STORE)):
        found[name] = _fields(document.get(name, {}), checks, may_be_absent=True)
    return found


def nodes(payload: bytes) -> list[Document]:
    document = document_of(payload)
    return [_fields(node, _NODE) for node in _list(document, "nodes", MAX_NODES)]


def delays(payload: bytes) -> Document:
    return _fields(document_of(payload), _DELAYS)


def document_of(payload: bytes) -> Document:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MalformedError(f"{len(payload)} bytes")
    try:
        document = json.loads(payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError("not JSON") from error
    if not isinstance(document, dict):
        raise MalformedError("not an object")
    return document


def _refuse_constant(name: str) -> None:
    raise MalformedError(name)  # NaN and Infinity are no JSON, but Python's reader takes them


def _fields(document: Any, checks: Mapping[str, Check], may_be_absent: bool = False) -> Document:
    if not isinstance(document, dict):
        raise MalformedError("not an object")
    found: Document = {}
    for name, check in checks.items():
        value = document.get(name)
        if value is None and may_be_absent:
            found[name] = None
            continue
        try:
            found[name] = check(value)
        except MalformedError as error:
            raise MalformedError(f"{name}: {error}") from error
    return found


def _list(document: Document, name: str, limit: int) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list) or len(found) > limit:
        raise MalformedError(f"{name} is no list, or too long")
    return found


def _areas(found: Any) -> Document:
    if not isinstance(found, list):
        raise MalformedError("areas is no list")
    areas = [_fields(area, _AREA) for area in found]
    areas.sort(key=lambda area: -area["mmi"])
    return {"areas": areas[:MAX_AREAS], "areas_left_out": max(0, len(areas) - MAX_AREAS)}


def _number(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise MalformedError("not a number")
        if not low <= value <= high:  # nor is NaN, nor an integer that no float can hold
            raise MalformedError("out of range")
        return value

    return check


def _integer(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedError("not an integer")
        if not low <= value <= high:
            raise MalformedError("out of range")
        return value

    return check


def _name(value: Any) -> str:
    """A name that things are told apart by: as it is, or not at all."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME_CHARACTERS:
        raise MalformedError("not a name")
    if not value.isprintable():
        # control characters, and those that turn the direction of writing round
        raise MalformedError("unprintable name")
    return value


def _prose(value: Any) -> str:
    """Words for people: mended rather than refused, for an alert is worth more than its prose."""
    if not isinstance(value, str):
        raise MalformedError("not text")
    printable = "".join(c if c.isprintable() else " " for c in value[:MAX_REASON_CHARACTERS])
    return printable + ("…" if len(value) > MAX_REASON_CHARACTERS else "")


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise MalformedError("none of " + ", ".join(words))
        return value

    return check


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise MalformedError("neither true nor false")
    return value


def _or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


_TIME_US = _integer(0, _LATEST_US)
_COUNT = _integer(0, 1_000_000)
_LAT_DEG = _number(-90, 90)
_LON_DEG = _number(-180, 180)
_CATEGORY = _one_of("live", "test", "exercise")
_LEVEL = _one_of("none", "be_aware", "take_action")
# Beyond 12 the scale has no meaning, below 1 nobody feels it; an estimate may lie outside.
_MMI = _number(-10, 15)

_ALERT_HEAD: dict[str, Check] = {
    "schema": _integer(1, 1),
    "event_id": _name,
    "version": _integer(1, 100_000),
    "type": _one_of("new", "update", "cancel", "final"),
    "category": _CATEGORY,
    "issued_us": _TIME_US,
    "sender": _name,
}
_ALERT_SOURCE: dict[str, Check] = {  # what all but a cancel must have
    "expires_us": _TIME_US,
    "origin_us": _TIME_US,
    "lat_deg": _LAT_DEG,
    "lon_deg": _LON_DEG,
    "depth_km": _number(-10, 800),
    "magnitude": _number(-3, 11),
    "level": _LEVEL,
}
_ALERT_EXTRAS: dict[str, Check] = {
    "origin_sigma_s": _number(0, 1e6),
    "location_sigma_km": _number(0, 21_000),
    "ellipse_major_km": _or_null(_number(0, 21_000)),
    "ellipse_minor_km": _or_null(_number(0, 21_000)),
    "ellipse_azimuth_deg": _or_null(_number(0, 360)),
    "magnitude_sigma": _number(0, 20),
    "likelihood": _number(0, 1),
    "source_is_assumed": _boolean,
    "nodes_triggered": _COUNT,
    "nodes_live_nearby": _COUNT,
    "max_mmi": _MMI,
    "reason": _prose,
}
_AREA: dict[str, Check] = {
    "id": _name,
    "lat_deg": _LAT_DEG,
    "lon_deg": _LON_DEG,
    "mmi": _MMI,
    "mmi_sigma": _or_null(_number(0, 20)),
    "s_arrival_us": _TIME_US,
    "in_blind_zone": _boolean,
    "level": _or_null(_LEVEL),
    "name": _or_null(_prose),  # of a registered target; empty for a cell
}
_HEARTBEAT: dict[str, Check] = {
    "sender": _name,
    "sent_us": _TIME_US,
    "category": _CATEGORY,
    "nodes_live": _COUNT,
    "nodes_known": _COUNT,
    "version": _or_null(_prose),
}
_INGEST: dict[str, Check] = {
    name: _integer(0, 2**63)
    for name in ("messages", "malformed", "duplicates", "too_old", "from_future", "forged")
}
_STORE: dict[str, Check] = {
    "is_writing": _boolean,
    "problem": _prose,
    "drops": _integer(0, 2**63),
}
_NODE: dict[str, Check] = {
    "node_id": _name,
    "lat_deg": _LAT_DEG,
    "lon_deg": _LON_DEG,
    "state": _one_of("alive", "mute", "late", "offline", "triggered"),
    "last_heard_us": _or_null(_TIME_US),
    "triggered_us": _or_null(_TIME_US),
    "noise_um_s2": _or_null(_number(0, 1e10)),
    "clock_error_us": _or_null(_number(0, 1e16)),
    "pga_um_s2": _or_null(_number(0, 1e10)),
    "faults": _or_null(_prose),  # in words; absent from an older engine
}
_DELAYS: dict[str, Check] = {
    "event_id": _name,
    "sample_us": _TIME_US,
    "node_sent_us": _TIME_US,
    "gateway_received_us": _TIME_US,
    "gateway_sent_us": _TIME_US,
    "engine_received_us": _TIME_US,
    "alert_us": _TIME_US,
}

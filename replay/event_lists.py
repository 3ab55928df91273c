"""What others say has happened: lists of earthquakes, as files or feeds give them.

CSV with a header (USGS's, or `time,latitude,longitude,magnitude`), the text of FDSN event
services, QuakeML, and our own events.jsonl. All input is hostile: what makes no sense is counted.
"""

import csv
import io
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from failure import Failure
from replay.iso_time import unix_us

MAX_BYTES = 50_000_000
MAX_EVENTS = 500_000
_NAMES = {  # ours, then what others call it, in lower case
    "event_id": ("id", "event_id", "eventid", "#eventid"),
    "time": ("time", "origin_time", "origintime", "datetime"),
    "lat": ("latitude", "ev_lat", "lat", "lat_deg"),
    "lon": ("longitude", "ev_lon", "lon", "lon_deg"),
    "magnitude": ("mag", "magnitude"),
}


@dataclass(frozen=True)
class Known:
    event_id: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    magnitude: float | None  # some lists have earthquakes without one


@dataclass
class EventList:
    events: list[Known] = field(default_factory=list)
    unreadable: int = 0  # rows without a time or a place


def read_event_list(content: bytes, name: str) -> EventList:
    """Return the earthquakes of a list. name: where it came from, for messages. Raises Failure."""
    if len(content) > MAX_BYTES:
        raise Failure(f"{name} has more than {MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise Failure(f"{name} is not UTF-8") from error
    rows: Iterable[dict[str, object]]
    if text.startswith("<"):
        rows = _quakeml_rows(text, name)
    elif text.startswith("{"):
        rows = _json_rows(text)
    else:
        rows = _table_rows(text, name)
    found = EventList()
    for row in rows:
        known = _known(row, len(found.events))
        if known is None:
            found.unreadable += 1
        elif len(found.events) < MAX_EVENTS:
            found.events.append(known)
    if not found.events and found.unreadable:
        raise Failure(f"{name}: none of {found.unreadable} rows has a time and a place")
    return found


def _table_rows(text: str, name: str) -> list[dict[str, object]]:
    header = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="|" if "|" in header else ",")
    columns = {(column or "").strip().lower() for column in reader.fieldnames or ()}
    missing = [ours for ours in ("time", "lat", "lon") if not columns & set(_NAMES[ours])]
    if missing:
        raise Failure(f"{name}: its first line names no column for {', '.join(missing)}")
    try:
        return [{str(k).strip().lower(): v for k, v in row.items()} for row in reader]
    except csv.Error as error:
        raise Failure(f"{name}: {error}") from error


def _json_rows(text: str) -> Iterable[dict[str, object]]:
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        yield entry if isinstance(entry, dict) else {}


def _quakeml_rows(text: str, name: str) -> list[dict[str, object]]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Failure(f"{name} declares a document type: refused")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise Failure(f"{name} is no XML: {error}") from error
    return [_quakeml_row(event) for event in root.iter() if _tag(event) == "event"]


def _quakeml_row(event: ET.Element) -> dict[str, object]:
    origin = _preferred(event, "origin", "preferredOriginID")
    magnitude = _preferred(event, "magnitude", "preferredMagnitudeID")
    return {
        "id": event.get("publicID", ""),
        "time": _value(origin, "time"),
        "latitude": _value(origin, "latitude"),
        "longitude": _value(origin, "longitude"),
        "mag": _value(magnitude, "mag"),
    }


def _preferred(event: ET.Element, kind: str, pointer: str) -> ET.Element | None:
    """Return what the event prefers, else the first there is."""
    wanted = next((child.text for child in event if _tag(child) == pointer), None)
    found = [child for child in event if _tag(child) == kind]
    chosen = [child for child in found if child.get("publicID") == wanted]
    return next(iter(chosen or found), None)


def _value(parent: ET.Element | None, name: str) -> str | None:
    for quantity in () if parent is None else parent:
        if _tag(quantity) == name:
            return next((child.text for child in quantity if _tag(child) == "value"), None)
    return None


def _tag(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _known(row: Mapping[str, object], number: int) -> Known | None:
    time = unix_us(str(_of(row, "time") or "").strip())
    lat, lon = _number(_of(row, "lat")), _number(_of(row, "lon"))
    if time is None or lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return None
    name = str(_of(row, "event_id") or f"event {number + 1}").strip()
    return Known(name, time, lat, lon, _number(_of(row, "magnitude")))


def _of(row: Mapping[str, object], ours: str) -> object:
    return next((row[name] for name in _NAMES[ours] if name in row), None)


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None

"""Alerts in the Common Alerting Protocol 1.2 (OASIS, 2010), for whoever speaks no dialect of ours.

A message of its own for each version, with all earlier ones in `references`. Areas that must act
and areas that need only know are two `info` blocks. An earthquake that calls for nothing is not
announced; once it was announced, all that follows is, down to the all-clear.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime

from aggregator.cap_areas import Shapes, shapes_of
from vote.alert import Alert, AreaForecast
from vote.ground.levels import LEVELS

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MAX_EVENTS = 64  # whose earlier messages are remembered; the oldest is forgotten
MAX_REFERENCES = 60  # an event speaks at most once a second for 40 s
EVENT = "Earthquake"
SHAKES_US = 30_000_000  # as long as alerts are valid after S (vote/lifecycle.py)
_STATUS = {"live": "Actual", "exercise": "Exercise", "test": "Test"}
_NOT_REAL = {
    "exercise": "This is an exercise of the earthquake early warning system. Nothing shakes.",
    "test": "This is a technical test of the earthquake early warning system. Nothing shakes.",
}
# From what people and buildings suffer: MMI VIII wrecks buildings, VI moves furniture
_SEVERITY = ((8.0, "Extreme"), (6.5, "Severe"), (5.0, "Moderate"), (0.0, "Minor"))
_OBSERVED, _LIKELY = 0.99, 0.5  # of the likelihood; CAP: likely is more than even
_INSTRUCTION = {
    "take_action": "Drop, cover and hold on until the shaking stops.",
    "be_aware": "Shaking may be felt. Keep away from what may fall.",
    "none": "No action is needed.",
}
_RESPONSE = {"take_action": "Shelter", "be_aware": "Prepare", "none": "AllClear"}


class CapSeries:
    """Remembers what was announced of each event, MAX_EVENTS of them, so that each message can
    name the earlier ones."""

    def __init__(self) -> None:
        self._said: dict[str, list[str]] = {}

    def next(self, alert: Alert) -> bytes | None:
        """Return the message for this alert, or None where there is nothing to announce."""
        earlier = self._said.get(alert.event_id)
        if earlier is None:
            if alert.level == "none":
                return None
            while len(self._said) >= MAX_EVENTS:
                del self._said[next(iter(self._said))]
            earlier = self._said[alert.event_id] = []
        document = message(alert, earlier[-MAX_REFERENCES:])
        earlier.append(_reference(alert))
        return document


def series_of(alerts: Sequence[Alert]) -> list[tuple[Alert, bytes]]:
    """Return the messages of a list of alerts in their order, each with its alert."""
    series = CapSeries()
    documents = [(alert, series.next(alert)) for alert in alerts]
    return [(alert, document) for alert, document in documents if document is not None]


def message(alert: Alert, references: Sequence[str]) -> bytes:
    """Return one message. references: `sender,identifier,sent` of all earlier ones."""
    root = ET.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", _identifier(alert))
    _add(root, "sender", _word(alert.sender))
    _add(root, "sent", _time(alert.issued_us))
    _add(root, "status", _STATUS[alert.category])
    _add(root, "msgType", _kind(alert, references))
    _add(root, "scope", "Public")
    if alert.category in _NOT_REAL:
        _add(root, "note", _NOT_REAL[alert.category])
    if references:
        _add(root, "references", " ".join(references))
    _add(root, "incidents", _word(alert.event_id))
    if alert.type == "cancel":
        _add_info(root, alert, "none", alert.areas)
    else:
        _add_levels(root, alert)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_levels(root: ET.Element, alert: Alert) -> None:
    """One info block for each level that any place has, the gravest first."""
    by_level = {
        level: [area for area in alert.areas if area.level == level] for level in LEVELS[1:]
    }
    for level in reversed(LEVELS[1:]):
        if by_level[level]:
            _add_info(root, alert, level, by_level[level])
    if not any(by_level.values()):
        _add_info(root, alert, alert.level, alert.areas)


def _add_info(root: ET.Element, alert: Alert, level: str, areas: Sequence[AreaForecast]) -> None:
    is_over = alert.type == "cancel"
    max_mmi = max((area.mmi for area in areas), default=1.0)
    info = ET.SubElement(root, "info")
    _add(info, "language", "en-US")
    _add(info, "category", "Geo")
    _add(info, "event", EVENT)
    _add(info, "responseType", _RESPONSE[level])
    is_past = is_over or level == "none" or _has_passed(alert, areas)
    _add(info, "urgency", "Past" if is_past else "Immediate")
    _add(info, "severity", "Minor" if is_over else _severity(max_mmi))
    _add(info, "certainty", _certainty(alert))
    _add(info, "effective", _time(alert.issued_us))
    onset_us = [a.s_arrival_us for a in areas if a.s_arrival_us > alert.issued_us]
    if onset_us and not is_over:
        _add(info, "onset", _time(min(onset_us)))
    _add(info, "expires", _time(alert.expires_us))
    _add(info, "senderName", alert.sender)
    _add(info, "headline", _headline(alert, level))
    _add(info, "description", _description(alert, max_mmi))
    _add(info, "instruction", _instruction(alert, level))
    for name, text in _parameters(alert, level, max_mmi):
        parameter = ET.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", text)
    for shapes in shapes_of(alert, areas):
        _add_area(info, shapes)


def _add_area(info: ET.Element, shapes: Shapes) -> None:
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", shapes.description)
    for polygon in shapes.polygons:
        _add(area, "polygon", " ".join(f"{lat:.4f},{lon:.4f}" for lat, lon in polygon))
    for lat, lon, radius_km in shapes.circles:
        _add(area, "circle", f"{lat:.4f},{lon:.4f} {radius_km:.1f}")


def _parameters(alert: Alert, level: str, max_mmi: float) -> list[tuple[str, str]]:
    return [
        ("eventId", alert.event_id),
        ("version", str(alert.version)),
        ("isFinal", str(alert.type in ("final", "cancel")).lower()),
        ("level", level),
        ("magnitude", f"{alert.magnitude:.1f}"),
        ("magnitudeUncertainty", f"{alert.magnitude_sigma:.2f}"),
        ("originTime", _time(alert.origin_us)),
        ("latitude", f"{alert.lat_deg:.4f}"),
        ("longitude", f"{alert.lon_deg:.4f}"),
        ("locationUncertaintyKm", f"{alert.location_sigma_km:.1f}"),
        ("depth", f"{alert.depth_km:.1f}"),
        ("likelihood", f"{alert.likelihood:.4f}"),
        ("maxMMI", f"{max_mmi:.1f}"),
    ]


def _kind(alert: Alert, references: Sequence[str]) -> str:
    if alert.type == "cancel":
        return "Cancel"
    return "Update" if references else "Alert"


def _has_passed(alert: Alert, areas: Sequence[AreaForecast]) -> bool:
    """Tell whether the strong shaking is over everywhere there, by what the last word says."""
    last_us = max((area.s_arrival_us for area in areas), default=0)
    return alert.type == "final" and alert.issued_us - last_us > SHAKES_US


def _severity(max_mmi: float) -> str:
    return next(name for least, name in _SEVERITY if max_mmi >= least)


def _certainty(alert: Alert) -> str:
    if alert.type == "cancel":
        return "Unlikely"
    if alert.likelihood >= _OBSERVED:
        return "Observed"
    return "Likely" if alert.likelihood > _LIKELY else "Possible"


def _headline(alert: Alert, level: str) -> str:
    mark = "" if alert.category == "live" else f"{_STATUS[alert.category].upper()}: "
    if alert.type == "cancel":
        return f"{mark}Earthquake warning withdrawn"
    if level == "none":
        return f"{mark}Earthquake: no strong shaking expected"
    what = "strong shaking expected" if level == "take_action" else "shaking expected"
    return f"{mark}Earthquake of magnitude {alert.magnitude:.1f}: {what}"


def _description(alert: Alert, max_mmi: float) -> str:
    if alert.type == "cancel":
        return alert.reason
    return f"{alert.reason} Shaking of up to MMI {max_mmi:.1f} is expected here."


def _instruction(alert: Alert, level: str) -> str:
    return f"{_NOT_REAL.get(alert.category, '')} {_INSTRUCTION[level]}".strip()


def _identifier(alert: Alert) -> str:
    return f"{_word(alert.sender)}.{_word(alert.event_id)}.{alert.version}"


def _reference(alert: Alert) -> str:
    return f"{_word(alert.sender)},{_identifier(alert)},{_time(alert.issued_us)}"


def _word(text: str) -> str:
    """Return text as CAP wants identifiers: without blanks, commas and its own brackets."""
    return "".join("_" if c.isspace() or c in ",<&" else c for c in text) or "_"


def _time(time_us: int) -> str:
    """CAP: seconds, an offset, no Z; UTC is -00:00. Truncated, so `sent` is never ahead."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c.isprintable())

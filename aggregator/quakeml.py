"""One event as QuakeML 1.2 (BED): for catalogues, and for programs that seismologists use.

Every estimate that was published is an origin and a magnitude; the last is the preferred one. An
exercise says in its description that it never happened; what was withdrawn is `not existing`.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vote.alert import Alert

NAMESPACE = "http://quakeml.org/xmlns/quakeml/1.2"
BED = "http://quakeml.org/xmlns/bed/1.2"
AUTHORITY = "smi:groundswell"  # a resource identifier of QuakeML: smi:authority/path
METHOD = f"{AUTHORITY}/vote"


def document(alerts: Sequence[Alert]) -> bytes:
    """Return the catalogue of one event. alerts: all its versions, at least one, in order."""
    last = alerts[-1]
    estimates = [alert for alert in alerts if alert.type != "cancel"] or [last]
    root = ET.Element("q:quakeml", {"xmlns:q": NAMESPACE, "xmlns": BED})
    parameters = ET.SubElement(root, "eventParameters", publicID=_id(last, "catalogue"))
    event = ET.SubElement(parameters, "event", publicID=_id(last, "event"))
    preferred = estimates[-1]
    _add(event, "preferredOriginID", _id(preferred, f"origin/{preferred.version}"))
    _add(event, "preferredMagnitudeID", _id(preferred, f"magnitude/{preferred.version}"))
    _add(event, "type", "not existing" if last.type == "cancel" else "earthquake")
    _add(event, "typeCertainty", "suspected")
    description = ET.SubElement(event, "description")
    _add(description, "text", _words(last))
    _add_creation(event, last)
    for alert in estimates:
        _add_origin(event, alert)
        _add_magnitude(event, alert)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_origin(event: ET.Element, alert: Alert) -> None:
    origin = ET.SubElement(event, "origin", publicID=_id(alert, f"origin/{alert.version}"))
    _add_quantity(origin, "time", _time(alert.origin_us), alert.origin_sigma_s)
    _add_quantity(origin, "latitude", f"{alert.lat_deg:.4f}")
    _add_quantity(origin, "longitude", f"{alert.lon_deg:.4f}")
    _add_quantity(origin, "depth", f"{alert.depth_km * 1000:.0f}")  # metres
    uncertainty = ET.SubElement(origin, "originUncertainty")
    _add(uncertainty, "horizontalUncertainty", f"{alert.location_sigma_km * 1000:.0f}")
    if alert.ellipse_major_km is not None and alert.ellipse_minor_km is not None:  # half axes
        _add(uncertainty, "minHorizontalUncertainty", f"{alert.ellipse_minor_km * 1000:.0f}")
        _add(uncertainty, "maxHorizontalUncertainty", f"{alert.ellipse_major_km * 1000:.0f}")
        _add(
            uncertainty,
            "azimuthMaxHorizontalUncertainty",
            f"{alert.ellipse_azimuth_deg or 0.0:.0f}",
        )
    _add(uncertainty, "preferredDescription", "horizontal uncertainty")
    quality = ET.SubElement(origin, "quality")
    _add(quality, "usedStationCount", str(alert.nodes_triggered))
    _add(origin, "methodID", METHOD)
    _add(origin, "evaluationMode", "automatic")
    _add(origin, "evaluationStatus", _standing(alert))
    _add_creation(origin, alert)


def _add_magnitude(event: ET.Element, alert: Alert) -> None:
    public_id = _id(alert, f"magnitude/{alert.version}")
    magnitude = ET.SubElement(event, "magnitude", publicID=public_id)
    _add_quantity(magnitude, "mag", f"{alert.magnitude:.2f}", alert.magnitude_sigma)
    _add(magnitude, "type", "M")
    _add(magnitude, "stationCount", str(alert.nodes_triggered))
    _add(magnitude, "originID", _id(alert, f"origin/{alert.version}"))
    _add(magnitude, "methodID", METHOD)
    _add(magnitude, "evaluationMode", "automatic")
    _add(magnitude, "evaluationStatus", _standing(alert))
    _add_creation(magnitude, alert)


def _standing(alert: Alert) -> str:
    """QuakeML: rejected, or preliminary while it may change, or final."""
    return {"cancel": "rejected", "final": "final"}.get(alert.type, "preliminary")


def _words(alert: Alert) -> str:
    mark = "" if alert.category == "live" else f"{alert.category.upper()}, not an earthquake. "
    return f"{mark}{alert.reason} Level {alert.level}, MMI {alert.max_mmi:.1f} at the most."


def _add_creation(parent: ET.Element, alert: Alert) -> None:
    creation = ET.SubElement(parent, "creationInfo")
    _add(creation, "agencyID", alert.sender)
    _add(creation, "creationTime", _time(alert.issued_us))
    _add(creation, "version", str(alert.version))


def _add_quantity(
    parent: ET.Element, name: str, value: str, uncertainty: float | None = None
) -> None:
    quantity = ET.SubElement(parent, name)
    _add(quantity, "value", value)
    if uncertainty is not None:
        _add(quantity, "uncertainty", f"{uncertainty:.3f}")


def _id(alert: Alert, path: str) -> str:
    event = re.sub(r"[^\w\d\-.]", "_", alert.event_id, flags=re.ASCII)
    return f"{AUTHORITY}/{event}/{path}"


def _time(time_us: int) -> str:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c.isprintable())

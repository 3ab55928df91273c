"""What the network says to the world: one alert message (contracts.md section 4)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class AreaForecast:
    """`id` is the area's name on the wire; `name` is for people and only registered targets have
    one."""

    id: str
    lat_deg: float
    lon_deg: float
    mmi: float
    mmi_sigma: float
    s_arrival_us: int
    in_blind_zone: bool
    level: str = "none"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    schema: int
    event_id: str
    version: int
    type: str  # new, update, cancel, final
    category: str  # live, test, exercise
    issued_us: int
    expires_us: int
    sender: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    magnitude: float
    origin_sigma_s: float
    location_sigma_km: float
    magnitude_sigma: float
    likelihood: float
    source_is_assumed: bool
    nodes_triggered: int
    nodes_live_nearby: int
    max_mmi: float
    level: str  # none, be_aware, take_action
    reason: str
    areas: tuple[AreaForecast, ...]
    # The ellipse that holds the epicentre with 68 %: half axes, and the longer one's azimuth
    ellipse_major_km: float | None = None
    ellipse_minor_km: float | None = None
    ellipse_azimuth_deg: float | None = None  # clockwise from north, 0 to 180

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_json(self) -> str:
        """Return the message as one line."""
        return json.dumps(self.as_dict(), separators=(",", ":"), ensure_ascii=False)


def alert_of(document: Mapping[str, Any]) -> Alert:
    """Return the alert that as_dict made; a field that is not ours is passed over.

    Raises ValueError for a document of another schema or without a field that we need.
    """
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        raise ValueError(f"not an alert of schema {SCHEMA}")
    try:
        areas = tuple(AreaForecast(**_known(AreaForecast, area)) for area in document["areas"])
        return Alert(**{**_known(Alert, document), "areas": areas})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an alert: {error}") from error


def _known(kind: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in document.items() if name in names}

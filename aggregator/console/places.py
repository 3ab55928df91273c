"""Places with a name, for which the page counts down: read from a TOML file.

[[places]]
name = "Acapulco"
lat_deg = 16.863
lon_deg = -99.882
"""

import math
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

MAX_PLACES = 500


class Place(NamedTuple):
    name: str
    lat_deg: float
    lon_deg: float


class PlacesError(ValueError):
    """This file does not name places; the message says where."""


def read_places(path: Path) -> list[Place]:
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise PlacesError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlacesError(f"{path}: {error}") from error
    entries = document.get("places")
    if not isinstance(entries, list) or len(entries) > MAX_PLACES:
        raise PlacesError(f"{path}: needs [[places]], at most {MAX_PLACES}")
    try:
        return [_place(entry) for entry in entries]
    except PlacesError as error:
        raise PlacesError(f"{path}: {error}") from error


def _place(entry: Any) -> Place:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise PlacesError("a place without a name")
    name = entry["name"]
    return Place(name, _angle_deg(entry, "lat_deg", 90), _angle_deg(entry, "lon_deg", 180))


def _angle_deg(entry: dict[str, Any], key: str, limit_deg: float) -> float:
    angle_deg = entry.get(key)
    if isinstance(angle_deg, bool) or not isinstance(angle_deg, int | float):
        raise PlacesError(f"{entry['name']} has no {key}")
    if not math.isfinite(angle_deg) or abs(angle_deg) > limit_deg:
        raise PlacesError(f"{entry['name']}: {key} is {angle_deg}")
    return float(angle_deg)

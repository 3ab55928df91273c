"""Registered targets: places that every alert speaks of, read from a TOML file.

[[target]]
id = "hospital-acapulco"      # in the alert; letters, digits, . _ -
name = "General hospital"
lat_deg = 16.863
lon_deg = -99.882
site_mmi = 0.6                # optional: how much more it shakes there than on firm ground
be_aware_mmi = 3.5            # optional, like the next two: own levels instead of the network's
take_action_mmi = 4.5
cost_ratio = 0.1              # of a needless alarm: C_false / (C_false + C_missed)
"""

import math
import re
import tomllib
from pathlib import Path
from typing import Any

from vote.ground.shaking import Area

MAX_TARGETS = 200  # of 130 bytes each in every alert; a broker's largest message is 1 MB
MAX_SITE_MMI = 3.0
MOST_NAME = 80
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BOUNDS = {
    "lat_deg": (-90.0, 90.0),
    "lon_deg": (-180.0, 180.0),
    "site_mmi": (-MAX_SITE_MMI, MAX_SITE_MMI),
    "be_aware_mmi": (1.0, 10.0),
    "take_action_mmi": (1.0, 10.0),
    "cost_ratio": (0.001, 0.999),
}
_NEEDED = {"id", "name", "lat_deg", "lon_deg"}


class TargetsError(ValueError):
    """This file does not name targets; the message says where."""


def read_targets(path: Path) -> tuple[Area, ...]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("target")
    except OSError as error:
        raise TargetsError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetsError(f"{path}: {error}") from error
    if not isinstance(entries, list) or len(entries) > MAX_TARGETS:
        raise TargetsError(f"{path}: needs [[target]], at most {MAX_TARGETS}")
    try:
        targets = tuple(_target(entry) for entry in entries)
        _check_distinct(targets)
    except TargetsError as error:
        raise TargetsError(f"{path}: {error}") from error
    return targets


def _target(entry: Any) -> Area:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise TargetsError("a target without an id")
    name = entry["id"]
    if not _ID.fullmatch(name):
        raise TargetsError(f"the id {name!r} is not made of letters, digits, . _ -")
    missing, unknown = _NEEDED - set(entry), set(entry) - _NEEDED - set(_BOUNDS)
    if missing or unknown:
        what = f"has no {min(missing)}" if missing else f"has an unknown key {min(unknown)!r}"
        raise TargetsError(f"{name} {what}")
    if not isinstance(entry["name"], str) or not 1 <= len(entry["name"].strip()) <= MOST_NAME:
        raise TargetsError(f"{name}: name must have 1 to {MOST_NAME} characters")
    numbers = {key: _number(entry, key) for key in _BOUNDS if key in entry}
    aware, action = numbers.get("be_aware_mmi"), numbers.get("take_action_mmi")
    if aware is not None and action is not None and aware > action:
        raise TargetsError(f"{name}: take_action_mmi is below be_aware_mmi")
    return Area(name, numbers.pop("lat_deg"), numbers.pop("lon_deg"), entry["name"], **numbers)


def _number(entry: dict[str, Any], key: str) -> float:
    number, (least, most) = entry[key], _BOUNDS[key]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TargetsError(f"{entry['id']}: {key} must be a number")
    if not math.isfinite(number) or not least <= number <= most:
        raise TargetsError(f"{entry['id']}: {key} must lie between {least:g} and {most:g}")
    return float(number)


def _check_distinct(targets: tuple[Area, ...]) -> None:
    seen: set[str] = set()
    for target in targets:
        if target.area_id in seen:
            raise TargetsError(f"two targets are called {target.area_id}")
        seen.add(target.area_id)

"""What a person types to change a node's settings: KEY=VALUE words."""

import json
from typing import Any

from failure import Failure
from firmware.state.settings import SETTINGS


def changes_of(words: list[str]) -> dict[str, Any]:
    """Return what the words mean; whether it can be so, the node says. Raises Failure."""
    changes: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise Failure(f"{word!r} is not KEY=VALUE")
        kind = SETTINGS[key][0] if key in SETTINGS else None
        if kind is str:  # also where it looks like a number: a key of Wi-Fi may
            changes[key] = value
        elif kind is list:
            changes[key] = [part for part in value.split(",") if part]
        else:
            try:
                changes[key] = json.loads(value)
            except ValueError:
                changes[key] = value
    return changes

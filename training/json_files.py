"""What the commands of a study have left in its folder: a file of JSON, or of a line each."""

import json
from pathlib import Path
from typing import Any

from failure import Failure, reason_of


def read_json(path: Path) -> Any:
    """Raises Failure for a file that is not there or is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Raises Failure for a file that is not there or is none."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error

"""The table of kinds of models that `make study-models` writes (compare.py), as rows of a file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from failure import Failure, reason_of


@dataclass(frozen=True)
class Row:
    """What one model is worth, by a protocol."""

    name: str
    protocol: str
    false: dict[str, float]  # by kind: the share of detections that are triggers
    of: dict[str, int]  # by kind: detections, earthquakes' too
    median_s: float  # delay of the earthquakes' triggers after their detections
    p90_s: float
    parameters: int
    work: int  # multiply-accumulates of a run
    seconds: float  # of one fit

    @property
    def all_false(self) -> float:
        """Return the share of triggers of all detections that are no earthquake's."""
        total = sum(self.of[kind] for kind in self.false)
        return sum(self.false[kind] * self.of[kind] for kind in self.false) / max(total, 1)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows, fewest false first, then the sooner, then the cheaper."""
    return sorted(rows, key=lambda row: (row.all_false, row.p90_s, row.work))


def head_of(rows: Sequence[Row]) -> list[str]:
    false = [f"false: {kind} ({rows[0].of[kind]})" for kind in rows[0].false]
    costs = ["parameters", "multiply-accumulates", "s a fit"]
    return ["model", *false, "all", "delay median / p90", *costs]


def cells_of(row: Row) -> list[str]:
    return [
        row.name,
        *(f"{share:.1%}" for share in row.false.values()),
        f"{row.all_false:.1%}",
        f"{row.median_s:.2f} / {row.p90_s:.2f} s",
        f"{row.parameters:,}",
        f"{row.work:,}",
        f"{row.seconds:.0f}",
    ]


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file; none where there is no file.

    Raises Failure for a file that is none of ours.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Row(**json.loads(line)) for line in lines]
    except (OSError, ValueError, TypeError) as error:
        raise Failure(f"cannot go on with {path}: {reason_of(error)}; remove it") from error


def markdown(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table."""
    head = head_of(rows)
    found = [head, ["---"] * len(head), *(cells_of(row) for row in in_order(rows))]
    return [f"| {' | '.join(cells)} |" for cells in found]

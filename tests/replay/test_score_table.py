"""The tables of `score` and `replay`, as a terminal shows them."""

import dataclasses
import io

from rich.console import Console

from replay import score_table
from tests.replay import test_network_score as sample


def test_the_events_fit_a_terminal_of_80_columns() -> None:
    found = dataclasses.replace(
        sample.score([sample.version(apart_km=62.0, magnitude=4.2), sample.version(2)]),
        event_id="mx20180216233939",
        stations_near=103,
        duplicates=1,
    )
    console = Console(width=80, file=io.StringIO())
    for table in score_table.event_tables([found]):
        console.print(table)

    shown = console.file.getvalue()
    rows = [line.split() for line in shown.splitlines() if "mx20180216233939" in line]
    cells = [[word for word in row if word != "│"] for row in rows]
    assert cells[0][1:5] == ["6.0", "103", "5", "yes"]
    assert cells[1][1:4] == ["62/0", "-1.8/-0.5", "1"]
    assert all(word in shown for word in ("declared", "strong", "warned", "guessed"))
    assert "…" not in shown  # nothing is cut off

"""`groundswell site-terms`: from the engine's record to a file, and on with that file."""

import errno
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from groundswell import wire

from aggregator import rows, schema
from aggregator.ingest import Heard
from aggregator.site_terms import read_site_terms
from commands.main import main
from tests.vote.world import Quake, World, grid, status
from vote.decision import Decider

LOUD = 6  # of 9 nodes: its Pd is twice the others'
PLACES = grid(3, 20)


def record_with(path: Path, quakes: int) -> None:
    """Write what an engine would have kept of so many earthquakes, all at one place."""
    connection = sqlite3.connect(path)
    schema.upgrade(connection, schema.sections())
    world = World(PLACES)
    world.alive(100.0)
    world.shake(Quake(17.02, -100.03, 5.5))
    last = world.play(Decider("v"))[-1].as_dict()
    for number in range(quakes):
        later_us = number * 3_600_000_000
        for at_us, message in world.mail:
            if isinstance(message, wire.Trigger):
                row = rows.of_trigger(
                    heard(message, at_us + later_us), of(message, number, later_us)
                )
                connection.execute(*row)
        origin = {"event_id": f"gs{number}", "origin_us": last["origin_us"] + later_us}
        connection.execute(*rows.of_event(last | origin))
    for place in PLACES:
        said = status(place, 0)
        connection.execute(*rows.of_status(heard(said, 0), said))
    connection.commit()
    connection.close()


def heard(message: Any, at_us: int) -> Heard:
    return Heard(message, 1, at_us, at_us, at_us, False)


def of(message: wire.Trigger, number: int, later_us: int) -> wire.Trigger:
    """Return a node's message of another earthquake, by the ground that it stands on."""
    factor = 2 if message.node_id == LOUD else 1
    return message._replace(
        boot_id=number + 1,
        pd_nm=factor * message.pd_nm,
        onset_us=message.onset_us + later_us,
        sample_us=message.sample_us + later_us,
    )


def test_a_node_on_soft_ground_is_found_and_the_file_outlives_the_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    record, out = tmp_path / "record.db", tmp_path / "terms.json"
    record_with(record, 5)

    assert main(["site-terms", str(record), "--out", str(out)]) == 0

    shown = capsys.readouterr().out
    assert "5 earthquakes added; 9 nodes" in shown and f"{LOUD:08x}" in shown
    terms = read_site_terms(out)
    assert 0.2 < terms[LOUD].pd_log10 < 0.3
    assert all(abs(term.pd_log10) < 0.05 for node, term in terms.items() if node != LOUD)
    before = json.loads(out.read_text())
    connection = sqlite3.connect(record)
    connection.execute("DELETE FROM triggers")
    connection.commit()
    connection.close()
    assert main(["site-terms", str(record), "--out", str(out)]) == 0
    assert json.loads(out.read_text()) == before


def test_a_full_disk_costs_nothing_of_what_the_file_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    record, out = tmp_path / "record.db", tmp_path / "terms.json"
    record_with(record, 5)
    assert main(["site-terms", str(record), "--out", str(out)]) == 0
    before = out.read_text()

    def full(path: Path, text: str, encoding: str) -> None:
        path.write_bytes(text.encode(encoding)[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert main(["site-terms", str(record), "--out", str(out)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert out.read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["record.db", "terms.json"]


def test_what_is_no_record_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "text").write_text("no record")

    assert main(["site-terms", str(tmp_path / "text"), "--out", str(tmp_path / "out")]) == 2
    assert "cannot read" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

"""The record survives what happens to disks, files and processes; nobody waits for it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from groundswell import wire

from aggregator import rows, schema
from aggregator import store as module
from aggregator.reader import Reader
from aggregator.schema import SchemaError
from aggregator.store import Store
from tests import own_time
from tests.aggregator.samples import NOW_US, alert, heard, status, trigger

PATIENCE_S = 10.0
ROOT = Path(__file__).resolve().parents[2]


def put_alert(store, **values):
    said = alert(**values)
    store.put_alert(said.as_dict(), said.as_json())
    return said


def until(condition):
    """Wait for a thread's work; the condition is asked again, never assumed."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "record.sqlite3")
    made.start()
    yield made
    made.stop()


def test_what_is_put_can_be_read(store):
    put_alert(store)
    said = put_alert(store, version=2, kind="update", issued_us=NOW_US + 5)
    store.put(heard(status()))
    store.put(heard(trigger()))
    store.stop()

    reader = Reader(store.path)
    assert [json.loads(line)["version"] for line in reader.alerts(10)] == [1, 2]
    assert json.loads(reader.alerts(1)[0]) == json.loads(said.as_json())
    (event,) = reader.events(10)
    assert (event["version"], event["type"], event["magnitude_milli"]) == (2, "update", 6100)
    assert (event["first_issued_us"], event["last_issued_us"]) == (NOW_US, NOW_US + 5)
    (node,) = reader.nodes()
    assert wire.decode(node["status_frame"]) == status()


def test_every_column_of_a_trigger_is_where_its_name_says(store):
    spoken = trigger(seq=9, flags=wire.FLAG_CLIPPED)
    store.put(heard(spoken, is_late=True))
    store.stop()

    connection = sqlite3.connect(store.path)
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM triggers").fetchone())
    connection.close()
    fields = spoken._asdict()
    fields["update_number"] = fields.pop("update")
    assert {key: row[key] for key in fields} == fields
    assert row["received_us"] == NOW_US
    assert row["is_late"] == 1


def test_the_same_trigger_is_kept_once_and_an_older_status_replaces_no_newer(store):
    store.put(heard(trigger()))
    store.put(heard(trigger(), NOW_US + 9))
    store.put(heard(status(seq=2), NOW_US + 9))
    store.put(heard(status(seq=1), NOW_US))
    store.stop()

    (node,) = Reader(store.path).nodes()
    assert wire.decode(node["status_frame"]).seq == 2
    assert count(store.path, "triggers") == 1


def test_nodes_heard_lately_are_given_back(store):
    store.put(heard(status(node_id=1), NOW_US))
    store.put(heard(status(node_id=2), NOW_US + 60))
    store.put(heard(status(node_id=3, sent_us=NOW_US - 99), NOW_US + 90, is_late=True))
    store.stop()

    (node,) = Reader(store.path).nodes_since(NOW_US + 1)
    assert node["heard_us"] == NOW_US + 60
    assert wire.decode(node["status_frame"]).node_id == 2


def test_a_file_of_an_older_version_is_upgraded_and_keeps_its_rows(tmp_path):
    path = tmp_path / "old.sqlite3"
    old = Store(path, schema.sections()[:1])
    old.start()
    put_alert(old)
    old.stop()
    newer = [*schema.sections(), "CREATE TABLE remarks (remark TEXT NOT NULL);"]

    store = Store(path, newer)
    store.start()
    put_alert(store, event_id="gs2")
    store.stop()

    assert count(path, "remarks") == 0
    assert len(Reader(path).alerts(10)) == 2
    assert version_of(path) == len(newer)


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "old.sqlite3"
    Store(path).start()
    broken = [*schema.sections(), "CREATE TABLE remarks (a); INSERT INTO nowhere VALUES (1);"]
    connection = sqlite3.connect(path, isolation_level=None)

    with pytest.raises(sqlite3.Error):
        schema.upgrade(connection, broken)
    connection.close()

    assert version_of(path) == len(schema.sections())
    with pytest.raises(sqlite3.OperationalError):
        count(path, "remarks")


def test_a_file_of_a_newer_version_is_not_touched(tmp_path):
    path = tmp_path / "new.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(SchemaError, match="99"):
        Store(path).start()


def test_a_locked_file_delays_nobody_and_loses_no_alert(store, monkeypatch):
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    until(lambda: store.health().is_writing)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    begun_us = own_time.now_us()
    for version in range(1, 101):
        put_alert(store, version=version)
    store.put(heard(trigger()))
    took_us = own_time.now_us() - begun_us
    until(lambda: store.health().failures > 1)
    assert "locked" in store.health().problem
    assert not store.health().is_writing
    other.execute("ROLLBACK")
    other.close()
    until(lambda: store.health().is_writing)
    store.stop()

    assert took_us < 500_000
    versions = [json.loads(line)["version"] for line in Reader(store.path).alerts(1000)]
    assert versions == list(range(1, 101))
    assert count(store.path, "triggers") == 1


def test_a_full_disk_is_shown_and_the_record_goes_on_when_there_is_room(tmp_path, monkeypatch):
    # SQLite answers SQLITE_FULL when the file may not have another page
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    monkeypatch.setattr(module, "_PRAGMAS", (*module._PRAGMAS, "PRAGMA max_page_count = 16"))
    store = Store(tmp_path / "small.sqlite3")
    store.start()
    for version in range(1, 201):
        put_alert(store, version=version)
    until(lambda: "full" in store.health().problem)

    monkeypatch.setattr(module, "_PRAGMAS", module._PRAGMAS[:-1])
    until(lambda: store.health().is_writing)
    store.stop()

    assert len(Reader(store.path).alerts(1000)) == 200


def test_the_queue_is_bounded_and_counts_what_it_drops(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_QUEUED", 50)
    monkeypatch.setattr(module, "MAX_QUEUED_ALERTS", 20)
    store = Store(tmp_path / "never-started.sqlite3")

    for seq in range(60):
        store.put(heard(trigger(seq)))
    for version in range(1, 13):
        put_alert(store, version=version)

    assert store.health().drops == 10 + 2


def test_a_database_that_cannot_be_there_stops_nothing(tmp_path):
    store = Store(tmp_path / "no such folder" / "record.sqlite3")

    store.start()
    put_alert(store)

    until(lambda: store.health().failures > 0)
    assert store.health().problem
    store.stop()
    store.raise_failure()


def test_the_record_of_exercises_has_a_bound_and_that_of_earthquakes_has_none(monkeypatch):
    monkeypatch.setattr(rows, "KEEP_EXERCISES", 3)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.upgrade(connection, schema.sections())
    for i, category in enumerate(["live", *["exercise"] * 10, "live"]):
        said = alert(event_id=f"gs{i}", category=category)
        connection.execute(*rows.of_alert(said.as_dict(), said.as_json()))
        connection.execute(*rows.of_event(said.as_dict()))
    for received_us in (NOW_US - rows.KEEP_TRIGGERS_US - 1, NOW_US):
        connection.execute(*rows.of_trigger(heard(None, received_us), trigger(received_us % 7)))

    for row in rows.prunes(NOW_US):
        connection.execute(*row)

    kept = [row[0] for row in connection.execute("SELECT event_id FROM alerts ORDER BY alert_id")]
    events = [row[0] for row in connection.execute("SELECT event_id FROM events")]
    triggers = [row[0] for row in connection.execute("SELECT received_us FROM triggers")]
    connection.close()
    assert kept == ["gs0", "gs9", "gs10", "gs11"]
    assert sorted(events) == sorted(kept)
    assert triggers == [NOW_US]


WRITER = """
import sys
from pathlib import Path
from aggregator.reader import Reader
from aggregator.store import Store
from tests.aggregator.samples import alert
store = Store(Path(sys.argv[1]))
store.start()
for version in range(1, 1_000_000):
    said = alert(version=version)
    store.put_alert(said.as_dict(), said.as_json())
    while len(store._alerts) > 100:
        pass
    if version % 50 == 0:
        print(len(Reader(store.path).alerts(10**6)), flush=True)
"""


def test_after_kill_9_the_file_opens_and_what_was_committed_is_there(tmp_path):
    path = tmp_path / "record.sqlite3"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    for _ in range(4):
        seen = int(writer.stdout.readline())

    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    versions = [json.loads(line)["version"] for line in Reader(path).alerts(10**6)]
    assert seen > 0
    assert len(versions) >= seen
    assert versions == list(range(1, len(versions) + 1))
    store = Store(path)
    store.start()
    put_alert(store, event_id="afterwards")
    store.stop()
    assert json.loads(Reader(path).alerts(1)[0])["event_id"] == "afterwards"


def count(path, table):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    finally:
        connection.close()


def version_of(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()

"""What an engine knows again when it starts, and what it makes of a spoilt record."""

import json
import sqlite3

import pytest

from aggregator.ingest import Heard, Ingest
from aggregator.reader import Reader
from aggregator.recall import document_of, learnt_of, recall
from aggregator.store import Store
from tests.aggregator.samples import GATEWAY, NOW_US, alert, heard, status, trigger
from vote.decision import Decider
from vote.nodes.account import Account, Learnt

SPOILT_ACCOUNTS = (
    "1, -2, 3, null",
    "NaN, 1, 3, null",
    "1, 1, Infinity, null",
    '1, 1, 3, "x"',
    "1",
)
LEARNT = Learnt(3.5, {7: Account(40.0, 1.5, NOW_US, None), 8: Account(1e3, 2.0, NOW_US, NOW_US)})


@pytest.fixture
def record(tmp_path):
    """Return a function that puts things into a record and returns its reader."""

    def fill(*messages, alerts=(), learnt=None):
        store = Store(tmp_path / "record.sqlite3")
        store.start()
        for message in messages:
            store.put(Heard(message, GATEWAY, NOW_US, NOW_US, NOW_US, False))
        for one in alerts:
            store.put_alert(one.as_dict(), one.as_json())
        if learnt is not None:
            store.put_learnt(learnt)
        store.stop()
        return Reader(store.path)

    return fill


def test_what_nodes_have_taught_outlives_the_engine_also_of_nodes_that_are_heard_later(record):
    reader = record(status(1, NOW_US, node_id=7), learnt=document_of(LEARNT))
    decider = Decider("v")

    recall(reader, decider, NOW_US)
    decider.hear(status(1, NOW_US, node_id=8), NOW_US)

    nodes = decider.fleet.nodes
    assert nodes[7].account == LEARNT.accounts[7]
    assert decider.fleet.is_quarantined(nodes[8], NOW_US)
    assert not decider.fleet.is_armed[nodes[8].index]
    assert decider.fleet.learnt(NOW_US) == LEARNT


@pytest.mark.parametrize(
    "spoilt",
    ["", "[]", "{}", "\x00", "[" * 100_000, '{"false_mark": 0, "accounts": {}}']
    + ['{"false_mark": NaN, "accounts": {}}', '{"false_mark": 1, "accounts": {"7": {"x": 1}}}']
    + [f'{{"false_mark": 4, "accounts": {{"7": [{one}]}}}}' for one in SPOILT_ACCOUNTS],
)
def test_what_is_not_to_be_understood_is_learnt_anew(record, spoilt, caplog):
    reader = record(status(1, NOW_US), learnt=spoilt)

    known = recall(reader, Decider("v"), NOW_US)

    assert known.nodes == 1
    assert "counted anew" in caplog.text
    with pytest.raises(ValueError, match=r"\w"):
        learnt_of(spoilt)


def test_an_account_of_days_ago_is_worth_nothing():
    decider = Decider("v")
    decider.fleet.restore(LEARNT)

    assert decider.fleet.learnt(NOW_US + 3 * 86_400_000_000).accounts == {}


@pytest.mark.parametrize(("away_s", "since_s"), [(1, -500), (30, 30)])
def test_silence_counts_since_a_node_is_up_but_not_over_a_longer_absence(record, away_s, since_s):
    reader = record(status(1, NOW_US)._replace(uptime_s=500))
    decider = Decider("v")

    recall(reader, decider, NOW_US + away_s * 1_000_000)

    assert decider.fleet.armed_since_us[0] == NOW_US + since_s * 1_000_000


def test_an_earthquake_of_which_nothing_else_is_known_is_ended(record):
    reader, decider = record(alerts=[alert()]), Decider("v")

    known = recall(reader, decider, NOW_US)

    (final,) = decider.tick(NOW_US + 41_000_000)
    assert (final.event_id, final.type, final.version) == (alert().event_id, "final", 2)
    assert known.told == [[alert()]]


@pytest.mark.parametrize(
    "document",
    ["[]", "null", "3", "[" * 100_000]
    + [
        json.dumps(alert().as_dict() | {name: value})
        for name, value in (
            ("schema", 99), ("likelihood", None), ("lat_deg", "x"), ("magnitude", float("nan")),
            ("version", None), ("issued_us", "now"), ("areas", 7),
        )
    ],
)  # fmt: skip
def test_an_alert_that_is_spoilt_or_of_another_version_is_passed_over(record, document, caplog):
    reader = record(alerts=[alert()])
    with sqlite3.connect(reader._path) as connection:
        connection.execute("UPDATE alerts SET document = ?", (document,))

    known = recall(reader, Decider("v"), NOW_US)

    assert known.told == [] and known.names == 1
    assert "cannot be read any more" in caplog.text


def test_triggers_on_record_are_heard_again(record):
    reader = record(
        status(1, NOW_US), *(trigger(n, NOW_US)._replace(detection_id=n) for n in (2, 3))
    )
    decider = Decider("v")

    known = recall(reader, decider, NOW_US)

    assert known.triggers == 2
    assert len(decider.picks.recent()) == 2


def test_a_trigger_that_is_spoilt_is_passed_over(record):
    reader = record(
        status(1, NOW_US), *(trigger(n, NOW_US)._replace(detection_id=n) for n in (2, 3))
    )
    with sqlite3.connect(reader._path) as connection:
        connection.execute("UPDATE triggers SET onset_us = 'x' WHERE seq = 2")

    assert recall(reader, Decider("v"), NOW_US).triggers == 1


def test_what_today_had_to_be_sealed_and_was_not_is_not_heard_again(tmp_path):
    """An engine that is made sealed_only, or is given a node's key, has that rule at once."""
    sealed, unsealed, unknown = 7, 8, 9
    store = Store(tmp_path / "record.sqlite3")
    store.start()
    for node_id in (sealed, unsealed, unknown):
        for seq, say in ((1, status), (2, trigger)):
            spoken = heard(say(seq, NOW_US, node_id=node_id))
            store.put(spoken._replace(is_sealed=node_id == sealed))
    store.stop()
    reader, keys = Reader(store.path), {sealed: bytes(32), unsealed: bytes(32)}

    def known_to(ingest):
        decider = Decider("v")
        recalled = recall(reader, decider, NOW_US, ingest.would_hear)
        assert recalled.triggers == len(decider.picks.recent()) == recalled.nodes
        return sorted(decider.fleet.nodes)

    assert known_to(Ingest()) == [sealed, unsealed, unknown]
    assert known_to(Ingest(keys=keys)) == [sealed, unknown]
    assert known_to(Ingest(keys=keys, sealed_only=True)) == [sealed]


def test_what_was_an_exercise_does_not_go_on_as_live(record):
    reader = record(status(1, NOW_US), trigger(2, NOW_US), alerts=[alert(category="exercise")])
    decider = Decider("v", "live")

    known = recall(reader, decider, NOW_US)

    assert decider.known.events == [] and (known.told, known.triggers) == ([], 0)
    assert decider.known.names() == {alert().event_id}


def test_what_was_told_by_a_clock_that_was_ahead_does_not_run(record):
    ahead_us = NOW_US + 86_400_000_000
    reader = record(alerts=[alert(event_id=f"gs{n}", issued_us=ahead_us) for n in range(60)])
    decider = Decider("v")

    recall(reader, decider, NOW_US)

    assert decider.known.events == [] and len(decider.known.names()) == 60


def test_nodes_on_record_by_a_clock_that_was_ahead_are_heard_at_once(record):
    """Else an engine that starts again by a clock set right is deaf for as long."""
    reader, decider = record(status(1, NOW_US)), Decider("v")
    right_us = NOW_US - 500_000_000

    recall(reader, decider, right_us)
    decider.hear(status(2, right_us), right_us)

    assert decider.fleet.get(42).heard_us == right_us


def test_what_runs_on_record_by_a_clock_that_was_ahead_ends_in_time(record):
    reader, decider = record(alerts=[alert()]), Decider("v")
    right_us = NOW_US - 500_000_000

    recall(reader, decider, right_us)

    (final,) = decider.tick(right_us + 41_000_000)
    assert (final.type, final.version) == ("final", 2)


def test_triggers_of_a_far_future_leave_those_of_the_last_minutes_room(record, monkeypatch):
    monkeypatch.setattr("aggregator.recall.MAX_REHEARD", 2)
    said = [trigger(n, NOW_US)._replace(detection_id=n) for n in (2, 3, 4, 5)]
    reader = record(status(1, NOW_US), *said)
    with sqlite3.connect(reader._path) as connection:
        connection.execute("UPDATE triggers SET received_us = received_us * 2 WHERE seq > 3")
    decider = Decider("v")

    assert recall(reader, decider, NOW_US).triggers == 2
    assert len(decider.picks.recent()) == 2

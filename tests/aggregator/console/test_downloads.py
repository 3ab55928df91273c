"""Events to take away: what the record has, in the words of the standards."""

import json
import sqlite3

import pytest
from capvalidator.validate import Validator

from aggregator.console.app import create_app
from aggregator.console.feed import Feed
from aggregator.console.live import Live
from aggregator.reader import Reader
from aggregator.store import Store
from tests.aggregator.samples import NOW_US, alert


@pytest.fixture
def client(tmp_path):
    store = Store(tmp_path / "record.db")
    store.start()
    quiet = alert(event_id="gs2").as_dict() | {"level": "none"}
    for one in (alert(), alert(2, "final", issued_us=NOW_US + 40_000_000)):
        store.put_alert(one.as_dict(), one.as_json())
    store.put_alert(quiet, json.dumps(quiet))
    store.stop()
    return client_of(Reader(tmp_path / "record.db").alerts_of)


def client_of(alerts_of):
    live = Live(Feed(NOW_US, []), lambda: NOW_US, epoch="run1")
    return create_app(live, alerts_of).test_client()


def test_quakeml_has_every_version_and_comes_as_a_file(client):
    answer = client.get("/api/events/gs1/quakeml")

    assert answer.status_code == 200 and answer.mimetype == "application/xml"
    assert 'filename="gs1.quakeml.xml"' in answer.headers["Content-Disposition"]
    assert answer.data.count(b"<origin ") == 2


def test_cap_is_the_last_message_with_its_references(client):
    answer = client.get("/api/events/gs1/cap")

    assert Validator(answer.data).schema()[0]
    assert b"<msgType>Update</msgType>" in answer.data and b"<references>" in answer.data


def test_what_called_for_nothing_was_never_announced(client):
    assert client.get("/api/events/gs2/cap").status_code == 404
    assert client.get("/api/events/gs2/quakeml").status_code == 200


@pytest.mark.parametrize("name", ["gs9", "..%2F..", "a b", "x" * 65, "%00"])
def test_what_is_not_there_is_404(client, name):
    assert client.get(f"/api/events/{name}/quakeml").status_code == 404


def test_without_a_record_the_answer_says_so():
    def broken(event_id):
        raise sqlite3.OperationalError("no such table: alerts")

    assert client_of(broken).get("/api/events/gs1/cap").status_code == 503


def test_a_record_of_another_version_crashes_nothing():
    assert client_of(lambda _: [b'{"schema": 9}']).get("/api/events/gs1/cap").status_code == 404

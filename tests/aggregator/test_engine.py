"""End to end with real brokers: what nodes publish comes out as an alert on the alert topic."""

import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from groundswell import topics, wire

from aggregator import store as store_module
from aggregator.config import Config
from aggregator.engine import Engine
from aggregator.reader import Reader
from aggregator.store import Store
from gateway.batch import prompt
from gateway.bridge import Bridge
from gateway.config import Config as GatewayConfig
from link.mqtt import MqttLink
from tests.aggregator.samples import GATEWAY, NOW_US, alert, trigger
from tests.aggregator.site import NODES, PATIENCE_S, Ear, Site, now_us
from tests.link.broker_process import BrokerProcess

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = topics.of_alert("exercise")


@contextlib.contextmanager
def running(*services):
    threads = [threading.Thread(target=service.run) for service in services]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for service in services:
            service.stop()
        for thread in threads:
            thread.join(PATIENCE_S)


@pytest.fixture
def closing():
    """Links that end with the test."""
    links: list[MqttLink] = []
    yield lambda owner: (links.append(owner.link), owner)[1]
    for link in links:
        link.stop()


def gateway(local, upstream=None):
    upstream = upstream or local
    return Bridge(
        GatewayConfig(
            local=local.address,
            upstream=upstream.address,
            gateway_id="0000beef",
            batch_age_ms=20,
        )
    )


def engine(broker, folder):
    record = str(folder / "record.sqlite3")
    return Engine(Config(broker=broker.address, database=record, sender="test"), "exercise")


def all_alive(view):
    return [node["state"] for node in view["nodes"]] == ["alive"] * len(NODES)


def test_an_earthquake_becomes_an_alert_that_any_client_sees(broker, tmp_path, closing):
    with running(gateway(broker), engine(broker, tmp_path)):
        ear = closing(Ear(broker.address, topics.ALL_ALERTS, topics.ALL_VIEWS))
        site = closing(Site(broker.address))
        enliven(site, ear)

        site.shake(17.1, -100.2)
        said = ear.next(EXERCISE)
        delays = ear.next(topics.of_view("delays"))

        assert (said["type"], said["version"], said["category"]) == ("new", 1, "exercise")
        assert abs(said["lat_deg"] - 17.1) < 0.3
        assert abs(said["lon_deg"] + 100.2) < 0.3
        stations = [delays[key] for key in delays if key != "event_id"]
        assert stations == sorted(stations)
        view = topics.of_view("nodes")
        later = closing(Ear(broker.address, EXERCISE, view, client_id="later"))
        for _ in range(2):  # one each second: what was retained came before
            later.next(view)
        assert later.retained == []

    recorded = Reader(tmp_path / "record.sqlite3")
    assert json.loads(recorded.alerts(99)[0])["event_id"] == said["event_id"]
    assert recorded.events(9)[0]["event_id"] == said["event_id"]
    assert len(recorded.nodes()) == len(NODES)


def test_a_gateway_joins_two_brokers_and_survives_the_restart_of_each(tmp_path, closing):
    local, upstream = BrokerProcess("nats", tmp_path), BrokerProcess("nats", tmp_path)
    local.start()
    upstream.start()
    try:
        with running(gateway(local, upstream), engine(upstream, tmp_path)):
            ear = closing(Ear(upstream.address, topics.ALL_ALERTS, topics.ALL_VIEWS))
            site = closing(Site(local.address))
            enliven(site, ear)
            for restarted, link in ((upstream, ear.link), (local, site.link)):
                restarted.stop()
                until(lambda link=link: not link.wait_until_ready(0))
                restarted.start()
                assert link.wait_until_ready(PATIENCE_S)
            # an emptied broker forgets: nodes say again how they are, as they do every 30 s
            enliven(site, ear)
            site.shake(17.1, -100.2)

            assert ear.next(EXERCISE)["type"] == "new"
    finally:
        local.stop()
        upstream.stop()


def test_ten_thousand_pieces_of_garbage_are_counted_and_nothing_else(broker, tmp_path, closing):
    source = random.Random(1)
    bridge, judge = gateway(broker), engine(broker, tmp_path)
    with running(bridge, judge):
        ear = closing(Ear(broker.address, topics.ALL_ALERTS, topics.ALL_VIEWS))
        site = closing(Site(broker.address))
        enliven(site, ear)

        names = [topics.of_node(100, "trigger"), topics.of_gateway(GATEWAY, topics.PROMPT)]
        sent = 0
        while sent < 10_000:
            payload = source.randbytes(source.randrange(400))
            # False when the link's own bound is reached: that is its business
            sent += site.link.publish(names[sent % 2], payload)
        for topic in names:
            until(lambda topic=topic: site.link.publish(topic, bytes(900_000)))
        until(lambda: site.link.publish(topics.of_node(100, "trigger"), b""))
        site.link.publish(topics.ROOT + "/gateway/../prompt", b"{}")
        site.link.publish(topics.of_node(100, "late"), wire.encode(wire.Command(
            100, 1, wire.ACTION_RESTART, 0, 1, b"")))  # fmt: skip
        until(lambda: bridge.forwarder.counters.malformed >= 5002)
        until(lambda: judge.desk.ingest.counters.malformed >= 5001)
        site.shake(17.1, -100.2)

        assert ear.next(EXERCISE)["type"] == "new"
        assert judge.desk.ingest.counters.malformed < 5010


def test_an_engine_killed_with_9_opens_its_record_and_knows_its_nodes(tmp_path, closing):
    broker = BrokerProcess("nats", tmp_path)
    broker.start()
    database = tmp_path / "record.sqlite3"
    command = [
        sys.executable, "-m", "aggregator", "--broker", broker.address, "--database",
        str(database),
    ]  # fmt: skip
    try:
        with running(gateway(broker)):
            ear = closing(Ear(broker.address, topics.ALL_ALERTS, topics.ALL_VIEWS))
            site = closing(Site(broker.address))
            first = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
            ear.next(topics.HEARTBEAT)
            enliven(site, ear)
            site.shake(17.1, -100.2)
            told = ear.next(EXERCISE)
            until(lambda: Reader(database).alerts(1) and len(Reader(database).nodes()) == 12)
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            killed_us = now_us()

            second = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
            beat = ear.next(topics.HEARTBEAT, lambda beat: beat["sent_us"] > killed_us)
            second.send_signal(signal.SIGINT)
            log = second.communicate(timeout=PATIENCE_S)[1]

            assert second.returncode == 0
            assert beat["nodes_known"] == len(NODES)
            assert (
                f"{len(NODES)} nodes known from before, and the names of 1 earthquakes; 1 run, by"
                in log
            )
            assert json.loads(Reader(database).alerts(99)[0])["event_id"] == told["event_id"]
    finally:
        broker.stop()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--broker", "nowhere"], "HOST:PORT"),
        (["--database", "no/such/folder/x.sqlite3"], "no folder"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--category", "real"], "invalid choice"),
    ],
)
def test_an_engine_that_cannot_start_says_why_in_one_line_and_exits_with_2(arguments, complaint):
    ended = subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments], cwd=ROOT, capture_output=True, text=True
    )

    assert ended.returncode == 2
    assert complaint in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_live_is_logged_and_said_by_the_heartbeat(tmp_path, caplog):
    config = Config(broker="127.0.0.1:1", database=str(tmp_path / "x"), sender="test")
    judge = Engine(config, "live")

    assert "LIVE" in caplog.text
    assert judge.desk._judge.category == "live"


def test_a_name_that_was_told_before_a_restart_is_given_to_no_other(tmp_path):
    record = tmp_path / "x"
    store = Store(record)
    store.start()
    store.put_alert(alert().as_dict(), alert().as_json())
    store.stop()
    judge = Engine(Config(broker="127.0.0.1:1", database=str(record), sender="test"), "test")

    judge._restore()

    assert judge._decider.known.names() == {alert().event_id}


def test_sealed_only_reaches_what_opens_the_frames(tmp_path):
    record = str(tmp_path / "x")
    with pytest.raises(ValueError, match="seal_keys"):
        Config(database=record, sealed_only=True)
    config = Config(broker="127.0.0.1:1", database=record, seal_keys="keys", sealed_only=True)
    ingest = Engine(config, "test", seal_keys={1: bytes(32)}).desk.ingest
    unknown = prompt(GATEWAY, 1, 0, wire.encode(trigger()), NOW_US)

    assert ingest.open(topics.of_gateway(GATEWAY, topics.PROMPT), unknown, NOW_US) == []
    assert ingest.counters.forged == 1


def test_an_engine_whose_disk_is_full_alerts_and_writes_when_there_is_room(
    tmp_path, closing, monkeypatch, caplog
):
    broker = BrokerProcess("nats", tmp_path)
    broker.start()
    monkeypatch.setattr(store_module, "RETRY_S", 0.02)
    enough = store_module._PRAGMAS
    # SQLite answers SQLITE_FULL when the file may not have another page
    monkeypatch.setattr(store_module, "_PRAGMAS", (*enough, "PRAGMA max_page_count = 16"))
    judge, record = engine(broker, tmp_path), Reader(tmp_path / "record.sqlite3")
    try:
        with running(gateway(broker), judge):
            ear = closing(Ear(broker.address, topics.ALL_ALERTS, topics.ALL_VIEWS))
            site = closing(Site(broker.address))
            enliven(site, ear)
            site.shake(17.1, -100.2)

            said = ear.next(EXERCISE)
            until(lambda: "full" in judge.desk._record.health().problem)  # the heartbeat has it
            assert said["type"] == "new" and "full; trying on" in caplog.text
            assert record.alerts(9) == []

            monkeypatch.setattr(store_module, "_PRAGMAS", enough)
            until(lambda: judge.desk._record.health().is_writing and record.alerts(9))
            assert json.loads(record.alerts(99)[0]) == said
    finally:
        broker.stop()


def enliven(site, ear):
    """Let the nodes say that they live, again and again as they do, until the engine knows."""
    for _ in range(int(PATIENCE_S)):
        site.live()
        with contextlib.suppress(queue.Empty):
            return ear.next(topics.of_view("nodes"), all_alive, patience_s=1.5)
    raise AssertionError("the engine does not hear the nodes")


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)

"""The console as it is started: its own process, a real broker, the engine's store, signals."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from groundswell import topics

from aggregator.store import Store
from link.mqtt import MqttLink
from tests.aggregator.console import traffic

NOW_US = 1_795_000_000_000_000
WITHIN_S = 20


@contextmanager
def running(folder: Path, broker: str, *options: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Start a console with a home directory of its own; yield it and its address."""
    where = ["--broker", broker, "--database", str(folder / "store.db"), "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator.console", *where, *options],
        env=os.environ | {"HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("console: http://127.0.0.1:"), process.stderr.read()
        yield process, line.split()[1].rstrip("/")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(WITHIN_S)
        process.stdout.close()
        process.stderr.close()


def events(address: str) -> Iterator[tuple[str, Any]]:
    """Follow the stream as a browser does; an OSError where nothing comes for long."""
    with urllib.request.urlopen(f"{address}/events", timeout=WITHIN_S) as stream:
        name = ""
        for line in stream:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                yield name, json.loads(line[6:])


def wait_for(stream: Iterator[tuple[str, Any]], name: str, is_it=lambda document: True) -> Any:
    return next(document for found, document in stream if found == name and is_it(document))


def test_an_alert_on_the_broker_reaches_a_page_and_sigterm_ends_it_cleanly(broker, tmp_path):
    with running(tmp_path, broker.address) as (process, address):
        stream = events(address)
        wait_for(stream, "system", lambda system: system["link"]["is_connected"])
        engine = MqttLink(broker.address, "test-engine", [])
        engine.start()
        assert engine.wait_until_ready(WITHIN_S)
        document = traffic.alert(NOW_US, expires_us=4_000_000_000_000_000)

        engine.publish(topics.of_alert("exercise"), traffic.to_json(document), qos=1)

        alert = wait_for(stream, "alert")["alert"]
        assert alert["event_id"] == document["event_id"] and alert["magnitude"] == 6.1
        engine.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
        assert all(name != "alert" for name, _ in stream)  # the stream ends, quietly
        assert process.stderr.read() == ""
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_retained_alert_is_counted_and_not_shown(broker, tmp_path):
    stranger = MqttLink(broker.address, "test-stranger", [])
    stranger.start()
    assert stranger.wait_until_ready(WITHIN_S)
    document = traffic.alert(NOW_US, expires_us=4_000_000_000_000_000)
    stranger.publish(topics.of_alert("exercise"), traffic.to_json(document), qos=1, retain=True)
    stranger.stop()

    with running(tmp_path, broker.address) as (_, address):
        stream = events(address)
        wait_for(stream, "system", lambda system: system["counts"].get("retained") == 1)
        with urllib.request.urlopen(f"{address}/api/state", timeout=WITHIN_S) as answer:
            state = json.load(answer)

    assert state["log"] == [] and state["events"] == []


def test_a_broker_that_comes_back_is_found_again(broker, tmp_path):
    with running(tmp_path, broker.address) as (_, address):
        stream = events(address)
        wait_for(stream, "system", lambda system: system["link"]["is_connected"])

        broker.stop()
        wait_for(stream, "system", lambda system: not system["link"]["is_connected"])
        broker.start()

        wait_for(stream, "system", lambda system: system["link"]["is_connected"])


def test_the_log_begins_with_what_the_store_holds(tmp_path):
    store = Store(tmp_path / "store.db")
    store.start()
    document = traffic.alert(NOW_US, event_id="gsstored")
    store.put_alert(document, traffic.to_json(document).decode())
    store.stop()

    with running(tmp_path, "127.0.0.1:1") as (_, address):
        state = wait_for(events(address), "state", lambda state: state["log"])

    assert state["log"][0]["event_id"] == "gsstored"


def test_ctrl_c_ends_it_cleanly(tmp_path):
    with running(tmp_path, "127.0.0.1:1") as (process, address):
        stream = events(address)
        wait_for(stream, "state")

        process.send_signal(signal.SIGINT)

        assert process.wait(WITHIN_S) == 0
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_by_themselves_before_the_console(broker, tmp_path, number):
    with running(tmp_path, broker.address) as (process, address):
        streams = [urllib.request.urlopen(f"{address}/events", timeout=WITHIN_S) for _ in range(4)]
        for stream in streams:
            assert stream.readline().startswith(b"retry: ")

        process.send_signal(number)

        for stream in streams:  # one that is cut off lacks its last chunk: IncompleteRead
            assert stream.read().startswith(b"\nid: ")
            stream.close()
        assert process.wait(WITHIN_S) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_console_that_is_stopped_before_it_serves_ends_cleanly(broker, tmp_path, number):
    with running(tmp_path, broker.address) as (process, _):
        process.send_signal(number)

        assert process.wait(WITHIN_S) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--broker", "nonsense"], "HOST:PORT"),
        (["--port", "99999"], "is no port"),
        (["--places", "/nowhere.toml"], "/nowhere.toml: No such file"),
        (["--bind", "203.0.113.1"], "cannot listen at 203.0.113.1"),
    ],
)
def test_a_bad_argument_gives_one_clear_line_and_exit_code_2(options, words):
    found = subprocess.run(
        [sys.executable, "-m", "aggregator.console", *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )

    assert found.returncode == 2
    assert words in found.stderr.splitlines()[-1]
    assert "Traceback" not in found.stderr

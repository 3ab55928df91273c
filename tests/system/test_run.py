"""The whole chain as people start it: real processes, free ports, one simulated earthquake."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundswell import topics

from commands.main import main
from link.mqtt import MqttLink
from system.broker import is_answering
from system.micropython import find_micropython
from tests.ports import free_port
from tests.system.waiting import descendants, is_running, until


class System:
    """`groundswell run` as a child process, and a client on its broker."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.state = folder / "state"
        self.port, self.mqtt_port = free_port(), free_port()
        self.output = folder / "output"
        self.documents: list[tuple[str, dict[str, Any]]] = []
        ports = ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        command = [sys.executable, "-m", "commands.main", "run", "--state", str(self.state)]
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, *ports, *options], stdout=file, stderr=subprocess.STDOUT
            )
        self.link = MqttLink(
            f"127.0.0.1:{self.mqtt_port}",
            "test",
            [topics.ALL_ALERTS, topics.ALL_VIEWS],
            self._hear,
        )
        # a client that knocked in vain waits longer each time: it must not miss the first alert
        until(lambda: is_answering(self.mqtt_port) or self._has_ended(), 130, "the broker is up")
        self.link.start()

    def _hear(self, topic: str, payload: bytes, received_us: int) -> None:
        self.documents.append((topic, json.loads(payload)))

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def of(self, topic: str) -> list[dict[str, Any]]:
        return [document for heard, document in self.documents if heard == topic]

    def wait_until_up(self) -> None:
        until(lambda: "is up" in self.printed or self._has_ended(), 130, "the system is up")
        assert "is up" in self.printed, self.printed

    def interrupt(self) -> list[int]:
        """Press Ctrl-C; return the processes that were there."""
        pids = [self.process.pid, *descendants(self.process.pid)]
        self.process.send_signal(signal.SIGINT)
        return pids

    def close(self) -> None:
        self.link.stop()
        if not self._has_ended():
            self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = System(tmp_path_factory.mktemp("run"), "--first", "9", "--magnitude", "6.5")
    yield made
    made.close()


def test_a_simulated_earthquake_gives_an_alert_on_the_mqtt_topic(system: System) -> None:
    system.wait_until_up()
    until(lambda: system.of(topics.of_alert("exercise")), 45, "an alert")
    alert = system.of(topics.of_alert("exercise"))[0]

    assert (alert["type"], alert["version"], alert["category"]) == ("new", 1, "exercise")
    assert alert["magnitude"] > 4.5 and alert["nodes_triggered"] >= 3
    until(lambda: "the ground moves: M6.5" in system.printed, 5, "the story told")
    until(lambda: alert["event_id"] in system.printed, 5, "the alert shown")
    until(lambda: system.of(topics.of_view("delays")), 5, "the delays of that alert")


def test_every_node_is_seen_alive_and_two_of_them_are_micropython(system: System) -> None:
    system.wait_until_up()

    def are_alive() -> bool:
        views = system.of(topics.of_view("nodes"))
        nodes = views[-1]["nodes"] if views else []
        return len(nodes) == 12 and all(n["state"] in ("alive", "triggered") for n in nodes)

    until(are_alive, 45, "twelve nodes that live")  # a node has no vote while its averages settle
    has_micropython = find_micropython() is not None
    assert ("of which 2 on MicroPython" in system.printed) == has_micropython
    if not has_micropython:
        assert "`make everything`" in system.printed


def test_the_console_answers(system: System) -> None:
    system.wait_until_up()
    with urllib.request.urlopen(f"http://127.0.0.1:{system.port}/", timeout=5) as page:
        assert page.status == 200 and b"<html" in page.read()


def test_a_second_run_in_the_same_folder_is_refused(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    system.wait_until_up()

    assert main(["run", "--state", str(system.state)]) == 2
    assert "another `groundswell run` uses" in capsys.readouterr().err


def test_an_engine_that_dies_comes_back(system: System) -> None:
    system.wait_until_up()
    (engine,) = [p for p in descendants(system.process.pid) if "aggregator" in command_of(p)]
    beats = len(system.of(topics.HEARTBEAT))
    os.kill(engine, signal.SIGKILL)

    until(lambda: "engine ended with code -9" in system.printed, 5, "its end is said")
    until(lambda: "engine is back" in system.printed, 5, "its return is said")
    until(lambda: len(system.of(topics.HEARTBEAT)) > beats, 15, "a heartbeat again")


def test_a_broker_that_dies_comes_back_and_everybody_finds_it(system: System) -> None:
    system.wait_until_up()
    (broker,) = [pid for pid in descendants(system.process.pid) if "nats" in command_of(pid)[0]]
    killed_us = time.time_ns() // 1000
    os.kill(broker, signal.SIGKILL)

    def nodes_heard() -> int:
        views = system.of(topics.of_view("nodes"))
        nodes = views[-1]["nodes"] if views else []
        return sum(node["last_heard_us"] > killed_us for node in nodes)

    until(lambda: "broker ended with code -9" in system.printed, 5, "its end is said")
    # what a node said before gateway and engine were back is lost; its next status follows in 30 s
    until(lambda: nodes_heard() == 12, 45, "all nodes, through the gateway, at the engine")


def test_ctrl_c_ends_every_process_within_a_few_seconds(tmp_path: Path) -> None:
    own = System(tmp_path, "--nodes", "3")  # the others share theirs
    try:
        own.wait_until_up()
        pids = own.interrupt()
        assert len(pids) >= 6

        until(lambda: not any(is_running(pid) for pid in pids), 6, "all processes are gone")
        assert own.process.wait(timeout=5) == 0
    finally:
        own.close()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--port", "99999"], "--port 99999 is no port"),
        (["--magnitude", "12"], "--magnitude 12: between 2 and 8"),
        (["--nodes", "0"], "--nodes 0: between 1 and 1000"),
        (["--every", "1"], "--every 1: between 5"),
        (["--scenario", "nowhere.toml"], "cannot read the scenario nowhere.toml"),
        (["--measure", "--no-nodes"], "--measure needs"),
        (["--measure", "--earthquakes", "0"], "--measure needs at least one"),
        (["--no-nodes", "--nodes", "3"], "--no-nodes is for real nodes"),
        (["--out", "delays.json"], "--out says where"),
        (["--measure", "--out", "nowhere/delays.json"], "cannot write nowhere/delays.json"),
        (["--port", "1883"], "--port and --mqtt-port are the same"),
    ],
)
def test_bad_arguments_are_one_clear_line(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--state", str(tmp_path / "state"), *words]) == 2

    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1

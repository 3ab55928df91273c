"""The whole system as one list of programs: what `run` starts, in which order, when it is up."""

import http.client
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundswell import topics

from system import broker
from system.child import Program
from system.listener import Listener
from system.supervisor import Supervisor

READY_WITHIN_S = 120.0  # a first start on a busy machine; the second takes two to four seconds
PLACES = Path(__file__).with_name("places.toml")


@dataclass(frozen=True)
class Choices:
    """What `groundswell run` was asked for. nodes_arguments: None runs without virtual nodes."""

    state: Path
    port: int
    mqtt_port: int
    broker: str
    nodes_arguments: list[str] | None


class Whole:
    """Starts everything, keeps it going, passes on what is heard.

    on_document gets (topic, document) of alerts, heartbeat and views; say gets lines for people;
    on_line what children print.
    """

    def __init__(
        self,
        choices: Choices,
        say: Callable[[str], None],
        on_line: Callable[[str, str], None],
        on_document: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._choices = choices
        self._on_document = on_document
        self._started_us = time.time_ns() // 1000
        self._listener = Listener(broker.HOST, choices.mqtt_port)
        self._has_heartbeat = False
        self._nodes_seen = 0
        self.supervisor = Supervisor(choices.state, say, on_line)

    def start(self, nodes_wanted: Callable[[], int | None]) -> None:
        """Return when all is up. nodes_wanted: how many should be heard; None: not known yet."""
        choices, supervisor = self._choices, self.supervisor
        broker.refuse_taken_port(choices.port, "another console there? use --port")
        command = broker.command_of(choices.broker, choices.mqtt_port, choices.state)
        supervisor.start(Program("broker", command))
        supervisor.wait_until(
            "the broker", lambda: broker.is_answering(choices.mqtt_port), READY_WITHIN_S
        )
        for program in programs(choices):
            supervisor.start(program)
        supervisor.wait_until("the engine", self._is_engine_up, READY_WITHIN_S)
        supervisor.wait_until("the console", self._is_console_up, READY_WITHIN_S)
        if choices.nodes_arguments is not None:
            supervisor.wait_until(
                "the chain from the nodes through the gateway to the engine",
                lambda: self._are_nodes_up(nodes_wanted()),
                READY_WITHIN_S,
            )

    def turn(self) -> None:
        self.supervisor.turn()
        self._listen()

    def stop(self) -> None:
        self._listener.close()
        self.supervisor.stop()

    def _listen(self) -> None:
        for topic, document in self._listener.take():
            if topic == topics.HEARTBEAT:
                self._has_heartbeat = True
            elif topic == topics.of_view("nodes"):
                self._nodes_seen = sum(
                    node["state"] != "offline" and node["last_heard_us"] > self._started_us
                    for node in document["nodes"]
                )
            self._on_document(topic, document)

    def _is_engine_up(self) -> bool:
        self._listen()
        return self._has_heartbeat

    def _are_nodes_up(self, wanted: int | None) -> bool:
        self._listen()
        return wanted is not None and self._nodes_seen >= wanted

    def _is_console_up(self) -> bool:
        self._listen()
        connection = http.client.HTTPConnection(broker.HOST, self._choices.port, timeout=1.0)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def programs(choices: Choices) -> list[Program]:
    """Return what runs beside the broker, in the order of starting; the nodes last."""
    address = f"{broker.HOST}:{choices.mqtt_port}"
    database = str((choices.state / "groundswell.db").absolute())
    python = [sys.executable, "-m"]
    console = ["--database", database, "--port", str(choices.port), "--places", str(PLACES)]
    found = [
        Program("gateway", [*python, "gateway", "--local", address, "--upstream", address]),
        Program("engine", [*python, "aggregator", "--broker", address, "--database", database]),
        Program("console", [*python, "aggregator.console", "--broker", address, *console]),
    ]
    if choices.nodes_arguments is not None:
        nodes = [*python, "system.nodes", "--broker", address, "--state", str(choices.state)]
        nodes += choices.nodes_arguments
        found.append(Program("nodes", nodes))
    return found

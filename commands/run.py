"""`groundswell run`: the whole system on this machine."""

import argparse
import fcntl
import json
import signal
import time
from pathlib import Path
from typing import Any, TextIO

from groundswell import topics
from rich.console import Console

from failure import Failure, reason_of
from system import broker, story
from system.measure import Measurement
from system.network import extended
from system.nodes import GUERRERO
from system.show import Show, arguments_for
from system.whole import Choices, Whole
from training.scenario_file import read_scenario

CATEGORY = "exercise"
SETTLE_S = 60.0  # after the last earthquake of a measurement: late alerts count too
_ALERTS = topics.of_alert(CATEGORY)

DESCRIPTION = f"""\
Start broker, virtual nodes, gateway, engine and console on this machine. Ctrl-C ends all of them.
Twelve nodes stand on the coast of Guerrero, Mexico; after 20 s a simulated magnitude 6 happens
near them, then another earthquake every three minutes. All alerts are marked as an exercise.

examples:
  groundswell run                               then open http://127.0.0.1:8080
  groundswell run --magnitude 7 --every 60      the same size every minute
  groundswell run --nodes 100                   the coast, and a grid of 20 km around it
  groundswell run --scenario system/guerrero.toml    what that file says, thunder and doors too
  groundswell run --no-nodes                    for real nodes: they connect to the broker
  groundswell run --measure --earthquakes 50 --every 60 --out delays.json
see the alerts from anywhere on this machine:
  mosquitto_sub -p 1883 -t '{topics.ALL_ALERTS}'      or      groundswell watch
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("where")
    where.add_argument("--port", type=int, default=8080, help="console (default %(default)s)")
    where.add_argument("--mqtt-port", type=int, default=1883, help="MQTT (default %(default)s)")
    folder = "record, logs, what the broker keeps (default %(default)s/)"
    where.add_argument("--state", type=Path, default=Path("var"), metavar="DIR", help=folder)
    where.add_argument(
        "--broker", choices=broker.KINDS, default="nats", help="default %(default)s"
    )
    nodes = parser.add_argument_group("nodes")
    nodes.add_argument("--nodes", type=int, metavar="N", help="how many (default 12)")
    nodes.add_argument("--no-nodes", action="store_true", help="none: for real ones")
    which = "how many of them run on MicroPython, if it is here (default %(default)s)"
    nodes.add_argument("--micropython", type=int, default=2, metavar="N", help=which)
    _add_story(parser.add_argument_group("what happens"))
    measure = parser.add_argument_group("measuring")
    delays = "print the delay of each stage after --earthquakes (default 50), and end"
    measure.add_argument("--measure", action="store_true", help=delays)
    measure.add_argument("--out", type=Path, metavar="FILE", help="write that as JSON too")
    parser.add_argument("--verbose", action="store_true", help="show what the processes log")


def _add_story(ground: "argparse._ArgumentGroup") -> None:
    every = f"default {story.EVERY_S:.0f}"
    first = f"from the start to the first earthquake (default {story.FIRST_AFTER_S:.0f})"
    ground.add_argument("--scenario", type=Path, metavar="FILE", help="this, instead of the story")
    ground.add_argument("--every", type=float, metavar="SECONDS", help=every)
    ground.add_argument("--first", type=float, metavar="SECONDS", help=first)
    ground.add_argument("--magnitude", type=float, help="of all (default: 6, then 4.5 to 7)")
    ground.add_argument("--earthquakes", type=int, metavar="N", help="then no more")
    ground.add_argument("--seed", type=int, help="another seed, other earthquakes")


def run(arguments: argparse.Namespace) -> int:
    _check(arguments)
    state: Path = arguments.state
    with _locked(state):
        return _Run(arguments, Console(highlight=False)).run()


class _Run:
    """One run: the system, what it shows, what it measures."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self._arguments = arguments
        self._show = Show(console)
        self._measurement = Measurement()
        self._nodes: dict[str, Any] | None = None
        choices = Choices(
            state=arguments.state,
            port=arguments.port,
            mqtt_port=arguments.mqtt_port,
            broker=arguments.broker,
            nodes_arguments=None if arguments.no_nodes else _nodes_arguments(arguments),
        )
        self._whole = Whole(choices, self._warn, self._on_line, self._on_document)

    def run(self) -> int:
        stop = self._whole.supervisor.request_stop
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop())
        try:
            began_s = time.monotonic()
            self._whole.start(self._nodes_wanted)
            self._show.banner(self._rows(time.monotonic() - began_s), CATEGORY)
            while not self._whole.supervisor.is_stopping and not self._is_measured():
                self._whole.turn()
                self._show.tick(_now_us())
        except KeyboardInterrupt:
            return 130  # asked to stop while starting
        finally:
            self._whole.stop()
        if self._arguments.measure:
            self._report()
        return 0

    def _nodes_wanted(self) -> int | None:
        return None if self._nodes is None else self._nodes["cpython"] + self._nodes["micropython"]

    def _rows(self, took_s: float) -> list[tuple[str, str]]:
        arguments = self._arguments
        rows = [
            ("console", f"http://127.0.0.1:{arguments.port}"),
            ("MQTT", f"127.0.0.1:{arguments.mqtt_port} ({arguments.broker}), alerts on {_ALERTS}"),
        ]
        if self._nodes is not None:
            rows.append(("nodes", _nodes_text(self._nodes)))
            rows.append(("next", _story_text(arguments)))
        else:
            rows.append(("nodes", "none of ours: real ones connect to the MQTT port"))
        rows.append(("logs", f"{arguments.state}/*.log · up in {took_s:.1f} s · Ctrl-C ends all"))
        return rows

    def _on_line(self, name: str, line: str) -> None:
        if name == "nodes" and line.startswith("fact "):
            self._add_fact(json.loads(line.removeprefix("fact ")))
        elif self._arguments.verbose:
            self._show.say(f"{name:8} {line}", "dim")

    def _add_fact(self, fact: dict[str, Any]) -> None:
        if fact["kind"] == "nodes":
            self._nodes = fact
        self._show.add_fact(fact)
        if self._arguments.measure:
            self._measurement.add_fact(fact)

    def _on_document(self, topic: str, document: dict[str, Any]) -> None:
        if topic == _ALERTS:
            self._show.add_alert(document)
        if not self._arguments.measure:
            return  # without a report at the end there is nothing to remember
        if topic == _ALERTS:
            self._measurement.add_alert(document)
        elif topic.endswith("/view/delays"):
            self._measurement.add_delays(document)

    def _warn(self, text: str) -> None:
        self._show.say(text, "yellow")

    def _is_measured(self) -> bool:
        if not self._arguments.measure:
            return False
        quakes = self._measurement.earthquakes
        wanted: int = self._arguments.earthquakes
        return len(quakes) >= wanted and _now_us() > quakes[-1]["origin_us"] + SETTLE_S * 1e6

    def _report(self) -> None:
        report = self._measurement.report()
        self._show.delays(report)
        if self._arguments.out is not None:
            self._arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot work before anything starts."""
    for option in ("port", "mqtt_port"):
        if not 0 < getattr(arguments, option) < 65536:
            raise Failure(f"--{option.replace('_', '-')} {getattr(arguments, option)} is no port")
    if arguments.port == arguments.mqtt_port:
        raise Failure("--port and --mqtt-port are the same")
    for option, low, high in (("every", 5, 86400), ("first", 0, 86400), ("magnitude", 2, 8)):
        number = getattr(arguments, option)
        if number is not None and not low <= number <= high:
            raise Failure(f"--{option} {number:g}: between {low} and {high}")
    for option in ("earthquakes", "micropython", "seed"):
        if (getattr(arguments, option) or 0) < 0:
            raise Failure(f"--{option} cannot be negative")
    if arguments.measure and (arguments.no_nodes or arguments.scenario):
        raise Failure("--measure needs the story's own earthquakes: no --no-nodes, no --scenario")
    if arguments.measure and arguments.earthquakes is None:
        arguments.earthquakes = 50
    if arguments.measure and arguments.earthquakes == 0:
        raise Failure("--measure needs at least one of --earthquakes")
    if arguments.no_nodes and (arguments.nodes is not None or arguments.scenario):
        raise Failure("--no-nodes is for real nodes: no --nodes, no --scenario")
    if arguments.out is not None:
        if not arguments.measure:
            raise Failure("--out says where the result of --measure goes")
        _refuse_unwritable(arguments.out)
    network = read_scenario(arguments.scenario or GUERRERO).nodes
    if arguments.nodes is not None:
        extended(network, arguments.nodes)


def _refuse_unwritable(path: Path) -> None:
    """A measurement takes an hour: know before it that its result can be kept."""
    try:
        path.open("a").close()
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error


def _locked(state: Path) -> TextIO:
    """Return an open file whose lock says that this state folder is in use."""
    if state.is_file():
        raise Failure(f"{state} is a file: --state wants a folder")
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "run.lock").open("w")
    except OSError as error:
        raise Failure(f"cannot write to {state}: {reason_of(error)}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Failure(f"another `groundswell run` uses {state}/: name another --state") from error
    return lock


def _nodes_arguments(arguments: argparse.Namespace) -> list[str]:
    return arguments_for(
        {
            "--nodes": arguments.nodes,
            "--micropython": arguments.micropython,
            "--scenario": arguments.scenario,
            "--every": arguments.every,
            "--first": arguments.first,
            "--magnitude": arguments.magnitude,
            "--earthquakes": arguments.earthquakes,
            "--seed": arguments.seed,
            "--trace": arguments.measure,
        }
    )


def _nodes_text(nodes: dict[str, Any]) -> str:
    total = nodes["cpython"] + nodes["micropython"]
    if not nodes["micropython"]:
        return f"{total}, all on CPython"
    return f"{total}, of which {nodes['micropython']} on MicroPython"


def _story_text(arguments: argparse.Namespace) -> str:
    if arguments.scenario is not None:
        return f"what {arguments.scenario} says"
    first_s = story.FIRST_AFTER_S if arguments.first is None else arguments.first
    every_s = story.EVERY_S if arguments.every is None else arguments.every
    magnitude = story.FIRST_MAGNITUDE if arguments.magnitude is None else arguments.magnitude
    limit = arguments.earthquakes
    if limit == 0:
        return "nothing: --earthquakes 0"
    text = f"magnitude {magnitude:g}, {first_s:.0f} s after the nodes' start"
    if limit != 1:
        text += f", then an earthquake every {every_s:.0f} s"
    return text if limit is None else f"{text} ({limit} in all)"


def _now_us() -> int:
    return time.time_ns() // 1000

"""`python -m system.nodes`: the ground and all virtual nodes on it, one loop.

What it prints for others begins with "fact " and is JSON: an earthquake that will begin soon, the
nodes that run, with --trace each trigger with the true times of its sample and of its departure.
"""

import argparse
import heapq
import json
import selectors
import signal
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from failure import Failure
from firmware.node import MAX_TRIPLETS
from link.mqtt import AddressError, parse_address
from replay.compiled import compile_kernels, warm_up
from system import story
from system.micropython import HOW_TO_GET_IT, find_micropython
from system.network import extended
from system.piped_node import PipedNode
from system.time_server import TimeServer
from system.virtual_node import VirtualNode
from system.world import World
from training.scenario import Happening, Scenario
from training.scenario_file import read_scenario
from training.wavefield import Earthquake, index_at, time_of

GUERRERO = Path(__file__).with_name("guerrero.toml")
BLOCK_US = 32_000  # how often a node reads its sensor's FIFO: 4 samples at 125 Hz
LEAD_US = 12_000_000  # so long before it begins a happening is computed, node by node
BEHIND_US = 5_000_000  # a machine that slept does not catch up: the samples are lost, a gap
TELL_EVERY_US = 60_000_000
RESTART_EVERY_US = 5_000_000  # one MicroPython node that died
PIPE_LEAD_US = 100_000  # so long before they are due samples go to a virtual board


def now_us() -> int:
    return time.time_ns() // 1000


class Network:
    """The nodes, each fed every BLOCK_US, one after the other and not all at once."""

    def __init__(
        self, world: World, broker: tuple[str, int], piped: int, is_traced: bool, state: Path
    ) -> None:
        self._world = world
        self._rate_hz = world.scenario.rate_hz
        self._is_traced = is_traced
        self._restart_us = 0
        self._told_us = 0
        self._selector = selectors.DefaultSelector()
        program = find_micropython() if piped else None
        scenario, places = world.scenario, world.places
        count = min(piped, len(places)) if program is not None else 0
        self.piped = {
            number: PipedNode(program, scenario, places[number], broker, state / "boards")
            for number in range(count)
            if program is not None
        }
        self.virtual = {
            number: VirtualNode(scenario, places[number], broker, now_us)
            for number in range(count, len(places))
        }
        for node in self.piped.values():
            self._selector.register(node.output, selectors.EVENT_READ, node)
            self._selector.register(
                node.time_server.socket, selectors.EVENT_READ, node.time_server
            )
        start_us = now_us()
        self._next_index = [index_at(start_us, self._rate_hz)] * len(places)
        self._due = [
            (start_us + BLOCK_US * number // len(places), number) for number in range(len(places))
        ]

    def turn(self) -> None:
        """Wait for the next node's turn, or for what a piped one says; then do it."""
        servers = [node.time_server for node in self.piped.values()]
        answers_us = [server.due_us for server in servers if server.due_us is not None]
        wait_us = min([self._due[0][0], *answers_us]) - now_us()
        if wait_us > 0:
            for key, _ in self._selector.select(wait_us / 1e6):
                self._hear(key.data)
            return
        for server in servers:
            server.speak(now_us())
        if self._due[0][0] > now_us():
            return
        due_us, number = self._due[0]
        behind = now_us() - due_us > BEHIND_US
        if behind and now_us() > self._told_us + TELL_EVERY_US:
            self._told_us = now_us()
            fact("warning", text="this machine is too busy: nodes lose samples, and earthquakes")
        heapq.heapreplace(self._due, ((now_us() if behind else due_us) + BLOCK_US, number))
        self._feed(number, skips=behind)

    def close(self) -> None:
        for virtual in self.virtual.values():
            virtual.close()
        for piped in self.piped.values():
            piped.close()

    def _feed(self, number: int, skips: bool) -> None:
        lead_us = PIPE_LEAD_US if number in self.piped else 0
        end_index = index_at(now_us() + lead_us, self._rate_hz)
        if skips:
            self._next_index[number] = end_index - 1
        while self._next_index[number] < end_index:
            first_index = self._next_index[number]
            n = min(MAX_TRIPLETS, end_index - first_index)
            self._next_index[number] = first_index + n
            last_us = time_of(first_index + n - 1, self._rate_hz)
            counts = self._world.counts(number, first_index, n)
            if number in self.piped:
                self._pipe(number, counts, time_of(first_index, self._rate_hz))
            else:
                self._give(self.virtual[number], counts, last_us)

    def _give(self, node: VirtualNode, counts: "array[int]", last_us: int) -> None:
        for trigger in node.feed(counts, last_us):
            self._trace(trigger.sample_us, trigger.sent_us, last_us, node.looked_us)

    def _pipe(self, number: int, counts: "array[int]", first_us: int) -> None:
        piped = self.piped[number]
        if not piped.is_dead:
            piped.feed(counts, first_us)
        elif now_us() > self._restart_us:
            self._restart_us = now_us() + RESTART_EVERY_US
            self._selector.unregister(piped.output)
            piped.start_again()
            self._selector.register(piped.output, selectors.EVENT_READ, piped)
            fact("warning", text=f"MicroPython node {self._world.places[number].name} restarted")

    def _hear(self, speaker: PipedNode | TimeServer) -> None:
        if isinstance(speaker, TimeServer):
            speaker.hear(now_us())
            return
        for sample_us, sent_us, handed_us in speaker.hear():
            self._trace(sample_us, sent_us, None, handed_us)

    def _trace(self, sample_us: int, sent_us: int, true_us: int | None, handed_us: int) -> None:
        if self._is_traced:
            fact(
                "trigger",
                sample_us=sample_us,
                node_sent_us=sent_us,
                true_sample_us=true_us,
                true_sent_us=handed_us,
            )


def main(argv: list[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    try:
        broker = parse_address(arguments.broker)
        _network(arguments)
    except (Failure, AddressError) as failure:
        sys.stderr.write(f"nodes: {failure}\n")
        return 2
    # In plain Python a look of the judge takes 5 ms: ten nodes that look eight times a second each
    # fill half a core, and a busy machine loses samples in the earthquake
    compile_kernels()
    warm_up()
    scenario = _network(arguments)  # whose story begins now, not before the kernels were there
    is_stopping: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_stopping.append(True))
    world = World(scenario)
    try:
        network = Network(world, broker, arguments.micropython, arguments.trace, arguments.state)
    except Failure as failure:
        sys.stderr.write(f"nodes: {failure}\n")
        return 2
    fact("nodes", cpython=len(network.virtual), micropython=len(network.piped))
    if arguments.micropython and not network.piped:
        fact("warning", text=f"all nodes run on CPython; the other kind {HOW_TO_GET_IT}")
    coming = _happenings(arguments, scenario)
    following = next(coming, None)
    while not is_stopping:
        while following is not None and _begin_us(following) - now_us() < LEAD_US:
            _announce(following, scenario)
            world.add(following)
            following = next(coming, None)
        world.prepare()
        network.turn()
    network.close()
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m system.nodes", description="The simulated ground and the nodes on it."
    )
    found.add_argument("--broker", default="127.0.0.1:1883", metavar="HOST:PORT")
    found.add_argument("--scenario", type=Path, metavar="FILE", help="play this, nodes and events")
    found.add_argument("--nodes", type=int, metavar="N")
    found.add_argument("--micropython", type=int, default=2, metavar="N")
    found.add_argument("--state", type=Path, default=Path("var"), metavar="DIR")
    found.add_argument("--every", type=float, default=story.EVERY_S, metavar="SECONDS")
    found.add_argument("--first", type=float, default=story.FIRST_AFTER_S, metavar="SECONDS")
    found.add_argument("--magnitude", type=float)
    found.add_argument("--earthquakes", type=int, metavar="N")
    found.add_argument("--seed", type=int)
    found.add_argument("--trace", action="store_true", help="print true times of triggers")
    return found


def fact(kind: str, **fields: Any) -> None:
    sys.stdout.write("fact " + json.dumps({"kind": kind, **fields}) + "\n")
    sys.stdout.flush()


def _network(arguments: argparse.Namespace) -> Scenario:
    """Return the scenario with as many nodes as asked for; it begins when the nodes do."""
    path = arguments.scenario or GUERRERO
    scenario = read_scenario(path, start_us=now_us())
    if arguments.seed is not None:
        scenario = replace(scenario, seed=arguments.seed)
    if arguments.nodes is not None:
        scenario = replace(scenario, nodes=extended(scenario.nodes, arguments.nodes))
    return scenario


def _happenings(arguments: argparse.Namespace, scenario: Scenario) -> Iterator[Happening]:
    if arguments.scenario is not None:
        return iter(sorted(scenario.happenings, key=_begin_us))
    told = story.Story(
        network=scenario.nodes[:12],  # the coast, also where a grid goes on inland
        seed=scenario.seed,
        every_s=arguments.every,
        first_after_s=arguments.first,
        magnitude=arguments.magnitude,
        limit=arguments.earthquakes,
    )
    return told.earthquakes(scenario.start_us)


def _begin_us(happening: Happening) -> int:
    return happening.origin_us if isinstance(happening, Earthquake) else happening.start_us


def _announce(happening: Happening, scenario: Scenario) -> None:
    if not isinstance(happening, Earthquake):
        fact("disturbance", what=type(happening).__name__, start_us=happening.start_us)
        return
    near = story.nearest(scenario.nodes, happening.lat_deg, happening.lon_deg)
    fact(
        "earthquake",
        event_id=happening.event_id,
        origin_us=happening.origin_us,
        lat_deg=round(happening.lat_deg, 4),
        lon_deg=round(happening.lon_deg, 4),
        depth_km=round(happening.depth_km, 1),
        magnitude=happening.magnitude,
        near=near.name,
    )


if __name__ == "__main__":
    sys.exit(main())

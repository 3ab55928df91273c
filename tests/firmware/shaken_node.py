"""A node on MicroPython on ground that a test shakes, in the test's own time, and what it says."""

import fcntl
import select
import termios
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundswell import topics, wire

from system.piped_node import PipedNode
from system.virtual_node import identity_of
from tests.firmware.witness import Witness
from tests.system.waiting import until
from training.scenario import Scenario
from training.wavefield import index_at, time_of

RATE_HZ = 125.0
SAMPLES_A_TURN = 25  # so many that the node's time passes faster than ours


class Shaker:
    """Quiet ground, then suddenly a strong shaking of the vertical: counts at 125 Hz."""

    def __init__(self) -> None:
        self._index = index_at(time.time_ns() // 1000, RATE_HZ)
        self.shakes = False

    @property
    def now_us(self) -> int:
        """When the last sample is due that was given."""
        return time_of(self._index - 1, RATE_HZ)

    def next(self, count: int) -> "array[int]":
        """Return the next triplets."""
        swing = 20_000 if self.shakes else 20
        counts = array("i")
        for number in range(self._index, self._index + count):
            up = swing if number % 10 < 5 else -swing
            counts.extend((number * 7919 % 41 - 20, number * 104729 % 41 - 20, up))
        self._index += count
        return counts


class NodeInStep(PipedNode):
    MODULE = "tests.firmware.piped_in_step"

    @property
    def has_taken_all(self) -> bool:
        """Return whether it has taken from the pipe what was fed: its time is ours then."""
        assert self._process.stdin is not None
        waiting = fcntl.ioctl(self._process.stdin.fileno(), termios.FIONREAD, bytes(4))
        return waiting == bytes(4)


class ShakenNode:
    def __init__(
        self,
        scenario: Scenario,
        broker_port: int,
        witness: Witness,
        micropython: Path,
        flash: Path,
    ) -> None:
        """The scenario's first node."""
        place = scenario.nodes[0]
        self.node_id = identity_of(scenario, place).node_id
        self.node = NodeInStep(micropython, scenario, place, ("127.0.0.1", broker_port), flash)
        self.departures: list[tuple[int, int, int]] = []
        self.shaker = Shaker()
        self._witness = witness

    def said(self, channel: str) -> list[Any]:
        return self._witness.messages(self.node_id, channel)

    def feed_until(self, holds: Callable[[], object], what: str) -> None:
        def turn() -> object:
            for _ in range(SAMPLES_A_TURN):
                self._step()
            return holds()

        until(turn, 40, what)

    def _step(self) -> None:
        """Feed a sample if the last one was taken; hear the node and answer its question."""
        if self.node.has_taken_all:
            counts = self.shaker.next(1)
            self.node.feed(counts, self.shaker.now_us)
        server = self.node.time_server
        ready = select.select([self.node.output, server.socket], [], [], 0.004)[0]
        if server.socket in ready:
            server.hear(self.shaker.now_us)
        server.speak(self.shaker.now_us)
        if self.node.output in ready:
            self.departures.extend(self.node.hear())

    def ask(self, command_id: int) -> None:
        """Send a command that is valid for as long as a busy machine needs."""
        now_us = self.shaker.now_us
        identify = wire.Command(
            self.node_id, command_id, wire.ACTION_IDENTIFY, now_us, now_us + 100_000_000, b""
        )
        self._witness.link.publish(topics.of_message(identify), wire.encode(identify), qos=1)

"""A virtual node on CPython: the firmware's own node, with a sensor that the world feeds."""

import secrets
import zlib
from array import array
from collections.abc import Callable

from groundswell import topics, wire
from groundswell.clock import Clock
from groundswell.moment import Moment, moment
from groundswell.reporter import Identity, Reporter

from firmware.node import Node
from firmware.uplink.uplink import Uplink
from firmware.uplink.way import Way
from replay.sensors import CHIPS
from system.crystal import Crystal, exchange
from training.scenario import Place, Scenario
from training.wavefield import generator

EXCHANGES_AT_START = 8  # as many as the clock's filter keeps
EXCHANGE_EVERY_US = 16_000_000


def identity_of(scenario: Scenario, place: Place) -> Identity:
    """Return who a place's node is: the same number at every start, a boot id of its own."""
    return Identity(
        zlib.crc32(f"{scenario.name}/{place.name}".encode()),
        secrets.randbits(32),
        round(place.lat_deg * 1e6),
        round(place.lon_deg * 1e6),
        round(place.elevation_m),
        wire.SENSOR_SIMULATED,
    )


class BlockSensor:
    """Gives once what was put into it."""

    error = ""  # it never fails

    def __init__(self) -> None:
        self.counts = array("i")
        self.end = Moment()
        self._is_new = False

    def put(self, counts: "array[int]", end_ticks_us: int) -> None:
        self.counts = counts
        self.end = moment(end_ticks_us)
        self._is_new = True

    def poll(self) -> int:
        is_new, self._is_new = self._is_new, False
        return len(self.counts) // 3 if is_new else 0


class VirtualNode:
    def __init__(
        self, scenario: Scenario, place: Place, broker: tuple[str, int], now_us: Callable[[], int]
    ) -> None:
        """now_us: the truth, Unix us; only the crystal and the time server get to see it."""
        self._now_us = now_us
        self._bias_us = round(1000 * (place.clock_error_ms or 0.0))
        self._rng = generator(scenario.seed, "node", place.name)
        self._crystal = Crystal(now_us(), self._rng)
        self._clock = Clock()
        self._sensor = BlockSensor()
        self._next_exchange_us = 0
        self.looked_us = 0  # true time when the node last looked at its ticks: before it sends
        identity = identity_of(scenario, place)
        reporter = Reporter(
            identity, round(scenario.rate_hz * 1000), CHIPS[place.sensor].lsb_nm_s2, self._clock
        )
        uplink = Uplink(
            f"node-{identity.node_id:08x}",
            topics.of_node(identity.node_id, "command"),
            [Way(*broker)],
        )
        self.node = Node(
            identity,
            self._sensor,
            reporter,
            self._clock,
            uplink,
            self._ticks,
            # nobody sees a virtual light, but it is on
            {wire.ACTION_IDENTIFY: lambda payload, now_us: (wire.RESULT_DONE, b"")},
        )
        for _ in range(EXCHANGES_AT_START):
            self._synchronise(now_us())

    def feed(self, counts: "array[int]", end_us: int) -> list[wire.Trigger]:
        """Give the node a block that ended at end_us (true); return the triggers that it sent."""
        true_us = self._now_us()
        if true_us >= self._next_exchange_us:
            self._synchronise(true_us)
            self._next_exchange_us = true_us + EXCHANGE_EVERY_US
        self._sensor.put(counts, self._crystal.ticks_us(end_us))
        messages = self.node.step()
        return [message for message in messages if isinstance(message, wire.Trigger)]

    def close(self) -> None:
        self.node.close()

    def _ticks(self) -> int:
        self.looked_us = self._now_us()
        return self._crystal.ticks_us(self.looked_us)

    def _synchronise(self, true_us: int) -> None:
        sent_us, received_us, answered_us = exchange(true_us, self._bias_us, self._rng)
        self._clock.add_exchange(
            self._crystal.ticks_us(sent_us),
            received_us,
            answered_us,
            self._crystal.ticks_us(true_us),
        )

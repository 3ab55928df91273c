"""A node: its sensor, its judgement (groundswell.reporter) and its uplink, one `step` at a time.

`step` never blocks and never sleeps: a loop calls it at least as often as the sensor's FIFO needs
(every 100 ms for 125 Hz and 32 triplets). What the node says: triggers at once, shaking and
waveforms as they come, a retained status every 30 s and at once after connecting and when its
state changes. What it obeys: commands on its own topic (orders.py).
"""

import gc

from firmware.health import Health
from firmware.orders.orders import Orders
from firmware.uplink import outbox
from firmware.uplink.outbox import Frame
from groundswell import faults, topics, wire
from groundswell.lateness import as_late

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from firmware.orders.orders import Action
    from firmware.uplink.uplink import Uplink
    from groundswell.clock import Clock
    from groundswell.moment import Moment
    from groundswell.reporter import Identity, Reporter

    class Sensor(Protocol):
        """Samples in counts; the FIFO and the chip's own oscillator do the timing."""

        counts: "array[int]"  # x, y, z, x, y, z ... of the last poll, the vertical last
        end: Moment  # of the last sample that poll gave
        error: str  # what is wrong, for a technician; "" while it works

        def poll(self) -> int:
            """Return the number of new triplets in counts."""
            ...


STATUS_EVERY_US = 30000000
# After this a trigger or a second of shaking is late: S has run 35 km further by then, and whoever
# a new alert could warn is shaking. It may still confirm one that others began.
FRESH_US = 10000000
MAX_TRIPLETS = 128  # a second at 125 Hz: four times an ADXL355's FIFO

_URGENCIES = {
    wire.Trigger: outbox.TRIGGER,
    wire.Status: outbox.STATUS,
    wire.Reply: outbox.STATUS,
    wire.Shaking: outbox.SHAKING,
    wire.Waveform: outbox.WAVEFORM,
}
_STATUS_INDEX = wire.Status(*range(26))  # MicroPython's namedtuple has no _replace


class Node:
    """
    ticks      () -> microseconds of a counter that never goes back
    actions    what it can be told, see orders.py
    health     what is wrong with it
    encode     a message -> what goes on the wire: with the node's seal, if it has a key
    """

    def __init__(
        self,
        identity: "Identity",
        sensor: "Sensor",
        reporter: "Reporter",
        clock: "Clock",
        uplink: "Uplink",
        ticks: "Callable[[], int]",
        actions: "dict[int, Action] | None" = None,
        health: "Health | None" = None,
        encode: "Callable[[Any], bytes]" = wire.encode,
    ) -> None:
        self._sensor = sensor
        self._reporter = reporter
        self._clock = clock
        self._ticks = ticks
        self._encode = encode
        self._connects_seen = 0
        self._next_status_us = 0
        self._state_said = wire.STATE_OFFLINE
        self._faults_said = 0
        self._had_time = False
        self._trouble_said: "Exception | None" = None
        self.health = health or Health()
        self.actions: "dict[int, Action]" = actions or {}
        self.orders = Orders(identity, clock, reporter.next_seq, self.actions, self.health)
        self.uplink = uplink
        self.status_every_us = STATUS_EVERY_US
        self.take_chunk: "Callable[[Any, int], None] | None" = None  # of an update
        # what only the board knows, for the status
        self.restarts = 0
        self.reset_cause = wire.RESET_UNKNOWN
        self.rssi_dbm = 0
        self.battery_mv = 0
        uplink.set_last_words(self._last_words)

    def step(self) -> "list[Any]":
        """Do what is due; return the messages handed to the uplink, for whoever watches."""
        guard = self.health.guard
        found = guard(faults.TASK_SAMPLING, self._ticks(), self._listen_to_the_ground)
        messages: "list[Any]" = list(found) if found else []
        now_us = self._ticks()
        self.health.hold(faults.SENSOR, self._sensor.error != "")
        self.health.hold(faults.CLOCK, not self._clock.is_synchronised(now_us))
        for payload in guard(faults.TASK_UPLINK, now_us, self._talk, messages, now_us) or ():
            guard(faults.TASK_COMMANDS, now_us, self._hear, payload, now_us)
        return messages

    def close(self) -> None:
        """Say that we are gone, so that nobody takes our silence for a quiet place."""
        now_us = self._ticks()
        self.say(self._status(now_us, wire.STATE_OFFLINE), now_us)
        self.uplink.close(now_us)

    def say(self, message: "Any", now_us: int) -> None:
        """Hand a message to the uplink."""
        urgency = _URGENCIES[type(message)]
        late = None
        if isinstance(message, (wire.Trigger, wire.Shaking)):
            late = as_late(message, self._encode)
        is_goodbye = getattr(message, "state", None) == wire.STATE_OFFLINE
        self.uplink.publish(
            Frame(
                topics.of_message(message),
                self._encode(message),
                urgency,
                # who says goodbye will not be there to read a PUBACK
                0 if urgency > outbox.STATUS or is_goodbye else 1,
                isinstance(message, wire.Status),
                None if late is None else now_us + FRESH_US,
                late,
            )
        )

    def state(self, now_us: int) -> int:
        """Return wire.STATE_...: armed is who may be counted on to notice an earthquake."""
        wrong = self.health.bits(now_us)
        if wrong & (faults.SENSOR | faults.SELF_TEST | faults.MODEL):
            return wire.STATE_FAULT
        if not self._had_time:
            self._had_time = not wrong & faults.CLOCK
        if self._reporter.state == wire.STATE_ARMED and not self._had_time:
            return wire.STATE_STARTING
        return self._reporter.state

    def _listen_to_the_ground(self) -> "Sequence[Any]":
        triplets = self._sensor.poll()
        if triplets == 0:
            return ()
        return self._reporter.take(self._sensor.counts, triplets, self._sensor.end)

    def _talk(self, messages: "list[Any]", now_us: int) -> "list[bytes]":
        """Say the messages, and a status if it is due; return what was said to us."""
        if self._is_status_due(now_us):
            messages.append(self._status(now_us, None))
        for message in messages:
            self.say(message, now_us)
        heard = self.uplink.step(now_us)
        if self.uplink.error is not self._trouble_said:
            self._trouble_said = self.uplink.error
            if self._trouble_said is not None:
                self.health.say(f"no line to the broker: {self.uplink.trouble}")
        return [payload for _, payload in heard]

    def _is_status_due(self, now_us: int) -> bool:
        if not self.uplink.is_online:  # connecting brings one anyway
            return False
        state = self.state(now_us)
        wrong = self.health.bits(now_us)
        if self.uplink.connects != self._connects_seen:
            self._connects_seen = self.uplink.connects
        elif (
            now_us < self._next_status_us
            and state == self._state_said
            and not wrong & ~self._faults_said  # a new fault is told at once, its end in time
        ):
            return False
        self._state_said = state
        self._faults_said = wrong
        self._next_status_us = now_us + self.status_every_us
        return True

    def _status(self, now_us: int, state: "int | None") -> "wire.Status":
        """Return a status; state is what to say instead of the node's own."""
        status = self._reporter.status(now_us, _free_memory_b(), self.rssi_dbm, self.battery_mv)
        fields = list(status)
        fields[_STATUS_INDEX.drops] += self.uplink.drops
        fields[_STATUS_INDEX.state] = self.state(now_us) if state is None else state
        fields[_STATUS_INDEX.faults] = self.health.bits(now_us)
        fields[_STATUS_INDEX.restarts] = self.restarts
        fields[_STATUS_INDEX.reset_cause] = self.reset_cause
        return wire.Status(*fields)

    def _last_words(self) -> "tuple[str, bytes]":
        status = self._status(self._ticks(), wire.STATE_OFFLINE)
        return topics.of_message(status), self._encode(status)

    def _hear(self, payload: bytes, now_us: int) -> None:
        try:
            message = wire.decode(payload)
        except wire.WireError:
            self.orders.malformed += 1
            return
        if isinstance(message, wire.Chunk) and self.take_chunk is not None:
            self.take_chunk(message, now_us)
            return
        reply = self.orders.obey(message, now_us)
        if reply is not None:
            self.say(reply, now_us)


def _free_memory_b() -> int:
    """Return the free heap on MicroPython; 0 where nobody counts it."""
    mem_free = getattr(gc, "mem_free", None)
    return 0 if mem_free is None else int(mem_free())

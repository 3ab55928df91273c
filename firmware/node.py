"""A node: its sensor, its judgement (groundswell.reporter) and its uplink, one `step` at a time.

`step` never blocks and never sleeps: a loop calls it at least as often as the sensor's FIFO needs
(every 100 ms for 125 Hz and 32 triplets). What the node says: triggers at once, shaking and
waveforms as they come, a retained status every 30 s and at once after connecting. What it obeys:
commands on its own topic, each answered by a Reply with the same command_id.
"""

import gc
from array import array

from firmware import outbox
from firmware.outbox import Frame
from firmware.uplink import Uplink
from groundswell import topics, wire
from groundswell.lateness import as_late

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from groundswell.clock import Clock
    from groundswell.reporter import Identity, Reporter

    class Sensor(Protocol):
        """Samples in counts; the FIFO and the chip's own oscillator do the timing."""

        end_ticks_us: int  # tick count of the last sample that poll gave

        def poll(self, counts: "array[int]") -> int:
            """Fill counts with x, y, z, x, y, z ... (vertical last); return the triplets."""
            ...

        def self_test(self) -> "bool | None":
            """Return whether the chip passes its own test; None if it has none."""


STATUS_EVERY_US = 30000000
# After this a trigger or a second of shaking is late: S has run 35 km further by then, and whoever
# a new alert could warn is shaking. It may still confirm one that others began.
FRESH_US = 10000000
MAX_TRIPLETS = 128  # a second at 125 Hz: four times an ADXL355's FIFO
COMMANDS_REMEMBERED = 16
# A person waits for the answer, and a node that is offline for longer is better asked again. An
# answer is remembered until 16 others: a command that is valid for long could be played back
# after that, or after a restart, by whoever recorded it.
LONGEST_VALIDITY_US = 600000000

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
    identify   () -> whether light or buzzer could be set going; None where there is neither
    """

    def __init__(
        self,
        identity: "Identity",
        sensor: "Sensor",
        reporter: "Reporter",
        clock: "Clock",
        uplink: Uplink,
        ticks: "Callable[[], int]",
        identify: "Callable[[], bool] | None" = None,
    ) -> None:
        self._identity = identity
        self._sensor = sensor
        self._reporter = reporter
        self._clock = clock
        self._ticks = ticks
        self._identify = identify
        self._counts = array("i", bytes(12 * MAX_TRIPLETS))
        self._answers: "list[tuple[int, int, bytes]]" = []  # (command_id, result, payload)
        self._connects_seen = 0
        self._next_status_us = 0
        self._state_said = wire.STATE_OFFLINE
        self.uplink = uplink
        self.malformed_commands = 0
        uplink.set_last_words(self._last_words)

    def step(self) -> "list[Any]":
        """Do what is due; return the messages handed to the uplink, for whoever watches."""
        messages = self._listen_to_the_ground()
        now_us = self._ticks()
        if self._is_status_due(now_us):
            messages.append(self._status(now_us, None))
        for message in messages:
            self._say(message, now_us)
        for _, payload in self.uplink.step(now_us):
            self._obey(payload, now_us)
        return messages

    def close(self) -> None:
        """Say that we are gone, so that nobody takes our silence for a quiet place."""
        now_us = self._ticks()
        self._say(self._status(now_us, wire.STATE_OFFLINE), now_us)
        self.uplink.close(now_us)

    def _listen_to_the_ground(self) -> "list[Any]":
        triplets = self._sensor.poll(self._counts)
        if triplets == 0:
            return []
        return self._reporter.add_block(self._counts, triplets, self._sensor.end_ticks_us)

    def _is_status_due(self, now_us: int) -> bool:
        if not self.uplink.is_online:  # connecting brings one anyway
            return False
        if self.uplink.connects != self._connects_seen:
            self._connects_seen = self.uplink.connects
        elif now_us < self._next_status_us and self._reporter.state == self._state_said:
            return False
        self._state_said = self._reporter.state
        self._next_status_us = now_us + STATUS_EVERY_US
        return True

    def _status(self, now_us: int, state: "int | None") -> "wire.Status":
        """Return a status; state is what to say instead of the detector's own."""
        status = self._reporter.status(now_us, _free_memory_b())
        fields = list(status)
        fields[_STATUS_INDEX.drops] += self.uplink.drops
        if state is not None:
            fields[_STATUS_INDEX.state] = state
        return wire.Status(*fields)

    def _last_words(self) -> "tuple[str, bytes]":
        status = self._status(self._ticks(), wire.STATE_OFFLINE)
        return topics.of_message(status), wire.encode(status)

    def _say(self, message: "Any", now_us: int) -> None:
        urgency = _URGENCIES[type(message)]
        late = None
        if isinstance(message, (wire.Trigger, wire.Shaking)):
            late = as_late(message)
        is_goodbye = getattr(message, "state", None) == wire.STATE_OFFLINE
        self.uplink.publish(
            Frame(
                topics.of_message(message),
                wire.encode(message),
                urgency,
                # who says goodbye will not be there to read a PUBACK
                0 if urgency > outbox.STATUS or is_goodbye else 1,
                isinstance(message, wire.Status),
                None if late is None else now_us + FRESH_US,
                late,
            )
        )

    def _obey(self, payload: bytes, now_us: int) -> None:
        try:
            command = wire.decode(payload)
        except wire.WireError:
            self.malformed_commands += 1
            return
        if not isinstance(command, wire.Command) or command.node_id != self._identity.node_id:
            self.malformed_commands += 1
            return
        result, text = self._answer(command, now_us)
        self._say(
            wire.Reply(
                self._identity.node_id,
                self._identity.boot_id,
                self._reporter.next_seq(),
                command.command_id,
                result,
                self._clock.utc_us(now_us),
                text,
            ),
            now_us,
        )

    def _answer(self, command: "wire.Command", now_us: int) -> "tuple[int, bytes]":
        """Return result and text; a command that comes twice is done once and answered twice."""
        for command_id, result, text in self._answers:
            if command_id == command.command_id:
                return result, text
        if not self._clock.is_synchronised(now_us):
            return wire.RESULT_REFUSED, b"my clock is not set: this command may be old"
        utc_us = self._clock.utc_us(now_us)
        if utc_us > command.expires_us:
            return wire.RESULT_EXPIRED, b""
        # one that is issued in the future would otherwise be valid until then
        if command.expires_us - min(command.issued_us, utc_us) > LONGEST_VALIDITY_US:
            return wire.RESULT_REFUSED, b"valid for more than 10 minutes"
        result, text = self._do(command.action)
        self._answers.append((command.command_id, result, text))
        if len(self._answers) > COMMANDS_REMEMBERED:
            self._answers.pop(0)
        return result, text

    def _do(self, action: int) -> "tuple[int, bytes]":
        if action == wire.ACTION_IDENTIFY:
            if self._identify is None:
                return wire.RESULT_REFUSED, b"no light and no buzzer here"
            return (wire.RESULT_DONE if self._identify() else wire.RESULT_FAILED), b""
        if action == wire.ACTION_SELF_TEST:
            has_passed = self._sensor.self_test()
            if has_passed is None:
                return wire.RESULT_REFUSED, b"this sensor has no self-test"
            return (wire.RESULT_DONE if has_passed else wire.RESULT_FAILED), b""
        return wire.RESULT_UNKNOWN_ACTION, b"not in this firmware"


def _free_memory_b() -> int:
    """Return the free heap on MicroPython; 0 where nobody counts it."""
    mem_free = getattr(gc, "mem_free", None)
    return 0 if mem_free is None else int(mem_free())

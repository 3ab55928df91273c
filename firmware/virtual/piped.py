"""A virtual node on MicroPython: the firmware's own modules, samples and time from a pipe.

    micropython -m firmware.virtual.piped NODE_ID BOOT_ID LAT_UDEG LON_UDEG ELEVATION_M RATE_MHZ \
        LSB_NM_S2 HOST PORT

On stdin, frames of  kind (1 byte) | length (2) | rest,  little endian:
    S  age_us (4: how long ago the last sample was) | counts (4 each): x, y, z, x, y, z ...
    T  t1_ticks_us | t2_us | t3_us (8 each): answer of the time server to our question
On stdout, lines:
    T t1_ticks_us                     what time is it?
    G sample_us sent_us handed_us     a trigger is handed over; the last by the machine's clock
The end of stdin is the end of the node. Runs on CPython too, for whoever wants to look inside.
"""

import select
import struct
import sys
import time
from array import array

from firmware.node import MAX_TRIPLETS, Node
from firmware.uplink import Uplink
from firmware.way import Way
from groundswell import topics, wire
from groundswell.clock import Clock, TickExtender
from groundswell.reporter import Identity, Reporter

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import BinaryIO

    from firmware.orders import Action

IDLE_MS = 20  # how long a command may wait
EXCHANGES_AT_START = 8
EXCHANGE_EVERY_US = 16000000


class Ticks:
    """Microseconds that never wrap, of this interpreter."""

    def __init__(self) -> None:
        self._ticks_us = getattr(time, "ticks_us", None)  # None on CPython
        self._extender = TickExtender()
        self.looked_us = 0  # the machine's time of day when the node last asked: before it sends

    def now(self) -> int:
        self.looked_us = time.time_ns() // 1000
        if self._ticks_us is None:
            return self.looked_us
        return self._extender.extend(self._ticks_us())


class PipeSensor:
    """Samples as they come through the pipe; the time server's answers go past it to the clock."""

    def __init__(self, pipe: "BinaryIO", clock: Clock, ticks: Ticks) -> None:
        self._pipe = pipe
        self._clock = clock
        self._ticks = ticks
        self._block = b""
        self.counts = array("i", bytes(12 * MAX_TRIPLETS))
        self.error = ""
        self.end_ticks_us = 0
        self.has_ended = False

    def read_frame(self) -> None:
        """Take one frame. Whoever calls has seen that there is one; writers write them whole."""
        head = self._pipe.read(3)
        if not head or len(head) < 3:
            self.has_ended = True
            return
        kind, length = struct.unpack("<BH", head)
        rest = self._pipe.read(length)
        now_us = self._ticks.now()
        if kind == 83:  # S
            self._block = rest[4:]
            self.end_ticks_us = now_us - struct.unpack_from("<i", rest, 0)[0]
        elif kind == 84:  # T
            t1_ticks_us, t2_us, t3_us = struct.unpack("<qqq", rest)
            self._clock.add_exchange(t1_ticks_us, t2_us, t3_us, now_us)

    def poll(self) -> int:
        block, self._block = self._block, b""
        number = min(len(block) // 4, 3 * MAX_TRIPLETS)
        for index in range(number):
            self.counts[index] = struct.unpack_from("<i", block, 4 * index)[0]
        return number // 3


def main(arguments: "list[str]") -> None:
    numbers = [int(word) for word in arguments[:7]]
    host, port = arguments[7], int(arguments[8])
    identity = Identity(*(numbers[:5] + [wire.SENSOR_SIMULATED]))
    ticks = Ticks()
    clock = Clock()
    pipe = sys.stdin.buffer
    sensor = PipeSensor(pipe, clock, ticks)
    uplink = Uplink(
        f"node-{identity.node_id:08x}",
        topics.of_node(identity.node_id, "command"),
        [Way(host, port)],
    )
    reporter = Reporter(identity, numbers[5], numbers[6], clock)
    actions: "dict[int, Action]" = {
        wire.ACTION_IDENTIFY: lambda payload, now_us: (wire.RESULT_DONE, b"")
    }
    node = Node(identity, sensor, reporter, clock, uplink, ticks.now, actions)
    poller = select.poll()
    poller.register(sys.stdin, select.POLLIN)
    questions = 0
    next_question_us = 0
    while not sensor.has_ended:
        if ticks.now() >= next_question_us:
            questions += 1
            pause_us = EXCHANGE_EVERY_US if questions > EXCHANGES_AT_START else 100000
            next_question_us = ticks.now() + pause_us
            say(f"T {ticks.now()}")
        if poller.poll(IDLE_MS):
            sensor.read_frame()
        for message in node.step():
            if isinstance(message, wire.Trigger):
                say(f"G {message.sample_us} {message.sent_us} {ticks.looked_us}")
    node.close()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

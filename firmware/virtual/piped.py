"""The whole firmware on a virtual board in real time: ground from a pipe, everything else real.

    micropython -m firmware.virtual.piped FOLDER DRIFT_PPB

FOLDER is the board's flash; the technician's node.json lies in it. Broker and time servers are
real sockets. On stdin, frames:  length of the rest (2 bytes) | first_us (8) | counts (4 each):
samples x, y, z, x, y, z ... of the chip, gravity not included, the first of them due at first_us
(Unix time) and the others a nominal period apart, little endian. They may come early: each goes
into the chip when it is due. On stdout, lines:
    G sample_us sent_us handed_us     a trigger is handed over; the last by the machine's clock
    L text                            what a technician with a cable would read
The end of stdin switches the board off. Runs on CPython too, for whoever wants to look inside.
"""

import os
import select
import struct
import sys
import time

from firmware.main import Life, Stop
from firmware.net.udp import UdpLine, look_up
from firmware.state.flash import Flash
from firmware.uplink.way import Way
from firmware.virtual.board import Bitten, VirtualBoard
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from firmware.state.settings import Settings

MOST_WAITING = 2048  # triplets that are not due yet
OFF_MS = 300  # how long a restart takes
COUNTS_PER_G = {"adxl355": 256410, "lis3dh": 1000, "mpu6050": 16384, "adxl345": 256}


class PipedGround:
    """Samples that came through the pipe, and gravity."""

    def __init__(self) -> None:
        self._waiting: "list[tuple[int, int, int, int]]" = []  # due_us, x, y, z
        self._now = (0, 0, 0)
        self.gravity = 0
        self.dropped = 0

    def put(self, first_us: int, period_us: int, counts: bytes) -> None:
        for k in range(len(counts) // 12):
            x, y, z = struct.unpack_from("<iii", counts, 12 * k)
            if len(self._waiting) >= MOST_WAITING:
                self.dropped += 1
                continue
            self._waiting.append((first_us + k * period_us, x, y, z))

    def source(self, n: int) -> "tuple[int, int, int]":
        return self._now

    def feed(self, model: "Any", now_us: int) -> None:
        waiting = self._waiting
        while waiting and waiting[0][0] <= now_us:
            _, x, y, z = waiting.pop(0)
            self._now = (x, y, z + self.gravity)
            model.tick()


class RealTime:
    """Waits for the pipe meanwhile."""

    def __init__(self, pipe: "BinaryIO", ground: PipedGround) -> None:
        self._pipe = pipe
        self._ground = ground
        self._poller = select.poll()
        self._poller.register(sys.stdin, select.POLLIN)
        self.period_us = 8000
        self.looked_us = 0  # when the node last asked: before it sends

    def now_us(self) -> int:
        self.looked_us = time.time_ns() // 1000
        return self.looked_us

    def wait_ms(self, ms: int, board: "Any") -> None:
        until_us = self.now_us() + 1000 * ms
        while True:
            left_us = until_us - self.now_us()
            if left_us <= 0:
                return
            if self._poller.poll(max(1, left_us // 1000)):
                self._read_frame()

    def _read_frame(self) -> None:
        """Take one frame. Whoever calls has seen that there is one; writers write them whole."""
        head = self._pipe.read(2)
        if not head or len(head) < 2:
            raise Stop
        rest = self._pipe.read(struct.unpack("<H", head)[0])
        first_us = struct.unpack_from("<q", rest, 0)[0]
        self._ground.put(first_us, self.period_us, rest[8:])


class RealNetwork:
    is_up = True

    def __init__(self) -> None:
        self.settings: "Any" = None

    def step(self, now_us: int) -> None:
        pass

    def rssi_dbm(self) -> int:
        return 0

    def way(self, host: str, port: int) -> Way:
        return Way(host, port)

    def open_udp(self) -> UdpLine:
        return UdpLine()

    def look_up(self, servers: "list[tuple[str, int]]") -> "list[Any]":
        return look_up(servers)


class PipedBoard(VirtualBoard):
    def bus(self, settings: "Settings") -> "Any":
        found = super().bus(settings)
        self.ground.gravity = COUNTS_PER_G[settings["sensor"]]
        self.time.period_us = 1000000000 // (settings["rate_mhz"] or 125000)
        return found

    def log(self, text: str) -> None:
        say("L " + text)


def main(arguments: "list[str]") -> None:
    folder, drift_ppb = arguments[0], int(arguments[1])
    ground = PipedGround()
    clock = RealTime(sys.stdin.buffer, ground)
    cause = wire.RESET_POWER
    try:
        while True:
            board = PipedBoard(
                clock, ground, RealNetwork(), Flash(folder), os.urandom, drift_ppb, cause
            )
            cause = live(board, clock)
            if cause is None:
                return
            clock.wait_ms(OFF_MS, board)
    except Stop:
        pass  # between two lives


def live(board: "Any", clock: RealTime) -> "int | None":
    """Live until the next start; return its cause, None for the end."""
    life = Life(board)
    try:
        while life.turn():
            if life.firmware is None:
                continue
            for message in life.firmware.said:
                if isinstance(message, wire.Trigger):
                    say(f"G {message.sample_us} {message.sent_us} {clock.looked_us}")
    except Bitten:
        return wire.RESET_WATCHDOG
    return None if life.is_over else wire.RESET_UNKNOWN


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

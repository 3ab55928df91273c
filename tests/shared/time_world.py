"""Time servers and the way to them, in virtual time: what firmware/timesync is tested in."""

from firmware.timesync.timesync import ASKING, TimeSync
from groundswell.clock import Clock

from random_numbers import RandomNumbers
from time_server import kiss, reply

SECOND = 1000000
START_US = 1800000000 * SECOND
PROCESSING_US = 50


class TimeServer:
    """Says the true time, plus a lie."""

    def __init__(self, lie_us=0):
        self.lie_us = lie_us
        self.is_up = True
        self.kiss = b""
        self.changes = {}
        self.asked_at_us = []  # true time since the start

    def answer(self, question, true_us):
        self.asked_at_us.append(true_us - START_US)
        if not self.is_up:
            return None
        if self.kiss:
            return kiss(question, self.kiss)
        says_us = true_us + self.lie_us
        return reply(question, says_us, says_us + PROCESSING_US, self.changes)


def even_way():
    return 5000


class TimeWorld:
    """
    drift_ppm   of the node's crystal; positive is fast
    way_us      () -> how long a packet travels, for each way on its own
    loop_us     how often the node looks for answers while it waits
    idle_us     and how often it steps otherwise
    pulses      of a receiver: (this world) -> pps.Pulses
    """

    def __init__(
        self,
        servers,
        drift_ppm=20,
        way_us=even_way,
        loop_us=1000,
        idle_us=SECOND // 2,
        pulses=None,
    ):
        self.servers = servers
        self.clock = Clock()
        self.true_us = START_US
        self.has_network = True
        self.strange = []  # packets that come in whatever was asked
        self.open_lines = 0
        self._drift_ppm = drift_ppm
        self._way_us = way_us
        self._loop_us = loop_us
        self._idle_us = idle_us
        self._coming = []  # (true time, packet)
        self.pulses = None if pulses is None else pulses(self)
        self.sync = self.start_again()

    def start_again(self):
        random = RandomNumbers(7)
        addresses = list(range(len(self.servers)))
        self.sync = TimeSync(
            self.clock if self.pulses is None else self.pulses.servers,
            self.ticks,
            addresses,
            self._open,
            random.some_bytes,
        )
        return self.sync

    def ticks(self):
        return self.ticks_at(self.true_us)

    def ticks_at(self, true_us):
        elapsed_us = true_us - START_US
        return 987654321 + elapsed_us + elapsed_us * self._drift_ppm // 1000000

    def run(self, seconds, watch=None):
        """Let so much time pass; watch() is called after every idle step."""
        end_us = self.true_us + round(seconds * SECOND)
        while self.true_us < end_us:
            self.sync.step(self.ticks())
            if self.pulses is not None:
                self.pulses.step(self.ticks())
            is_asking = self.sync.state == ASKING
            if watch is not None and not is_asking:
                watch()
            self.true_us += self._loop_us if is_asking else self._idle_us

    def error_us(self):
        """Return how wrong the clock is."""
        return self.clock.utc_us(self.ticks()) - self.true_us

    def is_synchronised(self):
        return self.clock.is_synchronised(self.ticks())

    def send(self, packet, address):
        if not self.has_network:
            raise OSError(118)  # EHOSTUNREACH of lwIP
        arrival_us = self.true_us + self._way_us()
        answer = self.servers[address].answer(packet, arrival_us)
        if answer is not None:
            self._coming.append((arrival_us + PROCESSING_US + self._way_us(), answer))

    def receive(self, most):
        if self.strange:
            return self.strange.pop(0)[:most]
        for index, (arrival_us, packet) in enumerate(self._coming):
            if arrival_us <= self.true_us:
                del self._coming[index]
                return packet[:most]
        return None

    def close(self):
        self.open_lines -= 1
        self._coming = []

    def _open(self):
        if not self.has_network:
            raise OSError(12)  # ENOMEM, as ESP32 says without a network
        self.open_lines += 1
        return self

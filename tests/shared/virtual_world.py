"""The whole firmware on a virtual board in virtual time, and everything around it may fail."""

import json

from firmware.main import Life
from firmware.virtual.board import Bitten, VirtualBoard
from groundswell import wire

from random_numbers import RandomNumbers
from signals import noise
from simulated_flash import PowerCut, SimulatedFlash
from time_world import START_US, TimeServer
from virtual_broker import VirtualBroker

SECOND = 1000000
COUNTS_PER_G = {"adxl355": 256410, "lis3dh": 1000, "mpu6050": 16384, "adxl345": 256}
RMS_COUNTS = {"adxl355": 30, "lis3dh": 3, "mpu6050": 60, "adxl345": 1}
WAY_US = 2000  # to the time servers, each way
SETTINGS = {
    "node_id": 42,
    "lat_udeg": 17000000,
    "lon_udeg": -101000000,
    "brokers": ["broker:1883"],
    "time_servers": ["time:123"],
    "sensor": "adxl355",
}


class VirtualTime:
    """Passes only when somebody waits."""

    def __init__(self):
        self.true_us = START_US

    def now_us(self):
        return self.true_us

    def wait_ms(self, ms, board):
        self.true_us += 1000 * ms


class VirtualGround:
    """Noise and gravity, and shaking while `shakes`; a chip whose rate is off by off_ppm."""

    def __init__(self, sensor, off_ppm=1000):
        self._noise = noise(512, RMS_COUNTS[sensor])
        self._gravity = COUNTS_PER_G[sensor]
        self._off_ppm = off_ppm
        self._fed_us = None
        self._rest = 0
        self.vertical = 2
        self.swing = 0
        self.is_silent = False

    def source(self, n):
        at = 3 * (n & 511)
        counts = [self._noise[at], self._noise[at + 1], self._noise[at + 2]]
        counts[self.vertical] += self._gravity
        if self.swing:
            counts[self.vertical] += self.swing if n % 10 < 5 else -self.swing
        return counts

    def feed(self, model, now_us):
        if self._fed_us is None:
            self._fed_us = now_us
        elapsed_us = now_us - self._fed_us
        self._fed_us = now_us
        rate = model.rate_mhz()
        rate += rate * self._off_ppm // 1000000
        parts = self._rest + elapsed_us * rate
        self._rest = parts % 1000000000
        if not self.is_silent:
            model.tick(min(600, parts // 1000000000))  # no FIFO holds more


class VirtualNetwork:
    """Wi-Fi, DNS, the way to the broker and to time servers."""

    def __init__(self, world):
        self._world = world
        self._coming = []  # (true time, packet)
        self.is_up = True
        self.settings = None
        self.names = {"broker": True, "time": True}  # False: DNS does not know it
        self.open_sockets = 0

    def step(self, now_us):
        pass

    def rssi_dbm(self):
        return -60 if self.is_up else 0

    def way(self, host, port):
        return VirtualWay(self, host)

    def open_line(self, host):
        if not self.is_up or not self.names.get(host, False):
            raise OSError(-2, "no such host")
        return self._world.brokers[host].accept()

    def look_up(self, servers):
        if not self.is_up:
            return []
        return [host for host, _ in servers if self.names.get(host, False)]

    def open_udp(self):
        if not self.is_up:
            raise OSError(12, "no way")
        self.open_sockets += 1
        self._coming = []
        return self

    # a UdpLine

    def send(self, packet, address):
        if not self.is_up:
            raise OSError(118, "no way")
        now_us = self._world.time.true_us
        answer = self._world.time_servers[address].answer(packet, now_us + WAY_US)
        if answer is not None:
            self._coming.append((now_us + 2 * WAY_US, answer))

    def receive(self, most):
        for index, (arrival_us, packet) in enumerate(self._coming):
            if arrival_us <= self._world.time.true_us:
                del self._coming[index]
                return packet[:most]
        return None

    def close(self):
        self.open_sockets -= 1


class VirtualWay:
    def __init__(self, network, host):
        self._network = network
        self._host = host

    def open_line(self):
        return self._network.open_line(self._host)

    def probe(self):
        return VirtualProbe(self)


class VirtualProbe:
    def __init__(self, way):
        self._way = way

    def advance(self):
        self._way.open_line().close()
        return True

    def close(self):
        pass


class World:
    """One node. changes: to SETTINGS, as the technician left them on its flash."""

    def __init__(self, changes=None, drift_ppm=20, files=None):
        settings = dict(SETTINGS)
        settings.update(changes or {})
        self.time = VirtualTime()
        self.broker = VirtualBroker(self.time.now_us)
        self.brokers = {"broker": self.broker}
        self.time_servers = {"time": TimeServer()}
        self.network = VirtualNetwork(self)
        self.ground = VirtualGround(settings["sensor"])
        self.files = files or SimulatedFlash()
        if files is None:
            self.files.write("node.json", json.dumps(settings).encode())
        self._random = RandomNumbers(5)
        self._drift_ppb = 1000 * drift_ppm
        self._due = []  # (true time, function)
        self.receiver = None  # of GNSS: VirtualBoard says what it is
        self.starts = 0
        self.spoil = None  # (board): what is wrong with it from its next start on
        self.command_id = 0
        self.power_on(wire.RESET_POWER)

    def power_on(self, cause):
        self.starts += 1
        self.files.restart()
        self.broker.cut_lines()
        self.board = VirtualBoard(
            self.time,
            self.ground,
            self.network,
            self.files,
            self._random.some_bytes,
            self._drift_ppb,
            cause,
        )
        self.board.receiver = lambda now_us: self.receiver and self.receiver(now_us)
        if self.spoil is not None:
            self.spoil(self.board)
        try:
            self.life = Life(self.board)
        except PowerCut:
            self.power_on(wire.RESET_POWER)

    @property
    def firmware(self):
        return self.life.firmware

    @property
    def node(self):
        return self.life.firmware.node

    def at(self, seconds, function):
        """Call function() so many seconds from now, between two turns."""
        self._due.append((self.time.true_us + round(seconds * SECOND), function))

    def run(self, seconds):
        """Let time pass; a node that starts anew is started anew."""
        end_us = self.time.true_us + round(seconds * SECOND)
        while self.time.true_us < end_us:
            for due in [due for due in self._due if due[0] <= self.time.true_us]:
                self._due.remove(due)
                due[1]()
            try:
                goes_on = self.life.turn()
                cause = wire.RESET_UNKNOWN
            except PowerCut:
                goes_on, cause = False, wire.RESET_POWER
            except Bitten:
                goes_on, cause = False, wire.RESET_WATCHDOG
            if not goes_on:
                self.time.true_us += SECOND // 2
                self.power_on(cause)

    def run_until(self, holds, seconds=120):
        """Let time pass until holds(); at most so long."""
        end_us = self.time.true_us + seconds * SECOND
        while not holds():
            assert self.time.true_us < end_us, self.board.log_lines
            self.run(0.5)

    def statuses(self, since_us=0):
        return self.broker.said(wire.Status, since_us)

    def last_status(self):
        return self.statuses()[-1]

    def is_armed(self):
        return bool(self.statuses()) and self.last_status().state == wire.STATE_ARMED

    def armed(self):
        """Let it start; return the world once the node says that it is armed."""
        self.run_until(self.is_armed)
        return self

    def ask(self, action, document=None, seconds=5):
        """Send a command; return its reply, or None."""
        self.command_id += 1
        payload = b"" if document is None else json.dumps(document).encode()
        now_us = self.time.true_us
        command = wire.Command(42, self.command_id, action, now_us, now_us + 30 * SECOND, payload)
        assert self.broker.tell(command) == 1
        self.run(seconds)
        for reply in self.broker.said(wire.Reply):
            if reply.command_id == self.command_id:
                return reply
        return None

    def samples(self):
        """Return how many samples the node has taken since its start."""
        return self.firmware.parts.reporter._time.samples

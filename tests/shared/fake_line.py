"""The other end of an uplink: lines that a test reads and writes, and the way to a broker."""

from firmware.uplink.uplink import ONLINE, Uplink

SECOND = 1000000
CONNACK = b"\x20\x02\x00\x00"


class FakeLine:
    """A non-blocking socket whose other end is the test: `heard` is what was sent to it."""

    def __init__(self, send_limit=100000):
        self.heard = b""
        self.says = b""
        self.send_limit = send_limit
        self.is_closed = False
        self.is_dead = False
        self.is_proved = False

    def send(self, data):
        if self.is_dead:
            raise OSError(104, "reset")
        if self.send_limit == 0:
            raise OSError(11, "not yet")
        self.heard += data[: self.send_limit]
        return min(len(data), self.send_limit)

    def recv(self, count):
        if not self.says:
            raise OSError(11, "not yet")
        chunk, self.says = self.says[:count], self.says[count:]
        return chunk

    def close(self):
        self.is_closed = True


class Exchange:
    """The way to one broker, and every line that an uplink opened; can refuse."""

    def __init__(self):
        self.lines = []
        self.probes = 0
        self.is_refusing = False
        self.is_silent = False

    def open_line(self):
        if self.is_refusing:
            raise OSError(111, "refused")
        self.lines.append(FakeLine())
        return self.lines[-1]

    def probe(self):
        self.probes += 1
        return FakeProbe(self)


class FakeProbe:
    def __init__(self, exchange):
        self._exchange = exchange
        self.is_closed = False

    def advance(self):
        if self._exchange.is_refusing:
            raise OSError(111, "refused")
        return not self._exchange.is_silent

    def close(self):
        self.is_closed = True


def make():
    exchange = Exchange()
    link = Uplink("n1", "n1/command", [exchange], lambda bits: 1 << (bits - 1))
    link.set_last_words(lambda: ("n1/status", b"bye"))
    return exchange, link


def go_online(exchange, link, now_us):
    link.step(now_us)
    link.step(now_us)
    line = exchange.lines[-1]
    line.says = CONNACK
    link.step(now_us)
    packet_id = line.heard[line.heard.index(b"n1/command") - 4 :][:2]
    line.says = b"\x90\x03" + packet_id + b"\x00"
    link.step(now_us)
    assert link.state == ONLINE
    line.heard = b""
    return line


def all_of(incoming, received):
    """Return every packet that is complete with these bytes."""
    incoming.add(received)
    packets = []
    while True:
        packet = incoming.next()
        if packet is None:
            return packets
        packets.append(packet)

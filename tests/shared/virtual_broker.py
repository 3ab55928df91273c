"""A broker in virtual time: what a node says to it, and the faults that brokers and lines have."""

import struct

from groundswell import topics, wire

EAGAIN, ECONNREFUSED, ECONNRESET = 11, 111, 104


class VirtualLine:
    """A non-blocking socket to the broker."""

    def __init__(self, broker):
        self._broker = broker
        self._sent = b""
        self.to_client = b""
        self.will = None  # topic, payload
        self.subscription = ""
        self.is_cut = False

    def send(self, data):
        if self.is_cut:
            raise OSError(ECONNRESET, "reset")
        if self._broker.is_silent:
            return len(data)  # lost on the way, and nobody says so
        self._sent += bytes(data)
        while True:
            packet = split(self._sent)
            if packet is None:
                return len(data)
            first, body, rest = packet
            self._sent = rest
            self._broker.take(self, first, body)

    def recv(self, count):
        if self.is_cut:
            raise OSError(ECONNRESET, "reset")
        if not self.to_client:
            raise OSError(EAGAIN, "not yet")
        chunk, self.to_client = self.to_client[:count], self.to_client[count:]
        return chunk

    def setblocking(self, is_blocking):
        assert not is_blocking

    def close(self):
        self._broker.forget(self)


class VirtualBroker:
    """heard: (true time, message) of all that nodes said, last wills too."""

    def __init__(self, now_us):
        self._now_us = now_us
        self._lines = []
        self.is_up = True
        self.is_silent = False
        self.refuses_commands = False
        self.heard = []
        self.topics = []
        self.connects = 0

    def accept(self):
        if not self.is_up:
            raise OSError(ECONNREFUSED, "refused")
        line = VirtualLine(self)
        self._lines.append(line)
        return line

    def cut_lines(self):
        """Every line is reset; the last wills go out."""
        for line in list(self._lines):
            line.is_cut = True
            self.forget(line)

    def tell(self, message):
        """Send a command to its node; return how many lines it went to."""
        topic = topics.of_message(message)
        told = [line for line in self._lines if line.subscription == topic]
        for line in told:
            body = text(topic) + wire.encode(message)
            line.to_client += b"\x30" + length_of(body) + body
        return len(told)

    def said(self, kind, since_us=0):
        return [m for at_us, m in self.heard if isinstance(m, kind) and at_us >= since_us]

    def take(self, line, first, body):
        kind = first & 0xF0
        if kind == 0x10:
            self.connects += 1
            line.will = will_of(body)
            line.to_client += b"\x20\x02\x00\x00"
        elif kind == 0x80:
            size = struct.unpack_from(">H", body, 2)[0]
            line.subscription = str(body[4 : 4 + size], "utf-8")
            line.to_client += b"\x90\x03" + body[:2]
            line.to_client += b"\x80" if self.refuses_commands else b"\x00"
        elif kind == 0x30:
            size = struct.unpack_from(">H", body)[0]
            head = 2 + size
            if first & 6:
                line.to_client += b"\x40\x02" + body[head : head + 2]
                head += 2
            self._hear(str(body[2 : 2 + size], "utf-8"), body[head:])
        elif kind == 0xC0:
            line.to_client += b"\xd0\x00"
        elif kind == 0xE0:
            line.will = None

    def forget(self, line):
        if line in self._lines:
            self._lines.remove(line)
            if line.will is not None:
                self._hear(*line.will)

    def _hear(self, topic, payload):
        self.topics.append(topic)
        self.heard.append((self._now_us(), wire.decode(payload)))


def split(data):
    """Return (first byte, body, rest), or None."""
    length = 0
    for index in range(1, min(len(data), 5)):
        length |= (data[index] & 127) << 7 * (index - 1)
        if data[index] < 128:
            start = index + 1
            if len(data) < start + length:
                return None
            return data[0], data[start : start + length], data[start + length :]
    return None


def will_of(body):
    at = 10  # the name, level, flags and keepalive before it
    fields = []
    for _ in range(3):
        size = struct.unpack_from(">H", body, at)[0]
        fields.append(body[at + 2 : at + 2 + size])
        at += 2 + size
    return str(fields[1], "utf-8"), fields[2]


def text(words):
    return struct.pack(">H", len(words)) + words.encode()


def length_of(body):
    size = len(body)
    return bytes((size & 127 | 128, size >> 7)) if size > 127 else bytes((size,))

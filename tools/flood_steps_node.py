"""MicroPython's other half of tls_steps.py: RUNS; steps of the uplink while a broker floods it.

Prints a line of JSON: for each kind of flood the longest step, microseconds. All runs are alike,
so of each step the quickest run counts.
"""

import gc
import json
import sys
import time

from firmware.uplink import mqtt
from firmware.uplink.uplink import Uplink

STEPS = 40  # of which one of 8 kB takes five to come
READ_BYTES = 256  # at a time, at most
FLOODS = {
    "nothing": b"",
    "empty messages": b"\x30\x03\x00\x01a",
    "empty messages of QoS 1": b"\x32\x05\x00\x01a\x00\x01",
    "retained ones of QoS 1": b"\x33\x05\x00\x01a\x00\x01",
    "answers to no ping": b"\xd0\x00",
    "confirmations of nothing": b"\x40\x02\x00\x01",
    "messages of 8 kB": mqtt.publish("a", bytes(8000), 0, False, 0, False),
}


class Line:
    """Takes everything; says what it is given, once or without end."""

    def __init__(self):
        self._says = b""
        self._at = 0
        self._is_endless = False

    def say(self, words, is_endless=False):
        self._says = words
        self._is_endless = is_endless

    def send(self, data):
        return len(data)

    def recv(self, count):
        if not self._says:
            raise OSError(11)
        if not self._is_endless:
            chunk, self._says = self._says, b""
            return chunk
        chunk = self._says[self._at : self._at + count]
        chunk += self._says[: count - len(chunk)]  # a read that is not full would be the last
        self._at = (self._at + count) % len(self._says)
        return chunk

    def close(self):
        pass


class Way:
    def open_line(self):
        return Line()

    def probe(self):
        return Line()


def main():
    runs = int(sys.argv[1])
    print(json.dumps({name: longest_us(flood, runs) for name, flood in FLOODS.items()}))


def longest_us(flood, runs):
    says = flood * max(1, READ_BYTES // max(1, len(flood)) * 2)
    least_us = [1 << 29] * STEPS
    for _ in range(runs):
        for index, step_us in enumerate(steps_of(says)):
            least_us[index] = min(least_us[index], step_us)
    return max(least_us)


def steps_of(says):
    """Return the durations of the steps of an uplink that has come online, microseconds."""
    link = Uplink("n1", "n1/command", [Way()])
    link.set_last_words(lambda: ("n1/status", b"gone"))
    link.step(0)
    link.step(0)
    for answer in (b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x00"):
        link._line.say(answer)
        link.step(0)
    link._line.say(says, True)
    gc.collect()
    steps_us = []
    for _ in range(STEPS):
        before_us = time.ticks_us()
        link.step(0)
        steps_us.append(time.ticks_diff(time.ticks_us(), before_us))
    assert link.is_online, link.trouble
    return steps_us


if __name__ == "__main__":
    main()

"""A time server behind a bad link, on loopback: the virtual boards' SNTP asks it.

The link's delays (crystal.py) are real: an answer is held back as long as both ways would take.
"""

import contextlib
import heapq
import socket
import struct

import numpy as np

from system.crystal import exchange

_NTP_OF_1970 = 2_208_988_800
_QUESTION_BYTES = 48
_MOST_HELD = 64
# Leap 0, version 4, mode 4; stratum 2, poll 2^6 s, precision 2^-20 s; root delay and dispersion
# of 1 ms in seconds times 65,536 (RFC 5905, figure 8).
_HEAD = struct.pack("!BBbbII", 0x24, 2, 6, -20, 66, 66)


class TimeServer:
    def __init__(self, bias_us: int, rng: np.random.Generator) -> None:
        """bias_us: how wrong it is."""
        self._bias_us = bias_us
        self._rng = rng
        self._held: list[tuple[int, bytes, tuple[str, int]]] = []  # when to answer, what, whom
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    @property
    def due_us(self) -> int | None:
        """When the next answer goes out."""
        return self._held[0][0] if self._held else None

    def hear(self, now_us: int) -> None:
        """Take a question."""
        try:
            question, whom = self.socket.recvfrom(_QUESTION_BYTES)
        except OSError:
            return
        if len(question) < _QUESTION_BYTES or len(self._held) >= _MOST_HELD:
            return
        # an exchange as it would end now, moved so that it begins now
        sent_us, received_us, answered_us = exchange(now_us, self._bias_us, self._rng)
        later_us = now_us - sent_us
        packet = answer(question, received_us + later_us, answered_us + later_us)
        heapq.heappush(self._held, (now_us + later_us, packet, whom))

    def speak(self, now_us: int) -> None:
        """Send what is due."""
        while self._held and self._held[0][0] <= now_us:
            _, packet, whom = heapq.heappop(self._held)
            with contextlib.suppress(OSError):  # whoever asked is gone
                self.socket.sendto(packet, whom)

    def close(self) -> None:
        self.socket.close()


def answer(question: bytes, received_us: int, answered_us: int) -> bytes:
    cookie = question[40:48]
    reference = _stamp(answered_us - 1_000_000)
    return _HEAD + b"LOCL" + reference + cookie + _stamp(received_us) + _stamp(answered_us)


def _stamp(unix_us: int) -> bytes:
    seconds, rest_us = divmod(unix_us, 1_000_000)
    return struct.pack("!II", (seconds + _NTP_OF_1970) & 0xFFFFFFFF, (rest_us << 32) // 1_000_000)

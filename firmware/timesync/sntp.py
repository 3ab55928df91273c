"""One question to a time server and its answer: SNTP version 4 (RFC 4330, RFC 5905), only bytes.

The question says nothing but a random cookie in the field of its transmit time, where servers copy
it from into their answer: who did not see the question cannot answer it, and nobody learns our
time. Whatever is not an answer that can be trusted raises SntpError. Times are Unix microseconds;
an era of NTP (seconds in 32 bits, the next begins in February 2036) is told by BUILT_UNIX_S.
"""

import struct
from collections import namedtuple

PORT = 123
BYTES = 48  # of a question and of an answer; extensions and signatures behind it are not read
COOKIE_BYTES = 8

Answer = namedtuple(
    "Answer",
    (
        "kiss",  # b"" or why the server wants to be left alone, like b"RATE"; then no times
        "received_us",  # Unix time of our question's arrival, by the server
        "answered_us",  # and of its answer's departure
    ),
)

RATE = b"RATE"  # ask less often; any other kiss of these two: never again (RFC 5905, 7.4)
GO_AWAY = (b"DENY", b"RSTR")

_CLIENT = 0x23  # leap 0, version 4, mode 3
_SERVER_MODE = 4
_VERSIONS = (3, 4)
_LEAP_UNKNOWN = 3  # the server itself does not know the time
_MOST_STRATUM = 15
# Root delay / 2 + root dispersion, how wrong the server says it may be. RFC 4330 takes 1 s for
# each; servers worth asking say 1..100 ms, and our own error estimate knows nothing of theirs.
MOST_ROOT_DISTANCE_US = 250000
MOST_PROCESSING_US = 1000000
_UNIX_EPOCH = 2208988800  # in NTP's seconds since 1900
# 2026-11-25, when this firmware was made; raised with each release. A server that says less is
# wrong, and 32 bits of seconds name one time until 2162. Not a device's epoch (2000 on ESP32, 1970
# elsewhere): those are not used anywhere.
BUILT_UNIX_S = 1795564800
# What is earlier reads as later than this: 1970 as 2106, yesterday as 2162.
LAST_UNIX_S = BUILT_UNIX_S + 60 * 365 * 86400


class SntpError(ValueError):
    """These bytes are not an answer to our question, or not one to set a clock by."""


def question(cookie: bytes) -> bytes:
    """Return the bytes to send. cookie: COOKIE_BYTES, random, new for each question."""
    if len(cookie) != COOKIE_BYTES:
        raise ValueError("a cookie has 8 bytes")
    return bytes((_CLIENT,)) + bytes(BYTES - 1 - COOKIE_BYTES) + cookie


def answer(packet: bytes, cookie: bytes) -> Answer:
    """Return what the server says to the question with this cookie. Raises SntpError."""
    if len(packet) < BYTES:
        raise SntpError("too short")
    if packet[24:32] != cookie:
        raise SntpError("not to our question")
    leap, version, mode = packet[0] >> 6, packet[0] >> 3 & 7, packet[0] & 7
    if mode != _SERVER_MODE or version not in _VERSIONS:
        raise SntpError("not a server's answer")
    stratum = packet[1]
    if stratum == 0:
        return Answer(bytes(packet[12:16]), 0, 0)
    if leap == _LEAP_UNKNOWN or stratum > _MOST_STRATUM:
        raise SntpError("the server does not know the time")
    _check_root(packet)
    received_us = unix_us(packet, 32)
    answered_us = unix_us(packet, 40)
    if not 0 <= answered_us - received_us <= MOST_PROCESSING_US:
        raise SntpError("answered before it was asked, or a second later")
    return Answer(b"", received_us, answered_us)


def _check_root(packet: bytes) -> None:
    """Refuse a server that is far from any clock. Both fields are seconds times 65,536."""
    delay, dispersion = struct.unpack_from("!iI", packet, 4)
    if delay < 0 or (delay // 2 + dispersion) * 1000000 >> 16 > MOST_ROOT_DISTANCE_US:
        raise SntpError("too far from a clock")


def unix_us(packet: bytes, at: int) -> int:
    """Return the time stamp at this place of a packet, Unix us."""
    seconds, fraction = struct.unpack_from("!II", packet, at)
    if seconds == 0 and fraction == 0:
        raise SntpError("no time")
    unix_s = (seconds - _UNIX_EPOCH - BUILT_UNIX_S) % (1 << 32) + BUILT_UNIX_S
    if unix_s > LAST_UNIX_S:
        raise SntpError("a time that cannot be")
    return unix_s * 1000000 + (fraction * 1000000 + (1 << 31) >> 32)

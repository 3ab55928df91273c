"""The two pipes: what is asked, and the time at which it is.

A question:  kind (1) | number (1) | length (2) | milliseconds since power on (4) | bytes
An answer:   length (2), NOTHING for none | bytes                      little endian
Time passes only when the firmware sleeps.
"""

import struct
import sys

NOTHING = 0xFFFF

ms = 0
_to_us = _to_world = None
_head = bytearray(8)
_length = bytearray(2)
_byte = bytearray(1)


def join(path_to_us, path_to_world):
    global _to_us, _to_world
    _to_us = open(path_to_us, "rb")  # noqa: SIM115  as long as we live
    _to_world = open(path_to_world, "wb")  # noqa: SIM115


def tell(kind, number, data):
    struct.pack_into("<BBHI", _head, 0, kind, number, len(data), ms)
    try:
        _to_world.write(_head)
        if data:
            _to_world.write(data)
    except OSError:
        sys.exit()  # switched off


def ask(kind, number, data=b""):
    """Return the answer, None if there is none."""
    tell(kind, number, data)
    size = _size()
    if size == NOTHING:
        return None
    try:
        answer = bytearray(size)
    except MemoryError:
        for _ in range(size):  # what is not read now would be taken for the next answer
            _to_us.readinto(_byte)
        raise
    _to_us.readinto(answer)
    return answer


def ask_up_to(kind, number, data, into):
    """Return how much of `into` the answer fills, None if there is none."""
    tell(kind, number, data)
    size = _size()
    if size == NOTHING:
        return None
    return _to_us.readinto(into, size) if size else 0


def ask_into(kind, number, data, into):
    tell(kind, number, data)
    if _size() != len(into):
        raise OSError(5)
    _to_us.readinto(into)


def _size():
    if _to_us.readinto(_length) != 2:
        sys.exit()  # switched off
    return _length[0] | _length[1] << 8

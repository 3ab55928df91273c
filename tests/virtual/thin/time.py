"""Time that passes only when the firmware sleeps. Once a minute the heap is measured."""

import gc
import struct

from utime import *  # noqa: F403  what is not ours stays the machine's

import pipe

MINUTE_MS = 60000
_WRAP = (1 << 30) - 1
_us = 0
_next_ms = MINUTE_MS
_begun_s = time()  # noqa: F405


def ticks_us():
    return _us


def sleep_ms(ms):
    global _us, _next_ms
    _us = (_us + 1000 * ms) & _WRAP
    pipe.ms += ms
    if pipe.ms >= _next_ms:
        _next_ms += MINUTE_MS
        before_b = gc.mem_alloc()
        gc.collect()
        pipe.tell(77, 0, struct.pack("<II", before_b, gc.mem_alloc()))


def time():
    return _begun_s + pipe.ms // 1000

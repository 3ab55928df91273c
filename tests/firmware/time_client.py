"""A node's time over real UDP, on either interpreter; run by test_timesync.py.

time_client.py PORT [PORT ...]      prints: error_us claimed_us answered malformed longest_us
"""

import select
import sys
import time

from groundswell.clock import Clock, TickExtender

from firmware.net.udp import look_up
from firmware.timesync.timesync import TimeSync
from tests import own_time

ENOUGH = 3  # exchanges: those of the burst are two seconds apart
LIMIT_US = 20000000

_ticks_us = getattr(time, "ticks_us", None)  # None on CPython
_extender = TickExtender()


def ticks() -> int:
    if _ticks_us is None:
        return time.monotonic_ns() // 1000
    return _extender.extend(_ticks_us()).ticks_us


def main(ports: "list[str]") -> None:
    clock = Clock()
    sync = TimeSync(clock, ticks, look_up([("127.0.0.1", int(port)) for port in ports]))
    poller = select.poll()
    started_us = ticks()
    longest_us = 0
    while sync.answered < ENOUGH * len(ports) and ticks() - started_us < LIMIT_US:
        before_us = own_time.now_us()
        sync.step(ticks())
        longest_us = max(longest_us, own_time.now_us() - before_us)
        if sync.line is not None:
            poller.register(sync.line.socket, select.POLLIN)
            poller.poll(100)
            poller.unregister(sync.line.socket)
        else:
            poller.poll(10)
    now_us = ticks()
    sync.step(now_us)
    error_us = clock.utc_us(ticks()) - time.time_ns() // 1000
    claimed_us = clock.error_us(now_us)
    said = (error_us, claimed_us, sync.answered, sync.malformed, longest_us)
    sys.stdout.write(" ".join(str(number) for number in said) + "\n")


main(sys.argv[1:])

"""Keeps the clock right: finds the time servers, asks them, says what is wrong with them.

Names are looked up at the start, once a day, and oftener while the servers are in doubt: the name
server was wrong, or they have moved, as a pool's members come and go. Where a receiver's pulses
are counted (pps.py), servers set their clock and the pulses ours.
"""

from firmware.timesync.timesync import ASKING, TimeSync
from groundswell import faults

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.health import Health
    from firmware.timesync.pps import Pulses
    from groundswell.clock import Clock

LOOK_UP_FIRST_US = 5000000
LOOK_UP_LONGEST_US = 600000000
RENEW_US = 86400000000  # one that fell silent counts against the majority until then


class TimeKeeper:
    """
    servers    (host, port) of each
    look_up    see names.Names.find_all
    open_line  a new UdpLine
    pulses     of a receiver, if there is one
    """

    def __init__(
        self,
        clock: "Clock",
        ticks: "Callable[[], int]",
        servers: "list[tuple[str, int]]",
        look_up: "Callable[[list[tuple[str, int]]], list[Any] | None]",
        open_line: "Callable[[], Any]",
        random_bytes: "Callable[[int], bytes]",
        health: "Health",
        pulses: "Pulses | None" = None,
    ) -> None:
        self._clock = clock if pulses is None else pulses.servers
        self._pulses = pulses
        self._ticks = ticks
        self._servers = servers
        self._look_up = look_up
        self._open_line = open_line
        self._random_bytes = random_bytes
        self._health = health
        self._look_up_us = 0
        self._renew_us = 0
        self._found: "list[Any]" = []  # addresses, at the last look-up
        self._pause_us = LOOK_UP_FIRST_US
        self.sync: "TimeSync | None" = None

    @property
    def is_asking(self) -> bool:
        """While this is true, an answer counts as come when it is read: look every millisecond."""
        return self.sync is not None and self.sync.state == ASKING

    def hurry(self, now_us: int) -> None:
        """The network is back."""
        self._look_up_us = min(self._look_up_us, now_us)
        self._pause_us = LOOK_UP_FIRST_US
        if self.sync is not None:
            self.sync.hurry(now_us)

    def step(self, now_us: int) -> None:
        if self._pulses is not None:
            self._pulses.step(now_us)
            self._health.hold(faults.PULSES, not self._pulses.is_good)
        is_alone = len(self._found) < 2 <= len(self._servers)  # nobody could contradict it
        sync = self.sync
        is_good = sync is not None and not (sync.is_lost or sync.is_in_doubt or is_alone)
        if not is_good or now_us >= self._renew_us:
            self._find(now_us)
        if self.sync is not None:
            self.sync.step(now_us)
            self._health.hold(faults.TIME_SERVERS, is_alone or self.sync.is_in_doubt)

    def _find(self, now_us: int) -> None:
        if now_us < self._look_up_us or not self._servers:
            return
        found = self._look_up(self._servers)
        if found is None:  # not yet
            return
        self._look_up_us = self._ticks() + self._pause_us
        self._pause_us = min(2 * self._pause_us, LOOK_UP_LONGEST_US)
        if not found:
            self._health.hold(faults.TIME_SERVERS, True)
            return
        self._renew_us = now_us + RENEW_US
        is_new, self._found = found != self._found, found
        if self.sync is None:
            self.sync = TimeSync(
                self._clock,
                self._ticks,
                found,
                self._open_line,
                self._random_bytes,
            )
            return
        self.sync.will_ask(found)
        if is_new:
            self.sync.hurry(now_us)

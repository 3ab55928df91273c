"""A GNSS receiver's pulse every second: when a second begins, to a tenth of a millisecond. Option.

Which second it is, the time servers say, and whether a pulse can be one: off by more than they can
be wrong it is refused. So a receiver alone sets no clock, and none moves it by a second, or by the
1,024 weeks of old receivers. Of every WINDOW_US the pulse that was seen soonest is given to the
clock, as an exchange of almost no delay: an interrupt can only be late (behind a bytecode, a
kernel, a garbage collection). It needs others close behind: what comes at random has none.

While there are good pulses the clock hears them alone; without, the servers, as a node does that
has no receiver. All that changes is `is_good`, and the clock's own estimate of its error.
"""

from groundswell.clock import Clock

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

SECOND_US = 1000000
WINDOW_US = 16000000  # one pulse in so long is given to the clock: its 24 span 6 minutes
MOST_PULSES = 32  # of a window: twice as many as come; a line that rings loses the rest
ENOUGH = 8  # half of a window's: a main loop that is busy sees the others late
SPREAD_US = 1000  # so close behind the first: 30 ppm over a window, and ordinary interrupts
LATENCY_US = 100  # of the best of them: an assumption, not measured on a board
# What a pulse may be off by the servers' clock: two of its sigmas, which are more than a way that
# is all in one direction can make (half of a delay, 1.75 of clock.py's sigmas), and some room. A
# false train off by 8, 10, 14 ms from the start, servers claiming 2 to 3, moves the clock by 11.5,
# 1.9 and 1.9 ms; with 4 sigmas and 2 ms by 13, 15 and 15, with 3 and 1 by 12, 13 and 2; a true one
# is taken by all of them (twenty minutes of tests/shared/timesync/test_pps.py's receiver).
SIGMAS = 2
ROOM_US = 1000
MOST_DOUBT_US = 50000  # a clock that knows less does not know which second begins


class ServersClock(Clock):
    """What the time servers say, alone; the clock in use hears it too while is_followed."""

    def __init__(self, in_use: Clock) -> None:
        super().__init__()
        self._in_use = in_use
        self.is_followed = True

    def add_exchange(self, t1_ticks_us: int, t2_us: int, t3_us: int, t4_ticks_us: int) -> None:
        super().add_exchange(t1_ticks_us, t2_us, t3_us, t4_ticks_us)
        if self.is_followed:
            self._in_use.add_exchange(t1_ticks_us, t2_us, t3_us, t4_ticks_us)


class Pulses:
    """
    clock     that the node uses
    last      () -> ticks of the last pulse since it was asked, us; None: there was none
    servers   the clock that time servers are to be asked for (timesync.py)
    is_good   the last window's pulses set the clock
    """

    def __init__(self, clock: Clock, last: "Callable[[], int | None]") -> None:
        self._clock = clock
        self._last = last
        self._ticks: "list[int]" = []  # of this window's pulses, us
        self._end_us: "int | None" = None
        self._steps = 0
        self.servers = ServersClock(clock)
        self.is_good = False
        self.given = 0
        self.refused = 0  # pulses that cannot be the beginning of a second
        self.dropped = 0  # more than a window holds

    def step(self, now_us: int) -> None:
        """Come at least as often as pulses do: of two, only the later one is seen."""
        ticks_us = self._last()
        if ticks_us is not None:
            if len(self._ticks) < MOST_PULSES:
                self._ticks.append(ticks_us)
            else:
                self.dropped += 1
        if self._end_us is None:
            self._end_us = now_us + WINDOW_US
        elif now_us >= self._end_us:
            self._end_us = now_us + WINDOW_US
            self._judge(now_us)

    def _judge(self, now_us: int) -> None:
        """End a window: give the clock its best pulse, or leave it to the servers."""
        ticks, self._ticks = self._ticks, []
        found = self._possible(ticks, now_us)
        best = _first_of_many(found)
        was_wrong = self.servers.steps != self._steps
        if best is None and self.is_good and len(ticks) - len(found) >= ENOUGH:
            was_wrong = True  # the pulses were: those before may have been too
        if was_wrong:
            self._steps = self.servers.steps
            self._clock.follow(self.servers)
        self.is_good = best is not None
        self.servers.is_followed = best is None
        if best is not None:
            self.given += 1
            late_us, ticks_us, utc_us = best
            # it began LATENCY_US / 2 before we saw it, give or take as much; and what the servers
            # cannot explain by their error is told as ours (clock.py: 2/7 of the least delay)
            doubt_us = max(0, abs(late_us) - self.servers.error_us(now_us)) * 7 // 4
            sent_us, came_us = ticks_us - LATENCY_US - doubt_us, ticks_us + doubt_us
            self._clock.add_exchange(sent_us, utc_us, utc_us, came_us)

    def _possible(self, ticks: "list[int]", now_us: int) -> "list[tuple[int, int, int]]":
        """Return (late by a clock, ticks, UTC) of pulses that may begin a second, sorted, us."""
        judge: Clock = self.servers
        if judge.error_us(now_us) > MOST_DOUBT_US:  # silent for hours
            judge = self._clock
        if judge.error_us(now_us) > MOST_DOUBT_US:
            return []
        room_us = SIGMAS * judge.error_us(now_us) + ROOM_US
        found = []
        for ticks_us in ticks:
            seen_us = judge.utc_us(ticks_us)
            utc_us = (seen_us + SECOND_US // 2) // SECOND_US * SECOND_US
            if abs(seen_us - utc_us) <= room_us:
                found.append((seen_us - utc_us, ticks_us, utc_us))
            else:
                self.refused += 1
        return sorted(found)


def _first_of_many(found: "list[tuple[int, int, int]]") -> "tuple[int, int, int] | None":
    """Return the first that has ENOUGH - 1 others within SPREAD_US behind it."""
    for at in range(len(found) - ENOUGH + 1):
        if found[at + ENOUGH - 1][0] - found[at][0] <= SPREAD_US:
            return found[at]
    return None

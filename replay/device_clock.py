"""How far a distant device's clock can be believed, judged by when its packets arrive. Causal.

A packet cannot arrive before its last sample was taken, and seldom long after. So arrival minus
device time, at its least over the last minute, is the clock's error plus the shortest way. Where
that least is a believable delay the device is believed; where it is not, its time is shifted: by
the least that helps if the clock is somewhat off, onto the arrivals if it is wrong altogether.

It is a clock as groundswell.reporter wants it; its ticks are the device's own time.
"""

from collections import deque

from groundswell.clock import UNKNOWN_ERROR_US, Clock

# What a packet needs at least and at most from its last sample to the cloud. In the packets of
# January to March 2020 (five events, 96 stations) the least over a record is 0.06 to 0.18 s but
# for one station (0.64 to 0.72 s); in the others -0.38 to 0.17 s: clocks ahead by up to 0.5 s.
LEAST_DELAY_US = 50_000
MOST_LEAST_DELAY_US = 600_000
TYPICAL_DELAY_US = 150_000
WRONG_US = 2_000_000  # a least delay beyond this is a wrong clock, or a backlog
WINDOW_US = 60_000_000
MAX_KEPT = 256  # packets in the window; 59 of them are a minute
# Before a wrong clock is shifted onto the arrivals they must have come at the device's own pace
# for so long: what an emptied backlog never does.
STEADY_US = 10_000_000
STEADY_WITHIN_US = 1_500_000  # 99 % of packets jitter by less than 0.3 s (seismology.md 0.3)

NTP_ERROR_US = 100_000  # one sigma of a believable clock: the recordings say NTP, 0.1 to 0.5 s
ANCHORED_ERROR_US = 300_000  # one sigma of arrival minus TYPICAL_DELAY_US


class DeviceClock(Clock):
    """Holds the delays of the last WINDOW_US, MAX_KEPT at most; forgets the oldest."""

    def __init__(self) -> None:
        super().__init__()
        self._delays: deque[tuple[int, int]] = deque(maxlen=MAX_KEPT)  # (arrival_us, delay_us)
        self._shift_us = 0
        self._error_us = UNKNOWN_ERROR_US

    def observe(self, device_us: int, arrival_us: int) -> None:
        """Take one packet's last sample by the device's clock, and its arrival by ours."""
        self._delays.append((arrival_us, arrival_us - device_us))
        while self._delays[0][0] < arrival_us - WINDOW_US:
            self._delays.popleft()
        least_us = min(delay_us for _, delay_us in self._delays)
        if abs(least_us) <= WRONG_US:
            self._correct(least_us)
        elif self._is_steady(arrival_us):
            # of the steady ones only: an older, better delay would be from before a step
            recent_us = min(delay_us for _, delay_us in self._steady(arrival_us))
            self._shift_us = recent_us - TYPICAL_DELAY_US
            self._error_us = ANCHORED_ERROR_US
        else:
            self._shift_us = 0
            self._error_us = UNKNOWN_ERROR_US

    def utc_us(self, ticks_us: int) -> int:
        return ticks_us + self._shift_us

    def error_us(self, ticks_us: int) -> int:
        return self._error_us

    def is_synchronised(self, ticks_us: int) -> bool:
        return self._error_us <= ANCHORED_ERROR_US + WRONG_US

    def _correct(self, least_us: int) -> None:
        """Believe a clock as far as its packets' delays allow; doubt it by half of the rest."""
        believable_us = min(max(least_us, LEAST_DELAY_US), MOST_LEAST_DELAY_US)
        self._shift_us = least_us - believable_us
        self._error_us = NTP_ERROR_US + abs(least_us - TYPICAL_DELAY_US) // 2

    def _is_steady(self, arrival_us: int) -> bool:
        recent = self._steady(arrival_us)
        delays_us = [delay_us for _, delay_us in recent]
        spans_us = arrival_us - recent[0][0]
        is_long = spans_us >= STEADY_US * 9 // 10  # packets come once a second, not on the dot
        return is_long and max(delays_us) - min(delays_us) <= STEADY_WITHIN_US

    def _steady(self, arrival_us: int) -> list[tuple[int, int]]:
        return [pair for pair in self._delays if pair[0] >= arrival_us - STEADY_US]

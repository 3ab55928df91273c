"""UTC from a free-running tick counter, disciplined by exchanges with a time server.

Each exchange (NTP's four times) says offset = UTC - ticks, wrong by at most half of what its delay
exceeds the shortest. The line through the last of them, each weighted by what is known of its
error, is offset and drift (jitter of a wireless link delays, it never speeds up: RFC 5905's clock
filter takes the least delay alone, a line that weighs them all is right to half of that error).
The error estimate grows with time. All integers: a device's float cannot hold a time.

No epoch of a device is used: ticks count from anywhere, and UTC comes as Unix microseconds.
"""

import struct
from math import sqrt

from groundswell.moment import LAP_BITS, Moment

# Exchanges. p95 of a day over a bad wireless link, asked every 128 s: 8 kept 4.1 ms, 16 2.0,
# 24 1.5, 32 1.2; but with more of them a change of the crystal's rate is seen later.
KEPT = 24
UNKNOWN_ERROR_US = 3600000000  # before the first exchange: an hour, which nobody will trust
TRUSTED_ERROR_US = 1000000  # above this the clock does not count as synchronised
FLOOR_ERROR_US = 300  # interrupt latency and the like, of each exchange
DRIFT_LIMIT_PPB = 200000  # a crystal beyond 200 ppm is a broken measurement
DRIFT_UNKNOWN_PPB = 30000  # one sigma before the first exchanges: cheap crystals are +-10..50 ppm
DRIFT_KNOWN_PPB = 2000  # while nobody answers: what a few degrees make
# How fast drift changes, half a ppm an hour: an AT-cut crystal in a room that warms by 2 to 5
# degrees an hour. An exchange of age t is wrong by half of this times t squared.
WANDER_PPB_PER_HOUR = 500
STEPS_NEEDED = 3  # so many exchanges in a row must contradict before the old belief is thrown away
STEP_LEAST_US = 20000

_EXCHANGE, _EXCHANGE_B = "<qqq", 24
_WEIGHT_ONE = 10**18  # the weight of a microsecond's error
_WRAP_MASK = (1 << 30) - 1  # of ticks_us on 32-bit MicroPython
_WRAP_LAPS = 1 << 30 - LAP_BITS


class TickExtender:
    """Makes a wrapping counter one that never wraps; must see it once a wrap (17.9 min)."""

    def __init__(self) -> None:
        self._last = 0
        self._laps = 0  # at the last wrap
        self._now = Moment()

    def extend(self, ticks: int) -> Moment:
        """Return now, until the next call."""
        ticks &= _WRAP_MASK
        if ticks < self._last:
            self._laps += _WRAP_LAPS
        self._last = ticks
        now = self._now
        now.lap = self._laps + (ticks >> LAP_BITS)
        now.us = ticks & (1 << LAP_BITS) - 1
        return now


class Clock:
    """Offset, drift and error of the tick counter against UTC. Holds the last KEPT exchanges."""

    def __init__(self) -> None:
        # delay_us, middle_ticks_us, offset_us of the last exchanges: as objects 2 kB of a device
        self._recent = bytearray(_EXCHANGE_B * KEPT)
        self._known = 0  # of them
        self._newest = -1
        self._anchor_ticks_us = 0
        self._anchor_offset_us = 0
        self._anchor_error_us = UNKNOWN_ERROR_US
        self._newest_ticks_us = 0
        self._drift_error_ppb = DRIFT_UNKNOWN_PPB
        self._is_fixed = False
        self.contradictions = 0  # exchanges in a row that say something else
        self.drift_ppb = 0  # positive: the crystal is fast
        self.steps = 0

    def add_exchange(self, t1_ticks_us: int, t2_us: int, t3_us: int, t4_ticks_us: int) -> None:
        """Take one exchange: sent and received by our ticks (1, 4), by the server's UTC (2, 3)."""
        delay_us = (t4_ticks_us - t1_ticks_us) - (t3_us - t2_us)
        if t4_ticks_us < t1_ticks_us or t3_us < t2_us or delay_us < 0 or self._is_fixed:
            return
        middle_us = (t1_ticks_us + t4_ticks_us) // 2
        offset_us = (t2_us + t3_us) // 2 - middle_us
        if self._known and not self.agrees(middle_us, offset_us, delay_us):
            self.contradictions += 1
            if self.contradictions < STEPS_NEEDED:
                return
            self._known, self._newest = 0, -1  # a time has jumped: begin again from here
            self.steps += 1
        self.contradictions = 0
        self._newest = (self._newest + 1) % KEPT
        self._known = min(KEPT, self._known + 1)
        at = _EXCHANGE_B * self._newest
        struct.pack_into(_EXCHANGE, self._recent, at, delay_us, middle_us, offset_us)
        self._fit()

    def utc_us(self, ticks_us: int) -> int:
        age_us = ticks_us - self._anchor_ticks_us
        return ticks_us + self._anchor_offset_us - age_us * self.drift_ppb // 1000000000

    def error_us(self, ticks_us: int) -> int:
        """Return one sigma. Grows with the time since the last exchange; at most an hour."""
        if self._is_fixed:
            return self._anchor_error_us
        lever_us = abs(ticks_us - self._anchor_ticks_us)
        age_us = abs(ticks_us - self._newest_ticks_us)
        growth = lever_us * self._drift_error_ppb + age_us * DRIFT_KNOWN_PPB
        return min(UNKNOWN_ERROR_US, self._anchor_error_us + growth // 1000000000)

    def is_synchronised(self, ticks_us: int) -> bool:
        return self.error_us(ticks_us) <= TRUSTED_ERROR_US

    def agrees(self, middle_us: int, offset_us: int, delay_us: int) -> bool:
        """Tell whether an exchange with its middle at these ticks may be as right as we are."""
        expected_us = self.utc_us(middle_us) - middle_us
        room_us = delay_us // 2 + 5 * self.error_us(middle_us) + STEP_LEAST_US
        return abs(offset_us - expected_us) <= room_us

    def set_fixed(self, offset_us: int, error_us: int) -> None:
        """UTC is ticks + offset from now on, whatever anybody says."""
        self._anchor_offset_us = offset_us
        self._anchor_error_us = error_us
        self._is_fixed = True

    def follow(self, other: "Clock") -> None:
        """Believe what that one believes, and nothing else."""
        self._recent[:] = other._recent
        self._known, self._newest = other._known, other._newest
        self.contradictions = 0
        self.steps += 1
        if self._known:
            self._fit()

    def _exchange(self, number: int) -> "tuple[int, ...]":
        return struct.unpack_from(_EXCHANGE, self._recent, _EXCHANGE_B * number)

    def _fit(self) -> None:
        """Put the line through the exchanges: weighted least squares, drift expected near zero."""
        least_us = min([self._exchange(number)[0] for number in range(self._known)])
        _, origin_us, origin_offset_us = self._exchange(self._newest)
        sum_w = sum_x = sum_y = sum_xy = 0
        sum_xx = _WEIGHT_ONE * 10**18 // DRIFT_UNKNOWN_PPB**2
        for number in range(self._known):
            delay_us, middle_us, offset_us = self._exchange(number)
            x_us = middle_us - origin_us
            y_us = offset_us - origin_offset_us
            weight = _weight(delay_us - least_us, x_us)
            sum_w += weight
            sum_x += weight * x_us
            sum_y += weight * y_us
            sum_xx += weight * x_us * x_us
            sum_xy += weight * x_us * y_us
        spread = sum_w * sum_xx - sum_x * sum_x
        slope_ppb = (sum_w * sum_xy - sum_x * sum_y) * 1000000000 // spread
        slope_ppb = max(-DRIFT_LIMIT_PPB, min(DRIFT_LIMIT_PPB, slope_ppb))
        self.drift_ppb = -slope_ppb
        # at the weighted middle the errors of offset and drift are independent of each other
        self._anchor_ticks_us = origin_us + sum_x // sum_w
        self._anchor_offset_us = origin_offset_us + sum_y // sum_w
        self._newest_ticks_us = origin_us
        self._drift_error_ppb = int(sqrt(_WEIGHT_ONE * 10**18 * sum_w // spread))
        # what is common to all, the asymmetry of the way itself, lies somewhere in +-delay/2
        self._anchor_error_us = int(sqrt(_WEIGHT_ONE // sum_w)) + least_us * 2 // 7


def _weight(excess_us: int, age_us: int) -> int:
    """Return _WEIGHT_ONE / sigma^2 of an exchange that took excess_us more than the shortest.

    An excess is spread over both ways: wrong by up to half of it, evenly: sigma = excess / 3.5.
    """
    wander_us = age_us * age_us * WANDER_PPB_PER_HOUR // (2 * 3600 * 10**15)
    sigma_us = FLOOR_ERROR_US + excess_us * 2 // 7 + wander_us
    return max(1, _WEIGHT_ONE // (sigma_us * sigma_us))


def fixed(offset_us: int, error_us: int) -> Clock:
    """Return a clock that is known to be right to error_us: UTC = ticks + offset_us."""
    clock = Clock()
    clock.set_fixed(offset_us, error_us)
    return clock

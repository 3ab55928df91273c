"""UTC from a free-running tick counter, disciplined by exchanges with a time server.

Each exchange (NTP's four times) says offset = UTC - ticks, wrong by at most half its delay. Of the
last eight the one with the least delay is believed (RFC 5905, clock filter: jitter of a wireless
link delays, it never speeds up). Comparing beliefs a while apart gives the crystal's drift. The
error estimate grows with the age of the belief. All integers: a device's float cannot hold a time.
"""

KEPT = 8  # exchanges
UNKNOWN_ERROR_US = 3600000000  # before the first exchange: an hour, which nobody will trust
TRUSTED_ERROR_US = 1000000  # above this the clock does not count as synchronised
FLOOR_ERROR_US = 500  # interrupt latency and the like
LEAST_BASELINE_US = 120000000  # beliefs closer together say nothing about drift
MOST_BASELINE_US = 3600000000  # crystals wander with temperature
DRIFT_LIMIT_PPB = 200000  # a crystal beyond 200 ppm is a broken measurement
DRIFT_UNKNOWN_PPB = 30000  # one sigma before the first baseline: cheap crystals are +-10..50 ppm
DRIFT_KNOWN_PPB = 2000  # afterwards: what a few degrees make
STEPS_NEEDED = 3  # so many exchanges in a row must contradict before the old belief is thrown away
STEP_LEAST_US = 20000

_WRAP_BITS = 30  # of ticks_us on 32-bit MicroPython


class TickExtender:
    """Makes a wrapping counter one that never wraps; must see it once a wrap (17.9 min)."""

    def __init__(self, bits: int = _WRAP_BITS) -> None:
        self._mask = (1 << bits) - 1
        self._last = 0
        self._high = 0

    def extend(self, ticks: int) -> int:
        ticks &= self._mask
        if ticks < self._last:
            self._high += self._mask + 1
        self._last = ticks
        return self._high + ticks


class Clock:
    """Offset, drift and error of the tick counter against UTC. Holds eight exchanges."""

    def __init__(self) -> None:
        # delay_us, middle_ticks_us, offset_us of the last exchanges, the newest last
        self._recent: list[tuple[int, int, int]] = []
        # an older belief, for the drift: middle_ticks_us, offset_us, error_us
        self._base: tuple[int, int, int] | None = None
        self._anchor_ticks_us = 0
        self._anchor_offset_us = 0
        self._anchor_error_us = UNKNOWN_ERROR_US
        self._contradictions = 0
        self._drift_error_ppb = DRIFT_UNKNOWN_PPB
        self._is_fixed = False
        self.drift_ppb = 0  # positive: the crystal is fast
        self.steps = 0

    def add_exchange(self, t1_ticks_us: int, t2_us: int, t3_us: int, t4_ticks_us: int) -> None:
        """Take one exchange: sent and received by our ticks (1, 4), by the server's UTC (2, 3)."""
        delay_us = (t4_ticks_us - t1_ticks_us) - (t3_us - t2_us)
        if t4_ticks_us < t1_ticks_us or t3_us < t2_us or delay_us < 0 or self._is_fixed:
            return
        middle_us = (t1_ticks_us + t4_ticks_us) // 2
        offset_us = (t2_us + t3_us) // 2 - middle_us
        if self._contradicts(middle_us, offset_us, delay_us):
            self._contradictions += 1
            if self._contradictions < STEPS_NEEDED:
                return
            self._forget()
        self._contradictions = 0
        self._recent.append((delay_us, middle_us, offset_us))
        if len(self._recent) > KEPT:
            self._recent.pop(0)
        self._believe(min(self._recent))

    def utc_us(self, ticks_us: int) -> int:
        age_us = ticks_us - self._anchor_ticks_us
        return ticks_us + self._anchor_offset_us - age_us * self.drift_ppb // 1000000000

    def error_us(self, ticks_us: int) -> int:
        """Return one sigma. Grows with the time since the believed exchange; at most an hour."""
        if self._is_fixed:
            return self._anchor_error_us
        age_us = abs(ticks_us - self._anchor_ticks_us)
        error_us = self._anchor_error_us + age_us * self._drift_error_ppb // 1000000000
        return min(UNKNOWN_ERROR_US, error_us)

    def is_synchronised(self, ticks_us: int) -> bool:
        return self.error_us(ticks_us) <= TRUSTED_ERROR_US

    def set_fixed(self, offset_us: int, error_us: int) -> None:
        """UTC is ticks + offset from now on, whatever anybody says."""
        self._anchor_offset_us = offset_us
        self._anchor_error_us = error_us
        self._is_fixed = True

    def _contradicts(self, middle_us: int, offset_us: int, delay_us: int) -> bool:
        if not self._recent:
            return False
        expected_us = self.utc_us(middle_us) - middle_us
        room_us = delay_us // 2 + 5 * self.error_us(middle_us) + STEP_LEAST_US
        return abs(offset_us - expected_us) > room_us

    def _forget(self) -> None:
        """The server's time or ours has jumped: begin again from the newest exchange."""
        self._recent = []
        self._base = None
        self.steps += 1

    def _believe(self, best: "tuple[int, int, int]") -> None:
        delay_us, middle_us, offset_us = best
        self._anchor_ticks_us = middle_us
        self._anchor_offset_us = offset_us
        # the asymmetry is somewhere in +-delay/2; as a uniform distribution: sigma = delay / 3.5
        self._anchor_error_us = FLOOR_ERROR_US + delay_us * 2 // 7
        self._update_drift(middle_us, offset_us)

    def _update_drift(self, middle_us: int, offset_us: int) -> None:
        error_us = self._anchor_error_us
        if self._base is None:
            self._base = (middle_us, offset_us, error_us)
            return
        base_us, base_offset_us, base_error_us = self._base
        baseline_us = middle_us - base_us
        if baseline_us < LEAST_BASELINE_US:
            return
        drift_ppb = -(offset_us - base_offset_us) * 1000000000 // baseline_us
        drift_error_ppb = (error_us + base_error_us) * 1000000000 // baseline_us
        if abs(drift_ppb) <= DRIFT_LIMIT_PPB and drift_error_ppb < DRIFT_UNKNOWN_PPB:
            self.drift_ppb = drift_ppb
            self._drift_error_ppb = max(DRIFT_KNOWN_PPB, drift_error_ppb)
        if baseline_us > MOST_BASELINE_US:
            self._base = (middle_us, offset_us, error_us)


def fixed(offset_us: int, error_us: int) -> Clock:
    """Return a clock that is known to be right to error_us: UTC = ticks + offset_us."""
    clock = Clock()
    clock.set_fixed(offset_us, error_us)
    return clock

"""Which moment a sample has: numbers to ticks, gaps, and the sensor's real rate.

`add` is part of the path of every sample: it makes no garbage (moment.py) but at a gap.
"""

from groundswell.moment import Moment

GAP_LEAST_US = 100000  # below this it may be jitter of the one who reads the sensor
GAP_LONG_US = 500000  # a shorter gap shifts time but leaves filters and averages as they are
GAP_REMEMBERED_US = 10000000
RATE_AFTER_US = 10000000  # before, the nominal rate is the better estimate
_PER_MHZ_US = 1000000000

STEADY = 0
SHORT_GAP = 1
LONG_GAP = 2


class Timeline:
    """The samples of one sensor in time, block by block."""

    def __init__(self, rate_mhz: int) -> None:
        self._rate_mhz = rate_mhz  # nominal
        # of one sample; in one division the dividend would be no small integer
        self._period_us = _PER_MHZ_US // rate_mhz
        self._period_rest = _PER_MHZ_US % rate_mhz
        self._gap_us = max(3 * self._period_us, GAP_LEAST_US)
        self.has_begun = False
        self.start_ticks_us = 0  # one period before the first sample
        self.end = Moment()  # of the last sample
        self.samples = 0
        self.lost_samples = 0
        self._gap_ticks_us = -GAP_REMEMBERED_US
        self._steady_since = (0, 0)  # ticks and number of the last sample before a steady stretch

    def add(self, sample_count: int, end: Moment) -> int:
        """Take note of a block whose last sample is of then; return STEADY or how it began."""
        late_us = end.since_us(self.end) - self.duration_us(sample_count)
        self.end.put(end, 0)
        found = STEADY
        if not self.has_begun:
            self.has_begun = True
            self.start_ticks_us = end.ticks_us - self.duration_us(sample_count)
            self._steady_since = (self.start_ticks_us, 0)
        elif late_us >= self._gap_us or late_us <= -self._gap_us:
            found = LONG_GAP if abs(late_us) > GAP_LONG_US else SHORT_GAP
            self._gap_ticks_us = end.ticks_us
            self._steady_since = (end.ticks_us - self.duration_us(sample_count), self.samples)
            self.lost_samples += abs(late_us) * self._rate_mhz // _PER_MHZ_US
        self.samples += sample_count
        return found

    @property
    def end_ticks_us(self) -> int:
        return self.end.ticks_us

    def duration_us(self, samples: int) -> int:
        return samples * self._period_us + samples * self._period_rest // self._rate_mhz

    def ticks_us(self, sample: int) -> int:
        """Return the tick of a sample, by its number from the start; right since the last gap."""
        return self.end_ticks_us - self.duration_us(self.samples - 1 - sample)

    @property
    def steady_from(self) -> int:
        """Number of the first sample since the last gap."""
        return self._steady_since[1]

    def has_gap(self, now_ticks_us: int) -> bool:
        """True when samples were lost within the last ten seconds."""
        return now_ticks_us - self._gap_ticks_us < GAP_REMEMBERED_US

    def rate_mhz(self) -> int:
        """Return the rate since the last gap; the nominal one until that is a good estimate."""
        since_ticks_us, since_sample = self._steady_since
        span_us = self.end_ticks_us - since_ticks_us
        if not self.has_begun or span_us < RATE_AFTER_US:
            return self._rate_mhz
        return (self.samples - since_sample) * _PER_MHZ_US // span_us

    def uptime_s(self, now_ticks_us: int) -> int:
        if not self.has_begun:
            return 0
        return max(0, now_ticks_us - self.start_ticks_us) // 1000000

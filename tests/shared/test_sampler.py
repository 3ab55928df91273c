from array import array

from firmware.main import pause_ms
from firmware.sampler import SILENT_US, Sampler
from firmware.sensors.bus import SensorError
from groundswell.moment import moment

SECOND = 1000000


class FakeChip:
    """Samples at a rate that is off by off_ppm; sample n reads n, n + 1, n + 2."""

    name = "FAKE"

    def __init__(self, off_ppm=0, gravity=(0, 0, 1000), rate_mhz=125000):
        self.counts = array("i", bytes(12 * 40))
        self.gravity = gravity
        self.rate_mhz = rate_mhz
        self.period_ns = 1000000000000 // rate_mhz * 1000 // (1000 + off_ppm // 1000)
        self.now_us = 0
        self.taken = 0
        self.skips = 0
        self.is_silent = False
        self.fails = False
        self.starts = 0
        self._has_lost = False

    @property
    def has_overrun(self):
        has_lost, self._has_lost = self._has_lost, False
        return has_lost

    def start(self):
        self.starts += 1
        if self.fails:
            raise SensorError("broken")

    def poll(self):
        if self.fails:
            raise SensorError("broken")
        if self.is_silent:
            return 0
        due = self.now_us * 1000 // self.period_ns
        n = due - self.taken
        if n > 32:  # the FIFO
            n = 32
            self._has_lost = True
        for k in range(n):
            for axis in range(3):
                self.counts[3 * k + axis] = self.gravity[axis] + axis
        self.taken = due
        return n

    def last_us(self):
        return self.taken * self.period_ns // 1000


class Bench:
    def __init__(self, chip):
        self.chip = chip
        self.sampler = Sampler(chip, lambda: moment(self.chip.now_us))
        self.sampler.start()
        self.turns = 0

    def turn(self, pause_us=None):
        """Wait as the main loop does, and poll; return the number of samples."""
        self.turns += 1
        if pause_us is None:
            pause_us = 1000 * pause_ms(self.turns, 1000000 // self.chip.rate_mhz)
        self.chip.now_us += pause_us
        return self.sampler.poll()

    def errors_us(self, turns):
        found = []
        for _ in range(turns):
            if self.turn():
                found.append(self.sampler.end.ticks_us - self.chip.last_us())
        return found


def test_the_time_of_a_sample_is_known_to_half_a_millisecond():
    for off_ppm in (0, 10000, -20000):
        bench = Bench(FakeChip(off_ppm))
        bench.errors_us(600)
        errors_us = bench.errors_us(600)
        assert max(errors_us) - min(errors_us) < 1500, off_ppm
        assert abs(sum(errors_us) // len(errors_us)) < 500, off_ppm


def test_at_a_slower_rate_it_is_known_to_a_quarter_of_a_period():
    for rate_mhz in (100000, 62500, 50000, 31250, 25000):
        for off_ppm in (0, 10000, -20000):
            bench = Bench(FakeChip(off_ppm, rate_mhz=rate_mhz))
            bench.errors_us(600)
            errors_us = bench.errors_us(300)
            period_us = 1000000000 // rate_mhz
            assert max(errors_us) - min(errors_us) < period_us // 4, (rate_mhz, off_ppm)
            mean_us = sum(errors_us) // len(errors_us)
            assert abs(mean_us) < period_us // 10, (rate_mhz, off_ppm)


def test_the_real_rate_of_the_chip_is_found():
    bench = Bench(FakeChip(20000))
    bench.errors_us(1500)

    assert abs(bench.sampler.rate_mhz - 127500) < 100


def test_samples_that_were_lost_leave_a_gap_in_time_and_are_counted():
    bench = Bench(FakeChip())
    bench.errors_us(300)
    before_us = bench.sampler.end.ticks_us
    n = bench.turn(SECOND)

    assert n == 32 and bench.sampler.overruns == 1
    assert bench.sampler.end.ticks_us - before_us > SECOND - 20000


def test_what_the_chip_lost_before_anybody_listened_is_no_loss():
    bench = Bench(FakeChip())
    assert bench.turn(SECOND) == 32 and bench.sampler.overruns == 0
    assert bench.turn(SECOND) == 32 and bench.sampler.overruns == 1


def test_the_axis_that_gravity_pulls_at_comes_last():
    for axis in range(3):
        gravity = [0, 0, 0]
        gravity[axis] = -1000
        bench = Bench(FakeChip(gravity=gravity))

        def sleep_ms(ms, bench=bench):
            bench.chip.now_us += 1000 * ms

        bench.sampler.find_vertical(sleep_ms)
        assert bench.turn(80000) == 10
        assert [bench.chip.counts[at] for at in (2, 29)] == [axis - 1000] * 2
        others = sorted([bench.chip.counts[27], bench.chip.counts[28]])
        assert others == [other for other in range(3) if other != axis]


def test_silence_says_nothing_about_the_vertical():
    chip = FakeChip()
    chip.is_silent = True
    bench = Bench(chip)
    bench.sampler.find_vertical(lambda ms: None)
    chip.is_silent = False

    assert bench.turn(80000) == 10 and chip.counts[29] == 1002


def test_a_chip_that_fails_says_why_and_is_started_again_ever_less_often():
    bench = Bench(FakeChip())
    bench.turn()
    bench.chip.fails = True
    for _ in range(1000):
        assert bench.turn(100000) == 0
    assert bench.sampler.error == "broken"
    assert 5 <= bench.chip.starts <= 9  # 1, 2, 4, 8, 16, 32, 60 s

    bench.chip.fails = False
    for _ in range(700):
        bench.turn(100000)
    assert bench.sampler.error == "" and bench.turn() > 0


def test_a_chip_that_falls_silent_is_noticed():
    bench = Bench(FakeChip())
    bench.turn()
    bench.chip.is_silent = True
    bench.turn(SILENT_US - 100000)
    assert bench.sampler.error == ""
    bench.turn(200000)

    assert "no samples" in bench.sampler.error

from firmware.timesync.pps import WINDOW_US, Pulses
from groundswell.clock import Clock

from random_numbers import RandomNumbers

SECOND = 1000000
START_US = 1800000000 * SECOND  # true time at the first step
TICKS = 5 * SECOND
LOOP_US = 32000
SERVERS_EVERY = 64  # seconds


class Receiver:
    """Pulses of a node whose crystal is 20 ppm fast, and servers over a link of some ms."""

    def __init__(self):
        self._random = RandomNumbers(9)
        self._pulse = None
        self.true_us = START_US
        self.clock = Clock()
        self.pulses = Pulses(self.clock, self._take)
        self.off_us = 0  # of all pulses
        self.lie_us = 0  # of the servers
        self.is_silent = False
        self.is_noise = False
        self.has_servers = True
        self.most_us = 0  # how wrong the clock was, since the last settled() or look

    def ticks(self, true_us):
        elapsed_us = true_us - START_US
        return TICKS + elapsed_us + elapsed_us * 20 // 1000000

    def error_us(self):
        return self.clock.utc_us(self.ticks(self.true_us)) - self.true_us

    def claimed_us(self):
        return self.clock.error_us(self.ticks(self.true_us))

    def run(self, seconds):
        end_us = self.true_us + seconds * SECOND
        self.most_us = 0
        while self.true_us < end_us:
            before_us = self.true_us
            self.true_us += LOOP_US
            second = self.true_us // SECOND
            if second != before_us // SECOND:
                self._a_second_begins(second)
            self.pulses.step(self.ticks(self.true_us))
            self.most_us = max(self.most_us, abs(self.error_us()))
        return self

    def settled(self):
        """Let the servers' first burst and a window of pulses pass."""
        for _ in range(8):
            self._ask()
            self.run(2)
        return self.run(4 * WINDOW_US // SECOND)

    def _a_second_begins(self, second):
        begins_us = second * SECOND
        if self.has_servers and second % SERVERS_EVERY == 0:
            self._ask()
        if self.is_silent:
            return
        late_us = 30 + self._random.below(100) * self._random.below(100) // 50
        if self._random.below(10) == 0:  # behind a collection, or a network's inference
            late_us += self._random.below(15000)
        if self.is_noise:
            late_us = self._random.below(SECOND)
        self._pulse = begins_us + self.off_us + late_us

    def _take(self):
        if self._pulse is None or self._pulse > self.true_us:
            return None
        pulse, self._pulse = self._pulse, None
        return self.ticks(pulse)

    def _ask(self):
        there_us, back_us = 2000 + self._random.below(8000), 2000 + self._random.below(8000)
        sent, at_us = self.ticks(self.true_us), self.true_us + there_us
        came = self.ticks(at_us + back_us)
        says_us = at_us + self.lie_us
        self.pulses.servers.add_exchange(sent, says_us, says_us, came)


def test_late_interrupts_leave_the_clock_right_to_a_third_of_a_millisecond():
    receiver = Receiver().settled()
    receiver.run(300)

    assert receiver.pulses.is_good and receiver.pulses.given >= 20
    assert receiver.most_us < 300
    assert receiver.claimed_us() < 500


def test_missing_pulses_cost_nothing_while_half_of_them_come():
    receiver = Receiver().settled()
    for _ in range(20):
        receiver.run(5)
        receiver.is_silent = True
        receiver.run(3)
        receiver.is_silent = False

    assert receiver.pulses.is_good and abs(receiver.error_us()) < 300


def test_spurious_pulses_do_not_win_over_the_true_ones():
    receiver = Receiver().settled()
    given, refused = receiver.pulses.given, receiver.pulses.refused
    begins_us = (receiver.true_us // SECOND + 1) * SECOND
    true = [50 + n * SECOND for n in range(12)]
    early = [n * SECOND - 1500 * (n + 1) for n in range(7)]  # some may be a second's beginning
    off = [150000 + 300000 * n for n in range(11)]
    coming = [receiver.ticks(begins_us + us) for us in sorted(true + early + off)]
    receiver.pulses._last = lambda: coming.pop(0) if coming else None
    receiver.run(2 * WINDOW_US // SECOND)

    assert receiver.pulses.given == given + 1 and receiver.pulses.refused > refused
    assert receiver.most_us < 500


def test_when_pulses_stop_the_servers_set_the_clock_and_it_knows_less():
    receiver = Receiver().settled()
    claimed_us = receiver.claimed_us()
    receiver.is_silent = True
    receiver.run(40)
    assert not receiver.pulses.is_good
    receiver.run(3600)

    assert receiver.claimed_us() > 2 * claimed_us
    assert receiver.most_us < 10000
    receiver.is_silent = False
    receiver.run(400)
    assert receiver.pulses.is_good and abs(receiver.error_us()) < 300


def test_pulses_that_are_off_by_some_milliseconds_are_refused_from_the_start_and_later():
    for off_us in (100000, -100000, 30000, 10000, -10000, 400000):
        receiver = Receiver()
        receiver.off_us = off_us
        receiver.settled()
        assert receiver.pulses.refused > 40 and receiver.pulses.given == 0
        receiver.off_us = 0
        receiver.run(48)
        assert receiver.pulses.is_good
        receiver.off_us = off_us
        receiver.run(200)
        assert not receiver.pulses.is_good and receiver.most_us < 10000


def test_pulses_that_are_off_by_what_is_not_refused_are_not_claimed_to_be_right():
    for off_us in (-6000, 6000):
        receiver = Receiver()
        receiver.off_us = off_us
        receiver.settled().run(700)
        assert 3 * receiver.claimed_us() > abs(receiver.error_us())


def test_noise_at_one_hertz_sets_no_clock():
    receiver = Receiver()
    receiver.is_noise = True
    receiver.settled()
    receiver.run(1000)

    assert receiver.pulses.given == 0 and not receiver.pulses.is_good
    assert receiver.most_us < 10000


def test_a_ringing_line_has_a_bound():
    receiver = Receiver().settled()
    ticks = receiver.ticks(receiver.true_us)
    coming = [ticks + 32000 * n for n in range(500)]
    receiver.pulses._last = lambda: coming.pop(0)
    receiver.run(15)

    assert len(receiver.pulses._ticks) <= 32 and receiver.pulses.dropped > 400


def test_pulses_alone_set_no_clock_and_carry_one_on_for_hours_without_servers():
    receiver = Receiver()
    receiver.has_servers = False
    receiver.run(100)
    assert receiver.pulses.given == 0 and not receiver.clock.is_synchronised(TICKS)
    receiver.settled()
    receiver.has_servers = False
    receiver.run(7200)

    assert receiver.pulses.is_good and receiver.most_us < 300


def test_servers_that_step_by_a_whole_hour_take_the_pulses_with_them():
    # who is to be believed there is the business of timesync.py: here they are
    receiver = Receiver().settled()
    receiver.lie_us = 3600 * SECOND
    for _ in range(6):
        receiver._ask()
    receiver.run(40)

    assert receiver.pulses.is_good
    assert abs(receiver.error_us() - 3600 * SECOND) < 300

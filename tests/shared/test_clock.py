from groundswell import clock

from random_numbers import RandomNumbers

SECOND = 1000000
UTC = 1700000000 * SECOND  # at tick 0


class Server:
    """Right time over a link with a delay each way, seen by a crystal that is `fast_ppm` fast."""

    def __init__(self, fast_ppm=0):
        self.fast_ppm = fast_ppm
        self.step_us = 0

    def utc_us(self, ticks_us):
        return UTC + ticks_us - ticks_us * self.fast_ppm // 1000000 + self.step_us

    def exchange(self, of, ticks_us, there_us=2000, back_us=2000):
        t2_us = self.utc_us(ticks_us + there_us)
        t3_us = t2_us + 100
        of.add_exchange(ticks_us, t2_us, t3_us, ticks_us + there_us + 100 + back_us)


def test_a_clock_that_heard_nothing_is_not_synchronised():
    one = clock.Clock()

    assert not one.is_synchronised(5)
    assert one.error_us(5) == clock.UNKNOWN_ERROR_US


def test_one_exchange_over_an_even_link_is_exact():
    one = clock.Clock()
    server = Server()

    server.exchange(one, 10 * SECOND)

    assert one.is_synchronised(10 * SECOND)
    assert abs(one.utc_us(11 * SECOND) - server.utc_us(11 * SECOND)) <= 1


def test_of_eight_exchanges_the_fastest_is_believed():
    one = clock.Clock()
    server = Server()

    for i in range(8):
        server.exchange(one, i * SECOND, there_us=40000 if i != 3 else 2000)

    assert abs(one.utc_us(9 * SECOND) - server.utc_us(9 * SECOND)) < 1000


def test_a_fast_crystal_is_found_out():
    one = clock.Clock()
    server = Server(fast_ppm=40)

    for i in range(60):
        server.exchange(one, i * 30 * SECOND)

    assert abs(one.drift_ppb - 40000) < 2000
    later = 3600 * SECOND
    assert abs(one.utc_us(later) - server.utc_us(later)) < 20000


def test_the_error_grows_while_the_server_is_away():
    one = clock.Clock()
    Server().exchange(one, 0)

    errors = [one.error_us(hour * 3600 * SECOND) for hour in (0, 1, 10, 100)]

    assert errors == sorted(errors) and errors[0] < 10000 < errors[1]
    assert one.is_synchronised(10 * 60 * SECOND)
    assert not one.is_synchronised(100 * 3600 * SECOND)


def test_a_single_wrong_answer_is_not_believed():
    one = clock.Clock()
    server = Server()
    for i in range(8):
        server.exchange(one, i * SECOND)

    server.step_us = 5 * SECOND
    server.exchange(one, 9 * SECOND)
    server.step_us = 0
    server.exchange(one, 10 * SECOND)

    assert abs(one.utc_us(11 * SECOND) - server.utc_us(11 * SECOND)) < 2000
    assert one.steps == 0


def test_a_step_is_followed_when_it_is_confirmed():
    one = clock.Clock()
    server = Server()
    for i in range(8):
        server.exchange(one, i * SECOND)

    server.step_us = 5 * SECOND
    for i in range(8, 12):
        server.exchange(one, i * SECOND)

    assert abs(one.utc_us(13 * SECOND) - server.utc_us(13 * SECOND)) < 2000
    assert one.steps == 1


def test_answers_that_cannot_be_are_ignored():
    one = clock.Clock()

    one.add_exchange(1000, UTC, UTC + 10, 500)  # received before it was sent
    one.add_exchange(1000, UTC, UTC - 10, 5000)  # the server as well
    one.add_exchange(1000, UTC, UTC + 9000, 5000)  # took longer there than altogether

    assert not one.is_synchronised(6000)


def test_time_does_not_run_backwards_by_more_than_its_error():
    one = clock.Clock()
    server = Server(fast_ppm=-25)
    random = RandomNumbers(5)
    last_us = 0
    for i in range(200):
        ticks_us = i * 16 * SECOND
        server.exchange(one, ticks_us, 1000 + random.below(9000), 1000 + random.below(9000))
        now_us = one.utc_us(ticks_us + SECOND)
        assert now_us > last_us
        assert abs(now_us - server.utc_us(ticks_us + SECOND)) < 4 * one.error_us(ticks_us)
        last_us = now_us


def test_a_fixed_clock_is_what_it_was_told():
    one = clock.fixed(UTC, 200000)

    one.add_exchange(0, 5, 5, 10)

    assert one.utc_us(7) == UTC + 7
    assert one.error_us(10**12) == 200000
    assert one.is_synchronised(7)


def test_ticks_that_wrap_go_on():
    extender = clock.TickExtender()
    step = (1 << 30) - 5

    true_ticks = [i * (step // 2) for i in range(11)]
    seen = [extender.extend(ticks & ((1 << 30) - 1)).ticks_us for ticks in true_ticks]

    assert seen == true_ticks


def test_a_way_that_becomes_longer_for_good_is_no_step():
    one = clock.Clock()
    server = Server(fast_ppm=20)
    for i in range(200):
        longer_us = 0 if i < 100 else 50000
        ticks_us = i * 128 * SECOND
        server.exchange(one, ticks_us, 2000 + longer_us, 2000 + longer_us)

        assert i < 30 or abs(one.utc_us(ticks_us) - server.utc_us(ticks_us)) < 1000
    assert one.steps == 0


def test_a_crystal_whose_rate_changes_is_followed_within_its_error():
    """A door opens on a cold day: 3 ppm at once."""
    one = clock.Clock()
    before = Server(fast_ppm=20)
    for i in range(60):
        before.exchange(one, i * 128 * SECOND)
    changed_us = 60 * 128 * SECOND
    after = Server(fast_ppm=23)
    after.step_us = before.utc_us(changed_us) - after.utc_us(changed_us)
    for i in range(60, 120):
        ticks_us = i * 128 * SECOND
        wrong_us = abs(one.utc_us(ticks_us) - after.utc_us(ticks_us))
        assert wrong_us < 5000 and wrong_us < 2 * one.error_us(ticks_us)
        after.exchange(one, ticks_us)
    assert wrong_us < 1000


def test_exchanges_that_contradict_are_counted_until_one_agrees():
    one = clock.Clock()
    server = Server()
    for i in range(8):
        server.exchange(one, i * SECOND)

    server.step_us = 5 * SECOND
    server.exchange(one, 9 * SECOND)
    server.exchange(one, 10 * SECOND)
    assert one.contradictions == 2
    server.step_us = 0
    server.exchange(one, 11 * SECOND)

    assert one.contradictions == 0 and one.steps == 0

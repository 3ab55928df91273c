from firmware.timesync import pps
from groundswell.clock import Clock

from random_numbers import RandomNumbers

SECOND = 1000000
START_US = 1790000000 * SECOND  # 2026-09-21 14:13:20 UTC
TICKS = 5 * SECOND


def sentence(body):
    total = 0
    for byte in body:
        total ^= byte
    return b"$" + body + b"*%02X\r\n" % total


def rmc(clock, date, status=b"A"):
    return sentence(
        b"GNRMC," + clock + b"," + status + b",1651.00,N,09952.00,W,0.1,0.0," + date + b",,,A"
    )


def rmc_at(second):
    """Return the sentence of so many seconds after START_US, within its first 400 s."""
    of_hour = 13 * 60 + 20 + second
    return rmc(b"14%02d%02d.00" % (of_hour // 60, of_hour % 60), b"210926")


def feed(receiver, seconds, late_us, first=0, fast_ppm=0):
    """Pulses seen late by late_us(), each with its sentence 300 ms later."""
    for second in range(first, first + seconds):
        ticks_us = TICKS + second * SECOND + second * fast_ppm
        receiver.pulse(ticks_us + late_us())
        receiver.sentence(rmc_at(second), ticks_us + 300000)


def refused(line):
    try:
        pps.rmc_utc_us(line)
    except pps.RmcError:
        return True
    return False


def test_sentences_name_unix_seconds():
    # `date -u -d '2024-02-29 23:59:59' +%s` and so on
    for clock, date, unix_s in (
        (b"235959.00", b"290224", 1709251199),
        (b"000000", b"010324", 1709251200),
        (b"000000.000", b"010100", 946684800),
        (b"141320.00", b"210926", 1790000000),
        (b"120000.00", b"311299", 4102401600),
    ):
        assert pps.rmc_utc_us(rmc(clock, date)) == unix_s * SECOND


def test_sentences_that_are_wrong_are_refused():
    good = rmc(b"141320.00", b"210926")
    assert not refused(good)

    assert all(refused(good[:length]) for length in range(len(good) - 2))
    assert refused(good.replace(b"14132", b"14133"))
    assert refused(rmc(b"141320.00", b"210926", b"V"))
    for clock, date in ((b"", b""), (b"141320.50", b"210926"), (b"246000", b"210926")):
        assert refused(rmc(clock, date))
    for date in (b"001026", b"321026", b"101326", b"2109266", b"-10926"):
        assert refused(rmc(b"141320.00", date))


def test_late_interrupts_leave_the_clock_right_to_a_tenth_of_a_millisecond():
    random = RandomNumbers(9)
    clock = Clock()
    receiver = pps.Pps(clock)

    feed(receiver, 160, lambda: 30 + random.below(100) * random.below(200), fast_ppm=20)

    now = TICKS + 160 * SECOND + 160 * 20
    assert receiver.given == 10
    assert abs(clock.utc_us(now) - START_US - 160 * SECOND) < 200
    assert clock.error_us(now) < 2000


def test_a_pulse_without_its_sentence_and_a_sentence_without_its_pulse_say_nothing():
    receiver = pps.Pps(Clock())
    receiver.sentence(rmc_at(0), TICKS)
    receiver.pulse(TICKS)
    receiver.sentence(rmc_at(0), TICKS + 1200000)
    receiver.pulse(TICKS + SECOND)
    receiver.pulse(TICKS + 2 * SECOND)
    receiver.sentence(b"$GNGGA,1", TICKS + 2 * SECOND + 1)
    receiver.sentence(b"$GNRMC,garbage", TICKS + 2 * SECOND + 1)

    assert (receiver.unpaired, receiver.malformed, receiver.given) == (2, 1, 0)


def test_a_receiver_that_is_wrong_by_1024_weeks_does_not_move_a_clock_that_knows_the_time():
    clock = Clock()
    right_us = START_US + 1024 * 7 * 86400 * SECOND
    for number in range(8):
        t1 = TICKS + number * 2 * SECOND
        t2 = right_us + number * 2 * SECOND + 2000
        clock.add_exchange(t1, t2, t2, t1 + 4000)
    receiver = pps.Pps(clock)
    feed(receiver, 80, lambda: 50, 20)

    assert receiver.refused == 5 and receiver.given == 0
    assert abs(clock.utc_us(TICKS + 100 * SECOND) - right_us - 100 * SECOND) < 1000

"""A device's clock, judged by the arrivals of its packets."""

import random

from replay.device_clock import NTP_ERROR_US, DeviceClock

START_US = 1_600_000_000_000_000
PACKET_US = 1_024_000


def after(delays_us: list[int], every_us: int = PACKET_US) -> tuple[DeviceClock, int]:
    """Return the clock after packets with these arrival delays, and its device's time."""
    clock = DeviceClock()
    device_us = START_US
    for delay_us in delays_us:
        device_us += every_us
        clock.observe(device_us, device_us + delay_us)
    return clock, device_us


def test_a_clock_with_believable_delays_is_taken_at_its_word() -> None:
    clock, device_us = after([180_000, 150_000, 900_000])

    assert clock.utc_us(device_us) == device_us
    assert clock.error_us(device_us) == NTP_ERROR_US
    assert clock.is_synchronised(device_us)


def test_a_packet_that_arrives_before_it_was_measured_shows_a_clock_that_is_ahead() -> None:
    clock, device_us = after([-350_000, -370_000, -100_000])

    assert clock.utc_us(device_us) == device_us - 370_000 - 50_000
    assert clock.error_us(device_us) > NTP_ERROR_US


def test_a_clock_that_is_an_hour_behind_has_no_say_until_its_packets_came_steadily() -> None:
    behind_us = 3_258_000_000
    early, device_us = after([behind_us + 200_000] * 8)
    steady, later_us = after([behind_us + 200_000] * 12)

    assert not early.is_synchronised(device_us)
    assert steady.is_synchronised(later_us)
    assert abs(steady.utc_us(later_us) - (later_us + behind_us)) <= 200_000
    assert steady.error_us(later_us) >= 200_000


def test_a_backlog_that_is_emptied_in_an_instant_shifts_nothing() -> None:
    clock = DeviceClock()
    arrival_us = START_US + 300_000_000
    for number in range(250):  # four minutes of packets at once
        clock.observe(START_US + number * PACKET_US, arrival_us + number)

    last_us = START_US + 249 * PACKET_US
    assert not clock.is_synchronised(last_us)
    assert clock.utc_us(last_us) == last_us


def test_the_first_prompt_packet_after_a_backlog_restores_the_trust() -> None:
    clock = DeviceClock()
    for number in range(60):
        clock.observe(START_US + number * PACKET_US, START_US + 70_000_000)
    now_us = START_US + 71_000_000

    clock.observe(now_us - 120_000, now_us)

    assert clock.is_synchronised(now_us)
    assert clock.utc_us(now_us - 120_000) == now_us - 120_000


def test_a_late_packet_does_not_move_a_good_clock() -> None:
    clock, device_us = after([150_000] * 20 + [20_000_000])

    assert clock.utc_us(device_us) == device_us
    assert clock.is_synchronised(device_us)


def test_jitter_as_in_the_recordings_moves_time_by_less_than_the_error() -> None:
    source = random.Random(7)
    clock = DeviceClock()
    for number in range(300):
        device_us = START_US + number * PACKET_US
        clock.observe(device_us, device_us + 130_000 + round(source.expovariate(1 / 70_000)))
        assert abs(clock.utc_us(device_us) - device_us) <= clock.error_us(device_us)

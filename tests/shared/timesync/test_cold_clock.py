from firmware.timesync import cold_clock
from firmware.timesync.cold_clock import ColdClock
from firmware.timesync.sntp import BUILT_UNIX_S

DAY = 86400


class Device:
    """A calendar that starts in 2000, and a note on flash."""

    def __init__(self, calendar_s=946684800, noted_s=0):
        self.calendar_s = calendar_s
        self.notes = []
        self.cold = ColdClock(lambda: self.calendar_s, self.set_to, self.notes.append, noted_s)

    def set_to(self, unix_s):
        self.calendar_s = unix_s


def test_a_cold_calendar_is_put_to_the_day_of_the_firmware():
    assert Device().calendar_s == BUILT_UNIX_S


def test_or_to_the_last_day_that_was_proved():
    assert Device(noted_s=BUILT_UNIX_S + DAY).calendar_s == BUILT_UNIX_S + DAY


def test_a_calendar_that_may_be_right_is_left_alone():
    assert Device(calendar_s=BUILT_UNIX_S + 5 * DAY).calendar_s == BUILT_UNIX_S + 5 * DAY


def test_time_servers_set_it_and_seconds_do_not_matter():
    device = Device()
    assert device.cold.learn((BUILT_UNIX_S + 3 * DAY) * 1000000)
    assert device.calendar_s == BUILT_UNIX_S + 3 * DAY
    assert device.cold.learn((BUILT_UNIX_S + 3 * DAY + 30) * 1000000)
    assert device.calendar_s == BUILT_UNIX_S + 3 * DAY


def test_nobody_turns_it_back_behind_what_was_proved():
    device = Device(noted_s=BUILT_UNIX_S + 100 * DAY)

    assert not device.cold.learn((BUILT_UNIX_S + 99 * DAY) * 1000000)
    assert device.calendar_s == BUILT_UNIX_S + 100 * DAY and device.cold.refused == 1


def test_a_lie_about_the_future_proves_nothing_and_can_be_taken_back():
    device = Device()
    device.cold.learn((BUILT_UNIX_S + 9999 * DAY) * 1000000)

    assert device.notes == []
    assert device.cold.learn((BUILT_UNIX_S + DAY) * 1000000)
    assert device.calendar_s == BUILT_UNIX_S + DAY


def test_what_was_proved_is_noted_once_a_week():
    device = Device()
    for day in range(1, 29):
        device.calendar_s = BUILT_UNIX_S + day * DAY
        device.cold.proved()

    assert [(noted - BUILT_UNIX_S) // DAY for noted in device.notes] == [1, 9, 17, 25]
    assert cold_clock.NOTE_EVERY_S == 7 * DAY


def test_where_the_calendar_is_another_s_it_is_only_judged():
    calendar = [BUILT_UNIX_S - DAY]
    cold = ColdClock(lambda: calendar[0], None, lambda unix_s: None, 0)

    assert cold.learn((BUILT_UNIX_S + DAY) * 1000000) and calendar == [BUILT_UNIX_S - DAY]

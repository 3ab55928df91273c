"""When a running earthquake speaks again: each test fails without the rule that it names."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.vote.running.events import MIDDLE, event_of, p_picks
from vote import lifecycle
from vote.alert import Alert
from vote.ground.shaking import Area, Forecast
from vote.running.event import OPEN_US, Event
from vote.settings import Settings
from vote.waves.magnitude import Size

CELL, TARGET = Area("cell", 17.2, -100.0), Area("school", 17.3, -100.0, name="School")
SECOND_US = 1_000_000


def said(
    event: Event,
    after_s: float,
    mmi: Sequence[float] = (2.0, 2.0),
    areas: Sequence[Area] = (CELL, TARGET),
    s_after_s: float = 20.0,
) -> Alert | None:
    """Return what is due so long after it was declared, with these intensities."""
    forecast = Forecast(np.array(mmi), np.full(len(areas), 0.5), np.full(len(areas), s_after_s))
    now_us = event.declared_us + round(after_s * 1e6)
    return lifecycle.next_alert(event, areas, forecast, "v", "test", Settings(), now_us)


def spoken(*args: object, **kwargs: object) -> tuple[Event, Alert]:
    """Return an earthquake and its first message, at once."""
    event = event_of("a", MIDDLE, p_picks(MIDDLE))
    event.last = said(event, 0.0, *args, **kwargs)  # type: ignore[arg-type]
    assert event.last is not None and event.last.type == "new"
    return event, event.last


def test_nothing_is_said_twice():
    event, _ = spoken()

    assert said(event, 12.0) is None


@pytest.mark.parametrize(("change", "is_told"), [(0.11, True), (-0.11, True), (0.08, False)])
def test_a_tenth_of_magnitude_matters(change: float, is_told: bool):
    event, _ = spoken()
    event.size = Size(event.size.magnitude + change, 0.2)

    assert (said(event, 12.0) is not None) == is_told


@pytest.mark.parametrize(("north_deg", "is_told"), [(0.05, True), (0.04, False)])
def test_five_kilometres_matter(north_deg: float, is_told: bool):
    event, _ = spoken()
    event.lat_deg += north_deg

    assert (said(event, 12.0) is not None) == is_told


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [(3.0, 3.5, True), (3.5, 3.0, True), (3.2, 2.6, True), (3.0, 3.4, False), (1.0, 2.9, False)],
)
def test_half_a_step_of_intensity_matters_where_it_is_felt(
    before: float, now: float, is_told: bool
):
    event, _ = spoken((before, 1.0))

    assert (said(event, 12.0, (now, 1.0)) is not None) == is_told


def test_what_is_felt_where_nobody_forecast_anything_matters():
    event, _ = spoken((2.0,), (CELL,))
    both = CELL, Area("other", 17.4, -100.0)

    assert said(event, 12.0, (2.0, 2.9), both) is None
    assert said(event, 12.0, (2.0, 3.4), both) is not None


def test_a_level_matters_and_that_of_every_registered_place():
    """3.3 and 3.6 differ by less than intensities have to."""
    low, high = (6.0, 3.3), (6.0, 3.6)
    event, first = spoken(low)
    assert first.level == "take_action"

    then = said(event, 12.0, high)

    assert then is not None
    assert [area.level for area in then.areas] != [area.level for area in first.areas]
    event, _ = spoken(low[::-1])
    assert said(event, 12.0, high[::-1]) is None  # of a cell nobody's siren asks
    event, _ = spoken(low[1:], (CELL,))
    assert said(event, 12.0, high[1:], (CELL,)) is not None


@pytest.mark.parametrize(("now", "level"), [(3.3, "be_aware"), (3.1, "none")])
def test_a_level_that_is_held_is_given_up_only_where_it_is_clearly_less(now: float, level: str):
    event, first = spoken((3.6, 2.0))
    event.size = Size(7.0, 0.2)
    assert first.level == "be_aware"

    then = said(event, 12.0, (now, 2.0))

    assert then is not None and then.level == level


def test_a_message_waits_for_a_second_but_for_one_of_a_higher_level():
    event, _ = spoken()
    event.size = Size(7.0, 0.2)

    assert said(event, 0.9, (3.0, 2.0)) is None
    assert said(event, 1.0, (3.0, 2.0)) is not None
    assert said(event, 0.1, (6.0, 2.0)) is not None


def test_the_last_message_comes_once_it_is_no_longer_open_and_says_why():
    event, _ = spoken()

    assert said(event, OPEN_US / 1e6) is None
    final = said(event, OPEN_US / 1e6 + 1)
    assert final is not None and final.type == "final" and final.reason.startswith("No longer")
    event.last = replace(final, type="update", issued_us=event.declared_us + OPEN_US)
    soon = said(event, OPEN_US / 1e6 + 0.1)
    assert soon is not None and soon.type == "final"  # whatever was said a moment before


@pytest.mark.parametrize(
    ("mmi", "s_after_s", "valid_s"), [(2.0, 100.0, 30.0), (6.0, 100.0, 125.0), (6.0, 900.0, 300.0)]
)
def test_it_is_valid_until_half_a_minute_after_s_where_it_is_felt_and_for_five_minutes_at_most(
    mmi: float, s_after_s: float, valid_s: float
):
    _, first = spoken((mmi, 2.0), s_after_s=s_after_s)

    assert (first.expires_us - first.issued_us) / 1e6 == pytest.approx(valid_s)


def test_the_last_word_on_what_was_lost_comes_when_it_is_closed_and_keeps_levels_while_valid():
    event, first = spoken((6.0, 2.0), s_after_s=100.0)
    closed_us = event.declared_us + OPEN_US

    assert lifecycle.last_word(event, closed_us) is None
    final = lifecycle.last_word(event, closed_us + SECOND_US)
    assert final is not None and (final.type, final.level) == ("final", first.level)
    assert final.expires_us == first.expires_us
    late = lifecycle.last_word(event, first.expires_us)
    assert late is not None and late.level == "none" == late.areas[0].level
    assert late.expires_us == first.expires_us + lifecycle.EXPIRES_AFTER_S_US
    assert lifecycle.last_word(replace(event, last=None), closed_us + SECOND_US) is None


def test_a_cancel_takes_every_level_back_and_says_so_for_half_a_minute():
    event, first = spoken((6.0, 6.0))
    now_us = event.declared_us + SECOND_US
    back = lifecycle.cancel(event, "why", now_us)

    assert (back.type, back.level, back.reason, back.likelihood) == ("cancel", "none", "why", 0.0)
    assert {area.level for area in back.areas} == {"none"} != {a.level for a in first.areas}
    assert back.expires_us - now_us == lifecycle.EXPIRES_AFTER_S_US

"""An earthquake whose first nodes picked S waves is told elsewhere; the next ones put it right."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.vote.running.test_delay import picks, times_s
from tests.vote.world import Place, Quake, grid
from vote.judge.quorum import Verdict
from vote.nodes.picks import Pick
from vote.running.event import Event
from vote.running.known import Known
from vote.search.ellipse import Ellipse
from vote.search.source import Source
from vote.waves import travel

TRUE, TOLD = Quake(17.03, -99.95, 6.5), Quake(17.4, -100.3, 6.5, 61.0)  # 55 km apart
PLACES = grid(5, 30)
NEAREST = np.argsort(times_s(TRUE, PLACES))
NOTHING = np.zeros(0, dtype=np.float32)


def verdict(quake: Quake, votes: list[Pick]) -> Verdict:
    found = Source(
        quake.lat_deg, quake.lon_deg, 8.0, 0.0, 3.0, 0.4, Ellipse(4.0, 4.0, 0.0), 30.0, 5.5,
        NOTHING, NOTHING, (quake.lat_deg, quake.lon_deg, 0), NOTHING,
    )  # fmt: skip
    return Verdict(found, quake.origin_us, tuple(votes), 30.0, len(votes))


def votes_of(quake: Quake, rows: np.ndarray, ratio: float = 1.0) -> list[Pick]:
    where: list[Place] = [PLACES[row] for row in rows]
    return picks(quake, where, (ratio - 1) * times_s(quake, where))


def running(votes: list[Pick]) -> tuple[Known, Event]:
    known, event = Known(), Event.of("a", verdict(TOLD, votes), TOLD.origin_us)
    known.events.append(event)
    return known, event


def test_who_picked_s_first_gets_the_others_votes_and_no_second_alert():
    known, event = running(votes_of(TRUE, NEAREST[:4], travel.VP_OVER_VS))
    better = verdict(TRUE, votes_of(TRUE, NEAREST[4:16]))

    assert known.has(better)
    known.mend(better)
    assert event.needs_source and set(better.votes) <= set(event.related)


def test_another_earthquake_near_by_does_not_get_them():
    """Its first votes come before any wave of the other one."""
    known, event = running(votes_of(TOLD, np.argsort(times_s(TOLD, PLACES))[:4]))
    later = Quake(TRUE.lat_deg, TRUE.lon_deg, 6.5, TOLD.after_s + 9.0)
    other = verdict(later, votes_of(later, NEAREST[:12]))

    known.mend(other)
    assert len(event.related) == 4


def test_few_votes_do_not_overrule_many():
    known, event = running(votes_of(TRUE, NEAREST[:12], travel.VP_OVER_VS))
    fewer = verdict(TRUE, votes_of(TRUE, NEAREST[12:18]))

    known.mend(fewer)
    assert len(event.related) == 12


LATER = Quake(TRUE.lat_deg, TRUE.lon_deg, 6.5, TOLD.after_s + 2.0)


def beside_the_first(votes: list[Pick], is_told: bool) -> tuple[Known, Event, Event]:
    """Return the first earthquake, which was told, and another one near by with these votes."""
    known, first = running(votes_of(TOLD, np.argsort(times_s(TOLD, PLACES))[:4]))
    other = Event.of("b", verdict(LATER, votes), LATER.origin_us)
    known.events.append(other)
    first.last = SimpleNamespace(type="new")
    other.last = SimpleNamespace(type="new") if is_told else None
    return known, first, other


@pytest.mark.parametrize("sites", [4, 12])
def test_what_was_told_is_taken_back_only_if_the_other_one_explains_it(sites: int):
    known, _, other = beside_the_first(votes_of(LATER, NEAREST[:sites]), is_told=True)
    assert known.same_as(other) is None

    its_s = votes_of(TOLD, NEAREST[:sites], travel.VP_OVER_VS)
    known, first, other = beside_the_first(its_s, is_told=True)
    assert known.same_as(other) is first


def test_few_do_not_tell_two_apart_that_are_near():
    known, first, other = beside_the_first(votes_of(LATER, NEAREST[:4]), is_told=False)
    assert known.same_as(other) is first
    known, _, other = beside_the_first(votes_of(LATER, NEAREST[:12]), is_told=False)
    assert known.same_as(other) is None

"""The engine's clock is wrong, and is set right, or set wrong: it goes on, and everything ends."""

from collections.abc import Callable

import pytest
from groundswell import wire

from tests.vote.world import Quake, World, declared, grid, listening, second
from vote import decision
from vote.alert import Alert
from vote.decision import Decider

FIRST = Quake(17.03, -99.95, 5.8)
SECOND = Quake(17.1, -100.1, 5.5, after_s=250.0)
TICK_S = 0.25
HOUR_S = 3600.0


def play(world: World, wrong_s: Callable[[float], float], until_s: float = 330.0) -> list[Alert]:
    """Play a world to an engine whose clock is so many seconds ahead at a time (s)."""
    decider, alerts = Decider("v", "live"), []
    mail = sorted(world.mail, key=lambda entry: entry[0], reverse=True)
    now_s = -130.0
    while now_s < until_s:
        while mail and mail[-1][0] <= second(now_s):
            received_us, message = mail.pop()
            decider.hear(message, received_us + round(wrong_s(now_s) * 1e6))
            if isinstance(message, wire.Trigger):
                alerts += decider.tick(second(now_s + wrong_s(now_s)))
        alerts += decider.tick(second(now_s + wrong_s(now_s)))
        now_s += TICK_S
    return alerts


def shaken() -> World:
    world = listening(grid(6, 20), until_s=320.0)
    for quake in (FIRST, SECOND):
        world.shake(quake, noise_s=0.2)
    return world


def set_at(at_s: float, before_s: float, after_s: float) -> Callable[[float], float]:
    return lambda now_s: before_s if now_s < at_s else after_s


@pytest.mark.parametrize("ahead_s", [30.0, HOUR_S, 30 * 365 * 24 * HOUR_S])
def test_nodes_that_an_engine_heard_by_a_clock_far_ahead_have_a_voice_once_it_is_set_right(
    ahead_s,
):
    alerts = play(shaken(), set_at(100.0, ahead_s, 0.0))

    assert len(declared(alerts)) == 1
    assert SECOND.origin_us < alerts[0].issued_us < SECOND.origin_us + 5_000_000


def test_without_that_guard_the_engine_would_be_deaf(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decision, "set_back", lambda *_: None)

    assert declared(play(shaken(), set_at(100.0, HOUR_S, 0.0))) == []


@pytest.mark.parametrize("ahead_s", [-HOUR_S, -30.0, -3.0, 3.0])
@pytest.mark.parametrize("at_s", [64.0, 80.0])
def test_what_runs_when_the_clock_is_set_ends_in_time(at_s: float, ahead_s: float):
    """It is 45 s old at most, 3 s more where these went by twice."""
    alerts = play(shaken(), set_at(at_s, max(ahead_s, 0.0), min(ahead_s, 0.0)), 112.0)

    assert len({alert.event_id for alert in alerts}) == 1
    assert [alert.version for alert in alerts] == list(range(1, len(alerts) + 1))
    assert (alerts[0].type, alerts[-1].type) == ("new", "final")


def test_an_update_does_not_wait_until_the_clock_is_where_it_was():
    """Set back by 3 s a second after the first word: the second one is due."""
    first, then, *_ = play(shaken(), set_at(64.0, 3.0, 0.0), 112.0)

    assert first.issued_us > second(66.0)
    assert then.issued_us < second(66.0)

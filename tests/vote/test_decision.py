"""The judgement as a whole, on earthquakes as they should be."""

import itertools
import subprocess
import sys
from collections.abc import Sequence

from groundswell import wire

from tests.vote.world import (
    Place,
    Quake,
    arrivals,
    declared,
    grid,
    listening,
)
from vote.alert import Alert
from vote.decision import Decider
from vote.waves import travel

MIDDLE = Quake(17.03, -99.95, 5.5)


def test_an_earthquake_inside_the_network_is_declared_once_and_ends_with_a_final():
    world = listening(grid(5, 20))
    world.shake(MIDDLE)

    alerts = world.play(Decider("v", "live"))

    assert len(declared(alerts)) == 1
    assert alerts[0].type == "new" and alerts[-1].type == "final"
    assert [alert.version for alert in alerts] == list(range(1, len(alerts) + 1))
    assert {alert.event_id for alert in alerts} == {alerts[0].event_id}


def test_it_is_declared_soon_after_the_third_p_wave():
    world = listening(grid(5, 20))
    world.shake(MIDDLE)
    third_us = sorted(
        MIDDLE.origin_us + round(arrivals(MIDDLE, place)[0] * 1e6) for place in world.places
    )[2]

    alerts = world.play(Decider("v"))

    assert alerts[0].issued_us - third_us < 800_000


def test_two_deciders_that_hear_the_same_say_the_same():
    world = listening(grid(5, 20))
    world.shake(MIDDLE, noise_s=0.2)

    assert world.play(Decider("v")) == world.play(Decider("v"))


def test_exercise_is_the_default():
    world = listening(grid(5, 20))
    world.shake(MIDDLE)

    assert {alert.category for alert in world.play(Decider("v"))} == {"exercise"}


def test_updates_come_at_most_once_a_second_unless_the_level_rises():
    world = listening(grid(5, 20))
    world.shake(Quake(17.03, -99.95, 6.0), noise_s=0.3)

    alerts = world.play(Decider("v"))

    levels = ("none", "be_aware", "take_action")
    for before, after in itertools.pairwise(alerts):
        rises = levels.index(after.level) > levels.index(before.level)
        assert rises or after.issued_us - before.issued_us >= 1_000_000


def test_location_and_magnitude_are_near_the_truth_inside_the_network():
    world = listening(grid(5, 20))
    world.shake(MIDDLE, noise_s=0.2)

    last = world.play(Decider("v"))[-1]

    assert arrivals(Quake(last.lat_deg, last.lon_deg, 5.0), Place(0, 17.03, -99.95))[2] < 12
    assert abs(last.origin_us - MIDDLE.origin_us) < 1_000_000
    assert abs(last.magnitude - MIDDLE.magnitude) < 0.5


def test_onsets_that_nodes_refine_move_the_earthquake_and_make_no_new_one():
    """In their first messages the western nodes are late by a second."""
    world = listening(grid(5, 20))
    world.shake(MIDDLE)
    late = [(at_us, _late(message, world.places)) for at_us, message in world.mail]
    refined = world.play(Decider("v"))
    world.mail = late
    both = world.play(Decider("v"))

    assert len(declared(both)) == 1 and both[-1].type == "final"
    assert _off_km(both[0]) > 4
    assert _off_km(both[-1]) < 0.5 + _off_km(refined[-1]) < 2


def _late(message: object, places: Sequence[Place]) -> object:
    if not isinstance(message, wire.Trigger) or message.update > 2:
        return message
    if places[message.node_id - 1].lon_deg > MIDDLE.lon_deg:
        return message
    by_us = 1_000_000
    return message._replace(
        onset_us=message.onset_us + by_us, sample_us=message.sample_us + by_us,
        sent_us=message.sent_us + by_us,
    )  # fmt: skip


def _off_km(alert: Alert) -> float:
    return float(travel.distance_km(alert.lat_deg, alert.lon_deg, MIDDLE.lat_deg, MIDDLE.lon_deg))


def test_the_first_alert_waits_for_no_module_to_be_loaded():
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED_BY_AN_EARTHQUAKE], capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n") == ["new", ""]


_LOADED_BY_AN_EARTHQUAKE = """
import sys
from tests.vote.test_decision import MIDDLE, Decider, grid, listening
world, decider = listening(grid(5, 20)), Decider("v")
world.shake(MIDDLE)
before = set(sys.modules)
print(world.play(decider)[0].type, *(set(sys.modules) - before), sep="\\n")
"""

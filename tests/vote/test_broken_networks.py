"""Guards for when the network itself is hit: a district without power, nodes that lose samples."""

import pytest
from groundswell import wire

from tests.vote.world import (
    LATENCY_US,
    Quake,
    World,
    arrivals,
    declared,
    grid,
    listening,
    peaks,
    second,
    status,
)
from vote.decision import Decider
from vote.settings import Settings

PLACES = grid(4, 20)
DISTRICT = PLACES[:8]  # the southern half
QUAKE = Quake(17.15, -100.0, 5.0, after_s=90.0)


def without_power(cut_s: float) -> World:
    """The district's nodes jump in one instant, and their last wills follow within seconds."""
    world = World(PLACES)
    for place in PLACES:
        last_s = cut_s if place in DISTRICT else 150.0
        for at_s in range(-120, 151, 30):
            if at_s < last_s:
                world.say(status(place, second(at_s)))
    for k, place in enumerate(DISTRICT):
        world.trigger(place, second(cut_s) + 4_000 * k)
        wills = status(place, second(-120.0), state=wire.STATE_OFFLINE)
        world.say(wills, second(cut_s + 1 + k / 2))
    return world


def test_a_district_that_loses_its_power_is_no_earthquake():
    world = without_power(70.0)

    assert world.play(Decider("v")) == []
    assert world.play(Decider("v", settings=Settings(heeds_rivals=False))) == []
    assert declared(world.play(Decider("v", settings=Settings(guards_moveout=False))))


def test_an_earthquake_after_a_power_cut_is_declared_by_those_who_are_left():
    world = without_power(70.0)
    world.shake(QUAKE, skip=[place.node_id for place in DISTRICT])

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert alerts[0].issued_us - QUAKE.origin_us < 7_000_000
    assert alerts[-1].type == "final"


@pytest.mark.parametrize("flags", [0, wire.FLAG_GAP])
@pytest.mark.parametrize("tells_it", ["status", "shaking"])
def test_the_silence_of_nodes_that_lost_samples_says_nothing(flags: int, tells_it: str):
    places = grid(7, 20)
    quake = Quake(17.06, -99.91, 5.0)
    by_time = sorted(places, key=lambda place: arrivals(quake, place)[0])
    said = by_time[4:8]  # those who stand nearer noticed nothing
    world = listening(places)
    for place in said:
        onset_us = quake.origin_us + round(arrivals(quake, place)[0] * 1e6)
        world.trigger(place, onset_us, *peaks(quake, arrivals(quake, place)[2], 10.0))
    at_us = quake.origin_us + 3_000_000
    for place in places:
        if place in said:
            continue
        if tells_it == "status":
            world.say(status(place, at_us, flags=flags))
        else:
            shaking = wire.Shaking(place.node_id, 1, 0, flags, at_us, 10_000, 1_000, 100)
            world.say(shaking, at_us + LATENCY_US)

    assert len(declared(world.play(Decider("v")))) == (1 if flags else 0)

"""Nodes that nobody believes: no vote, no silence, no peaks, and all of it back on the word."""

from tests.vote.world import (
    Place,
    Quake,
    World,
    arrivals,
    declared,
    grid,
    listening,
    second,
    status,
)
from vote.decision import Decider

PLACES = grid(4, 20)
QUAKE = Quake(17.15, -100.0, 5.0)


def shaken(heard_by: list[Place]) -> World:
    world = listening(PLACES)
    world.shake(QUAKE, skip=[place.node_id for place in PLACES if place not in heard_by])
    return world


def test_triggers_of_nodes_in_doubt_make_no_earthquake():
    decider = Decider("v")
    decider.fleet.doubt({place.node_id: "trial" for place in PLACES})

    assert shaken(PLACES).play(decider) == []
    assert decider.refusals()["without_vote"] > 0


def test_the_silence_of_nodes_in_doubt_says_nothing():
    by_distance = sorted(PLACES, key=lambda place: arrivals(QUAKE, place)[2])
    heard_by = [by_distance[k] for k in (1, 5, 8)]
    assert declared(shaken(heard_by).play(Decider("v"))) == []  # nearer ones said nothing

    decider = Decider("v")
    decider.fleet.doubt({place.node_id: "trial" for place in PLACES if place not in heard_by})
    assert len(declared(shaken(heard_by).play(decider))) == 1


def test_a_vote_is_given_back_at_once():
    decider = Decider("v")
    decider.fleet.doubt({place.node_id: "trial" for place in PLACES})
    world = shaken(PLACES)
    decider.fleet.doubt({})

    assert len(declared(world.play(decider))) == 1


def test_doubt_is_for_nodes_that_are_known_already_too():
    decider = Decider("v")
    place = PLACES[0]
    decider.hear(status(place, second(0)), second(0))
    node = decider.fleet.nodes[place.node_id]
    assert decider.fleet.state_of(node, second(1)) == "alive"

    decider.fleet.doubt({place.node_id: "trial"})
    assert decider.fleet.state_of(node, second(1)) == "mute"
    decider.hear(status(place, second(5)), second(5))
    assert decider.fleet.state_of(node, second(6)) == "mute"

    decider.fleet.doubt({})
    assert decider.fleet.state_of(node, second(6)) == "alive"

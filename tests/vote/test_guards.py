"""Failures of other systems that this one must not repeat: who has no vote, what is no wave.

Where a guard keeps silent, the same triggers without that guard, or from those who have a vote,
are declared: or silence would show nothing.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from groundswell import wire

from tests.vote.world import (
    Place,
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
from vote.judge import quorum
from vote.nodes import fleet, picks
from vote.search import evidence
from vote.settings import Settings

MIDDLE = Quake(17.03, -99.95, 5.5)
NO_GUARD = Settings(guards_moveout=False, heeds_rivals=False)


def count(world: World, settings: Settings | None = None) -> int:
    """Return how many earthquakes are declared."""
    return len(declared(world.play(Decider("v", settings=settings))))


def p_us(quake: Quake, place: Place) -> int:
    return quake.origin_us + round(arrivals(quake, place)[0] * 1e6)


def nearest(quake: Quake, places: Sequence[Place]) -> list[Place]:
    return sorted(places, key=lambda place: arrivals(quake, place)[0])


def test_two_nodes_never_declare_however_sure_they_are():
    places = grid(2, 20)[:2]
    world = listening(places)
    world.shake(MIDDLE)

    assert world.play(Decider("v")) == []


def test_four_nodes_of_one_building_are_one_site_and_have_one_vote(
    monkeypatch: pytest.MonkeyPatch,
):
    places = grid(3, 20)
    building = [Place(100 + k, places[4].lat_deg + k * 1e-4, places[4].lon_deg) for k in range(4)]
    world = listening([*building, places[0]])
    world.shake(MIDDLE)

    assert count(world) == 0
    monkeypatch.setattr(fleet, "SITE_KM", 0.005)  # each a site of its own
    assert count(world) == 1


def test_one_node_that_says_what_four_would_say_counts_once(monkeypatch: pytest.MonkeyPatch):
    near = nearest(MIDDLE, grid(3, 20))[:4]
    alone, together = listening(near), listening(near)
    for place in near:
        alone.trigger(near[0], p_us(MIDDLE, place))
        together.trigger(place, p_us(MIDDLE, place))

    assert count(alone) == 0
    assert count(together) == 1
    # in the search, in the count, in the likelihood, among the votes: without all it would be four
    monkeypatch.setattr(picks, "OF_ONE_NODE", len(near))
    assert count(alone) == 0
    monkeypatch.setattr(quorum, "_enough", lambda votes, _: len(votes) >= 3)
    monkeypatch.setattr(evidence, "site_starts", lambda found: np.arange(len(found)))
    assert count(alone) == 0
    monkeypatch.setattr(quorum, "by_node", lambda votes: dict(enumerate(votes)))
    assert count(alone) == 1


def in_one_instant(of_all: int) -> World:
    """A power cut, or a burst of the network: so many nodes of 36, some 20 km apart."""
    places = grid(6, 20)
    world = listening(places)
    for k, place in enumerate(places[:of_all]):
        world.trigger(place, second(60.0) + 3_000 * (k % 7))
    return world


@pytest.mark.parametrize("of_all", [36, 18])
def test_many_distant_nodes_in_one_instant_are_a_power_cut_and_no_earthquake(of_all: int):
    world = in_one_instant(of_all)

    assert count(world) == 0
    assert count(world, Settings(heeds_rivals=False)) == 0  # this guard alone is enough
    assert count(world, NO_GUARD) == 1


def test_thunder_crosses_the_network_at_the_speed_of_sound_and_is_no_earthquake():
    places = grid(6, 2)
    clap = Quake(17.04, -99.95, 0.0)
    world = listening(places)
    for place in places:
        distance_km = arrivals(Quake(clap.lat_deg, clap.lon_deg, 0.0, depth_km=0.0), place)[2]
        world.trigger(place, second(60.0) + round(distance_km / 0.34 * 1e6))

    assert count(world) == 0
    assert count(world, Settings(heeds_rivals=False)) == 1


@pytest.mark.parametrize("are_alive", [True, False])
def test_live_neighbours_that_stay_silent_prevent_an_alert_and_dead_ones_say_nothing(
    are_alive: bool,
):
    places = grid(7, 20)
    quake = Quake(17.06, -99.91, 5.0)
    said = nearest(quake, places)[4:8]  # those who stand nearer noticed nothing
    others = [place.node_id for place in places if place not in said]
    world = listening(places, dead=[] if are_alive else others)
    for place in said:
        world.trigger(place, p_us(quake, place), *peaks(quake, arrivals(quake, place)[2], 10.0))

    assert count(world) == (0 if are_alive else 1)


def test_nodes_that_come_alive_after_the_wave_are_no_silent_witnesses():
    places = grid(7, 20)
    near = sorted(places, key=lambda place: arrivals(MIDDLE, place)[0])
    early, others = near[:4], near[4:]
    world = World(early)
    world.alive()
    world.shake(MIDDLE)
    for place in others:
        world.say(status(place, second(75.0)))

    alerts = world.play(Decider("v"))

    assert [alert.type for alert in alerts if alert.type != "update"] == ["new", "final"]


def test_a_wrong_position_of_one_node_costs_one_vote_and_no_alert():
    places = grid(5, 20)
    quake = Quake(17.03, -99.95, 5.5)
    world = World([Place(13, 18.5, -98.5) if p.node_id == 13 else p for p in places])
    world.alive()
    truth = World(places)
    truth.shake(quake)
    world.mail += truth.mail

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert (
        arrivals(Quake(alerts[-1].lat_deg, alerts[-1].lon_deg, 5), Place(0, 17.03, -99.95))[2] < 12
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"flags": wire.FLAG_UNSYNCHRONISED},
        {"flags": wire.FLAG_MASKED},
        {"clock_error_us": 5_000_000},
    ],
    ids=["unsynchronised", "masked", "clock error of 5 s"],
)
def test_a_trigger_that_says_it_cannot_be_trusted_has_no_vote(changes: dict[str, int]):
    places = grid(5, 20)
    world = listening(places)
    for place in places:
        p_s = arrivals(MIDDLE, place)[0]
        world.trigger(place, MIDDLE.origin_us + round(p_s * 1e6), **changes)

    assert world.play(Decider("v")) == []


@pytest.mark.parametrize("wrong_by_s", [-3600.0, -20.0, 60.0, 9.5e8])
def test_a_clock_that_is_wrong_by_itself_has_no_vote(wrong_by_s: float):
    places = grid(5, 20)
    world = listening(places)
    for place in places:
        onset_us = MIDDLE.origin_us + round((arrivals(MIDDLE, place)[0] + wrong_by_s) * 1e6)
        world.trigger(place, onset_us, received_after_us=80_000 - round(wrong_by_s * 1e6))

    assert world.play(Decider("v")) == []


def test_a_node_whose_status_shows_a_wrong_clock_has_no_vote():
    places = grid(5, 20)
    world = World(places)
    for place in places:
        for after_s in range(-120, 200, 30):
            world.say(status(place, second(after_s + 75)), second(after_s))
    world.shake(MIDDLE)

    assert world.play(Decider("v")) == []


@pytest.mark.parametrize("late_s", [0, 70])
def test_old_triggers_do_not_add_up_with_new_ones(late_s: int):
    near = nearest(MIDDLE, grid(5, 20))[:4]
    world = listening(near, until_s=900.0)
    for k, place in enumerate(near):
        world.trigger(place, p_us(MIDDLE, place) + k * late_s * 1_000_000)

    assert count(world) == (1 if late_s == 0 else 0)


def test_a_retracted_trigger_is_no_vote():
    places = grid(2, 20)[:3]
    world = listening(places)
    world.shake(MIDDLE)
    decider = Decider("v")
    alerts = []
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        decider.hear(message, received_us)
        if isinstance(message, wire.Trigger) and message.node_id == places[0].node_id:
            decider.hear(message._replace(flags=wire.FLAG_RETRACTED), received_us)
        alerts += decider.tick(received_us)

    assert alerts == []


def test_retracting_the_votes_of_a_declared_earthquake_cancels_it():
    places = grid(5, 20)
    world = listening(places)
    near = sorted(places, key=lambda place: arrivals(MIDDLE, place)[0])
    world.shake(MIDDLE, skip=[place.node_id for place in near[4:]])
    decider = Decider("v")
    alerts = []
    seen: dict[int, wire.Trigger] = {}
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us > MIDDLE.origin_us + 6_000_000:
            break
        decider.hear(message, received_us)
        alerts += decider.tick(received_us)
        if isinstance(message, wire.Trigger):
            seen[message.node_id] = message
    assert len(declared(alerts)) == 1

    now_us = MIDDLE.origin_us + 8_000_000
    for message in list(seen.values())[:2]:
        decider.hear(message._replace(flags=wire.FLAG_RETRACTED), now_us)
    alerts = decider.tick(now_us + 1_000_000)

    assert [alert.type for alert in alerts] == ["cancel"]
    assert alerts[0].reason and decider.known.events == []


def test_a_chattering_node_lends_its_chance_neighbours_no_vote(monkeypatch: pytest.MonkeyPatch):
    places = grid(5, 20)
    quake = Quake(17.05, -99.92, 5.0, after_s=1500.0)
    chatters, *neighbours = (places[k] for k in (12, 13, 17, 16))
    world = listening(places, until_s=1900.0)
    for before_s in range(-300, 1600, 12):  # one of them when the wave would come
        world.trigger(chatters, p_us(quake, chatters) - before_s * 1_000_000)
    for place in neighbours:
        world.trigger(place, p_us(quake, place))

    assert count(world) == 0
    monkeypatch.setattr(fleet.Fleet, "is_quarantined", lambda self, node, now_us: False)
    assert count(world) == 1


def test_the_memory_of_a_storm_is_bounded():
    places = grid(23, 20)  # too many for each to chatter
    world = listening(places)
    decider = Decider("v")
    world.play(decider)
    for k in range(6000):
        message = wire.Trigger(
            places[k % len(places)].node_id, 1, k, k, 0, 0, second(100.0), second(100.0),
            second(100.0), 10_000, 20, 5_000, 1000, 1000, 1000, 400,
        )  # fmt: skip
        decider.hear(message, second(100.1))

    assert len(decider.picks.recent()) <= 4000
    assert decider.picks.forgotten > 0 and decider.waiting.dropped > 0

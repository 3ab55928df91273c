"""Failures of other systems that this one must not repeat: who has no vote, what is no wave."""

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
    second,
    status,
)
from vote.decision import Decider

MIDDLE = Quake(17.03, -99.95, 5.5)


def test_two_nodes_never_declare_however_sure_they_are():
    places = grid(2, 20)[:2]
    world = listening(places)
    world.shake(MIDDLE)

    assert world.play(Decider("v")) == []


def test_three_nodes_of_one_building_are_one_site_and_never_declare():
    places = [Place(k, 17.0 + k * 1e-4, -100.0) for k in (1, 2, 3, 4)]
    world = listening(places)
    world.shake(MIDDLE)

    assert world.play(Decider("v")) == []


def test_one_node_that_triggers_three_times_counts_once():
    places = grid(3, 20)
    world = listening(places)
    for after_s in (60.0, 62.0, 64.0):
        world.trigger(places[0], second(after_s))
    world.trigger(places[1], second(63.0))

    assert world.play(Decider("v")) == []


def test_many_distant_nodes_in_one_instant_are_a_power_cut_and_no_earthquake():
    places = grid(6, 20)
    world = listening(places)
    for k, place in enumerate(places):
        world.trigger(place, second(60.0) + 3_000 * k)

    assert world.play(Decider("v")) == []


def test_a_network_burst_at_half_of_the_nodes_is_no_earthquake_either():
    places = grid(6, 20)
    world = listening(places)
    for k, place in enumerate(places[::2]):
        world.trigger(place, second(60.0) + 20_000 * (k % 7))

    assert world.play(Decider("v")) == []


def test_thunder_crosses_the_network_at_the_speed_of_sound_and_is_no_earthquake():
    places = grid(6, 5)
    world = listening(places)
    for place in places:
        distance_km = (place.lat_deg - 16.8) * 111.2
        world.trigger(place, second(60.0) + round(distance_km / 0.34 * 1e6))

    assert world.play(Decider("v")) == []


def test_live_neighbours_that_stay_silent_prevent_an_alert():
    places = grid(7, 20)
    world = listening(places)
    corners = [places[0], places[6], places[42]]
    quake = Quake(17.0, -100.0, 4.0)
    for place in corners:  # as if from the middle, but nobody in the middle noticed
        world.trigger(place, quake.origin_us + round(arrivals(quake, place)[0] * 1e6))

    assert world.play(Decider("v")) == []


def test_dead_neighbours_say_nothing():
    places = grid(7, 20)
    quake = Quake(17.0, -100.02, 5.0)
    near = sorted(places, key=lambda place: arrivals(quake, place)[0])[:4]
    dead = [place.node_id for place in places if place not in near]
    world = listening(places, dead=dead)
    world.shake(quake, skip=dead)

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert alerts[0].nodes_live_nearby <= 4


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


def test_late_data_never_start_an_alert():
    world = listening(grid(5, 20))
    world.shake(MIDDLE)

    assert world.play(Decider("v"), late=True) == []


def test_late_data_confirm_a_running_alert():
    places = grid(5, 20)
    near = sorted(places, key=lambda place: arrivals(MIDDLE, place)[0])
    world = listening(places)
    world.shake(MIDDLE, skip=[place.node_id for place in near[4:]])
    decider = Decider("v")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us < MIDDLE.origin_us + 8_000_000:
            decider.hear(message, received_us)
            decider.tick(received_us)
    assert len(decider.known.events[0].votes) == 4

    fifth = World([near[4]])
    fifth.shake(MIDDLE)
    decider.hear(fifth.mail[0][1], MIDDLE.origin_us + 9_000_000, is_late=True)
    decider.tick(MIDDLE.origin_us + 9_000_000)

    assert len(decider.known.events[0].votes) == 5


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


def test_old_triggers_expire_and_do_not_add_up():
    places = grid(5, 20)
    world = listening(places, until_s=900.0)
    for k, place in enumerate(places):
        world.trigger(place, second(10.0 + 70.0 * (k % 9)))

    assert world.play(Decider("v")) == []


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


def test_a_chattering_node_makes_no_alert_with_two_chance_neighbours():
    places = grid(5, 20)
    world = listening(places, until_s=1900.0)
    for after_s in range(-100, 1800, 12):
        world.trigger(places[12], second(after_s))
    world.trigger(places[11], second(1501.0))
    world.trigger(places[13], second(1502.5))

    assert world.play(Decider("v")) == []


def test_the_memory_of_a_storm_is_bounded():
    places = grid(15, 20)  # too many for each to chatter
    world = listening(places)
    decider = Decider("v")
    world.play(decider)
    for k in range(6000):
        message = wire.Trigger(
            places[k % 225].node_id, 1, k, k, 0, 0, second(100.0), second(100.0), second(100.0),
            10_000, 20, 5_000, 1000, 1000, 1000, 400,
        )  # fmt: skip
        decider.hear(message, second(100.1))

    assert len(decider.picks.recent()) <= 4000
    assert decider.picks.forgotten > 0 and decider.waiting.dropped > 0

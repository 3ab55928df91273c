"""Nodes under their own keys that say more than any detector can, while others notice a wave."""

from collections import Counter

import numpy as np
import pytest

from tests.vote.world import Place, Quake, World, arrivals, grid, listening, peaks, second
from vote.alert import Alert
from vote.decision import Decider
from vote.waves.travel import distance_km

PLACES = grid(6, 20)
QUAKE = Quake(17.03, -99.95, 5.8)
EVERY_S = 0.2


def flooded(liars: list[Place], from_s: float, to_s: float) -> World:
    """Return a world with an earthquake during which liars tell one like it five times a second.

    from_s: after the origin. to_s: after its P wave at each of them."""
    world = listening(PLACES)
    world.shake(QUAKE, skip={place.node_id for place in liars}, noise_s=0.2)
    for place in liars:
        p_s, s_s, reach = arrivals(QUAKE, place)
        for after_s in np.arange(from_s, p_s + to_s, EVERY_S).tolist():
            onset_us = QUAKE.origin_us + round(after_s * 1e6)
            world.trigger(place, onset_us, *peaks(QUAKE, reach, s_s - p_s))
    return world


def first_of(world: World) -> Alert:
    return next(alert for alert in world.play(Decider("v")) if alert.type == "new")


def some(count: int, seed: int) -> list[Place]:
    rows = np.random.default_rng(seed).choice(len(PLACES), count, replace=False)
    return [PLACES[row] for row in rows.tolist()]


def test_one_node_that_floods_delays_no_alert_of_the_others():
    liar = sorted(PLACES, key=lambda place: arrivals(QUAKE, place)[0])[1]
    silent, loud = first_of(flooded([liar], 0.0, -100.0)), first_of(flooded([liar], -1.5, 0.0))

    assert loud.issued_us - silent.issued_us < 300_000
    assert distance_km(loud.lat_deg, loud.lon_deg, QUAKE.lat_deg, QUAKE.lon_deg) < 10


@pytest.mark.parametrize("from_s", [-1.5, -30.0])
def test_a_third_of_the_nodes_that_flood_do_not_hide_an_earthquake(from_s: float):
    alert = first_of(flooded(some(11, seed=7), from_s, 0.0))

    assert alert.issued_us - QUAKE.origin_us < 9_000_000
    assert distance_km(alert.lat_deg, alert.lon_deg, QUAKE.lat_deg, QUAKE.lon_deg) < 20


def test_no_node_fills_the_memory_with_what_a_running_earthquake_explains():
    world = flooded(some(1, seed=7), 0.0, 30.0)
    decider = Decider("v")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us <= second(95.0):
            decider.hear(message, received_us)
            decider.tick(received_us)

    of_node = Counter(pick.node.node_id for pick in decider.picks.recent())
    assert max(of_node.values()) <= 12
    assert decider.picks.quarantined > 0

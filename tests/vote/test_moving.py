"""A node that tells one place after the other: it stood where it stood, and then it has no say."""

from dataclasses import replace

import pytest

from tests.vote.world import Place, Quake, World, arrivals, grid, listening, status
from vote.alert import Alert
from vote.decision import Decider
from vote.nodes.fleet import LIVE_FOR_US, MOVES_AFTER_US, Fleet
from vote.waves.travel import distance_km

PLACES = grid(3, 25)
QUAKE = Quake(17.03, -99.95, 5.8)
HOME = PLACES[0]
NOW_US = QUAKE.origin_us


def elsewhere(place: Place, km: float = 100.0) -> Place:
    return replace(place, lat_deg=place.lat_deg + km / 111.2)


def nearest(count: int) -> list[Place]:
    return sorted(PLACES, key=lambda place: arrivals(QUAKE, place)[0])[:count]


def told(world: World) -> list[Alert]:
    return world.play(Decider("v", "live"))


def shaken() -> World:
    world = listening(PLACES)
    world.shake(QUAKE, noise_s=0.2)
    return world


@pytest.mark.parametrize("after_s", [0.2, 3.0])
def test_nodes_that_tell_another_place_after_their_trigger_hide_and_withdraw_nothing(
    after_s: float,
):
    world = shaken()
    for place in nearest(4):
        at_us = QUAKE.origin_us + round((arrivals(QUAKE, place)[0] + after_s) * 1e6)
        world.say(status(elsewhere(place), at_us))
    alerts = told(world)

    assert alerts[-1].type == "final" and len({alert.event_id for alert in alerts}) == 1
    assert max(alert.magnitude for alert in alerts) < 6.2
    for alert in alerts:
        assert distance_km(alert.lat_deg, alert.lon_deg, QUAKE.lat_deg, QUAKE.lon_deg) < 10


def test_nodes_that_share_their_names_with_others_far_away_are_nowhere():
    """Four pairs: each tells of its place twice a minute, and one of them triggers."""
    world = shaken()
    for place in nearest(4):
        for after_s in range(-173, 200, 30):
            world.say(status(elsewhere(place), QUAKE.origin_us + after_s * 1_000_000, boot_id=2))
    alerts = told(world)

    assert alerts[-1].type == "final"
    last = alerts[-1]
    assert distance_km(last.lat_deg, last.lon_deg, QUAKE.lat_deg, QUAKE.lon_deg) < 10
    assert last.magnitude < 6.2


def test_a_node_that_was_moved_has_its_vote_there_after_ten_minutes():
    fleet, there = Fleet(), elsewhere(HOME)
    fleet.hear_status(status(HOME, NOW_US), NOW_US)
    node, since_us = fleet.nodes[HOME.node_id], NOW_US + 30_000_000
    for at_us in range(since_us, since_us + MOVES_AFTER_US, 30_000_000):
        fleet.hear_status(status(there, at_us), at_us)
        assert node.lat_deg == pytest.approx(HOME.lat_deg, abs=1e-6)
        assert not fleet.live(at_us)[0]
    end_us = since_us + MOVES_AFTER_US
    fleet.hear_status(status(there, end_us), end_us)

    assert node.lat_deg == pytest.approx(there.lat_deg, abs=1e-6)
    assert not node.is_astray
    assert fleet.live(end_us + LIVE_FOR_US)[0]


def test_a_node_whose_place_is_told_more_exactly_keeps_its_vote_and_creeps_nowhere():
    fleet = Fleet()
    fleet.hear_status(status(HOME, NOW_US), NOW_US)
    node = fleet.nodes[HOME.node_id]
    for k in range(1, 100):
        fleet.hear_status(
            status(elsewhere(HOME, 0.1), NOW_US + k * 30_000_000), NOW_US + k * 30_000_000
        )
        assert fleet.live(NOW_US + k * 30_000_000)[0]
    assert node.lat_deg == pytest.approx(elsewhere(HOME, 0.1).lat_deg, abs=1e-6)

    begin_us = node.heard_us
    for k in range(1, 100):  # 100 m further each time
        at_us = begin_us + k * 30_000_000
        fleet.hear_status(status(elsewhere(HOME, 0.1 + 0.1 * k), at_us), at_us)
    assert node.lat_deg == pytest.approx(elsewhere(HOME, 0.1).lat_deg, abs=1e-6)
    assert not fleet.live(node.heard_us)[0]


def test_a_node_that_tells_its_own_place_again_has_its_vote_at_once_and_its_site():
    fleet = Fleet()
    for k, place in enumerate((HOME, elsewhere(HOME), *(HOME for _ in range(40)))):
        at_us = NOW_US + k * 30_000_000
        fleet.hear_status(status(place, at_us), at_us)
        assert bool(fleet.live(at_us)[0]) == (k != 1)
    assert fleet.nodes[HOME.node_id].site == 0

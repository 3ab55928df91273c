"""Who is alive, who is whose neighbour, who errs how often."""

from groundswell import wire

from tests.vote.world import START_US, Place, World, status
from vote.nodes.account import CAP_H, FLOOR_H
from vote.nodes.fleet import FORGOTTEN_AFTER_US, MOVES_AFTER_US, Fleet
from vote.nodes.picks import Picks

SECOND_US = 1_000_000


def heard(fleet: Fleet, place: Place, at_us: int = START_US, **changes: object) -> None:
    fleet.hear_status(status(place, at_us, **changes), at_us + 50_000)


def test_a_node_lives_for_75_s_after_its_status():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))

    assert fleet.live(START_US + 74 * SECOND_US)[0]
    assert not fleet.live(START_US + 76 * SECOND_US)[0]


def test_the_last_will_ends_a_life_at_once():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))
    heard(fleet, Place(1, 17.0, -100.0), START_US + SECOND_US, state=wire.STATE_OFFLINE)

    assert not fleet.live(START_US + 2 * SECOND_US)[0]
    assert fleet.state_of(fleet.nodes[1], START_US + 2 * SECOND_US) == "offline"


def test_a_last_will_has_the_old_stamp_of_its_connection_and_is_no_clock_fault():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))
    will = status(Place(1, 17.0, -100.0), START_US - 3600 * SECOND_US, state=wire.STATE_OFFLINE)
    fleet.hear_status(will, START_US + SECOND_US)

    assert not fleet.nodes[1].clock_is_bad


def test_silence_counts_only_from_nodes_that_are_armed_in_time_and_not_masked():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0), state=wire.STATE_STARTING)
    heard(fleet, Place(2, 17.1, -100.0), flags=wire.FLAG_MASKED)
    heard(fleet, Place(3, 17.2, -100.0), flags=wire.FLAG_UNSYNCHRONISED)
    heard(fleet, Place(4, 17.3, -100.0))

    assert list(fleet.live(START_US + SECOND_US)) == [False, False, False, True]


def test_a_late_status_tells_the_place_but_cannot_wake_the_dead():
    fleet = Fleet()
    old = status(Place(1, 17.0, -100.0), START_US - 3600 * SECOND_US)
    fleet.hear_status(old, START_US, is_late=True)

    assert fleet.nodes[1].lat_deg == 17.0
    assert not fleet.nodes[1].clock_is_bad
    assert not fleet.live(START_US)[0]


def test_states_for_the_console():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))
    node = fleet.nodes[1]
    assert fleet.state_of(node, START_US + SECOND_US) == "alive"

    node.triggered_us = START_US
    assert fleet.state_of(node, START_US + 5 * SECOND_US) == "triggered"
    assert fleet.state_of(node, START_US + 60 * SECOND_US) == "alive"
    assert fleet.state_of(node, START_US + 90 * SECOND_US) == "late"

    heard(fleet, Place(1, 17.0, -100.0), state=wire.STATE_STARTING)
    assert fleet.state_of(node, START_US + 60 * SECOND_US) == "mute"


def test_nodes_within_200_m_are_one_site_and_at_300_m_they_are_two():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))
    heard(fleet, Place(2, 17.0 + 0.00175, -100.0))  # 195 m
    heard(fleet, Place(3, 17.0 - 0.0027, -100.0))  # 300 m

    assert fleet.nodes[1].site == fleet.nodes[2].site != fleet.nodes[3].site


def test_sites_are_found_at_every_latitude_and_across_squares():
    for lat_deg in (0.0, 45.0, -33.3, 69.9):
        fleet = Fleet()
        for k in range(40):  # a street of houses 150 m apart: each has its neighbour's site
            heard(fleet, Place(k, lat_deg + k * 0.00135, 25.0))
        assert len({node.site for node in fleet.nodes.values()}) == 1


def test_a_node_that_moves_house_changes_its_site():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0))
    heard(fleet, Place(2, 17.0, -100.0))
    for at_us in (START_US + SECOND_US, START_US + SECOND_US + MOVES_AFTER_US):
        heard(fleet, Place(2, 18.0, -100.0), at_us)

    assert fleet.nodes[1].site != fleet.nodes[2].site
    assert fleet.nodes[2].lat_deg == 18.0


def test_a_status_that_was_overtaken_changes_nothing():
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0), START_US + 60 * SECOND_US)
    heard(fleet, Place(1, 18.0, -100.0), START_US)

    assert fleet.nodes[1].lat_deg == 17.0


def live_for(fleet: Fleet, hours: float, triggers_an_hour: float) -> None:
    place = Place(1, 17.0, -100.0)
    heard(fleet, place)
    due = 0.0
    for k in range(1, int(hours * 120)):
        heard(fleet, place, START_US + k * 30 * SECOND_US)
        due += triggers_an_hour / 120
        while due >= 1:
            fleet.nodes[1].account.add(1.0)
            due -= 1


def test_a_node_learns_its_own_false_rate():
    for rate in (0.5, 4.0):
        fleet = Fleet()
        live_for(fleet, 24.0, rate)
        learnt = fleet.nodes[1].account.rate_h
        assert 0.7 * rate < learnt < 1.3 * rate


def test_the_learnt_rate_has_a_floor_and_a_cap():
    fleet = Fleet()
    live_for(fleet, 300.0, 0.0)
    assert FLOOR_H <= fleet.nodes[1].account.rate_h < 0.1
    fleet.nodes[1].account.add(1e6)
    assert fleet.nodes[1].account.rate_h == CAP_H


def test_the_dead_earn_no_credit():
    fleet = Fleet()
    place = Place(1, 17.0, -100.0)
    heard(fleet, place)
    heard(fleet, place, START_US + 48 * 3600 * SECOND_US)

    assert fleet.nodes[1].account.false_hours == 0.0


def test_the_fleet_is_bounded_and_counts_whom_it_refuses():
    fleet = Fleet(max_nodes=100)
    for k in range(130):
        heard(fleet, Place(k, 10.0 + k * 0.1, -100.0))

    assert len(fleet.nodes) == 100 and fleet.refused == 30


def test_a_full_fleet_gives_the_row_of_the_longest_silent_to_a_newcomer():
    # 20,000 invented nodes once kept every real newcomer out for the life of the engine
    fleet = Fleet(max_nodes=2)
    heard(fleet, Place(1, 17.0, -100.0))
    heard(fleet, Place(2, 18.0, -100.0), START_US + SECOND_US)
    heard(fleet, Place(3, 19.0, -100.0), START_US + 2 * SECOND_US)
    assert set(fleet.nodes) == {1, 2} and fleet.refused == 1

    later_us = START_US + 2 * FORGOTTEN_AFTER_US
    heard(fleet, Place(3, 19.0, -100.0), later_us)

    assert set(fleet.nodes) == {2, 3}
    assert fleet.nodes[3].index == 0 and fleet.lat_deg[0] == 19.0
    assert list(fleet.live(later_us + SECOND_US)) == [True, False]
    assert fleet.rows([1, 3, 2]).tolist() == [-1, 0, 1]


def test_a_node_of_which_only_a_last_will_was_heard_has_no_vote():
    # eight last wills and as many triggers once were an earthquake
    fleet = Fleet()
    heard(fleet, Place(1, 17.0, -100.0), state=wire.STATE_OFFLINE)
    picks = Picks(fleet)
    world = World([Place(1, 17.0, -100.0)])
    world.trigger(world.places[0], START_US + 10 * SECOND_US)
    received_us, trigger = world.mail[0]

    assert isinstance(trigger, wire.Trigger)
    assert picks.hear(trigger, received_us, False) is None and picks.refused == 1

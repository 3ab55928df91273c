"""One earthquake is one event, and two are two: S waves, aftershocks, large ruptures."""

import numpy as np
import pytest

from tests.vote.world import Quake, World, arrivals, declared, grid, listening, second
from vote.decision import Decider
from vote.running.arrivals import Arrivals
from vote.running.event import Event
from vote.running.known import Known

MIDDLE = Quake(17.03, -99.95, 5.5)
# what says that triggers belong to an earthquake that runs
OF_ITS_OWN = [
    *((Event, name) for name in ("is_same_as", "still_ruptures", "has_shaken_more")),
    *((Arrivals, name) for name in ("have_most", "have_front", "have_all_but_one")),
]


def test_a_large_rupture_that_grows_for_40_s_stays_one_event_and_grows():
    places = grid(7, 40)
    world = listening(places)
    world.shake(Quake(17.03, -99.95, 7.5))
    for place in places:  # later parts of the rupture, 60 km on, trigger nodes again
        p_s = arrivals(Quake(17.4, -99.5, 7.5), place)[0]
        world.trigger(place, second(60.0 + 25.0 + p_s), pga_mps2=(2.0,) * 14, pgv_mps=(0.3,) * 14)

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert alerts[-1].magnitude > alerts[0].magnitude + 0.5


def test_s_waves_and_far_p_waves_do_not_open_a_second_event(monkeypatch: pytest.MonkeyPatch):
    places = grid(4, 70)
    quake = Quake(17.03, -99.95, 7.0)
    world = listening(places)
    world.shake(quake, noise_s=0.3)
    for place in places:
        s_s = arrivals(quake, place)[1]
        world.trigger(place, quake.origin_us + round((s_s + 0.8) * 1e6))

    assert len(declared(world.play(Decider("v")))) == 1
    for whose, guard in OF_ITS_OWN:  # each against nothing but what the earthquake explains
        monkeypatch.setattr(whose, guard, lambda *_: False)
    assert len(declared(world.play(Decider("v")))) == 1
    monkeypatch.setattr(Known, "explains_per_s", lambda *_: 0.0)
    beginning = World(places, [letter for letter in world.mail if letter[0] < second(85.0)])
    assert len(declared(beginning.play(Decider("v")))) > 1


def test_two_earthquakes_100_km_and_10_s_apart_are_two():
    places = grid(8, 26)
    first = Quake(16.55, -100.0, 5.0, after_s=60.0)
    other = Quake(17.45, -100.0, 5.0, after_s=70.0)
    world = listening(places)
    for place in places:  # a node triggers on whatever comes first
        quake = min((first, other), key=lambda q: q.origin_us + arrivals(q, place)[0] * 1e6)
        lone = World([place])
        lone.shake(quake)
        lone_id = place.node_id
        world.mail += [(at, m._replace(detection_id=lone_id)) for at, m in lone.mail]

    alerts = world.play(Decider("v", "live"))

    assert len(declared(alerts)) == 2
    assert "cancel" not in {alert.type for alert in alerts}


@pytest.mark.parametrize(("apart_deg", "apart_s"), [(0.4, 10.0), (0.6, 12.0), (0.67, 15.0)])
def test_two_that_are_near_each_other_in_place_and_time_are_told_once_each(
    apart_deg: float, apart_s: float
):
    world = listening(grid(16, 12))
    world.shake(Quake(16.7, -100.0, 4.7), noise_s=0.3)
    world.shake(Quake(16.7 + apart_deg, -100.0, 4.7, 60.0 + apart_s), noise_s=0.3)

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 2
    assert "cancel" not in {alert.type for alert in alerts}


def test_a_small_aftershock_in_the_same_place_is_not_declared_again():
    places = grid(6, 20)
    world = listening(places, until_s=400.0)
    world.shake(Quake(17.03, -99.95, 6.5))
    world.shake(Quake(17.08, -99.90, 4.3, after_s=240.0))

    assert len(declared(world.play(Decider("v")))) == 1


def test_a_larger_shock_after_a_smaller_one_in_the_same_place_is_declared():
    places = grid(6, 20)
    world = listening(places, until_s=400.0)
    world.shake(Quake(17.03, -99.95, 4.6))
    world.shake(Quake(17.08, -99.90, 6.4, after_s=200.0))

    assert len(declared(world.play(Decider("v")))) == 2


def test_a_mixture_of_aftershocks_does_not_become_an_earthquake_elsewhere():
    places = grid(4, 20)
    world = listening(places, until_s=400.0)
    world.shake(Quake(17.03, -99.95, 7.0))
    phantom = Quake(16.0, -100.8, 6.0, after_s=280.0)
    for place in places:  # weak triggers whose times happen to point 140 km away
        p_s = arrivals(phantom, place)[0]
        world.trigger(place, phantom.origin_us + round(p_s * 1e6), pga_mps2=(0.02,) * 14)

    assert len(declared(world.play(Decider("v")))) == 1


def test_the_same_place_an_hour_later_is_a_new_earthquake():
    places = grid(5, 20)
    world = listening(places, until_s=3800.0)
    world.shake(MIDDLE)
    world.shake(Quake(17.03, -99.95, 5.0, after_s=3660.0))

    assert len(set(declared(world.play(Decider("v"))))) == 2


def test_a_strong_shock_a_minute_after_a_small_one_is_declared_in_time():
    places = grid(4, 20)
    for earlier in (True, False):
        world = listening(places, until_s=300.0)
        if earlier:
            world.shake(Quake(17.03, -99.95, 4.8))
        main = Quake(17.08, -99.90, 6.7, after_s=125.0)
        world.shake(main)
        news = [alert for alert in world.play(Decider("v")) if alert.type == "new"]
        after_s = (news[-1].issued_us - main.origin_us) / 1e6
        assert len(news) == 1 + earlier
        assert after_s < 5.0


def test_nodes_that_still_shake_are_not_taken_for_silent():
    world = listening(grid(3, 20), until_s=100.0)
    decider = Decider("v")
    world.play(decider)
    node = decider.fleet.nodes[1]
    row = np.array([node.index])
    quiet = decider.fleet.deafened_mps2(second(100.0), row)[0]

    decider.fleet.note_shaking(node, second(95.0), 0.3)

    assert decider.fleet.deafened_mps2(second(100.0), row)[0] > 0.05 > 10 * quiet
    assert decider.fleet.deafened_mps2(second(300.0), row)[0] == quiet

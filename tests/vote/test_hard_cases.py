"""The hardest cases that the guards of test_guards.py must hold: each fails where its guard alone
is taken away (the table is in test_table_of_guards.py)."""

from collections.abc import Iterable

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
    second,
)
from vote.alert import Alert
from vote.decision import Decider
from vote.judge import quorum
from vote.nodes import picks
from vote.search import origin
from vote.waves import tables
from vote.waves.travel import distance_km

MIDDLE = Quake(17.03, -99.95, 5.5)


def away_km(alert: Alert, quake: Quake) -> float:
    return float(distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg))


def nearest(quake: Quake, places: Iterable[Place], count: int) -> list[Place]:
    return sorted(places, key=lambda place: arrivals(quake, place)[0])[:count]


def test_a_broker_that_repeats_a_nodes_frames_does_not_silence_the_node():
    """Each node errs once, and its frames come forty times: that is no chattering."""
    places = nearest(MIDDLE, grid(3, 20), 4)
    world = listening(places)
    for number, place in enumerate(places):
        lone = World([place])
        lone.trigger(place, second(-60.0 + 7 * number))
        first, *_ = lone.mail
        world.mail += [(first[0] + 50_000 * n, first[1]) for n in range(40)]
    world.detections = len(places)
    world.shake(MIDDLE)

    assert len(declared(world.play(Decider("v")))) == 1


def test_a_message_that_a_withdrawal_overtook_does_not_bring_the_detection_back():
    places = nearest(MIDDLE, grid(3, 20), 3)
    world = listening(places)
    world.shake(MIDDLE)
    said = [(at, m) for at, m in world.mail if isinstance(m, wire.Trigger)]
    withdrawn = [(at - 1, m._replace(flags=wire.FLAG_RETRACTED)) for at, m in said]
    overtaken = World(places, [*world.mail, *withdrawn])

    assert len(declared(world.play(Decider("v")))) == 1
    assert overtaken.play(Decider("v")) == []


def test_old_triggers_add_up_only_if_they_neither_expire_nor_must_join_nor_fit(
    monkeypatch: pytest.MonkeyPatch,
):
    """Any of the three is enough; without all of them they would be an earthquake."""
    near = nearest(MIDDLE, grid(5, 20), 4)
    world = listening(near, until_s=900.0)
    for k, place in enumerate(near):
        world.trigger(place, second(60 + 70 * k + arrivals(MIDDLE, place)[0]))
    residual_density = origin.residual_density

    def forgiving(residual_s: tables.Single, sigma_s: tables.Single) -> tables.Single:
        return residual_density(np.clip(residual_s, -0.3, 0.3), sigma_s)

    monkeypatch.setattr(origin, "residual_density", forgiving)
    monkeypatch.setattr(quorum, "fitting", lambda picks, *_: list(picks))
    monkeypatch.setattr(picks, "SLOWEST_KM_S", 1e-6)
    assert world.play(Decider("v")) == []
    monkeypatch.setattr(picks, "KEEP_US", 10**12)
    assert declared(world.play(Decider("v")))


@pytest.mark.parametrize("wrong_s", [-1.0, 1.0])
def test_of_five_nodes_one_whose_clock_is_a_second_off_moves_no_epicentre(wrong_s: float):
    places = nearest(MIDDLE, grid(5, 20), 5)
    for wrong in places:
        world = listening(places)
        world.shake(MIDDLE)
        world.mail = [
            (at, m._replace(onset_us=m.onset_us + round(wrong_s * 1e6)))
            if isinstance(m, wire.Trigger) and m.node_id == wrong.node_id
            else (at, m)
            for at, m in world.mail
        ]

        alerts = world.play(Decider("v"))

        assert len(declared(alerts)) == 1 and alerts[-1].type == "final"
        assert away_km(alerts[-1], MIDDLE) < 4.5


def test_of_sixteen_nodes_one_whose_position_is_wrong_prevents_no_alert():
    """It stands 130 km from where it says it does. (Of nine nodes such a nearest one does: five of
    them would fit an earthquake between it and the others.)"""
    places = nearest(MIDDLE, grid(5, 20), 16)
    for wrong in places[:4]:
        told = [Place(99, 18.0, -99.3) if place is wrong else place for place in places]
        world, truth = listening(told), World(places)
        truth.shake(MIDDLE)
        world.mail += [
            (at, m._replace(node_id=99) if m.node_id == wrong.node_id else m)
            for at, m in truth.mail
        ]

        alerts = world.play(Decider("v"))

        assert len(declared(alerts)) == 1 and alerts[-1].type == "final"
        assert alerts[0].issued_us < MIDDLE.origin_us + 4_500_000
        assert away_km(alerts[-1], MIDDLE) < 2


@pytest.mark.parametrize("seed", [1, 3])
def test_nodes_that_know_how_wrong_their_clocks_are_find_the_earthquake_together(seed: int):
    """All are off by a second (one sigma), and say so."""
    places, rng = grid(5, 20), np.random.default_rng(seed)
    off_us = {place.node_id: round(1e6 * rng.normal()) for place in places}
    world = listening(places)
    world.shake(MIDDLE)
    world.mail = [
        (at, m._replace(onset_us=m.onset_us + off_us[m.node_id], clock_error_us=1_000_000))
        if isinstance(m, wire.Trigger)
        else (at, m)
        for at, m in world.mail
    ]

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1 and away_km(alerts[-1], MIDDLE) < 5
    assert alerts[-1].nodes_triggered == len(places)


@pytest.mark.parametrize("flags", [wire.FLAG_MASKED, 0])
def test_buzzers_that_sound_one_after_the_other_like_a_wave_are_no_earthquake(flags: int):
    """The alert reaches the places further away later, and by chance as fast as a P wave."""
    places = grid(5, 20)
    world = World(places)
    world.alive(flags=flags)
    for place in places:
        as_if_us = second(60 + arrivals(MIDDLE, place)[0])
        world.trigger(place, as_if_us, pga_mps2=(0.5,) * 14, flags=flags)

    assert len(declared(world.play(Decider("v")))) == (0 if flags else 1)


@pytest.mark.parametrize("flags", [wire.FLAG_MASKED, 0])
def test_nodes_whose_buzzers_sound_do_not_deny_the_next_earthquake(flags: int):
    """Who makes a noise himself hears nothing: that is no silence."""
    places = grid(7, 20)
    quake = Quake(17.06, -99.91, 5.0)
    said = nearest(quake, places, 8)[4:]
    world = listening(said)
    world.shake(quake)
    buzzing = World([place for place in places if place not in said], world.mail)
    buzzing.alive(flags=flags)

    assert len(declared(buzzing.play(Decider("v")))) == (1 if flags else 0)


def test_a_storm_of_fifty_an_hour_is_held_against_no_node_and_delays_no_large_one():
    """Twelve of them, as an earthquake is forgotten after ten minutes."""
    places, rng = grid(3, 20), np.random.default_rng(3)
    large = Quake(17.1, -99.9, 6.0, 60.0 + 72.0 * 12)
    alone, storm = listening(places, until_s=1000.0), listening(places, until_s=1000.0)
    for number in range(12):
        lat, lon = rng.normal((17.0, -100.0), 0.05)
        storm.shake(Quake(lat, lon, 4.2, 60.0 + 72.0 * number))
    for world in (alone, storm):
        world.shake(large)
    decider = Decider("v")

    first_us, after_us = (
        next(a.issued_us for a in world.play(d) if a.issued_us > large.origin_us)
        for world, d in ((alone, Decider("v")), (storm, decider))
    )

    assert after_us <= first_us + 500_000
    assert all(node.account.false_count < 1.0 for node in decider.fleet.by_index)

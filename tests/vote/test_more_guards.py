"""More failures of other systems: what comes together without being an earthquake here, and what
is one though it looks unlike."""

import numpy as np
import pytest
from groundswell import wire

from tests.vote.world import (
    Quake,
    World,
    arrivals,
    declared,
    grid,
    listening,
    second,
    status,
)
from vote.alert import Alert
from vote.decision import Decider
from vote.judge import far
from vote.nodes import picks
from vote.waves import travel

MIDDLE = Quake(17.03, -99.95, 5.5)


def away_km(alert: Alert, quake: Quake) -> float:
    return float(travel.distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg))


def test_a_foreshock_does_not_hide_the_mainshock_20_s_later():
    places = grid(6, 20)
    world = listening(places)
    world.shake(Quake(17.03, -99.95, 4.5))
    world.shake(Quake(17.05, -99.93, 6.8, after_s=80.0))

    alerts = world.play(Decider("v"))

    assert max(alert.magnitude for alert in alerts) > 6.2
    assert len(declared(alerts)) <= 2
    large = [alert for alert in alerts if alert.magnitude > 5.5]
    assert large[0].issued_us < second(80.0 + 6.0)


def far_wave(scatter_s: float, seed: int = 3, km_s: float = 16.0) -> World:
    """A teleseism arrives from below: 12 km/s along the surface or more."""
    places = grid(5, 20)
    world = listening(places)
    rng = np.random.default_rng(seed)
    for place in places:
        north_km = (place.lat_deg - 17.0) * travel.KM_PER_DEG
        onset_us = second(60.0 + north_km / km_s + scatter_s * rng.normal())
        weak = {"pga_mps2": (0.002,) * 14, "pgv_mps": (3e-4,) * 14, "pd_m": (5e-5,) * 14}
        world.trigger(place, onset_us, **weak, p_quake_permille=700)
    return world


@pytest.mark.parametrize("scatter_s", [0.0, 0.4, 0.6])
def test_a_wave_from_far_away_crosses_the_network_too_fast_and_is_no_earthquake_here(
    scatter_s: float,
):
    """Its onsets are emergent: they scatter as much as a pick's assumed error, and more."""
    last = {alert.event_id: alert for alert in far_wave(scatter_s).play(Decider("v"))}

    assert all(alert.type == "cancel" for alert in last.values())
    assert all(alert.issued_us < second(72.0) for alert in last.values())


def test_a_mantle_wave_of_a_great_earthquake_is_far_away_too(monkeypatch: pytest.MonkeyPatch):
    """Just faster than any wave that started within reach."""
    heard = far_wave(0.2, km_s=9.2)
    last = {alert.event_id: alert for alert in heard.play(Decider("v"))}
    monkeypatch.setattr(far, "FASTER_KM_S", 10.0)
    unguarded = heard.play(Decider("v"))

    assert all(alert.type == "cancel" for alert in last.values())
    assert unguarded[-1].type == "final"


def test_without_that_guard_it_would_be_a_large_earthquake(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(far, "flatter", lambda *_: (0.0, 0.0))

    alerts = far_wave(0.4).play(Decider("v"))

    assert alerts[-1].type == "final" and max(alert.magnitude for alert in alerts) > 5.5


@pytest.mark.parametrize("depth_km", [130.0, 160.0])
def test_an_earthquake_far_below_the_network_is_no_wave_from_far_away(depth_km: float):
    world = listening(grid(5, 20))
    world.shake(Quake(17.03, -99.95, 7.0, depth_km=depth_km), noise_s=0.2)

    alerts = world.play(Decider("v"))

    assert [alert.type for alert in alerts if alert.type != "update"] == ["new", "final"]
    assert alerts[-1].depth_km == 90.0  # the deepest that is looked for


def test_a_deep_earthquake_is_one_event_near_its_epicentre():
    places = grid(6, 20)
    quake = Quake(17.03, -99.95, 6.5, depth_km=90.0)
    world = listening(places)
    world.shake(quake, noise_s=0.2)

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert away_km(alerts[-1], quake) < 10
    assert alerts[-1].depth_km == 90.0


def test_an_earthquake_offshore_is_one_event_and_its_ellipse_says_how_little_is_known():
    places = grid(5, 20)
    quake = Quake(16.2, -100.0, 6.2)  # 50 km south of the coast
    world = listening(places)
    world.shake(quake, noise_s=0.2)

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    first, last = alerts[0], alerts[-1]
    assert first.ellipse_major_km is not None and last.ellipse_major_km is not None
    assert first.ellipse_major_km > 3 * 1.3
    assert away_km(last, quake) < 25


def test_clipped_nodes_keep_their_vote_and_lose_their_say_in_the_magnitude():
    places = grid(5, 20)
    world = listening(places)
    world.shake(MIDDLE)
    near = sorted(places, key=lambda place: arrivals(MIDDLE, place)[0])[:2]
    ids = {place.node_id for place in near}
    world.mail = [
        (at, m._replace(flags=wire.FLAG_CLIPPED, pd_nm=10**9))  # type: ignore[attr-defined]
        if isinstance(m, wire.Trigger) and m.node_id in ids
        else (at, m)
        for at, m in world.mail
    ]

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == 1
    assert alerts[0].magnitude < 6.5


def largest_of(pgv_factor: float) -> float:
    """Return the largest magnitude said of an earthquake whose nearest node measures so much."""
    places = grid(5, 20)
    world = listening(places)
    world.shake(MIDDLE)
    node_id = min(places, key=lambda place: arrivals(MIDDLE, place)[0]).node_id
    world.mail = [
        (at, m._replace(pgv_nm_s=round(m.pgv_nm_s * pgv_factor)))  # type: ignore[attr-defined]
        if isinstance(m, wire.Trigger) and m.node_id == node_id
        else (at, m)
        for at, m in world.mail
    ]
    return max(alert.magnitude for alert in world.play(Decider("v")))


def test_one_node_that_measures_far_too_much_velocity_does_not_make_a_larger_earthquake():
    assert largest_of(pgv_factor=30.0) < largest_of(pgv_factor=1.0) + 0.6


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


@pytest.mark.parametrize("is_earthquake", [True, False])
def test_what_a_broker_hands_over_after_a_break_counts_by_its_own_times(is_earthquake: bool):
    """Twenty seconds of triggers arrive in one instant, each with its own time."""
    places = grid(6, 20)
    world = listening(places)
    rng = np.random.default_rng(5)
    if is_earthquake:
        world.shake(MIDDLE)
    else:
        for k, row in enumerate(rng.choice(len(places), 12, replace=False)):
            world.trigger(places[row], second(60.0 + 1.7 * k))
    world.mail = [
        (max(at, second(82.0)), m) if isinstance(m, wire.Trigger) else (at, m)
        for at, m in sorted(world.mail, key=lambda entry: entry[0])
    ]

    alerts = world.play(Decider("v"))

    assert len(declared(alerts)) == is_earthquake
    assert all(away_km(alert, MIDDLE) < 8 for alert in alerts)


def test_a_nodes_own_opinion_weighs_at_most_twelve_to_one_and_nothing_at_even_odds():
    assert picks.mark(0.5) == pytest.approx(1.0)
    assert picks.mark(1.0) == pytest.approx(picks.MARK_MOST) == 12.0
    assert picks.mark(0.0) == pytest.approx(1 / picks.MARK_MOST)


def test_a_storm_of_false_triggers_that_are_sure_of_themselves_is_no_earthquake():
    places = grid(14, 10.0)
    world = listening(places)
    rng = np.random.default_rng(1)
    for k in range(60):
        place = places[int(rng.integers(len(places)))]
        world.trigger(place, second(60 + k + rng.uniform()), p_quake_permille=800)
    assert declared(world.play(Decider("test"))) == []


def test_a_node_that_chatters_is_in_quarantine_since_then_until_it_is_quiet_again():
    world = listening(grid(3, 10.0), until_s=400.0)
    for k in range(60):
        world.trigger(world.places[4], second(60 + 5 * k))
    decider = Decider("test")
    world.play(decider)
    since_us = decider.fleet.quarantine()[5]
    assert second(60) < since_us < second(360)
    assert decider.refusals()["quarantined"] > 0
    node = decider.fleet.nodes[5]
    assert not decider.fleet.live(second(400))[node.index]

    node.account.false_count = 5.0  # hours later
    decider.hear(status(world.places[4], second(500)), second(500))
    assert decider.fleet.quarantine() == {}
    assert decider.fleet.live(second(500))[node.index]

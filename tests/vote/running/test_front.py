"""A wave from far away that was told and taken back is not told anew, and hides nothing else."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from groundswell import wire

from tests.vote.world import Place, Quake, World, arrivals, declared, grid, listening, second
from vote.decision import Decider
from vote.judge import far
from vote.nodes.fleet import Fleet
from vote.nodes.picks import KEEP_US, Pick, Picks
from vote.running.front import Front
from vote.running.known import MOST_FRONTS, Known
from vote.waves import travel

KM_S = 9.0
PLACES = grid(6, 20)


def north_km(place: Place) -> float:
    return (place.lat_deg - 17.0) * travel.KM_PER_DEG


def far_wave(seed: int = 6) -> World:
    """As of a great earthquake 1,000 km away, at four nodes of five, onsets off by 0.6 s."""
    world, rng = listening(PLACES), np.random.default_rng(seed)
    for place in PLACES:
        onset_us = second(60.0 + north_km(place) / KM_S + 0.6 * rng.normal())
        if rng.uniform() < 0.8:
            pgv_mps, pd_m = (1e-3,) * 14, (1e-4,) * 14
            world.trigger(place, onset_us, pgv_mps=pgv_mps, pd_m=pd_m, p_quake_permille=700)
    return world


@pytest.mark.parametrize("seed", [6, 7])
def test_what_was_told_and_taken_back_is_not_told_anew(seed: int, monkeypatch: pytest.MonkeyPatch):
    alerts = far_wave(seed).play(Decider("v"))
    monkeypatch.setattr(Known, "note_far", lambda *_: None)
    forgetful = far_wave(seed).play(Decider("v"))

    assert len(declared(alerts)) == 1 and alerts[-1].reason == "Withdrawn: a wave from far away."
    assert len(declared(forgetful)) == 2


@pytest.mark.parametrize("quake", [
    Quake(17.03, -99.95, 5.5, after_s=63.0), Quake(16.7, -100.2, 4.5, after_s=66.0),
    Quake(17.6, -99.7, 6.5, after_s=63.0),
])  # fmt: skip
def test_an_earthquake_while_it_sweeps_is_told_as_soon(
    quake: Quake, monkeypatch: pytest.MonkeyPatch
):
    heard = far_wave()
    heard.shake(quake, noise_s=0.3)

    def told_s() -> float:
        return min(
            (alert.issued_us - quake.origin_us) / 1e6
            for alert in heard.play(Decider("v"))
            if abs(alert.origin_us - quake.origin_us) < 5e6
            and travel.distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg) < 50
        )

    own_s = told_s()
    monkeypatch.setattr(Known, "note_far", lambda *_: None)
    assert own_s < told_s() + 0.5


def picks_of(world: World, now_s: float = 200.0) -> list[Pick]:
    fleet = Fleet()
    picks = Picks(fleet)
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us > second(now_s):
            break
        if isinstance(message, wire.Trigger):
            picks.hear(message, received_us, False)
        elif isinstance(message, wire.Status):
            fleet.hear_status(message, received_us)
    return picks.recent()


def said(at_s: Sequence[float], places: Sequence[Place] = PLACES, **how: Any) -> list[Pick]:
    world = listening(places)
    for place, one_s in zip(places, at_s):
        world.trigger(place, second(60.0 + one_s), **how)
    return picks_of(world)


SWEEP_S = [north_km(place) / KM_S for place in PLACES]
FIRST = [k for k, place in enumerate(PLACES) if north_km(place) < -25]  # two rows, 100 km wide


def test_it_has_what_comes_when_it_passes_and_is_as_strong():
    votes = said(SWEEP_S)
    front = Front([votes[k] for k in FIRST], [])
    early, late = said([s - 2.0 for s in SWEEP_S]), said([s + 2.0 for s in SWEEP_S])
    strong = said(SWEEP_S, pga_mps2=(0.1,) * 14)
    beside = [14, 15]  # 20 km from them, in the middle of the next row

    for k in [*FIRST, *beside]:
        assert front.has(votes[k]) and front.explain_per_s(votes[k]) > 0.25
        for other in (early[k], late[k], strong[k]):
            assert not front.has(other) and front.explain_per_s(other) < 0.1


def test_it_says_nothing_where_it_is_not_known_and_grows_from_node_to_node():
    votes = said(SWEEP_S)
    last = votes[-1]

    assert not Front([votes[k] for k in FIRST], []).has(last)
    assert Front([votes[k] for k in FIRST], votes).has(last)


def test_sites_in_one_line_say_nothing_of_what_is_across():
    west_deg = PLACES[0].lon_deg
    line = [k for k, place in enumerate(PLACES) if place.lon_deg == west_deg]
    places = [Place(100 + k, 15.5 + 0.2 * k, west_deg) for k in range(14)]
    votes = said([north_km(place) / KM_S for place in places], places)
    along = said(SWEEP_S)

    front = Front(votes, [])

    assert all(front.has(along[k]) for k in line)
    assert not any(front.has(along[k + 5]) for k in line)


def test_an_earthquake_that_fits_much_better_than_any_plane_is_told_though_it_lies_on_it():
    """One 60 km below, that was taken for a plane by its first eight sites."""
    quake = Quake(17.2, -100.1, 6.0, depth_km=60.0)
    arrival_s = np.array([arrivals(quake, place)[0] for place in PLACES])
    votes = said(arrival_s.tolist())
    place = quake.lat_deg, quake.lon_deg, quake.depth_km
    few = [votes[k] for k in np.argsort(arrival_s)[:8]]
    front, flat = Front(few, votes), said(SWEEP_S)

    assert 2 * sum(front.has(pick) for pick in votes) >= len(votes)
    assert not front.is_what(votes, place)
    assert Front([flat[k] for k in FIRST], flat).is_what(flat, place)


def test_it_ends_with_the_triggers_that_it_rests_on():
    votes = said(SWEEP_S)
    front = Front([votes[k] for k in FIRST], [])
    last_us = max(votes[k].onset_us for k in FIRST)

    assert not front.is_over(last_us + KEEP_US) and front.is_over(last_us + KEEP_US + 1)
    for k in FIRST[far.KEPT_SITES - 1 :]:
        assert not front.is_over(last_us)
        front.forget(votes[k].key)
    assert front.is_over(last_us)
    for pick in votes:
        front.forget(pick.key)
    assert front.is_over(last_us)


def test_few_are_kept_and_none_for_long():
    known, votes = Known(), said(SWEEP_S)
    for _ in range(2 * MOST_FRONTS):
        known.note_far(votes, [])

    assert len(known.fronts) == MOST_FRONTS
    known.forget_fronts(max(pick.onset_us for pick in votes) + KEEP_US + 1)
    assert not known.fronts

"""One cause that is no earthquake: a crowd that jumps, a clap of thunder."""

import numpy as np
import pytest

from tests.vote.world import Quake, declared, grid, listening, second
from vote.decision import Decider
from vote.judge import rivals
from vote.settings import Settings
from vote.waves import travel

PLACES = grid(7, 10.0)
PER_S = 0.2 / 3600


def lost(delays_s: dict[int, float], votes: list[int], strength_ln: float = 0.0) -> float:
    """Return what odds lose to rivals when these nodes trigger so late; votes: node ids."""
    world = listening(PLACES)
    for node_id, delay_s in delays_s.items():
        world.trigger(PLACES[node_id - 1], second(60 + delay_s))
    decider = Decider("test")
    now_us = second(61 + max(delays_s.values()))
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us <= now_us:
            decider.hear(message, received_us)
    picks = {pick.node.node_id: pick for pick in decider.picks.recent()}
    first = [picks.pop(node_id) for node_id in votes]
    pool = [*first, *picks.values()]
    fleet = decider.fleet
    return rivals.ln_odds(first, pool, lambda pick: 0.0, PER_S, strength_ln, fleet, now_us)


def test_a_crowd_explains_what_an_earthquake_leaves_to_chance():
    neighbours = {24: 0.0, 25: 0.8, 32: 0.9}
    alone = lost(neighbours, [24, 25, 32])
    with_others = lost({**neighbours, 1: 0.3, 7: 0.9, 47: 0.5}, [24, 25, 32])
    assert alone < 5
    assert with_others > alone + 10


def test_who_is_shaken_as_by_an_earthquake_is_less_of_a_crowd():
    crowd = {24: 0.0, 25: 0.8, 32: 0.9, 1: 0.3, 7: 0.9, 47: 0.5}
    unsaid = lost(crowd, [24, 25, 32])
    assert abs(unsaid - 3 - lost(crowd, [24, 25, 32], strength_ln=3.0)) < 0.1
    assert lost(crowd, [24, 25, 32], strength_ln=-3.0) > unsaid + 2.9


def test_a_clap_of_thunder_explains_triggers_at_the_speed_of_sound():
    middle = PLACES[24]
    away_km = {
        p.node_id: float(travel.distance_km(p.lat_deg, p.lon_deg, middle.lat_deg, middle.lon_deg))
        for p in PLACES
    }
    claps = {node: km / rivals.SOUND_KM_S for node, km in away_km.items() if km < 15}
    votes = [node for node in claps if 5 < claps[node] < 35][:3]  # at equal distances
    only_these = {node: claps[node] for node in votes}
    assert lost(claps, votes) > lost(only_these, votes) + 15


def test_an_earthquake_that_spreads_as_waves_do_has_no_rival():
    middle = PLACES[24]
    quake = Quake(middle.lat_deg, middle.lon_deg, 5.0)
    arrivals = {
        p.node_id: float(
            travel.p_time_s(
                travel.distance_km(p.lat_deg, p.lon_deg, quake.lat_deg, quake.lon_deg), 8.0
            )
        )
        for p in PLACES[::3]
    }
    few = dict(sorted(arrivals.items(), key=lambda entry: entry[1])[:3])
    assert lost(few, list(few)) < 5.5


def test_a_crowd_that_looks_like_an_earthquake_to_three_of_them_is_none():
    seed = 8  # of 21 crowds three look like one; two of them still do with rivals
    assert crowd_declared(seed, heeds_rivals=False) != []
    assert crowd_declared(seed, heeds_rivals=True) == []
    assert crowd_declared(7, heeds_rivals=True) == []


def crowd_declared(seed: int, heeds_rivals: bool) -> list[str]:
    """Six of 49 nodes anywhere, within seconds, as sure as of a P wave."""
    rng = np.random.default_rng(seed)
    world = listening(PLACES, 90.0)
    for node in rng.choice(len(PLACES), 6, replace=False):
        world.trigger(PLACES[node], second(60 + 1.5 * rng.standard_normal()))
    settings = Settings(heeds_rivals=heeds_rivals)
    return declared(world.play(Decider("test", settings=settings)))


def test_who_is_too_far_away_to_hear_a_sound_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch):
    """What is not worked out would be nothing."""
    heard = {node: 0.7 * node for node in (24, 25, 32, 1, 7)}
    near = lost(heard, [24, 25, 32])
    monkeypatch.setattr(rivals, "UNHEARD_KM", 10 * rivals.UNHEARD_KM)

    assert lost(heard, [24, 25, 32]) == pytest.approx(near, abs=1e-12)
    monkeypatch.setattr(rivals, "UNHEARD_KM", 0.5 * rivals.SOUND_KM)
    assert lost(heard, [24, 25, 32]) != pytest.approx(near, abs=1e-12)


def test_silent_nodes_that_are_left_out_of_a_sound_change_no_digit(
    monkeypatch: pytest.MonkeyPatch,
):
    for heard in ({24: 0.0, 25: 0.8, 32: 0.9}, {24: 0.0, 25: 29.0, 32: 41.0, 1: 70.0}):
        told = lost(heard, [24, 25, 32])
        for name in ("SILENT_KM", "SILENT_BEFORE_KM"):
            with monkeypatch.context() as patch:
                patch.setattr(rivals, name, rivals.UNHEARD_KM)
                assert lost(heard, [24, 25, 32]) == told
        with monkeypatch.context() as patch:
            patch.setattr(rivals, "SILENT_KM", 0.5 * rivals.SOUND_KM)
            assert lost(heard, [24, 25, 32]) != told


def test_what_is_too_improbable_for_a_float_says_nothing_of_a_sound(
    monkeypatch: pytest.MonkeyPatch,
):
    heard = {node: 0.7 * node for node in (24, 25, 32, 1, 7)}
    told = lost(heard, [24, 25, 32])
    monkeypatch.setattr(rivals, "LEAST_LN", 2 * rivals.LEAST_LN)

    assert lost(heard, [24, 25, 32]) == pytest.approx(told, abs=1e-12)
    monkeypatch.setattr(rivals, "LEAST_LN", -3.0)
    assert lost(heard, [24, 25, 32]) != pytest.approx(told, abs=1e-12)

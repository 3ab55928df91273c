"""Where a running earthquake is, and that a location gone astray takes nothing back."""

from dataclasses import replace

import numpy as np
import pytest
from groundswell import wire

from tests.vote.world import Place, Quake, arrivals, declared, grid, listening, peaks, second
from vote.alert import Alert
from vote.decision import Decider
from vote.running import relocation
from vote.search import origin, source
from vote.search.laid import Evidence
from vote.search.source import Source
from vote.waves import travel

QUAKE = Quake(17.03, -99.96, 5.5)
DEEP_KM, TOWN = 81.0, (17.0, -100.0)


def test_a_location_that_goes_astray_takes_nothing_back(monkeypatch: pytest.MonkeyPatch):
    honest = source.locate

    def astray(evidence: Evidence, centre: tuple[float, float], start: origin.Start) -> Source:
        found = honest(evidence, centre, start)
        lat_deg, lon_deg, row = found.best
        return replace(found, lat_deg=lat_deg + 0.5, best=(lat_deg + 0.5, lon_deg, row))

    monkeypatch.setattr(source, "locate", astray)
    world = listening([Place(1, 17.2, -100.0), Place(2, 16.9, -99.75), Place(3, 16.85, -100.3)])
    world.shake(QUAKE)
    alerts = world.play(Decider("test"))
    last = alerts[-1]

    assert len(declared(alerts)) == 1
    assert last.type == "final"
    assert travel.one_km(last.lat_deg, last.lon_deg, QUAKE.lat_deg, QUAKE.lon_deg) < 15
    assert abs(last.origin_us - QUAKE.origin_us) < 2_000_000


def below_a_town(seed: int, deep_km: float = DEEP_KM) -> list[Alert]:
    """An M4.5 so deep, of which a third to half of twelve nodes notice the P wave."""
    rng = np.random.default_rng(seed)
    places = grid(4, 8)[:12]
    quake = Quake(places[5].lat_deg - 0.09, places[5].lon_deg + 0.1, 4.5, depth_km=deep_km)
    notice_p = set(rng.choice(12, 4 + seed % 4, replace=False).tolist())
    world = listening(places)
    for row, place in enumerate(places):
        p_s, s_s, reach = arrivals(quake, place)
        after_s, s_minus_p_s = (p_s, s_s - p_s) if row in notice_p else (s_s, 0.0)
        onset_us = quake.origin_us + round((after_s + 0.15 * rng.normal()) * 1e6)
        world.trigger(place, onset_us, *peaks(quake, reach, s_minus_p_s))
    alerts = world.play(Decider("test"))
    assert len(declared(alerts)) == 1
    return alerts


def away_from_town_km(seed: int, deep_km: float = DEEP_KM) -> float:
    last = below_a_town(seed, deep_km)[-1]
    return travel.one_km(last.lat_deg, last.lon_deg, *TOWN)


@pytest.mark.parametrize("seed", [12, 13, 20])
def test_s_waves_below_a_town_are_no_p_waves_of_another_far_away(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    assert away_from_town_km(seed) < 100
    monkeypatch.setattr(relocation, "MUCH_WORSE_LN", float("inf"))
    assert away_from_town_km(seed) > 300


@pytest.mark.parametrize("seed", [4, 25])
def test_what_a_long_path_errs_is_common_to_the_nodes_of_a_town(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    assert away_from_town_km(seed) < 100
    monkeypatch.setattr(relocation, "OWN_MOST_S", float("inf"))
    assert away_from_town_km(seed) > 300


@pytest.mark.parametrize("seed", [4, 25])
def test_nothing_creeps_away_in_steps_that_are_short(seed: int):
    # 353 and 142 km, where each place was compared with the one just before
    assert away_from_town_km(seed, deep_km=60.0) < 100


def test_what_its_nodes_withdraw_is_taken_back_wherever_it_was():
    world = listening(grid(5, 20.0))
    world.shake(QUAKE)
    for received_us, message in list(world.mail):
        if isinstance(message, wire.Trigger) and message.update == 0:
            gone = message._replace(flags=wire.FLAG_RETRACTED)
            world.mail.append((received_us + 15_000_000, gone))
    alerts = world.play(Decider("test"))

    assert len(declared(alerts)) == 1
    assert alerts[-1].type == "cancel"


def test_late_onsets_move_nothing_that_four_p_waves_uphold():
    # what eleven stations said of mx20171215231343, M4.6: four P waves, then S, Pg and coda
    network = {
        64: (17.640, -101.570, (7.1,)), 693: (17.260, -100.880, (9.9,)),
        628: (17.230, -100.630, (12.9, 22.7)), 852: (17.540, -101.280, (5.1,)),
        488: (17.010, -100.090, (29.9,)), 905: (16.840, -99.900, (33.5, 45.7)),
        998: (16.870, -99.890, (45.6,)), 4: (16.610, -98.980, ()), 683: (16.680, -98.400, ()),
        726: (19.330, -99.180, ()), 211: (16.360, -94.190, ()),
    }  # fmt: skip
    world = listening([Place(name, *where) for name, (*where, _) in network.items()])
    for place in world.places:
        for after_s in network[place.node_id][2]:
            world.trigger(place, second(60 + after_s))
    alerts = world.play(Decider("test"))

    assert len(declared(alerts)) == 1
    assert alerts[-1].type == "final"
    assert abs(alerts[-1].origin_us - second(60)) < 5_000_000


def located_at_s(nodes_per_side: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return when an earthquake of that network's nodes is located anew, after its origin."""
    honest, at_s = source.locate, []

    def watched(evidence: Evidence, centre: tuple[float, float], start: origin.Start) -> Source:
        at_s.append(evidence.now_s)
        return honest(evidence, centre, start)

    monkeypatch.setattr(source, "locate", watched)
    world = listening(grid(nodes_per_side, 12.0))
    world.shake(QUAKE)
    world.play(Decider("test"))
    return at_s


def test_an_earthquake_with_many_triggers_is_located_anew_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
):
    few = np.diff(located_at_s(4, monkeypatch))
    many = np.array(located_at_s(9, monkeypatch))
    monkeypatch.setattr(relocation, "MANY_EVERY_US", 0)
    hasty = np.array(located_at_s(9, monkeypatch))

    assert np.count_nonzero(few < 0.9) >= 2
    late = many[many > 8.0]  # more than 24 have triggered
    assert len(late) >= 5 and np.diff(late).min() > 0.9
    assert np.diff(late).max() < 2.5
    assert np.diff(hasty[hasty > 8.0]).min() < 0.9

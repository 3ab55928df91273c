"""Where a running earthquake is, and that a location gone astray takes nothing back."""

from dataclasses import replace

import pytest
from groundswell import wire

from tests.vote.world import Place, Quake, declared, grid, listening, second
from vote.decision import Decider
from vote.search import origin, source
from vote.search.laid import Evidence
from vote.search.source import Source
from vote.waves import travel

QUAKE = Quake(17.03, -99.96, 5.5)


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

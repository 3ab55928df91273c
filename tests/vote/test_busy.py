"""One earthquake after another, tens of seconds apart: each is told, though some are near or weak.

In `groundswell run` with an M6 every 48 s a quarter of them was held for what the last one did.
"""

import numpy as np
import pytest

from tests.vote.world import Place, Quake, arrivals, declared, listening, second, status
from vote.alert import Alert
from vote.decision import Decider
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.resume import event_of
from vote.running.event import Event
from vote.search.ellipse import Ellipse
from vote.search.source import Source
from vote.waves import travel
from vote.waves.magnitude import Size

KM_PER_DEG_EAST = travel.KM_PER_DEG * 0.956  # at 17 degrees
# a coast: every node but those at its end is nearer to FIRST than to OTHER
COAST = [Place(1 + k, 17.0 + 0.1 * (k % 2), -100.9 + 16 * k / KM_PER_DEG_EAST) for k in range(12)]
FIRST = Quake(16.9, -99.9, 6.5)
OTHER = Quake(16.9, -100.8, 6.2, after_s=155.0)
STILL_SHAKE = (1, 2, 3, 4)  # the nodes beside the other one do not trigger anew


def heard(first: Quake, other: Quake, busy: tuple[int, ...] = ()) -> list[Alert]:
    world = listening(COAST, until_s=400.0)
    world.shake(first)
    world.shake(other, skip=busy)
    return world.play(Decider("v"))


def test_one_90_km_away_is_told_by_nodes_that_the_first_shook_ten_times_as_much(
    monkeypatch: pytest.MonkeyPatch,
):
    assert len(declared(heard(FIRST, OTHER, STILL_SHAKE))) == 2
    # as before: what is weak because it is far away was an echo
    monkeypatch.setattr(Event, "_are_of_another", lambda *_: False)
    assert len(declared(heard(FIRST, OTHER, STILL_SHAKE))) == 1


def picks_of(after_s: list[float], fleet: Fleet) -> list[Pick]:
    return [
        Pick(
            fleet.nodes[place.node_id], (place.node_id, 1, 2), OTHER.origin_us + round(s * 1e6),
            0.01, 0.9, 4e-4, 0.3, 0, True, early_pga_mps2=0.01,
        )
        for place, s in zip(COAST[3:10], after_s)
    ]  # fmt: skip


@pytest.mark.parametrize(("of", "is_echo"), [(FIRST, True), (OTHER, False)])
def test_weak_waves_seem_far_away_only_if_they_are_no_single_front_of_the_zone(
    of: Quake, is_echo: bool
):
    """Aftershocks, badly heard, may seem to lie anywhere; they still come from the fault."""
    fleet = Fleet()
    for place in COAST:
        fleet.hear_status(status(place, second(0)), second(0))
    large = event_of([heard(FIRST, OTHER)[0]], 0)
    large.size = Size(6.9, 0.2)
    for place in COAST:
        large.note_peaks(place.node_id, 0.4, 0.01)
    votes = picks_of([arrivals(of, place)[0] for place in COAST[3:10]], fleet)
    nothing = np.zeros(0, dtype=np.float32)
    found = Source(
        OTHER.lat_deg, OTHER.lon_deg, OTHER.depth_km, 0.0, 10.0, 1.0, Ellipse(10.0, 10.0, 0.0),
        10.0, 6.0, nothing, nothing, (OTHER.lat_deg, OTHER.lon_deg, 0), nothing,
    )  # fmt: skip

    assert large.has_shaken_more(found, votes) == is_echo


@pytest.mark.parametrize(
    ("size", "after_s", "is_part"),
    [
        (Size(7.5, 0.2), 25.0, True),
        (Size(6.8, 0.5), 25.0, True),  # early, when it seems smaller than it is
        (Size(6.9, 0.35), 41.0, False),  # M6, of which the nodes feel too much
        (Size(7.5, 0.2), 70.0, False),
    ],
)
def test_a_rupture_is_over_in_time(size: Size, after_s: float, is_part: bool):
    event = event_of([heard(FIRST, OTHER)[0]], 0)
    event.size = size
    later_us = event.origin_us + round(after_s * 1e6)

    assert event.still_ruptures(event.lat_deg + 0.3, event.lon_deg, later_us) == is_part


def test_one_half_a_minute_after_a_large_one_and_40_km_away_is_told_at_once():
    other = Quake(16.9, -100.3, 6.6, after_s=90.0)

    alerts = heard(Quake(16.9, -99.9, 7.2), other)

    second = [alert for alert in alerts if alert.type == "new"][1]
    assert second.issued_us - other.origin_us < 6_000_000

"""What follows a large earthquake and is felt by the same nodes as a tenth of it is no new one."""

import pytest

from tests.vote.world import (
    Place,
    Quake,
    World,
    arrivals,
    declared,
    grid,
    listening,
    peaks,
    second,
    status,
)
from vote.decision import Decider
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.running import echo
from vote.running.echo import Peaks
from vote.waves import tables

PLACES = grid(6, 20)
LARGE = Quake(17.03, -99.95, 7.2)
SEEMS = Quake(
    17.2, -99.8, 6.5, after_s=260.0
)  # within the rupture's reach; too large to be hidden


def aftermath(weaker: float) -> World:
    """After the large one, P waves as of another one, shaking the nodes so much weaker."""
    world = listening(PLACES, until_s=360.0)
    world.shake(LARGE)
    for place in PLACES:
        p_s, s_s, reach = arrivals(SEEMS, place)
        if tables.p_peak_mps2(SEEMS.magnitude, reach) > 0.02:
            pga, pgv, pd = peaks(SEEMS, reach, s_s - p_s)
            shaken = [value / weaker for value in pga]
            world.trigger(place, SEEMS.origin_us + round(p_s * 1e6), shaken, pgv, pd)
    return world


def test_what_shakes_the_same_nodes_a_tenth_as_much_is_not_told_as_a_new_earthquake():
    assert len(declared(aftermath(weaker=20.0).play(Decider("v")))) == 1


def test_one_of_the_same_zone_that_shakes_as_it_should_is_told():
    assert len(declared(aftermath(weaker=1.0).play(Decider("v")))) == 2


def pick_of(node_id: int, early_pga_mps2: float) -> Pick:
    fleet = Fleet()
    fleet.hear_status(status(Place(node_id, 17.0, -100.0), second(0)), second(0))
    node = fleet.nodes[node_id]
    return Pick(
        node, (node_id, 1, 1), 0, 0.01, 0.9, 4e-4, 0.3, 0, True,
        early_pga_mps2=early_pga_mps2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "before", "is_weaker"),
    [
        ([0.01, 0.02, 0.03], [1.0, 1.0, 1.0], True),
        ([0.01, 0.02, 0.3], [1.0, 1.0, 1.0], True),  # the middle one of them
        ([0.3, 0.2, 0.01], [1.0, 1.0, 1.0], False),
        ([0.01, 0.02, 0.03], [1.0], False),  # of too few nodes it is known
        ([0.0, 0.0, 0.01], [1.0, 1.0, 1.0], False),
        ([0.01, 0.02, 0.03], [0.0, 0.0, 0.0], False),  # a node that says 0 has felt nothing
    ],
)
def test_half_of_the_nodes_must_have_felt_ten_times_as_much(
    now: list[float], before: list[float], is_weaker: bool
):
    picks = [pick_of(k, pga) for k, pga in enumerate(now, 1)]
    felt = {k: Peaks(pga) for k, pga in enumerate(before, 1)}

    assert echo.is_weaker(picks, {}, felt) == is_weaker


def test_what_was_measured_since_counts_too():
    picks = [pick_of(k, 0.01) for k in (1, 2, 3)]
    felt = {k: Peaks(1.0) for k in (1, 2, 3)}

    assert not echo.is_weaker(picks, {k: Peaks(0.3) for k in (1, 2)}, felt)


def test_nobody_says_nothing():
    assert not echo.is_weaker([], {}, {1: Peaks(1.0)})

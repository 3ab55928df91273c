"""Thresholds: what a place would have done, and which setting is picked."""

import dataclasses

import numpy as np

from study import choices
from study.choices import Acts, Choice
from study.history import Case
from study.networks import NETWORKS
from study.shocks import drawn_quake


def choice(false: int, missed: int, aims_at: float = 0.1, nodes: int = 3) -> Choice:
    return Choice(aims_at, nodes, 5.7, strong=10, missed=missed, false=false, years=10.0)


def test_the_choice_that_keeps_the_budget_and_misses_least_is_picked():
    greedy, good, timid = choice(50, 0), choice(1, 1), choice(0, 5)
    for one in (greedy, good, timid):
        one.acts = {0.5: Acts(0.5)}

    assert choices.picked([greedy, good, timid], 0.1, 10.0)[0] is good


def test_where_no_choice_keeps_it_the_one_with_the_fewest_false_alerts_is():
    one, other = choice(50, 0), choice(20, 3)
    one.acts = other.acts = {0.5: Acts(0.5)}

    assert choices.picked([one, other], 0.1, 10.0)[0] is other


def test_the_dearer_a_missed_alarm_the_sooner_a_place_acts():
    best = choice(0, 0)
    best.acts = {
        0.1: Acts(0.1, in_time=9, missed=1, needless=60),
        0.5: Acts(0.5, in_time=5, missed=5, needless=10),
    }

    assert choices.picked([best], 0.1, 1.0)[1] == 0.5
    assert choices.picked([best], 0.1, 100.0)[1] == 0.1


def test_a_place_acts_once_and_is_late_after_s():
    case = Case(
        "c", (), (), np.array([6.0, 6.0, 6.0, 3.0, 3.0]),
        np.array([10, 30, 30, 30, 30]), 0, 17.0, -100.0,
    )  # fmt: skip
    sigma = np.full(5, 0.5)
    told = [
        choices._Told(20, True, np.array([6.0, 6.0, 4.0, 6.0, 2.0]), sigma),
        choices._Told(40, True, np.array([6.0, 6.0, 4.0, 2.0, 2.0]), sigma),
    ]

    acts = choices._acts(0.5, case, told)

    assert dataclasses.astuple(acts) == (0.5, 1, 1, 1, 1, 1)


def test_an_earthquake_that_nobody_hears_of_is_missed():
    network = NETWORKS["region-20"]
    quake = drawn_quake(network, 90, 100)
    silent = Case(
        "c", _one_status(), network.areas(), np.full(network.size, 6.0),
        np.full(network.size, 10**18), 0, quake.lat_deg, quake.lon_deg,
    )  # fmt: skip
    tried = choice(0, 0)
    tried.strong = 0

    choices.try_case(tried, silent)

    assert (tried.strong, tried.missed, tried.late) == (1, 1, 0)
    assert tried.acts[0.5].missed == network.size


def _one_status():
    from study.node_messages import Conditions, letters_of

    network = NETWORKS["region-20"]
    return letters_of(network, drawn_quake(network, 0, 100), Conditions())[0][:1]

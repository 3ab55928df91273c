"""The simple rules on false triggers: the same frames as the vote."""

import numpy as np

from study import false_triggers, rules_on_noise
from study.false_triggers import Episode
from study.networks import NETWORKS
from vote.waves import travel

NETWORK = NETWORKS["region-20"]


def by_rule(marks: list[tuple[int, float]]) -> list[int]:
    """Return how often EPIC's, OpenEEW's, MyShake's and ASTUTI's rule declare these triggers."""
    letters = false_triggers.letters_of(
        NETWORK, Episode(tuple(sorted(marks, key=lambda mark: mark[1]))), np.random.default_rng(1)
    )
    return list(rules_on_noise.declared(rules_on_noise.stations_of(NETWORK), letters).values())


def test_four_neighbours_that_trigger_as_a_wave_does_are_declared_by_two_rules():
    away_km = np.hypot(NETWORK.east_km, NETWORK.north_km)
    first = np.argsort(away_km)[:5]
    arrivals = [(int(node), float(travel.p_time_s(away_km[node], 8.0))) for node in first]

    assert by_rule(arrivals)[:2] == [1, 1]
    assert by_rule(arrivals[:3]) == [0, 0, 0, 0]


def test_one_node_that_repeats_itself_is_one_station():
    assert by_rule([(24, float(second)) for second in range(8)]) == [0, 0, 0, 0]

"""Site terms: what a node's ground does to Pd is learnt, and one bad earthquake does nothing."""

import numpy as np
import pytest

from tests.vote.world import Quake, World, grid, listening
from vote.decision import Decider
from vote.nodes.site_terms import (
    LEAST_EVENTS,
    LEAST_NODES,
    MOST_LOG10,
    SiteTerm,
    residuals,
    term_of,
)
from vote.waves import magnitude

NODES, HEARD_BY, WINDOW_S = 16, 8, 3.0
TERMS_SIGMA, SCATTER_SIGMA = 0.3, 0.23  # log10


def heard(rng: np.random.Generator, ground: np.ndarray, size: float):
    """Return which nodes hear an earthquake, their Pd with their ground's term, and the rest."""
    nodes = rng.choice(NODES, HEARD_BY, replace=False)
    reach = rng.uniform(15.0, 80.0, HEARD_BY)
    window = np.full(HEARD_BY, WINDOW_S)
    pd_log10 = magnitude.pd_log10_expected(size, reach, window)
    pd_log10 += ground[nodes] + SCATTER_SIGMA * rng.standard_normal(HEARD_BY)
    return nodes, 10**pd_log10, reach, window


def mean_error(ground: np.ndarray, terms: np.ndarray) -> float:
    rng = np.random.default_rng(2)
    errors = []
    for size in rng.uniform(4.5, 7.0, 200):
        nodes, pd, reach, window = heard(rng, ground, float(size))
        rock = pd / 10 ** terms[nodes]
        [found] = magnitude.from_displacements(rock[None], reach[None], window[None])
        assert found is not None
        errors.append(found.magnitude - size)
    return float(np.abs(errors).mean())


def test_magnitudes_are_better_after_twenty_earthquakes():
    rng = np.random.default_rng(1)
    ground = TERMS_SIGMA * rng.standard_normal(NODES)
    ground -= ground.mean()  # a term is relative to the other nodes'
    known: dict[int, list[float]] = {node: [] for node in range(NODES)}
    for size in rng.uniform(4.0, 6.5, 20):
        nodes, pd, reach, window = heard(rng, ground, float(size))
        final = float(size) + 0.3 * rng.standard_normal()  # what the network itself found
        for node, residual in residuals(nodes.tolist(), pd, reach, window, final).items():
            known[node].append(residual)
    terms = np.array([term_of(known[node]) for node in range(NODES)])

    before, after = mean_error(ground, np.zeros(NODES)), mean_error(ground, terms)

    best = mean_error(np.zeros(NODES), np.zeros(NODES))  # the nodes' own scatter remains
    assert best < before
    assert after - best < 0.5 * (before - best)


def test_few_earthquakes_say_nothing_one_bad_one_does_nothing_and_there_is_a_bound():
    many = [0.2] * (LEAST_EVENTS - 1)

    assert term_of(many) == 0.0
    assert 0.1 < term_of([*many, 0.2]) < 0.2
    assert term_of([*many, 3.0]) == term_of([*many, 0.2])
    assert term_of([-2.0] * 50) == -MOST_LOG10


def test_what_an_earthquake_does_to_all_nodes_is_no_nodes():
    reach, window = np.full(5, 30.0), np.full(5, 3.0)
    usual = 10 ** magnitude.pd_log10_expected(5.0, reach, window)
    pd = 2 * usual * np.array([1, 1, 1, 1, 10**0.3])

    found = residuals([1, 2, 3, 4, 5], pd, reach, window, 5.0)

    assert [round(found[node], 6) for node in range(1, 6)] == [0, 0, 0, 0, 0.3]
    few = slice(0, LEAST_NODES - 1)
    assert residuals([1, 2, 3], pd[few], reach[few], window[few], 5.0) == {}


def test_the_expected_displacement_is_the_magnitudes_own_inverse():
    reach, window = np.array([20.0, 80.0]), np.array([1.0, 6.0])

    pd = 10 ** magnitude.pd_log10_expected(6.3, reach, window)

    assert magnitude.node_magnitude(pd, reach, window) == pytest.approx(6.3)


def first_magnitude(world: World, decider: Decider) -> float:
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        decider.hear(message, received_us)
        for alert in decider.tick(received_us):
            return alert.magnitude
    raise AssertionError("nothing was declared")


def test_the_vote_divides_by_the_term_of_a_node_that_still_stands_there():
    places = grid(3, 20)
    world = listening(places, until_s=80.0)
    world.shake(Quake(17.0, -100.0, 5.5))
    plain = first_magnitude(world, Decider("v"))
    here = {p.node_id: SiteTerm(p.lat_deg, p.lon_deg, 0.3) for p in places}
    elsewhere = {p.node_id: SiteTerm(p.lat_deg + 1, p.lon_deg, 0.3) for p in places}

    assert first_magnitude(world, Decider("v", site_terms=elsewhere)) == plain
    assert first_magnitude(world, Decider("v", site_terms=here)) < plain - 0.2

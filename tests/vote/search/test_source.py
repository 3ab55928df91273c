"""Location: right inside, honest outside."""

from collections.abc import Sequence

import numpy as np

from tests.vote.world import LATENCY_US, WINDOWS_S, Place, Quake, World, arrivals, grid
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Picks
from vote.search import evidence, source
from vote.search.source import Source
from vote.waves import travel


def located(
    places: Sequence[Place],
    quake: Quake,
    triggered: int,
    noise_s: float = 0.0,
    seed: int = 0,
    pd_m: float = 1e-5,
) -> tuple[Source, float]:
    """Return the location from the first few triggers, and its error in km."""
    rng = np.random.default_rng(seed)
    near = sorted(places, key=lambda place: arrivals(quake, place)[0])[:triggered]
    world = World(places)
    world.alive(until_s=60.0)
    for place in near:
        p_s = arrivals(quake, place)[0] + noise_s * rng.normal()
        onset_us = quake.origin_us + round(p_s * 1e6)
        world.trigger(place, onset_us, pd_m=(pd_m,) * len(WINDOWS_S))
    now_us = quake.origin_us + round(arrivals(quake, near[-1])[0] * 1e6) + LATENCY_US + 300_000
    fleet = Fleet()
    picks = Picks(fleet)
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if hasattr(message, "onset_us"):
            if received_us <= now_us:
                picks.hear(message, received_us, False)
        else:
            fleet.hear_status(message, received_us)
    rows = sorted(picks.recent(), key=lambda pick: pick.node.site)
    facts = evidence.gather(
        rows, evidence.ln_gain(rows, [0.0] * len(rows)), fleet, now_us, quake.origin_us
    )
    found = source.locate(facts, (near[0].lat_deg, near[0].lon_deg))
    error = travel.distance_km(found.lat_deg, found.lon_deg, quake.lat_deg, quake.lon_deg)
    return found, float(error)


def test_eight_nodes_around_it_locate_an_earthquake_within_3_km():
    quake = Quake(17.06, -99.94, 5.5)
    found, error_km = located(grid(5, 20), quake, 8)

    assert error_km < 3
    assert abs(found.origin_s) < 0.5


def test_nodes_that_have_not_triggered_yet_keep_the_first_location_near():
    quake = Quake(17.06, -99.94, 5.5)
    _, with_silence_km = located(grid(7, 20), quake, 3)
    alone = sorted(grid(7, 20), key=lambda place: arrivals(quake, place)[0])[:3]
    _, without_km = located(alone, quake, 3)

    assert with_silence_km < 15
    assert with_silence_km <= without_km + 1


def test_the_stated_error_contains_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    inside = 0
    for k in range(40):
        quake = Quake(17 + rng.uniform(-0.3, 0.3), -100 + rng.uniform(-0.3, 0.3), 5.0)
        found, error_km = located(grid(6, 20), quake, 6, noise_s=0.4, seed=k)
        inside += error_km < 1.52 * found.sigma_km  # 68 % of a round Gaussian of this sigma

    assert 20 <= inside <= 38  # 68 % of 40 is 27


def test_one_wild_trigger_does_not_drag_the_location_away():
    quake = Quake(17.06, -99.94, 5.5)
    places = grid(5, 20)
    near = sorted(places, key=lambda place: arrivals(quake, place)[0])[:9]
    fleet, picks, world = Fleet(), Picks(Fleet()), World(places)
    picks = Picks(fleet)
    world.alive(until_s=60.0)
    for k, place in enumerate(near):
        wild_s = -6.0 if k == 8 else 0.0
        onset_us = quake.origin_us + round((arrivals(quake, place)[0] + wild_s) * 1e6)
        world.trigger(place, onset_us)
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if hasattr(message, "onset_us"):
            picks.hear(message, received_us, False)
        else:
            fleet.hear_status(message, received_us)
    rows = sorted(picks.recent(), key=lambda pick: pick.node.site)
    now_us = quake.origin_us + 9_000_000
    facts = evidence.gather(
        rows, evidence.ln_gain(rows, [0.0] * 9), fleet, now_us, quake.origin_us
    )
    found = source.locate(facts, (17.0, -100.0))

    away = travel.distance_km(found.lat_deg, found.lon_deg, quake.lat_deg, quake.lon_deg)
    assert float(away) < 6


def test_an_earthquake_outside_the_network_has_a_larger_stated_error():
    inside, _ = located(grid(5, 20), Quake(17.03, -99.97, 5.5), 5)
    outside, error_km = located(grid(5, 20), Quake(16.0, -100.0, 6.5), 5)

    assert outside.sigma_km > 2 * inside.sigma_km
    assert error_km < 3 * outside.sigma_km


def test_waves_of_a_large_earthquake_may_come_from_further_away_than_those_of_a_small_one():
    """Large ones are rare, and what shakes strongly is large or near. Who triggered tells little
    of it."""
    coast = [place for place in grid(5, 25) if place.lat_deg > 17.1]
    quake = Quake(16.6, -99.9, 6.5)
    (_, small_km), (_, large_km) = (located(coast, quake, 4, pd_m=m) for m in (1e-6, 1e-4))

    assert large_km < small_km - 1


def test_a_network_on_the_date_line_locates_too():
    quake = Quake(-17.0, 179.99, 5.5)
    _, error_km = located(grid(5, 20, -17.0, 180.0), quake, 8)

    assert error_km < 4

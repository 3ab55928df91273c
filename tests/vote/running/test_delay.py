"""Crusts that are not the assumed one: what far nodes hear of an earthquake is no other one."""

import numpy as np
import pytest

from tests.vote.world import Place, Quake, World, arrivals, declared, grid, listening
from tools import bench_vote
from vote.decision import Decider
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick, Report
from vote.running import aftermath, delay
from vote.running.aftermath import Waves
from vote.running.arrivals import Arrivals
from vote.running.delay import Delay
from vote.running.sizing import Place as PlaceOf
from vote.waves import travel
from vote.waves.magnitude import Size

QUAKE = Quake(17.03, -99.95, 5.5)


def picks(quake: Quake, places: list[Place], late_s: np.ndarray) -> list[Pick]:
    """Return one pick of each place, so much later than in the plain crust."""
    world = World(places)
    world.alive(0.0)
    fleet = Fleet()
    for at_us, message in world.mail:
        fleet.hear_status(message, at_us)
    onsets_us = [
        quake.origin_us + round((arrivals(quake, place)[0] + late) * 1e6)
        for place, late in zip(places, late_s)
    ]
    return [
        Pick(
            fleet.nodes[place.node_id], (place.node_id, 1, 1), onset_us, 0.01, 0.9, 4e-4,
            0.3, onset_us, True, early_pga_mps2=0.01,
        )
        for place, onset_us in zip(places, onsets_us)
    ]  # fmt: skip


def times_s(quake: Quake, places: list[Place]) -> np.ndarray:
    return np.array([arrivals(quake, place)[0] for place in places])


def learnt(votes: list[Pick]) -> Delay:
    return delay.of_votes(
        votes, PlaceOf(QUAKE.lat_deg, QUAKE.lon_deg, QUAKE.depth_km, QUAKE.origin_us)
    )


def expected_s(known: Delay, quake: Quake, places: list[Place]) -> np.ndarray:
    """Return by how much later the P wave is expected at each place."""
    lat, lon = np.array([(place.lat_deg, place.lon_deg) for place in places]).T
    apart = travel.distance_km(lat, lon, quake.lat_deg, quake.lon_deg)
    return np.array(
        [
            known.p_s(one, quake.depth_km) - p
            for one, p in zip(apart.tolist(), times_s(quake, places).tolist())
        ]
    )


@pytest.mark.parametrize("share", [-0.08, 0.08])
def test_votes_near_by_tell_how_late_the_wave_will_be_far_away(share: float):
    near, far = grid(14, 12), [Place(900 + k, 18.7 + 0.1 * k, -99.0) for k in range(5)]
    late_s = expected_s(learnt(picks(QUAKE, near, share * times_s(QUAKE, near))), QUAKE, far)

    told = late_s / (share * times_s(QUAKE, far))
    assert told.min() > 0.6 and told.max() < 1.1  # a part may be the depth's


def test_one_vote_that_is_far_off_has_little_say():
    near = grid(6, 12)
    late_s = np.zeros(len(near))
    late_s[3] = 8.0

    assert np.abs(expected_s(learnt(picks(QUAKE, near, late_s)), QUAKE, near)).max() < 0.15


def test_few_votes_tell_nothing():
    near = grid(6, 12)[: delay.LEAST_VOTES - 1]
    assert learnt(picks(QUAKE, near, 0.1 * times_s(QUAKE, near))) == delay.NONE


def test_a_delay_is_bounded():
    plain_s = travel.one_p_s(50.0, 8.0)
    late_s = Delay(offset_s=30.0, share=1.0).p_s(50.0, 8.0) - plain_s
    assert late_s == pytest.approx(delay.MOST_SHARE * plain_s)


@pytest.mark.parametrize("share", [-0.13, 0.13])
def test_a_crust_that_is_much_faster_or_slower_makes_one_earthquake(share: float):
    places = grid(16, 12)
    world = listening(places)
    world.shake(Quake(16.3, -100.6, 5.8), longer=share)

    assert len(declared(world.play(Decider("v")))) == 1


# Dense networks in uneven crusts, where weak P waves are missed and S picked: three and two alerts
# before the delay was learnt
@pytest.mark.parametrize("seed", [5, 14])
def test_far_picks_in_a_dense_network_are_of_the_earthquake_that_runs(seed: int):
    _, truth, played = bench_vote.simulated(400, 1, seed, 4.2, spacing_km=12.0)

    found, _ = bench_vote.vote(played)

    assert bench_vote.matches(found, truth) == (1, 1)
    assert len(found.origins) == 1


def front(quake: Quake, places: list[Place], late_s: float) -> tuple[list[Pick], list[Waves]]:
    """Return picks of a quake's S wave, all so late, and its waves as they are expected."""
    p_s = times_s(quake, places)
    votes = picks(quake, places, (travel.VP_OVER_VS - 1) * p_s + late_s)
    distance = [arrivals(quake, place)[2] for place in places]
    waves = [
        Waves(km, one, travel.VP_OVER_VS * one, 0.003, 0.01) for km, one in zip(distance, p_s)
    ]
    return votes, waves


def are_a_front(votes: list[Pick], waves: list[Waves], quake: Quake, other: Quake) -> bool:
    after_s = np.array([(pick.onset_us - quake.origin_us) / 1e6 for pick in votes])
    place = other.lat_deg, other.lon_deg, other.depth_km
    return aftermath.are_a_front(votes, waves, after_s, np.full(len(votes), 2.5), place)


BESIDE = [Place(1 + k, 17.9 + 0.1 * (k % 3), -99.4 + 0.1 * (k // 3)) for k in range(9)]


def test_an_s_front_that_is_all_late_is_no_earthquake_in_its_middle():
    late, waves = front(QUAKE, BESIDE, 6.0)
    in_time, _ = front(QUAKE, BESIDE, 0.0)
    far_too_late, _ = front(QUAKE, BESIDE, 12.0)
    outside = Quake(17.6, -99.6, 4.0, QUAKE.after_s + 22)

    assert are_a_front(late, waves, QUAKE, outside)
    assert are_a_front(in_time, waves, QUAKE, outside)
    assert not are_a_front(far_too_late, waves, QUAKE, outside)


def test_an_earthquake_among_these_nodes_is_no_front_of_another_one():
    other = Quake(18.0, -99.3, 4.0, QUAKE.after_s + 28)
    _, waves = front(QUAKE, BESIDE, 0.0)
    votes = picks(other, BESIDE, np.zeros(len(BESIDE)))

    assert not are_a_front(votes, waves, QUAKE, other)


def test_a_front_cannot_be_much_stronger_than_its_earthquake():
    votes, waves = front(QUAKE, BESIDE, 6.0)
    for pick in votes:
        pick.early_pga_mps2 = 10 * aftermath.S_OVER_P * waves[0].p_peak_at_most_mps2

    assert not are_a_front(votes, waves, QUAKE, Quake(17.6, -99.6, 4.0, QUAKE.after_s + 22))


def test_what_is_known_of_picks_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("vote.running.arrivals.MAX_PICKS", 10)
    place = PlaceOf(QUAKE.lat_deg, QUAKE.lon_deg, QUAKE.depth_km, QUAKE.origin_us)
    here = Arrivals(place, 3.0, delay.NONE, Size(5.5, 0.3))
    near = grid(6, 12)

    for pick in picks(QUAKE, near, np.zeros(len(near))):
        here.explain_per_s(pick)
        here.are_at_phase(pick)

    assert 0 < len(here._explained) <= 10
    assert 0 < len(here._at_phase) <= 10


@pytest.mark.parametrize(("late_s", "is_s"), [(0.0, True), (8.0, True), (40.0, False)])
def test_s_waves_come_when_s_minus_p_tells(late_s: float, is_s: bool):
    p_s = times_s(QUAKE, BESIDE)
    first = picks(QUAKE, BESIDE, np.zeros(len(BESIDE)))
    again = picks(QUAKE, BESIDE, (travel.VP_OVER_VS - 1) * p_s + late_s)
    for pick in (*first, *again):
        pick.reports = [Report(3.0, 0.01, 1e-4, 1e-5)]
    pairs = list(zip(again, first))
    far = Quake(15.0, -103.0, 5.0, QUAKE.after_s)

    s_s = travel.VP_OVER_VS * p_s
    assert aftermath.are_s_after_p(pairs, s_s, far, QUAKE.origin_us) == is_s

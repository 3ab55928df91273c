"""What an earthquake still explains afterwards, and that it blinds nobody to the next one."""

from dataclasses import replace

import numpy as np
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
from vote.alert import Alert
from vote.decision import Decider
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.resume import event_of
from vote.running import aftermath, delay, sizing
from vote.running.aftermath import Waves
from vote.running.arrivals import Arrivals
from vote.running.event import Event
from vote.waves.magnitude import Size
from vote.waves.travel import distance_km

AS_PROMPT_S = 2.0  # a second earthquake may be announced so much later than if it were alone
FORESHOCK = Quake(17.03, -99.95, 4.9)


def delay_s(alerts: list[Alert], quake: Quake) -> float:
    """Return how long after its origin a quake was first announced where it was."""
    for alert in alerts:
        apart_s = abs(alert.origin_us - quake.origin_us) / 1e6
        apart_km = distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg)
        if alert.type == "new" and apart_s < 5 and apart_km < 40:
            return (alert.issued_us - quake.origin_us) / 1e6
    return float("inf")


def played(places: list[Place], *quakes: Quake) -> list[Alert]:
    world = listening(places, until_s=max(quake.after_s for quake in quakes) + 100)
    for quake in quakes:
        world.shake(quake)
    return world.play(Decider("v"))


@pytest.mark.parametrize("after_s", [20.0, 60.0])
@pytest.mark.parametrize("north_deg", [0.0, 0.63], ids=["same place", "70 km away"])
def test_a_foreshock_does_not_delay_the_mainshock(after_s: float, north_deg: float):
    places = grid(7, 20)
    main = Quake(17.03 + north_deg, -99.95, 6.8, 60.0 + after_s)

    alone = delay_s(played(places, main), main)
    after = delay_s(played(places, FORESHOCK, main), main)

    assert after <= alone + AS_PROMPT_S


@pytest.mark.parametrize("magnitude", [3.5, 4.9])
@pytest.mark.parametrize(("after_s", "later_s"), [(5.0, 3.0), (8.0, 1.5), (14.0, 1.5)])
def test_a_foreshock_seconds_before_does_not_swallow_the_mainshock(
    magnitude: float, after_s: float, later_s: float
):
    places = grid(7, 20)
    main = Quake(17.03, -99.95, 6.8, 60.0 + after_s)
    foreshock = replace(FORESHOCK, magnitude=magnitude)

    alone = delay_s(played(places, main), main)
    alerts = played(places, foreshock, main)

    assert delay_s(alerts, main) <= alone + later_s
    assert [alert.type for alert in alerts if alert.type != "update"] == ["new"] * 2 + [
        "final"
    ] * 2


def shaken_twice(
    quake: Quake, p_share: float, vp_over_vs: float, every: int, seed: int = 9
) -> World:
    """Every so many nodes trigger again when the S wave comes, five times as strong as P."""
    places = grid(6, 10)
    world = listening(places, until_s=100)
    rng = np.random.default_rng(seed)
    for number, place in enumerate(places):
        p_s, _, reach_km = arrivals(quake, place)
        p_s, s_s = p_s * p_share, p_s * p_share * vp_over_vs
        pga, pgv, pd = peaks(quake, reach_km, s_s - p_s)
        late_s = abs(0.6 * rng.normal())
        world.trigger(place, quake.origin_us + round((p_s + late_s) * 1e6), pga, pgv, pd)
        if number % every == 0:
            strong = [[5 * value for value in row] for row in (pga, pgv, pd)]
            at_us = quake.origin_us + round((s_s + 0.3 * rng.normal()) * 1e6)
            world.trigger(place, at_us, *strong)
    return world


@pytest.mark.parametrize("depth_km", [15.0, 35.0, 60.0])
@pytest.mark.parametrize("north_deg", [0.7, 0.9, 1.08])
def test_s_waves_that_make_nodes_trigger_again_are_no_second_earthquake(
    north_deg: float, depth_km: float
):
    quake = Quake(17.0 + north_deg, -100.1, 5.8, depth_km=depth_km)

    alerts = shaken_twice(quake, 1 / 1.04, 1.8, every=2).play(Decider("v"))

    upheld = {a.event_id for a in alerts} - {a.event_id for a in alerts if a.type == "cancel"}
    assert len(upheld) == 1
    assert alerts[0].event_id in upheld  # it is never taken back for a wave from far away


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("p_share", [1 / 1.04, 1.04])
def test_s_waves_of_one_far_outside_are_its_own_wherever_it_is_told_to_be(
    p_share: float, seed: int, monkeypatch: pytest.MonkeyPatch
):
    """155 km outside, told 84 to 91 km too near: S comes seconds after it is expected."""
    heard = shaken_twice(Quake(15.6, -100.1, 6.2, depth_km=20.0), p_share, 1.8, 1, seed)

    assert len(declared(heard.play(Decider("v")))) == 1
    monkeypatch.setattr(Event, "are_its_s", lambda *_: False)
    assert len(declared(heard.play(Decider("v")))) == 2


def test_one_as_large_as_the_first_and_seconds_after_it_is_no_second_alert():
    places = grid(7, 20)

    alerts = played(places, FORESHOCK, replace(FORESHOCK, after_s=68.0))

    assert len(declared(alerts)) == 1


@pytest.mark.parametrize(
    ("size", "follows"),
    [(Size(6.5, 0.8), True), (Size(6.5, 0.2), False), (Size(6.9, 0.8), False)],
)
def test_what_follows_a_large_one_is_told_when_it_is_surely_large(size: Size, follows: bool):
    alert = played(grid(7, 20), replace(FORESHOCK, magnitude=6.5))[-1]
    large, other = event_of([alert], 0), event_of([alert], 0)
    large.size, other.size = Size(7.2, 0.2), size

    assert large.is_aftershock(other) == follows


def test_an_earthquake_outside_the_zone_a_minute_after_a_large_one_is_as_prompt_as_alone():
    places = grid(8, 25)
    large = Quake(16.4, -100.6, 6.5)
    other = Quake(17.5, -99.5, 5.5, 120.0)

    alone = delay_s(played(places, other), other)
    after = delay_s(played(places, large, other), other)

    assert after <= alone + AS_PROMPT_S


def test_two_earthquakes_100_km_and_10_s_apart_are_both_prompt():
    places = grid(8, 26)
    first, other = Quake(16.55, -100.0, 5.5), Quake(17.45, -100.0, 5.5, 70.0)
    world = listening(places)
    for place in places:  # what comes first makes a node trigger; it is busy for the other
        by_arrival = sorted(
            (first, other), key=lambda q: q.origin_us + arrivals(q, place)[0] * 1e6
        )
        lone = World([place])
        lone.shake(by_arrival[0])
        world.mail += [(at, m._replace(detection_id=place.node_id)) for at, m in lone.mail]

    alerts = world.play(Decider("v"))

    # The P wave of the first reaches the nodes around the other only 3 s after the other's own:
    # until a few more nodes have triggered the one may be taken for the other.
    for quake in (first, other):
        assert delay_s(alerts, quake) <= delay_s(played(places, quake), quake) + 3.0
    assert len(declared(alerts)) == 2


def test_a_small_aftershock_that_grows_large_is_announced():
    places = grid(6, 20)
    large = Quake(17.03, -99.95, 6.2)
    doublet = Quake(17.1, -99.9, 6.3, 200.0)

    assert delay_s(played(places, large, doublet), doublet) < 15.0


def pick_of(noise_mps2: float, coda_mps2: float, onset_us: int = 0) -> Pick:
    fleet = Fleet()
    place = Place(1, 17.0, -100.0)
    fleet.hear_status(status(place, second(0)), second(0))
    node = fleet.get(1)
    assert node is not None
    return Pick(
        node, (1, 1, 1), onset_us, 0.01, 0.9, noise_mps2, 0.3, 0, True,
        quiet_mps2=4e-4, coda_mps2=coda_mps2,
    )  # fmt: skip


WAVES = Waves(60.0, 10.0, 17.4, 0.05, 0.1)


def explained(pick: Pick, after_s: float) -> float:
    return aftermath.explained_per_s(WAVES, pick, after_s, slack_s=2.0)


def test_the_coda_explains_a_trigger_only_while_the_nodes_own_level_shows_it():
    shown = aftermath.coda_per_s(pick_of(0.01, 0.2))
    assert shown > 0.5 * aftermath.CODA_PER_S
    assert aftermath.coda_per_s(pick_of(4e-4, 0.2)) < 0.1 * shown  # quiet again
    assert aftermath.coda_per_s(pick_of(0.01, 0.001)) < 0.1 * shown  # stronger than what is left


def test_before_the_p_wave_nothing_is_explained():
    assert explained(pick_of(4e-4, 0.0), 5.0) == 0.0


def test_what_comes_at_p_or_s_is_explained_unless_it_is_far_too_strong():
    weak, strong = pick_of(4e-4, 0.0), pick_of(0.5, 0.0)

    for after_s in (10.0, 18.0):
        assert aftermath.is_at_phase(WAVES, weak, after_s, 2.0)
        assert not aftermath.is_at_phase(WAVES, strong, after_s, 2.0)
    assert not aftermath.is_at_phase(WAVES, weak, 40.0, 2.0)


def test_aftershocks_fade_with_time_and_with_amplitude():
    calm, louder = pick_of(4e-4, 0.0), pick_of(4e-3, 0.0)
    louder.quiet_mps2 = 4e-3

    assert explained(calm, 30.0) > 2 * explained(calm, 300.0) > 0
    assert explained(calm, 30.0) > 5 * explained(louder, 30.0) > 0


def test_a_pick_that_grows_is_explained_as_it_is_and_not_as_it_was_first():
    epicentre = Place(2, 17.5, -100.0)
    here = Arrivals(
        sizing.Place(17.5, -100.0, 10.0, second(60.0)), 3.0, delay.NONE, Size(6.0, 0.2)
    )
    quake = Quake(epicentre.lat_deg, epicentre.lon_deg, 6.0, after_s=60.0, depth_km=10.0)
    p_s, s_s, _ = arrivals(quake, Place(1, 17.0, -100.0))
    in_coda = pick_of(4e-4, 0.0, second(60.0 + s_s + 20.0))
    at_p = pick_of(4e-4, 0.0, second(60.0 + p_s))
    first_per_s = here.explain_per_s(in_coda)
    assert here.are_at_phase(at_p)

    in_coda.early_pga_mps2, at_p.early_pga_mps2 = 0.02, 30.0

    assert here.explain_per_s(in_coda) < first_per_s / 5
    assert not here.are_at_phase(at_p)

"""What comes when one earthquake's waves do: each test fails without the rule that it names."""

from dataclasses import replace

import pytest

from tests.vote.running.events import MIDDLE, PLACES, event_of, p_picks, pick_of
from tests.vote.world import Quake, arrivals, second
from vote.nodes.picks import Pick
from vote.running.arrivals import Arrivals
from vote.waves.magnitude import Size

FAR = Quake(25.0, -100.0, 8.0)  # 890 km
BEYOND = Quake(27.0, -100.0, 8.0)
HERE = event_of("here", MIDDLE).arrivals
P_S, S_S, _ = arrivals(MIDDLE, PLACES[0])


def at(after_s: float) -> Pick:
    """A pick at the corner, so long after the origin."""
    return pick_of(PLACES[0], second(MIDDLE.after_s + after_s))


@pytest.mark.parametrize(
    ("after_s", "may"),
    [
        (P_S - 4, False),
        (P_S - 1, True),
        ((P_S + S_S) / 2, True),
        (S_S - 0.1, True),
        (S_S + 1, False),
    ],
)
def test_a_pick_from_p_to_s_may_be_its_p_wave(after_s: float, may: bool):
    assert HERE.may_include(at(after_s)) == may


def test_beside_the_epicentre_so_may_what_comes_after_s():
    node = replace(MIDDLE, lat_deg=PLACES[0].lat_deg, lon_deg=PLACES[0].lon_deg)
    near = event_of("near", node).arrivals
    _, s_s, _ = arrivals(node, PLACES[0])

    assert near.may_include(at(s_s + 0.5))
    assert not near.may_include(at(s_s + 5))


@pytest.mark.parametrize(("quake", "is_heard"), [(FAR, True), (BEYOND, False)])
def test_beyond_1000_km_it_explains_nothing(quake: Quake, is_heard: bool):
    pick = p_picks(quake, PLACES[:1], pga_mps2=0.002)[0]
    theirs = event_of("theirs", quake).arrivals

    assert theirs.may_include(pick) == is_heard
    assert (theirs.explain_per_s(pick) > 0) == is_heard


def test_before_its_p_wave_it_explains_nothing():
    assert HERE.explain_per_s(at(P_S - 4)) == 0.0
    assert HERE.explain_per_s(at(P_S)) > 0.1


def test_its_waves_may_be_as_strong_as_two_sigmas_more_of_magnitude_make_them():
    strong = p_picks(MIDDLE, PLACES[:1], pga_mps2=1.0)[0]
    sure, unsure = (HERE.of_size(Size(6.0, sigma)) for sigma in (0.1, 0.8))

    assert not sure.are_at_phase(strong)
    assert unsure.are_at_phase(strong)
    assert not HERE.of_size(Size(5.0, 0.5)).are_at_phase(strong)


def test_half_are_most_and_all_but_one_are_all_but_one():
    own = p_picks(MIDDLE, PLACES[:3])
    others = [pick_of(place, second(160.0)) for place in PLACES[3:7]]

    assert HERE.have_most([*own, *others[:3]])
    assert not HERE.have_most([*own, *others])
    assert HERE.have_all_but_one([*own, others[0]])
    assert not HERE.have_all_but_one([*own, *others[:2]])


def test_five_sites_have_the_shape_of_a_front_and_four_do_not():
    """All 4.5 s too early: more than one pick may be, not more than a front."""
    early = p_picks(replace(MIDDLE, after_s=MIDDLE.after_s - 4.5))
    elsewhere = 19.0, -97.0, 10.0

    assert HERE.have_front(early[:5], elsewhere)
    assert not HERE.have_front(early[:4], elsewhere)
    assert HERE.have_front(p_picks(MIDDLE, PLACES[:4]), elsewhere)


def test_what_is_known_of_a_pick_is_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("vote.running.arrivals.MAX_PICKS", 3)
    heard = Arrivals(event_of("a", MIDDLE).place, 3.0, event_of("a", MIDDLE).delay, Size(6.0, 0.2))
    for pick in p_picks(MIDDLE):
        heard.explain_per_s(pick)
        heard.are_at_phase(pick)
        assert len(heard._explained) <= 3 and len(heard._at_phase) <= 3
    assert len(heard._explained) > 0

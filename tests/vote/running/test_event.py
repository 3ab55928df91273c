"""What one running earthquake says of another, and what it keeps. Each test fails without the rule
that its name tells; the worlds of other tests, where rules stand behind one another, do not."""

from dataclasses import replace

import pytest

from tests.vote.running.events import (
    FLEET,
    MIDDLE,
    PLACES,
    event_of,
    p_picks,
    pick_of,
    source_of,
    told,
)
from tests.vote.world import Quake, second
from vote.nodes.picks import Pick
from vote.running import event as running
from vote.running.echo import Peaks
from vote.running.event import Event

LATER = replace(MIDDLE, after_s=90.0)


def test_a_withdrawn_pick_is_neither_a_vote_nor_looked_at_again():
    first, *rest = p_picks(MIDDLE, PLACES[:4])
    event = event_of("a", MIDDLE, [first, *rest])

    event.forget(first.key)

    assert list(event.votes.values()) == rest == event.related
    assert event.needs_source


def test_of_one_node_two_picks_are_kept_and_of_all_no_more_than_the_bound():
    others = p_picks(MIDDLE, PLACES[1:4])
    event = event_of("a", MIDDLE, others)
    same = [pick_of(PLACES[0], second(63.0 + k)) for k in range(3)]
    for pick in [same[0], *same]:
        event.relate(pick)
    assert event.related == [*others, *same[:2]]

    event.related = p_picks(MIDDLE, PLACES[1:2]) * running.MAX_RELATED
    event.relate(same[0])
    assert len(event.related) == running.MAX_RELATED


def test_a_peak_is_the_largest_so_far():
    event = event_of("a", MIDDLE)
    for pga_mps2, pgv_mps in [(0.1, 0.03), (0.3, 0.01), (0.2, 0.02)]:
        event.note_peaks(1, pga_mps2, pgv_mps)

    assert event.peaks == {1: Peaks(0.3, 0.03)}


def test_others_follow_what_was_told_after_it_and_in_its_zone_only():
    here, beside = (17.0, -100.0), (17.5, -100.0)
    event = event_of("a", MIDDLE)
    assert not event.may_be_followed(here, second(90.0))  # nobody was told of it

    told(event)

    assert event.may_be_followed(here, second(90.0))
    assert event.may_be_followed(None, second(90.0))
    assert not event.may_be_followed(here, second(59.0))
    assert not event.may_be_followed(beside, second(90.0))


def test_what_shakes_a_node_is_the_later_ones_if_it_has_come_and_is_not_much_smaller():
    node = FLEET.nodes[1]
    first = event_of("a", MIDDLE)

    def gives_way(other: Event, at_s: float = 120.0) -> bool:
        return first.gives_way(other, node, second(at_s))

    assert gives_way(event_of("b", LATER))
    assert not gives_way(event_of("b", replace(MIDDLE, after_s=30.0)))  # the one before
    assert not gives_way(event_of("b", LATER), at_s=91.0)  # on its way
    assert not gives_way(event_of("b", replace(LATER, magnitude=4.9)))
    assert not gives_way(told(event_of("b", LATER), "cancel"))
    apart = event_of("b", LATER)
    apart.apart_from = {"a"}
    assert not gives_way(apart)  # perhaps nobody is ever told of it
    assert gives_way(told(apart))


def test_picks_of_another_one_are_given_up_but_for_those_at_its_own_waves():
    own, others = p_picks(MIDDLE, PLACES[:3]), p_picks(LATER, PLACES[3:6])
    event = event_of("a", MIDDLE, own)
    event.related = own + others

    event.release([own[0], *others])

    assert event.related == own
    assert event.needs_source


def test_an_aftershock_is_smaller_and_in_the_zone_or_was_there_once():
    large = told(event_of("a", replace(MIDDLE, magnitude=7.0)))
    beside = replace(LATER, lat_deg=18.0, magnitude=5.5)

    assert large.is_aftershock(event_of("b", replace(LATER, magnitude=5.5)))
    assert not large.is_aftershock(event_of("b", replace(LATER, magnitude=6.5)))
    assert not large.is_aftershock(event_of("b", beside))
    dragged = event_of("b", beside)
    dragged.leader = large
    assert large.is_aftershock(dragged)


def test_an_echo_of_one_as_large_is_no_aftershock_of_it():
    """However weak it is felt: a larger one 150 km away is felt less, too."""
    picks = p_picks(LATER, PLACES, pga_mps2=0.001)
    event = told(event_of("a", MIDDLE))
    event.peaks = {pick.node.node_id: Peaks(1.0, 0.05) for pick in picks}

    assert event.is_aftershock(event_of("b", replace(LATER, magnitude=5.9), picks))
    assert not event.is_aftershock(event_of("b", replace(LATER, magnitude=6.1), picks))


def test_one_told_apart_has_an_alert_of_its_own_if_it_is_much_larger_and_so_at_once():
    first = told(event_of("a", MIDDLE))

    def is_covered(magnitude: float, looked_after_s: float) -> bool:
        other = event_of("b", replace(MIDDLE, after_s=68.0, magnitude=magnitude))
        other.apart_from = {"a"}
        other.looked_us = other.declared_us + round(looked_after_s * 1e6)
        return first.is_aftershock(other)

    assert not is_covered(7.2, looked_after_s=1.0)
    assert is_covered(6.8, looked_after_s=1.0)
    assert is_covered(7.2, looked_after_s=3.0)


@pytest.mark.parametrize(
    ("after_s", "north_deg", "is_part"),
    [(10.0, 0.3, True), (-1.0, 0.3, False), (60.0, 0.3, False), (10.0, 2.0, False)],
)
def test_a_rupture_goes_on_for_as_long_and_as_far_as_its_size_lets_it(
    after_s: float, north_deg: float, is_part: bool
):
    large = event_of("a", replace(MIDDLE, magnitude=7.0))

    assert large.still_ruptures(17.0 + north_deg, -100.0, second(60.0 + after_s)) == is_part


@pytest.mark.parametrize(
    ("after_s", "north_deg", "is_same"),
    [(14.0, 0.7, True), (-14.0, 0.7, True), (16.0, 0.7, False), (14.0, 0.9, False)],
)
def test_two_can_only_be_one_within_15_s_and_90_km(
    after_s: float, north_deg: float, is_same: bool
):
    event = event_of("a", MIDDLE)

    assert event.is_same_as(17.0 + north_deg, -100.0, second(60.0 + after_s)) == is_same


def test_a_place_is_another_one_by_three_sigmas_of_both_and_six_sites():
    event = event_of("a", MIDDLE)  # one sigma of 3 km

    assert event.is_far_from((17.2, -100.0), 4.0, sites=6)
    assert not event.is_far_from((17.2, -100.0), 4.0, sites=5)
    assert not event.is_far_from((17.1, -100.0), 4.0, sites=6)


def test_one_anew_is_much_stronger_at_half_of_its_nodes_and_at_two_sites():
    before = p_picks(MIDDLE, PLACES[:4], pga_mps2=0.002)
    event = event_of("a", MIDDLE, before)
    larger = replace(MIDDLE, after_s=68.0, magnitude=7.0)
    found = source_of(larger)
    again = p_picks(larger, PLACES[:4], pga_mps2=0.2)
    strangers = p_picks(larger, PLACES[8:12], pga_mps2=0.2)

    assert event.are_anew(again, found)
    assert event.are_anew([*again[:2], *strangers[:2]], found)
    assert not event.are_anew([*again[:2], *strangers[:3]], found)
    assert not event.are_anew(again[:1], found)


def test_a_vote_of_it_is_no_second_pick_of_its_node():
    """Two of four that shake 60 times as much would be eight times as much among all."""
    before = p_picks(MIDDLE, PLACES[:4], pga_mps2=0.002)
    event = event_of("a", MIDDLE, before)
    larger = replace(MIDDLE, lat_deg=17.8, after_s=62.0, magnitude=7.0)
    again = p_picks(larger, PLACES[:2], pga_mps2=0.12)

    assert event.are_anew([*again, *before[2:]], source_of(larger))


def test_what_may_be_its_s_waves_is_anew_only_where_p_fits_better():
    """S waves of one that is told to be somewhere else may be 1.7 in log10 stronger than P."""
    event = event_of("a", MIDDLE, p_picks(MIDDLE, pga_mps2=0.002))
    s_waves = p_picks(MIDDLE, pga_mps2=0.02, s=True)
    found = source_of(replace(MIDDLE, after_s=68.0))

    assert not event.are_anew(s_waves, found)


def test_of_one_whose_origin_is_not_sure_anything_may_be_s_waves():
    """Spaced as its S waves, at another time; P waves of the place found fit no better."""
    event = event_of("a", MIDDLE, p_picks(MIDDLE, pga_mps2=0.002))
    late = p_picks(replace(MIDDLE, after_s=80.0), pga_mps2=0.02, s=True)
    found = source_of(replace(MIDDLE, lat_deg=17.8, after_s=80.0))

    assert event.are_anew(late, found)
    event.origin_sigma_s = 1.0
    assert not event.are_anew(late, found)


def test_its_s_waves_come_to_half_of_them_at_three_sites_and_to_one_that_lies_beside():
    outside, beneath = Quake(18.2, -100.0, 6.0), MIDDLE
    fits_badly = source_of(Quake(16.0, -98.5, 6.0))
    event = event_of("a", outside, p_picks(outside, PLACES[:6]))
    s_waves = p_picks(outside, s=True)

    assert event.are_its_s(s_waves[:6], fits_badly)
    assert event.are_its_s(s_waves[:12], fits_badly)
    assert not event.are_its_s(s_waves[:13], fits_badly)
    assert not event.are_its_s(s_waves[:2], fits_badly)
    strong = p_picks(outside, PLACES[:6], pga_mps2=2.0, s=True)  # 100 times its P waves
    assert not event.are_its_s(strong, fits_badly)
    inside = event_of("a", beneath, p_picks(beneath))
    assert not inside.are_its_s(p_picks(beneath, s=True), fits_badly)


def felt(quake: Quake, log10: float, scatter_s: float = 0.0) -> tuple[Event, list[Pick]]:
    """Return one that all nodes have felt, and weaker P waves of another one."""
    picks = p_picks(quake, pga_mps2=10**log10)
    for k, pick in enumerate(picks):
        pick.onset_us += round((-1) ** k * scatter_s * 1e6)
    event = told(event_of("a", MIDDLE))
    event.peaks = {pick.node.node_id: Peaks(1.0, 0.05) for pick in picks}
    return event, picks


@pytest.mark.parametrize(
    ("log10", "scatter_s", "is_echo"),
    [(-1.5, 0.0, False), (-1.5, 0.4, False), (-1.5, 1.5, True), (-4.0, 0.0, True)],
)
def test_weak_waves_are_another_ones_if_sharp_and_as_strong_as_from_there(
    log10: float, scatter_s: float, is_echo: bool
):
    """Aftershocks together seem an earthquake far away, but fit it badly, or are too weak."""
    far = Quake(18.3, -100.0, 6.0, after_s=90.0)
    event, picks = felt(far, log10, scatter_s)

    assert event.has_shaken_more(source_of(far), picks) == is_echo


def test_weak_waves_from_nearer_than_it_are_no_echo():
    event, picks = felt(LATER, -4.0)

    assert not event.has_shaken_more(source_of(LATER), picks)


@pytest.mark.parametrize(("north_km", "is_echo"), [(0.0, True), (8.0, True), (15.0, False)])
def test_weak_waves_as_one_front_from_its_zone_are_an_aftershock(north_km: float, is_echo: bool):
    """A zone of 13 km, and what picks err; its size says no more than that of the first."""
    near = replace(LATER, lat_deg=17.0 + north_km / 111.2, magnitude=5.9)
    event, picks = felt(near, -1.2)

    assert event.is_aftershock(event_of("b", near, picks)) == is_echo

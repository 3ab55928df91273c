"""What all earthquakes that run say together: each test fails without the rule that it names."""

from collections.abc import Sequence
from dataclasses import replace

from tests.vote.running.events import (
    MIDDLE,
    PLACES,
    event_of,
    p_picks,
    pick_of,
    source_of,
    told,
)
from tests.vote.world import Place, Quake, second
from vote.judge.quorum import Verdict
from vote.nodes.picks import Pick
from vote.running.echo import Peaks
from vote.running.event import Event
from vote.running.known import Known
from vote.waves import travel

HERE = (17.0, -100.0)
FAR = Quake(19.5, -97.0, 6.0)
BESIDE = Quake(17.0, -99.0, 6.0, after_s=66.0)  # 106 km away


def known_of(*events: Event) -> Known:
    known = Known()
    known.events = list(events)
    return known


def verdict_of(quake: Quake, votes: Sequence[Pick]) -> Verdict:
    return Verdict(source_of(quake), quake.origin_us, tuple(votes), 9.0, len(votes))


def test_a_name_that_people_have_heard_is_never_given_again():
    known = known_of(event_of("runs", MIDDLE))
    known.note_told(["told"])
    for k in range(3):
        known.note_told([f"later{k}"])

    assert {"runs", "told"} <= known.names()


def test_before_one_are_those_told_then_the_older_ones_but_none_that_was_taken_back():
    silent = event_of("silent", MIDDLE)
    young = told(event_of("young", replace(MIDDLE, after_s=65.0)))
    back = told(event_of("back", MIDDLE), "cancel")
    itself = event_of("itself", replace(MIDDLE, after_s=70.0))
    last = event_of("last", replace(MIDDLE, after_s=75.0))
    known = known_of(silent, back, young, itself, last)

    assert known.before(itself) == [young, silent]
    assert known.before(young) == []


def test_what_explains_a_pick_best_counts_and_of_a_vote_nothing_does():
    weak = told(event_of("weak", replace(MIDDLE, magnitude=3.0)))
    strong = told(event_of("strong", MIDDLE))
    itself = event_of("itself", replace(MIDDLE, after_s=80.0))
    at_p, at_s = p_picks(MIDDLE, PLACES[:1])[0], p_picks(MIDDLE, PLACES[1:2], s=True)[0]
    one = strong.arrivals.explain_per_s(at_p)
    known = known_of(weak, strong, itself)

    assert one > 2 * weak.arrivals.explain_per_s(at_p) > 0
    assert known.explains_per_s(at_p) == one
    known.events = [strong, weak, itself]
    assert known.explains_per_s(at_p) == one
    itself.votes = {at_p.node.node_id: at_p}
    assert known.others_explain_per_s(itself, [at_p]) == [0.0]
    assert known.others_explain_per_s(itself, [at_s])[0] > 0.1
    strong.last = weak.last = None
    assert known.others_explain_per_s(itself, [at_s]) == [0.0]  # nobody was told of them


def test_one_is_not_followed_by_itself():
    event = told(event_of("a", MIDDLE))
    known = known_of(event)

    assert known.may_be_followed(HERE, second(70.0))
    assert not known.may_be_followed(HERE, second(70.0), event)


def test_only_a_larger_one_that_stands_makes_an_aftershock_and_is_remembered_as_its_leader():
    large = told(event_of("large", replace(MIDDLE, magnitude=7.0)))
    small = told(event_of("small", replace(MIDDLE, after_s=90.0, magnitude=4.5)))
    known = known_of(small, large)

    assert known.is_aftershock(small) and small.leader is large
    known.events = [small]
    assert not known.is_aftershock(small) and small.leader is large
    small.leader, known.events = None, [told(large, "cancel"), small]
    assert not known.is_aftershock(small) and small.leader is None
    elsewhere = told(event_of("elsewhere", replace(FAR, magnitude=7.0)))
    known.events = [elsewhere, small]
    assert not known.is_aftershock(small)
    large.last, known.events = None, [large, small]
    assert not known.is_aftershock(small)


def test_told_apart_is_what_is_near_but_not_surely_another_one():
    near, old = event_of("near", MIDDLE), event_of("old", replace(MIDDLE, after_s=20.0))
    close = replace(MIDDLE, after_s=65.0)
    itself = event_of("itself", close, p_picks(close))
    known = known_of(near, old, itself)
    known.part(itself)
    assert itself.apart_from == {"near"}

    surely = event_of("surely", replace(close, lat_deg=17.3), p_picks(close))
    known.events.append(surely)
    known.part(surely)
    assert surely.apart_from == set()


def test_one_that_was_told_is_taken_back_only_if_another_one_explains_it():
    first = event_of("first", MIDDLE)
    same = event_of("same", replace(MIDDLE, after_s=61.0), p_picks(MIDDLE))
    apart = Quake(17.7, -100.0, 6.0, after_s=74.0)
    other = event_of("other", apart, p_picks(apart))
    known = known_of(told(first), same, other)

    assert known.same_as(same) is first
    assert known.same_as(told(same)) is first
    same.apart_from = {"first"}
    assert known.same_as(same) is None
    assert known.same_as(other) is None
    assert known.same_as(told(other)) is None
    strangers = event_of("strangers", replace(MIDDLE, after_s=74.0), p_picks(apart))
    known.events = [first, strangers]
    assert known.same_as(strangers) is first  # as near as that
    assert known.same_as(told(strangers)) is None
    few = event_of("few", apart, p_picks(apart)[:4])
    known.events = [first, few]
    assert known.same_as(few) is first  # of so few nobody knows the place
    few.origin_us += 10_000_000
    assert known.same_as(few) is None


def test_a_wave_from_far_away_that_was_told_explains_its_triggers_and_is_known():
    def passing(place: Place) -> Pick:
        north_km = (place.lat_deg - 17.0) * travel.KM_PER_DEG
        return pick_of(place, second(60.0 + north_km / 16.0))

    event, known = event_of("a", FAR), Known()
    votes, late = [passing(place) for place in PLACES[:12]], passing(PLACES[13])
    off = p_picks(FAR, PLACES[14:15], pga_mps2=0.002)[0]
    verdict = verdict_of(MIDDLE, [passing(place) for place in PLACES])
    assert known.explains_per_s(late) == 0.0 and not known.has(verdict)

    known.note_far(votes, [])
    known.events = [event]

    assert known.explains_per_s(late) > 0.1
    assert known.explains_per_s(off) == event.arrivals.explain_per_s(off) > 0.1
    assert known.has(verdict)


def has(quake: Quake, votes: Sequence[Pick], *events: Event) -> bool:
    return known_of(*events).has(verdict_of(quake, votes))


def test_a_new_one_is_known_if_it_can_only_be_one_that_runs():
    """Near in place and time with few sites; with many it may be far enough."""
    small = replace(MIDDLE, magnitude=4.0)
    first = event_of("first", small, p_picks(small))
    apart = Quake(17.7, -100.0, 6.0, after_s=74.0)

    assert has(apart, p_picks(apart, PLACES[:5]), first)
    assert not has(apart, p_picks(apart), first)
    assert not has(apart, p_picks(apart))
    assert not has(replace(apart, after_s=76.0), p_picks(apart, PLACES[:5]), first)


def test_a_new_one_is_known_if_it_is_a_later_part_of_a_rupture():
    part = Quake(17.6, -99.5, 6.0, after_s=80.0)

    assert has(part, p_picks(part), event_of("a", replace(MIDDLE, magnitude=7.8)))
    assert not has(part, p_picks(part), event_of("a", MIDDLE))


def test_a_new_one_is_known_if_half_of_its_votes_come_at_waves_of_one_that_runs():
    first = event_of("first", MIDDLE)
    few, others = p_picks(MIDDLE, PLACES[:2], s=True), p_picks(BESIDE, PLACES[2:5])

    assert has(BESIDE, [*few, *others[:2]], first)
    assert not has(BESIDE, [few[0], *others], first)


def test_a_new_one_is_known_if_half_of_many_votes_come_at_such_waves_and_the_others_anywhere():
    first = event_of("first", MIDDLE)
    own, others = p_picks(MIDDLE, PLACES[:4], s=True), p_picks(FAR, PLACES[4:8])

    assert has(BESIDE, [*own, *others], first)
    assert not has(BESIDE, others, first)


def test_a_new_one_is_known_if_all_are_as_early_as_each_other_for_waves_of_one_that_runs():
    early = p_picks(replace(MIDDLE, after_s=55.7))

    assert has(BESIDE, early, event_of("first", MIDDLE))


def test_a_new_one_is_known_if_it_is_s_waves_of_one_beside_wherever_it_was_told_to_be():
    outside = Quake(18.2, -100.0, 6.0)
    first = event_of("first", replace(outside, lat_deg=19.2, after_s=48.0), p_picks(outside))
    s_waves = p_picks(outside, s=True)

    assert has(BESIDE, s_waves, first)
    first.votes = {}
    assert not has(BESIDE, s_waves, first)


def test_a_much_larger_one_is_a_later_part_of_a_rupture_all_the_same_if_it_comes_later():
    large = replace(MIDDLE, magnitude=7.8)
    first = event_of("first", large, p_picks(large, pga_mps2=0.002))
    part = replace(MIDDLE, lat_deg=17.6, after_s=85.0)

    assert has(part, p_picks(part, pga_mps2=0.2), first)


def test_a_new_one_is_known_if_its_nodes_felt_one_that_runs_clearly_more():
    deep = Quake(18.3, -100.0, 6.0, after_s=90.0)
    picks = p_picks(deep, pga_mps2=1e-4)
    first = event_of("first", MIDDLE)
    assert not has(deep, picks, first)

    first.peaks = {pick.node.node_id: Peaks(1.0, 0.05) for pick in picks}

    assert has(deep, picks, first)


def test_a_much_larger_one_at_the_same_place_is_not_known():
    before = p_picks(replace(MIDDLE, magnitude=4.0), pga_mps2=0.002)
    first = event_of("first", replace(MIDDLE, magnitude=4.0), before)
    larger = replace(MIDDLE, after_s=72.0, magnitude=7.0)

    assert not has(larger, p_picks(larger, pga_mps2=0.2), first)
    assert has(larger, p_picks(larger, pga_mps2=0.002), first)


def test_what_was_seen_badly_is_mended_by_more_votes_that_explain_its_own():
    """The first three nodes of some picked S waves, and gave a place where nothing else fits."""
    badly = event_of("badly", replace(MIDDLE, lat_deg=17.5, after_s=66.0, magnitude=4.0))
    s_waves = p_picks(MIDDLE, PLACES[:3], s=True)
    badly.votes = {pick.node.node_id: pick for pick in s_waves}
    votes = p_picks(MIDDLE, PLACES[4:9])
    known = known_of(badly)
    verdict = verdict_of(MIDDLE, votes)

    assert known.has(verdict)
    known.mend(verdict)
    assert badly.related[-5:] == votes and badly.needs_source

    def is_mended() -> bool:
        badly.related = []
        known.mend(verdict)
        return bool(badly.related)

    badly.is_over = True
    assert not is_mended()
    badly.is_over = False
    badly.votes = {pick.node.node_id: pick for pick in p_picks(MIDDLE, PLACES[9:14], s=True)}
    assert not is_mended()  # no fewer than the new one has
    strangers = p_picks(FAR, PLACES[:3])
    badly.votes = {pick.node.node_id: pick for pick in strangers}
    assert not is_mended()

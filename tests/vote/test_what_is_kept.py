"""What a decider keeps, judges and looks at again, and when: each test fails without the rule that
it names."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from groundswell import wire

from tests.vote.running.events import MIDDLE, PLACES, event_of, p_picks, told
from tests.vote.world import LATENCY_US, Quake, arrivals, declared, listening, second, status
from vote import decision
from vote.decision import Decider
from vote.running.echo import Peaks
from vote.running.event import OPEN_US, Event

FAR = Quake(25.0, -100.0, 5.0)
P_S, S_S, _ = arrivals(MIDDLE, PLACES[0])
MINUTE_US = 60_000_000


def decider_of(*events: Event) -> Decider:
    """Return a decider that knows nodes and earthquakes."""
    decider = Decider("v")
    for place in PLACES:
        decider.hear(status(place, second(MIDDLE.after_s)), second(MIDDLE.after_s))
    decider.known.events = list(events)
    return decider


def over(event: Event) -> Event:
    event.is_over = True
    return event


def test_one_that_was_told_is_kept_for_ten_minutes():
    event = over(told(event_of("a", MIDDLE), "final"))
    decider = decider_of(event)

    decider.tick(event.declared_us + 10 * MINUTE_US)
    assert decider.known.events == [event]
    decider.tick(event.declared_us + 10 * MINUTE_US + 1)
    assert decider.known.events == []


def test_one_that_was_taken_back_or_never_told_goes_when_it_is_over():
    silent = event_of("silent", MIDDLE)
    decider = decider_of(silent, over(told(event_of("back", MIDDLE), "cancel")))

    assert decider.tick(silent.declared_us + OPEN_US) == []
    assert decider.known.events == [silent]
    assert decider.tick(silent.declared_us + OPEN_US + 1) == []
    assert decider.known.events == []


def told_among(running: Sequence[Event]) -> tuple[list[str], list[Event]]:
    """Return what is declared when an earthquake comes while these run, and what runs then."""
    world = listening(PLACES)
    world.shake(MIDDLE)
    decider, names = Decider("v"), []
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us > second(MIDDLE.after_s) and not decider.known.events:
            decider.known.events = list(running)
        decider.hear(message, received_us)
        names += declared(decider.tick(received_us))
        if names or received_us > second(MIDDLE.after_s + 20):
            break
    return names, decider.known.events


def test_no_more_than_32_are_kept_and_the_oldest_that_is_over_makes_room():
    running = [event_of(f"{k}", FAR) for k in range(decision.MAX_EVENTS)]
    past = [over(told(event_of(f"past{k}", FAR), "final")) for k in range(2)]

    assert told_among(running)[0] == []
    names, kept = told_among([*running[2:], *past])
    assert len(names) == 1 and len(kept) == decision.MAX_EVENTS
    assert past[0] not in kept and past[1] in kept


def shaking(after_s: float, **changes: object) -> wire.Shaking:
    """What the first node measured until so long after the origin."""
    end_us = MIDDLE.origin_us + round(after_s * 1e6)
    return wire.Shaking(1, 1, 7, 0, end_us, 10_000, 300_000, 20_000_000)._replace(**changes)


def peaks_of(event: Event, message: wire.Shaking, *others: Event, late_us: int = 0) -> object:
    event.peaks = {}
    decider = decider_of(event, *others)
    decider.hear(message, message.end_us + LATENCY_US + late_us)
    return event.peaks.get(message.node_id)


@pytest.mark.parametrize(
    ("after_s", "is_its"),
    [(P_S - 1.5, False), (P_S - 0.5, True), (2 * S_S + 29, True), (2 * S_S + 31, False)],
)
def test_a_peak_is_its_own_from_p_until_long_after_s(after_s: float, is_its: bool):
    event = event_of("a", MIDDLE)

    assert peaks_of(event, shaking(after_s)) == (Peaks(0.3, 0.02) if is_its else None)


def test_a_peak_counts_if_ground_can_have_it_and_its_node_is_known_and_in_time():
    event = event_of("a", MIDDLE)

    assert peaks_of(event, shaking(S_S, pga_um_s2=39_000_000)) is not None
    assert peaks_of(event, shaking(S_S, pga_um_s2=41_000_000)) is None
    assert peaks_of(event, shaking(S_S, node_id=99)) is None
    assert peaks_of(event, shaking(S_S), late_us=20_000_000) is None
    assert peaks_of(event, shaking(S_S, flags=wire.FLAG_UNSYNCHRONISED)) is None


def test_a_peak_is_the_later_ones_whose_waves_have_come():
    later = event_of("later", replace(MIDDLE, after_s=MIDDLE.after_s + 15))
    event = event_of("a", MIDDLE)

    assert peaks_of(event, shaking(15 + P_S - 0.5), later) is not None
    assert peaks_of(event, shaking(15 + P_S + 0.5), later) is None


def test_a_node_that_missed_samples_says_nothing_by_its_silence_before():
    decider = decider_of()
    at_us = second(70.0)
    node = decider.fleet.nodes[1]

    decider.hear(shaking(10.0, end_us=at_us), at_us)
    assert decider.fleet.armed_since_us[node.index] < at_us
    decider.hear(shaking(10.0, end_us=at_us, flags=wire.FLAG_GAP), at_us)
    assert decider.fleet.armed_since_us[node.index] == at_us


def trigger(after_s: float = 0.5, **changes: int) -> wire.Trigger:
    """One message of a detection that began with MIDDLE, so long after its onset."""
    onset_us = MIDDLE.origin_us
    sample_us = onset_us + round(after_s * 1e6)
    return wire.Trigger(
        1, 1, 7, 1, 0, 0, onset_us, sample_us, sample_us, 10_000, 500, 12_000, 10_000, 1_000_000,
        1_000, 400,
    )._replace(**changes)  # fmt: skip


def is_judged_again(message: wire.Trigger, is_vote: bool = False) -> bool:
    """Tell whether a later message of the trigger makes it wait for another judgement."""
    decider = decider_of()
    first = trigger()
    decider.hear(first, first.sample_us + LATENCY_US)
    (pick,) = decider.waiting.take(9)
    pick.counted = 0.0 if is_vote else 1.0
    decider.hear(message, message.sample_us + LATENCY_US)
    return bool(decider.waiting.take(9))


def test_a_trigger_is_judged_again_when_it_is_surer_or_twice_as_strong_while_it_is_young():
    assert is_judged_again(trigger(1.0, update=1, p_quake_permille=560))
    assert not is_judged_again(trigger(1.0, update=1, p_quake_permille=540))
    assert not is_judged_again(trigger(11.0, update=1, p_quake_permille=900))
    assert is_judged_again(trigger(1.0, update=1, pga_um_s2=21_000))
    assert not is_judged_again(trigger(1.0, update=1, pga_um_s2=19_000))


def test_what_was_a_vote_is_not_judged_again_for_its_strength():
    assert not is_judged_again(trigger(1.0, update=1, pga_um_s2=21_000), is_vote=True)


def test_sixteen_are_judged_in_a_tick_and_the_rest_in_the_next():
    decider = decider_of()
    for k in range(decision.JUDGED_A_TICK + 1):
        message = trigger(node_id=PLACES[k % 16].node_id, detection_id=1 + k)
        decider.hear(message, message.sample_us + LATENCY_US)

    decider.tick(second(61.0))
    assert len(decider.waiting.take(99)) == 1


def test_a_node_that_tells_one_peak_again_and_again_shook_once():
    decider = decider_of()
    for k, pga_um_s2 in enumerate([10_000, 50_000, 50_000, 50_000]):
        message = trigger(1.0 + k, update=k, pga_um_s2=pga_um_s2)
        decider.hear(message, message.sample_us + LATENCY_US)

    assert decider.fleet.nodes[1].shaken_us == MIDDLE.origin_us + 2_000_000


@pytest.mark.parametrize(("what", "every_s"), [("needs_source", 0.25), ("needs_look", 1.0)])
def test_it_is_looked_at_again_at_once_with_new_triggers_and_once_a_second_with_refined_ones(
    what: str, every_s: float
):
    event = told(event_of("a", MIDDLE, p_picks(MIDDLE)))
    decider = decider_of(event)
    event.looked_us = event.declared_us
    setattr(event, what, True)

    decider.tick(event.declared_us + round(every_s * 1e6) - 1)
    assert getattr(event, what)
    decider.tick(event.declared_us + round(every_s * 1e6))
    assert not getattr(event, what)


def test_a_trigger_beyond_what_ground_can_do_is_not_judged_again_however_it_grows():
    decider = decider_of()
    for k, (pga_um_s2, waits) in enumerate([(41_000_000, True), (90_000_000, False)]):
        message = trigger(1.0 + k, update=k, pga_um_s2=pga_um_s2)
        decider.hear(message, message.sample_us + LATENCY_US)
        taken = decider.waiting.take(9)
        assert bool(taken) == waits
        for pick in taken:
            pick.counted = 1.0


def test_a_trigger_is_looked_at_by_those_that_run_and_whose_waves_it_may_be():
    runs, past = event_of("runs", MIDDLE), over(told(event_of("past", MIDDLE), "final"))
    elsewhere = event_of("elsewhere", replace(FAR, after_s=MIDDLE.after_s))
    decider = decider_of(runs, past, elsewhere)
    onset_us = MIDDLE.origin_us + round(P_S * 1e6)
    message = trigger(onset_us=onset_us, sample_us=onset_us + 500_000)

    decider.hear(message, onset_us + 600_000)
    decider.tick(onset_us + 600_000)
    assert [len(event.related) for event in (runs, past, elsewhere)] == [1, 0, 0]
    runs.needs_look = elsewhere.needs_look = False
    decider.hear(message._replace(update=1, sample_us=onset_us + 800_000), onset_us + 900_000)
    assert runs.needs_look and not elsewhere.needs_look


def said_of(event: Event, *others: Event) -> list[str]:
    """Return which messages are due of one that 16 nodes uphold."""
    event.nodes_live_nearby = len(event.votes)
    alerts = decider_of(event, *others).tick(event.declared_us + 1_000_000)
    return [alert.type for alert in alerts if alert.event_id == event.event_id]


def test_nobody_is_told_of_what_is_too_unlikely_or_covered_and_what_was_told_stands():
    def one(ln_odds: float = 9.0) -> Event:
        event = event_of("a", MIDDLE, p_picks(MIDDLE))
        event.ln_odds = ln_odds
        return event

    larger = over(told(event_of("b", replace(MIDDLE, magnitude=8.5, after_s=20.0)), "final"))

    assert said_of(one()) == ["new"]
    assert said_of(one(ln_odds=2.0)) == []
    assert said_of(one(), larger) == []
    assert said_of(told(one(ln_odds=2.0)), larger) != ["cancel"]


def test_one_that_turns_out_to_be_another_one_is_taken_back_with_its_name():
    first = told(event_of("first", MIDDLE, p_picks(MIDDLE)))
    first.nodes_live_nearby = len(first.votes)
    same = event_of("same", replace(MIDDLE, after_s=MIDDLE.after_s + 1), p_picks(MIDDLE))
    same.nodes_live_nearby = len(same.votes)
    told(same)

    alerts = decider_of(first, same).tick(same.declared_us + 1_000_000)

    (back,) = [alert for alert in alerts if alert.event_id == "same"]
    assert back.type == "cancel" and "first" in back.reason

"""Detections that may vote: one voice each, refined, withdrawn, forgotten."""

import pytest
from groundswell import wire

from tests.vote.world import START_US, WINDOWS_S, Place, World, status
from vote.nodes.fleet import Fleet
from vote.nodes.picks import KEEP_US, Pick, Picks

HOME = Place(1, 17.0, -100.0)


def ready() -> tuple[Fleet, Picks]:
    fleet = Fleet()
    fleet.hear_status(status(HOME, START_US - 1_000_000), START_US - 900_000)
    return fleet, Picks(fleet)


def messages(onset_us: int = START_US, **changes: object) -> list[tuple[int, wire.Trigger]]:
    world = World([HOME])
    world.trigger(HOME, onset_us, **changes)  # type: ignore[arg-type]
    return world.mail  # type: ignore[return-value]


def hear_all(picks: Picks, mail: list[tuple[int, wire.Trigger]]) -> list[Pick | None]:
    return [picks.hear(message, received_us, False) for received_us, message in mail]


def test_all_messages_of_one_detection_are_one_pick():
    _, picks = ready()

    heard = hear_all(picks, messages())

    assert len(picks.recent()) == 1
    assert all(pick is heard[0] for pick in heard)
    assert [report.window_s for report in heard[0].reports] == pytest.approx(WINDOWS_S)  # type: ignore[union-attr]


def test_a_repeated_or_overtaken_refinement_changes_nothing():
    _, picks = ready()
    mail = messages()
    hear_all(picks, mail)
    before = list(picks.recent()[0].reports)

    hear_all(picks, [mail[3], mail[1]])

    assert picks.recent()[0].reports == before


def test_a_refinement_may_come_before_the_first_message():
    _, picks = ready()
    mail = messages()

    assert picks.hear(mail[2][1], mail[2][0], False) is picks.hear(mail[0][1], mail[2][0], False)


def moved(message: wire.Trigger, by_us: int) -> wire.Trigger:
    return message._replace(onset_us=message.onset_us + by_us)


def test_a_refined_onset_moves_the_pick_and_what_was_measured_since_it():
    _, picks = ready()
    mail = messages()
    first = picks.hear(mail[0][1], mail[0][0], False)
    heard = picks.hear(moved(mail[1][1], -100_000), mail[1][0], False)

    assert heard is first
    assert heard.onset_us == START_US - 100_000  # type: ignore[union-attr]
    windows_s = [report.window_s for report in heard.reports]  # type: ignore[union-attr]
    assert windows_s == pytest.approx([WINDOWS_S[0] + 0.1, WINDOWS_S[1] + 0.1])


def test_a_moved_onset_joins_and_leaves_others():
    """11 km apart a P wave takes 2 s at most, with 3 s of slack."""
    fleet, picks = ready()
    other = Place(2, 17.0, -99.9)
    fleet.hear_status(status(other, START_US - 1_000_000), START_US - 900_000)
    mail = messages()
    first = picks.hear(mail[0][1], mail[0][0], False)
    later = [(at_us, m._replace(node_id=2)) for at_us, m in messages(START_US + 4_500_000)]
    second = picks.hear(later[0][1], later[0][0], False)
    assert first is not None and picks.joined(first, 5) == [first, second]

    picks.hear(moved(mail[1][1], -1_000_000), mail[1][0], False)

    assert picks.joined(first, 5) == [first]


def test_an_overtaken_message_does_not_bring_an_old_onset_back():
    _, picks = ready()
    mail = messages()
    picks.hear(moved(mail[2][1], -100_000), mail[2][0], False)
    picks.hear(mail[1][1], mail[2][0], False)

    assert picks.recent()[0].onset_us == START_US - 100_000


def test_an_overtaken_message_does_not_bring_an_old_opinion_back():
    _, picks = ready()
    mail = messages()
    surer = mail[3][1]._replace(p_quake_permille=950)
    doubt = mail[1][1]._replace(p_quake_permille=300)

    for message in (mail[0][1], surer, doubt):
        picks.hear(message, mail[3][0], False)

    assert picks.recent()[0].p_quake == 0.95


def test_a_refined_onset_cannot_become_another_wave():
    _, picks = ready()
    mail = messages()
    picks.hear(mail[0][1], mail[0][0], False)
    picks.hear(moved(mail[4][1], -11_000_000), mail[4][0], False)

    assert picks.recent()[0].onset_us == START_US


def test_an_unknown_node_has_no_vote_because_nobody_knows_where_it_is():
    picks = Picks(Fleet())

    assert hear_all(picks, messages()[:1]) == [None]
    assert picks.refused == 1


def test_the_peak_of_the_first_seconds_is_kept_beside_later_ones():
    _, picks = ready()
    growing = tuple(0.01 * (k + 1) for k in range(len(WINDOWS_S)))
    hear_all(picks, messages(pga_mps2=growing))

    assert picks.recent()[0].early_pga_mps2 == pytest.approx(0.05)


def test_a_pick_is_forgotten_after_a_minute():
    _, picks = ready()
    hear_all(picks, messages()[:1])

    picks.expire(START_US + KEEP_US)
    assert len(picks.recent()) == 1
    picks.expire(START_US + KEEP_US + 1_000_000)
    assert picks.recent() == [] and picks.by_key == {}


def test_a_withdrawn_detection_does_not_come_back_with_its_next_refinement_as_an_old_one():
    _, picks = ready()
    mail = messages()
    hear_all(picks, mail[:2])

    withdrawn = picks.withdraw(mail[0][1]._replace(flags=wire.FLAG_RETRACTED))

    assert withdrawn is not None and picks.recent() == []
    assert picks.withdraw(mail[0][1]) is None


def test_every_detection_counts_against_its_node_until_an_earthquake_explains_it():
    fleet, picks = ready()
    before = fleet.nodes[1].account.rate_h
    hear_all(picks, messages())

    assert fleet.nodes[1].account.rate_h > before
    assert picks.recent()[0].false_rate_h == before  # its own vote is not weakened by itself


def test_what_false_triggers_say_of_themselves_is_learnt_and_makes_a_mark_worth_less():
    fleet, picks = ready()
    before = fleet.false_mark
    for number in range(200):
        onset_us = START_US + 2 * KEEP_US * number  # no flood, which is not heard
        hear_all(picks, messages(onset_us, p_quake_permille=950))
        picks.expire(onset_us + 2 * KEEP_US)

    assert before + 2 < fleet.false_mark


@pytest.mark.parametrize("early_s", [-1, 121, -2_000_000_000])
def test_an_onset_that_its_own_last_sample_contradicts_has_no_vote(early_s: int):
    """After the sample, minutes before it, in another century: the node's row would stay so."""
    _, picks = ready()
    (received_us, message), *_ = messages()

    wrong = message._replace(onset_us=message.sample_us - early_s * 1_000_000)

    assert picks.hear(wrong, received_us, False) is None
    assert picks.hear(message, received_us, False) is not None

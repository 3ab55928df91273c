from firmware.uplink import rota
from firmware.uplink.rota import Rota

SECOND = 1000000
MINUTE = 60 * SECOND


def middle(bits):
    return 1 << (bits - 1)


def calls(brokers, seconds):
    """Return (second, index) of each call to brokers that never answer."""
    who = Rota(brokers, middle)
    made = []
    for second in range(seconds):
        if second * SECOND >= who.call_at_us:
            made.append((second, who.index))
            who.ended(second * SECOND)
    return made


def test_each_broker_of_the_list_is_called_in_turn():
    assert [index for _, index in calls(3, 60)][:7] == [0, 1, 2, 0, 1, 2, 0]


def test_pauses_double_with_each_round_and_not_with_each_broker():
    for brokers in (1, 2):
        times = [second for second, _ in calls(brokers, 1200)]
        pauses = [b - a for a, b in zip(times, times[1:])]

        assert pauses[:brokers] == [1] * brokers
        assert pauses == sorted(pauses)
        assert 40 <= pauses[-1] <= 60


def test_two_nodes_call_at_different_times():
    moments = []
    for chance in (0, 65535):
        who = Rota(1, lambda bits, chance=chance: chance)
        who.ended(0)
        moments.append(who.call_at_us)

    assert SECOND // 2 <= moments[0] < moments[1] <= SECOND


def test_a_line_that_stood_is_called_again_at_the_same_broker_first_and_soon():
    who = Rota(2, middle)
    who.stands(0)
    who.ended(MINUTE)

    assert who.index == 0 and who.call_at_us <= MINUTE + SECOND
    who.ended(MINUTE + SECOND)
    assert who.index == 1


def test_a_broker_that_welcomes_and_throws_out_is_called_less_and_less():
    who = Rota(1, middle)
    now_us = 0
    for _ in range(12):
        now_us = who.call_at_us
        who.stands(now_us)
        now_us += SECOND
        who.ended(now_us)

    assert who.call_at_us - now_us >= rota.BACKOFF_LONGEST_US // 2


def away(now_us=0):
    who = Rota(2, middle)
    who.ended(now_us)
    who.stands(now_us)
    assert who.index == 1
    return who


def test_away_from_the_preferred_broker_it_looks_for_it_after_some_minutes():
    who = away()

    assert not who.is_look_due(5 * MINUTE - 1)
    assert who.is_look_due(10 * MINUTE)
    who.look_later(10 * MINUTE)
    assert not who.is_look_due(14 * MINUTE) and who.is_look_due(20 * MINUTE)


def test_at_the_preferred_broker_it_looks_for_none():
    who = Rota(2, middle)
    who.stands(0)

    assert not who.is_look_due(1000 * MINUTE)


def test_a_preferred_broker_that_answers_and_does_not_keep_us_is_tried_less_and_less():
    who = away()
    now_us = 0
    looks = []
    for _ in range(8):
        start_us = now_us
        while not who.is_look_due(now_us):
            now_us += MINUTE
        looks.append((now_us - start_us) // MINUTE)
        who.go_back(now_us)
        assert who.index == 0 and who.call_at_us == now_us
        who.ended(now_us)
        who.stands(now_us)
        assert who.index == 1

    assert looks == sorted(looks) and looks[0] <= 10 and looks[-1] >= 60


def test_a_preferred_broker_that_kept_us_is_looked_for_soon_again():
    who = away()
    for _ in range(5):
        who.go_back(0)
        who.ended(0)
    who.go_back(0)
    who.stands(0)
    who.ended(MINUTE)
    who.ended(MINUTE)
    who.stands(MINUTE)

    assert who.index == 1 and who.is_look_due(11 * MINUTE)

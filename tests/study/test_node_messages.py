"""Messages of simulated nodes: as real ones would send them, and the same at every run."""

import itertools

import numpy as np
import pytest
from groundswell import wire

from study.networks import NETWORKS
from study.node_messages import START_US, Conditions, letters_of
from study.shocks import drawn_quake

NETWORK = NETWORKS["region-20"]
QUAKE = drawn_quake(NETWORK, 60, 100)


@pytest.fixture(scope="module")
def messages():
    letters, _ = letters_of(NETWORK, QUAKE, Conditions())
    return [(letter.received_us, wire.decode(letter.frame)) for letter in letters]


def triggers(messages) -> dict[int, list[wire.Trigger]]:
    found: dict[int, list[wire.Trigger]] = {}
    for _, message in messages:
        if isinstance(message, wire.Trigger):
            found.setdefault(message.node_id - 1, []).append(message)
    return {node: sorted(own, key=lambda one: one.update) for node, own in found.items()}


def test_the_same_earthquake_gives_the_same_frames():
    again = drawn_quake(NETWORK, 60, 100)

    assert letters_of(NETWORK, QUAKE, Conditions()) == letters_of(NETWORK, again, Conditions())


def test_the_dead_say_nothing_and_the_living_say_that_they_live(messages):
    heard = {m.node_id - 1 for _, m in messages if isinstance(m, wire.Status)}

    assert heard == set(np.flatnonzero(~QUAKE.is_dead))
    assert QUAKE.is_dead.any()


def test_nobody_speaks_of_a_wave_before_it_is_there(messages):
    for node, own in triggers(messages).items():
        arrives_us = START_US + QUAKE.motion.p_s[node] * 1e6
        # by the node's own clock, which errs by 0.05 s
        assert own[0].sent_us > arrives_us - 250_000
        for received_us, message in messages:
            if message is own[0]:
                assert received_us > arrives_us


def test_peaks_only_grow_and_end_at_the_earthquakes_own(messages):
    for node, own in triggers(messages).items():
        for name in ("pga_um_s2", "pgv_nm_s", "pd_nm"):
            peaks = [getattr(message, name) for message in own]
            assert all(a <= b for a, b in itertools.pairwise(peaks))
        assert own[-1].pga_um_s2 <= 1.01 * max(QUAKE.pga_mps2[node], 0.01) * 1e6


def test_shaking_tells_of_every_second_and_falls_in_the_end(messages):
    node = int(np.argmax(np.where(QUAKE.is_dead, 0, QUAKE.pga_mps2)))
    told = [m for _, m in messages if isinstance(m, wire.Shaking) and m.node_id == node + 1]
    told.sort(key=lambda message: message.end_us)
    peaks = [message.pga_um_s2 for message in told]

    assert max(peaks) == pytest.approx(QUAKE.pga_mps2[node] * 1e6, rel=0.3)
    assert peaks[-1] < max(peaks) / 4


def test_without_silence_no_status_says_that_a_node_listens():
    letters, _ = letters_of(NETWORK, QUAKE, Conditions(heeds_silence=False))
    states = {
        message.state
        for letter in letters
        if isinstance(message := wire.decode(letter.frame), wire.Status)
    }

    assert states == {wire.STATE_STARTING}


def test_without_p_quake_every_node_is_as_sure_as_a_coin():
    letters, _ = letters_of(NETWORK, QUAKE, Conditions(heeds_p_quake=False))
    marks = {
        message.p_quake_permille
        for letter in letters
        if isinstance(message := wire.decode(letter.frame), wire.Trigger)
    }

    assert marks == {500}


def test_clocks_err_by_what_they_say():
    letters, _ = letters_of(NETWORK, QUAKE, Conditions(clock_sigma_s=0.3))
    ahead_s = [
        (message.sent_us - letter.received_us) / 1e6
        for letter in letters
        if isinstance(message := wire.decode(letter.frame), wire.Status)
    ]

    assert 0.2 < np.std(ahead_s) < 0.45

"""Years of false triggers: nothing that could be declared is left out."""

import numpy as np
from groundswell import wire

from study import bursts, false_triggers, node_messages
from study.engine import judged
from study.false_triggers import Episode
from study.networks import NETWORKS, Network
from study.shocks import drawn_quake
from vote.settings import Settings

NETWORK = NETWORKS["region-20"]
RATES_H = np.full(NETWORK.size, 0.3)


def test_every_group_of_three_that_a_p_wave_could_join_is_played():
    rng = np.random.default_rng(3)
    nodes, times_s = false_triggers._a_year(RATES_H * 0.2, rng)
    apart = np.hypot(
        NETWORK.east_km[:, None] - NETWORK.east_km, NETWORK.north_km[:, None] - NETWORK.north_km
    )
    reach_s = apart / 5.0 + 3.0 + 0.2
    by_hand = set()
    for newest in range(len(nodes)):
        others = set()
        for k in range(newest - 1, -1, -1):
            if times_s[newest] - times_s[k] > 60:
                break
            if times_s[newest] - times_s[k] <= reach_s[nodes[newest], nodes[k]]:
                others.add(nodes[k])
        if len(others - {nodes[newest]}) >= 2:
            by_hand.add((int(nodes[newest]), float(times_s[newest])))

    found = list(false_triggers._joined(nodes, times_s, reach_s))

    played = {mark for episode in found for mark in episode.marks}
    assert by_hand and by_hand <= played
    assert len(played) < len(nodes) / 20


def test_a_year_has_as_many_triggers_as_the_rate_says():
    nodes, times_s = false_triggers._a_year(RATES_H, np.random.default_rng(1))

    expected = RATES_H.sum() * false_triggers.HOURS_A_YEAR
    assert abs(len(nodes) - expected) < 5 * expected**0.5
    assert (np.diff(times_s) >= 0).all()


def test_the_vote_knows_its_nodes_and_their_rates_from_the_start():
    rates_h = RATES_H * np.linspace(0.5, 2, NETWORK.size)

    decider = false_triggers.decider_of(NETWORK, rates_h, Settings())

    known = [decider.fleet.nodes[n + 1].account.rate_h for n in range(NETWORK.size)]
    assert np.corrcoef(known, rates_h)[0, 1] > 0.99
    assert decider.fleet.live(false_triggers.START_US + 1_000_000).all()


def test_a_false_alert_would_have_a_level_at_the_places_of_the_nodes():
    decider = false_triggers.decider_of(NETWORK, RATES_H, Settings())
    quake = drawn_quake(NETWORK, 4, 6)
    letters, _ = node_messages.letters_of(NETWORK, quake, node_messages.Conditions())

    alerts = judged(decider, [letter for letter in letters if letter.is_prompt])

    assert [len(alert.areas) for alert in alerts[:1]] == [NETWORK.size]
    assert alerts[-1].level != "none"


def test_an_episode_is_heard_in_order_and_in_full():
    episode = Episode(((3, 1000.0), (4, 1002.0), (9, 1005.0)))
    letters = false_triggers.letters_of(NETWORK, episode, np.random.default_rng(1))

    nodes = {wire.decode(letter.frame).node_id for letter in letters}
    assert nodes == {4, 5, 10}
    received = [letter.received_us for letter in letters]
    assert received == sorted(received)


def test_one_instant_over_a_district_is_no_earthquake():
    rng = np.random.default_rng(5)
    mains = next(cause for cause in bursts.CAUSES if cause.name == "mains transient")
    episode = mains.draw(NETWORK, rng)
    decider = false_triggers.decider_of(NETWORK, RATES_H, Settings())

    assert len(episode.marks) >= 3
    assert judged(decider, false_triggers.letters_of(NETWORK, episode, rng)) == []


def test_the_wave_of_a_great_earthquake_far_away_is_a_plane_that_is_fast_along_the_surface():
    far = next(cause for cause in bursts.CAUSES if cause.name == "great earthquake far away")
    network = NETWORKS["country-50"]
    nodes, times_s = (np.array(each) for each in zip(*_loudest(far, network).marks))
    terms = np.stack([np.ones(len(nodes)), network.east_km[nodes], network.north_km[nodes]], 1)
    plane, *_ = np.linalg.lstsq(terms, times_s)

    assert 7.5 < 1 / np.hypot(*plane[1:]) < 14
    assert np.std(times_s - terms @ plane) < 1.2


def _loudest(cause: bursts.Cause, network: Network) -> false_triggers.Episode:
    """Return of some episodes the one that most nodes notice."""
    drawn = (cause.draw(network, np.random.default_rng(seed)) for seed in range(5))
    return max(drawn, key=lambda episode: len(episode.marks))


def test_thunder_reaches_one_node_after_another_at_the_speed_of_sound():
    thunder = next(cause for cause in bursts.CAUSES if cause.name == "thunder")
    for seed in range(20):
        episode = thunder.draw(NETWORKS["town-10"], np.random.default_rng(seed))
        for (_, first), (_, last) in zip(episode.marks, episode.marks[1:]):
            assert first <= last
        if episode.marks:
            assert episode.marks[-1][1] <= bursts.THUNDER_KM / bursts.SOUND_KM_S + 2

"""Which test holds which guard: each was seen to fail when the guard was taken out of the vote.

Where guards stand behind one another the test takes them out itself, together, and sees the
failure that they prevent.
"""

import ast
from pathlib import Path

import pytest

# failure, the test (or tests, by the beginning of their names), what was taken out
GUARDS = (
    ("no moveout", "test_guards", "test_many_distant_nodes", "quorum._is_one_instant"),
    ("one site, many nodes", "test_guards", "test_four_nodes_of_one_building", "fleet.SITE_KM"),
    ("its peaks", "test_guards_of_peaks", "test_two_nodes_of_one_building", "a median by site"),
    ("its blow in a P wave", "test_growing", "test_a_blow_during", "shaking.MOST_SIGMAS"),
    ("one peak, far off", "test_growing", "test_a_place_10_km", "shaking.OWN_KM"),
    ("one node twice", "test_guards", "test_one_node_that_says", "four guards, in the test"),
    ("one node, a flood", "test_floods", "test_one_node_that_floods", "picks.OF_ONE_NODE"),
    ("many that flood", "test_floods", "test_a_third_of_the", "picks.OF_ONE_NODE, MAX_OF_NODE"),
    ("repeated frames", "test_hard_cases", "test_a_broker_that_repeats", "Picks.by_key"),
    ("re-ordered frames", "test_hard_cases", "test_a_message_that_a", "Picks._withdrawn"),
    ("chattering node", "test_guards", "test_a_chattering_node", "Fleet.is_quarantined"),
    ("the dead as silence", "test_guards", "test_live_neighbours", "heard_us in Fleet.live"),
    ("the living, silent", "test_guards", "test_live_neighbours", "silent_share in evidence"),
    ("stale entries", "test_hard_cases", "test_old_triggers_add_up", "three guards, in the test"),
    ("two at once", "test_several_events", "test_two_earthquakes_100_km", "event.SPLIT_S, _KM"),
    ("foreshock", "test_more_guards", "test_a_foreshock_does_not_hide", "event.SPLIT_S, _KM"),
    ("aftershock storm", "test_hard_cases", "test_a_storm_of_fifty", "Decider._count"),
    ("far wave", "test_more_guards", "test_a_wave_from_far_away", "far.FASTER_KM_S"),
    ("deep", "test_more_guards", "test_an_earthquake_far_below", "the source in far.flatter"),
    ("offshore", "test_more_guards", "test_an_earthquake_offshore", "ellipse.sigmas_of"),
    ("a large rupture", "test_several_events", "test_a_large_rupture", "Event.still_ruptures"),
    ("noisy node", "test_more_guards", "test_one_node_that_measures", "magnitude.doubted; HUBER"),
    ("clipped", "test_more_guards", "test_clipped_nodes", "Pick.is_clipped"),
    ("thunder", "test_guards", "test_thunder", "rivals: crowd and sound, in the test"),
    ("power cut", "test_broken_networks", "test_a_district", "guards_moveout, in the test"),
    ("broker's burst", "test_more_guards", "test_what_a_broker", "onsets: received_us instead"),
    ("clocks, 1 s", "test_hard_cases", "test_of_five_nodes_one_whose_clock", "residuals"),
    ("clocks, 1 s, stated", "test_hard_cases", "test_nodes_that_know", "clock_sigma_s, laid.lay"),
    ("clocks, 1 h, 30 years", "test_guards", "test_a_clock_that_is_wrong", "stamps.is_clock_bad"),
    ("wrong coordinates", "test_hard_cases", "test_of_sixteen_nodes", "1 + in voting"),
    ("the engine's clock", "test_set_back", "test_nodes_that_an_engine", "set_back"),
    ("moving nodes", "test_moving", "test_nodes_that_tell_another", "fleet.MOVES_AFTER_US"),
    ("one name, two nodes", "test_moving", "test_nodes_that_share", "fleet.MOVES_AFTER_US"),
    ("buzzers", "test_hard_cases", "test_buzzers", "FLAG_MASKED in picks._may_vote"),
    ("nodes that buzz", "test_hard_cases", "test_nodes_whose_buzzers", "FLAG_MASKED, Fleet._copy"),
)  # fmt: skip


@pytest.mark.parametrize(("module", "beginning"), [guard[1:3] for guard in GUARDS])
def test_the_test_of_a_guard_is_there(module: str, beginning: str):
    source = Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]

    assert any(name.startswith(beginning) for name in names)

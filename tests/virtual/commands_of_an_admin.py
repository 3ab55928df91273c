"""The virtual board is told what to do: settings on trial, history, restart, masking."""

import json

from firmware.main import TRIAL_US
from groundswell import codec, faults, sta_lta, wire
from simulated_flash import TORN
from virtual_broker import VirtualBroker
from virtual_world import SECOND, World

QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}
# The same, and whatever the judge thinks of a rectangular earthquake: it is said.
SAYS_ALL = {"rate_mhz": 62500, "send_from_permille": 0}


def settings_of(world):
    return json.loads(str(world.ask(wire.ACTION_CONFIGURE).payload, "utf-8"))


def test_thresholds_are_changed_at_once_and_survive_a_restart():
    world = World(QUICK).armed()
    levels = {"send_from_permille": 345, "busy_from_permille": 800, "ratio_milli": 5000}
    reply = world.ask(wire.ACTION_CONFIGURE, dict(levels, status_every_s=10))
    assert (reply.result, reply.payload) == (wire.RESULT_DONE, b"in force")
    assert world.firmware.parts.reporter.send_from_permille == 345
    assert world.ask(wire.ACTION_RESTART).result == wire.RESULT_DONE
    world.run_until(lambda: world.starts == 2 and world.is_armed())

    assert [settings_of(world)[name] for name in levels] == list(levels.values())
    reporter = world.firmware.parts.reporter
    assert (reporter.send_from_permille, reporter.busy_from_permille) == (345, 800)
    assert reporter.detector._averages.state[sta_lta.THRESHOLD_8] == 40
    assert world.last_status().reset_cause == wire.RESET_COMMAND
    before = len(world.statuses())
    world.run(41)
    assert len(world.statuses()) - before == 4


def test_settings_that_cannot_be_are_refused_with_the_reason_and_change_nothing():
    world = World(QUICK)
    world.board.name = "esp32"
    world.armed()
    before = settings_of(world)
    for changes, words in (
        ({"send_from_permille": 5, "rate_mhz": 51000}, b"rate_mhz"),
        ({"ratio_milli": 1500}, b"ratio_milli"),
        ({"send_from_permille": 5, "pps_pin": 7}, b"pps_pin 7: it is the flash's"),
        ({"send_from_permille": 5, "node_id": 0}, b"by cable only"),
    ):
        reply = world.ask(wire.ACTION_CONFIGURE, changes)
        assert reply.result == wire.RESULT_REFUSED and words in reply.payload

    assert settings_of(world) == before and world.starts == 1


def test_a_new_broker_is_tried_and_kept():
    world = World(QUICK).armed()
    world.network.names["other"] = True
    world.brokers["other"] = VirtualBroker(world.time.now_us)
    assert world.ask(wire.ACTION_CONFIGURE, {"brokers": ["other:1883"]}).result == wire.RESULT_DONE
    other = world.brokers["other"]
    world.run_until(lambda: other.said(wire.Status), 30)
    world.run(3)

    assert not world.firmware.parts.configuration.is_on_trial
    assert other.said(wire.Status)[-1].reset_cause == wire.RESET_SETTINGS


def test_a_broker_that_cannot_be_reached_is_given_up_and_it_is_told():
    world = World(QUICK).armed()
    assert world.ask(wire.ACTION_CONFIGURE, {"brokers": ["wrong:1"]}).result == wire.RESULT_DONE
    asked_us = world.time.true_us
    world.run_until(lambda: world.starts == 3 and world.is_armed(), 300)

    assert world.time.true_us - asked_us < TRIAL_US + 60 * SECOND
    status = world.last_status()
    assert status.faults & faults.SETTINGS_ROLLED_BACK
    assert status.reset_cause == wire.RESET_SETTINGS
    assert settings_of(world)["brokers"] == ["broker:1883"]


def test_settings_with_which_it_hears_no_commands_are_given_up():
    world = World(QUICK).armed()
    world.network.names["other"] = True
    other = world.brokers["other"] = VirtualBroker(world.time.now_us)
    other.refuses_commands = True
    assert world.ask(wire.ACTION_CONFIGURE, {"brokers": ["other:1883"]}).result == wire.RESULT_DONE
    world.run_until(lambda: other.said(wire.Status), 30)
    world.broker.heard.clear()
    world.run_until(world.statuses, TRIAL_US // SECOND + 60)

    assert world.firmware.parts.configuration.settings["brokers"] != ["other:1883"]
    assert world.last_status().faults & faults.SETTINGS_ROLLED_BACK


def test_a_cut_of_power_at_any_write_of_new_settings_leaves_a_node_that_comes_back():
    for how in TORN:
        for cut in range(3):
            world = World(QUICK).armed()
            world.files.cut_at(cut, how)
            world.ask(wire.ACTION_CONFIGURE, {"elevation_m": 77}, 4)
            world.broker.heard.clear()
            world.run_until(world.statuses, 40)
            status = world.last_status()
            assert status.elevation_m in (0, 77) and status.state != wire.STATE_OFFLINE, (how, cut)


def test_the_last_seconds_are_sent_when_asked_for_late_and_paced():
    world = World().armed()
    world.run(12)
    now_us = world.time.true_us
    asked = {"from_us": now_us - 5 * SECOND, "to_us": now_us - 2 * SECOND}
    reply = world.ask(wire.ACTION_SEND_HISTORY, asked)
    promise = json.loads(str(reply.payload, "utf-8"))
    packets = [(at, m) for at, m in world.broker.heard if isinstance(m, wire.Waveform)]

    assert reply.result == wire.RESULT_DONE and promise["packets"] == len(packets) == 7
    first, last = packets[0][1], packets[-1][1]
    assert abs(first.start_us - asked["from_us"]) < 12000
    assert all(m.flags & wire.FLAG_LATE for _, m in packets)
    assert sum([m.sample_count for _, m in packets]) in (376, 377)
    assert packets[-1][0] - packets[0][0] > 1000000
    counts = codec.decode(last.payload, last.sample_count)
    assert abs(sum(counts[2]) // last.sample_count - 256410) < 1000


def test_history_that_is_not_here_is_answered():
    world = World(QUICK).armed()
    now_us = world.time.true_us
    for asked, result in (
        ({"from_us": now_us - 90 * SECOND, "to_us": now_us - 80 * SECOND}, wire.RESULT_FAILED),
        ({"from_us": now_us + 90 * SECOND, "to_us": now_us + 99 * SECOND}, wire.RESULT_FAILED),
        ({"from_us": now_us, "to_us": now_us - 1}, wire.RESULT_REFUSED),
        ({"from_us": "yesterday", "to_us": now_us}, wire.RESULT_REFUSED),
        ([], wire.RESULT_REFUSED),
        (None, wire.RESULT_REFUSED),
    ):
        assert world.ask(wire.ACTION_SEND_HISTORY, asked, 1).result == result, asked


def test_while_its_own_buzzer_sounds_a_node_says_that_it_is_masked():
    world = World(SAYS_ALL).armed()
    assert world.ask(wire.ACTION_IDENTIFY, None, 1).result == wire.RESULT_DONE
    world.ground.swing = 60000
    world.run(4)
    world.ground.swing = 0
    assert world.broker.said(wire.Trigger)[0].flags & wire.FLAG_MASKED
    assert world.broker.said(wire.Shaking)[0].flags & wire.FLAG_MASKED
    world.run(40)

    assert not world.last_status().flags & wire.FLAG_MASKED


def test_self_tests_that_come_together_are_done_one_a_turn_and_bite_no_watchdog():
    world = World(QUICK).armed()
    now_us = world.time.true_us
    for number in range(8):  # of two seconds each
        command = wire.Command(
            42, 100 + number, wire.ACTION_SELF_TEST, now_us, now_us + 60 * SECOND, b""
        )
        world.broker.tell(command)
    world.run(30)

    replies = [reply for reply in world.broker.said(wire.Reply) if reply.command_id >= 100]
    assert [reply.result for reply in replies] == [wire.RESULT_DONE] * 8
    assert world.starts == 1 and world.last_status().state == wire.STATE_ARMED


def test_a_command_for_which_the_clock_is_needed_is_refused_without_it():
    world = World(QUICK)
    world.time_servers["time"].is_up = False
    world.run(10)

    assert world.ask(wire.ACTION_RESTART).result == wire.RESULT_REFUSED
    assert world.starts == 1

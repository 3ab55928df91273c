"""The virtual board while its chip, flash, memory or loop fail."""

import gc

from firmware.main import SAFE_FOR_US
from firmware.state.starts import CRASHES_BORNE
from groundswell import faults, wire
from simulated_flash import SimulatedFlash
from virtual_world import SECOND, World

QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}


def test_a_fifo_that_overran_leaves_a_gap_that_is_told():
    world = World()
    world.armed()
    world.run(5)
    before, lost = world.samples(), world.last_status().drops
    world.time.true_us += 2 * SECOND  # somebody blocks the loop for so long
    world.run(12)
    status = world.last_status()
    assert status.faults & faults.OVERRUN and status.faults & faults.LATE_LOOP
    assert status.state == wire.STATE_ARMED
    world.run(20)

    assert world.last_status().drops - lost > 180  # of the 250 samples the FIFO held 32
    assert world.samples() - before < 34 * 126


def test_a_loop_that_hangs_is_bitten_by_the_watchdog():
    world = World(QUICK).armed()
    world.time.true_us += 9 * SECOND
    world.run_until(lambda: world.starts == 2 and world.is_armed())

    status = world.last_status()
    assert status.reset_cause == wire.RESET_WATCHDOG and status.faults & faults.CRASHED


def test_a_chip_that_stops_answering_is_told_at_once_and_started_again():
    world = World(QUICK).armed()
    world.board.model.fault = "zeros"
    failed_us = world.time.true_us
    world.run(3)
    status = world.last_status()
    assert status.state == wire.STATE_FAULT and status.faults & faults.SENSOR
    assert world.broker.heard[-1][0] - failed_us < 1500000
    assert "zeros" in world.firmware.parts.sampler.error
    world.run(120)
    world.board.model.fault = None
    world.run_until(world.is_armed, 80)

    assert world.last_status().faults & faults.SENSOR == 0


def test_a_chip_that_is_dead_at_the_start_does_not_keep_the_node_from_saying_so():
    world = World(QUICK)
    world.ground.is_silent = True
    world.run_until(world.statuses)
    status = world.last_status()
    assert status.state == wire.STATE_FAULT and status.faults & faults.SELF_TEST
    world.ground.is_silent = False
    world.run_until(world.is_armed, 400)  # the self-test is tried again


def test_a_failed_self_test_is_a_fault_until_one_passes():
    world = World()
    world.run(0.1)
    push_mg, world.board.model.push_mg = world.board.model.push_mg, (0, 0, 0)
    reply = world.armed().ask(wire.ACTION_SELF_TEST)
    assert reply.result == wire.RESULT_FAILED and b"FAIL" in reply.payload
    assert world.last_status().state == wire.STATE_FAULT
    world.board.model.push_mg = push_mg
    reply = world.ask(wire.ACTION_SELF_TEST)
    assert reply.result == wire.RESULT_DONE and b"PASS" in reply.payload
    assert b"publishes too much" not in reply.payload
    for _ in range(50):  # two more than are free at once
        world.firmware.parts.reporter.opinion.allowance.spend(world.board.ticks())
    reply = world.ask(wire.ACTION_SELF_TEST)
    assert b"publishes too much: its detections must be 200 permille" in reply.payload
    world.run_until(world.is_armed, 40)


def crash(world):
    def stumble(*_):
        raise KeyError("ours")

    world.node.uplink.step = stumble


def test_three_crashes_in_a_row_lead_to_safe_mode_that_obeys_and_ends_by_itself():
    world = World(QUICK).armed()
    for number in range(CRASHES_BORNE):
        crash(world)
        world.run_until(lambda number=number: world.starts == number + 2, 10)
        if number + 1 < CRASHES_BORNE:
            world.run_until(world.is_armed)
            assert world.last_status().faults & faults.CRASHED
            assert world.last_status().reset_cause == wire.RESET_CRASH
    began_us = world.time.true_us
    world.run_until(lambda: world.statuses(began_us))
    world.run(15)

    status = world.last_status()
    assert status.state == wire.STATE_SAFE_MODE and status.faults & faults.CRASHED
    assert "ours" in world.board.log_lines[0]
    assert world.ask(wire.ACTION_IDENTIFY).result == wire.RESULT_DONE
    assert world.ask(wire.ACTION_CONFIGURE).result == wire.RESULT_DONE
    world.time.true_us += SAFE_FOR_US - 60 * SECOND
    world.board.feed = lambda: None
    world.board._fed_us = None
    world.run_until(world.is_armed, 200)


def test_a_restart_by_command_ends_safe_mode():
    world = World(QUICK).armed()
    for number in range(CRASHES_BORNE):
        crash(world)
        world.run_until(lambda number=number: world.starts == number + 2, 10)
        world.run(15)
    assert world.last_status().state == wire.STATE_SAFE_MODE
    assert world.ask(wire.ACTION_RESTART).result == wire.RESULT_DONE
    world.run_until(world.is_armed)

    assert world.last_status().reset_cause == wire.RESET_COMMAND


def test_a_task_that_fails_is_told_and_the_others_go_on():
    world = World(QUICK).armed()

    def stumble(*_):
        raise KeyError("ours")

    world.firmware.parts.time.step = stumble
    before = world.samples()
    world.run(35)

    status = world.last_status()
    assert status.faults & faults.TASK_TIME and status.state == wire.STATE_ARMED
    assert abs(world.samples() - before - 35 * 50.05) < 20
    assert world.starts == 1


def piece(size):
    try:
        return bytearray(size)
    except MemoryError:
        return None


def test_a_node_without_memory_for_a_line_goes_on_and_starts_again_after_minutes():
    world = World(QUICK).armed()

    def no_room(host):
        raise MemoryError

    world.network.open_line = no_room
    world.broker.cut_lines()
    before = world.samples()
    world.run(120)
    assert world.starts == 1 and world.samples() - before > 119 * 50
    world.run_until(lambda: world.starts == 2, 600)
    del world.network.open_line
    world.run_until(lambda: len(world.statuses()) and world.is_armed(), 120)
    assert world.last_status().reset_cause == wire.RESET_CRASH
    world.run(60)
    assert world.starts == 2


def test_a_memory_that_is_nearly_full_is_told_and_survived():
    mem_free = getattr(gc, "mem_free", None)
    if mem_free is None:
        return
    world = World(QUICK).armed()
    before = world.samples()
    sizes = (1 << 18, 1 << 14, 1 << 10, 64)  # the last fills what others left between them
    ballast = [None] * (len(sizes) * 2000)  # a chain of pieces costs each collection seconds
    gc.collect()
    held = 0
    for size in sizes:
        for _ in range(2000):
            if mem_free() < 20 * size + 6000:
                break
            ballast[held] = piece(size)
            if ballast[held] is None:
                break
            held += 1
    assert mem_free() < 8000, mem_free()
    began_us = world.time.true_us
    try:
        world.run(4)
        bits = world.firmware.health.bits(world.board.ticks())
    finally:
        ballast = None
        gc.collect()
    assert bits & faults.MEMORY
    world.run(31)
    seconds = (world.time.true_us - began_us) / SECOND
    assert abs(world.samples() - before - 50.05 * seconds) < 20
    assert world.last_status().faults & faults.MEMORY
    assert world.starts == 1


def test_a_flash_that_takes_nothing_is_told_and_the_node_works():
    world = World(QUICK)
    world.files.capacity_bytes = 0
    world.power_on(wire.RESET_POWER)
    world.armed()
    world.run(2)
    assert world.firmware.health.bits(world.board.ticks()) & faults.STORAGE
    reply = world.ask(wire.ACTION_CONFIGURE, {"send_from_permille": 200})
    assert reply.result == wire.RESULT_FAILED


def test_a_broken_configuration_leads_back_to_the_technicians():
    world = World(QUICK).armed()
    assert world.ask(wire.ACTION_CONFIGURE, {"status_every_s": 20}).result == wire.RESULT_DONE
    for name in list(world.files.files):
        if "settings" in name:
            world.files.files[name] = b"\xff" * 50
    world.ask(wire.ACTION_RESTART)
    world.run_until(world.is_armed)

    assert world.last_status().faults & faults.CONFIGURATION
    assert world.firmware.parts.configuration.settings["status_every_s"] == 30


def test_a_node_without_any_configuration_says_so_to_whoever_stands_there():
    files = SimulatedFlash()
    files.write("node.json", b'{"node_id": 4')
    world = World(files=files)
    world.run(30)

    assert world.firmware.health.bits(world.board.ticks()) & faults.CONFIGURATION
    assert any("node.json is of no use" in line for line in world.board.log_lines)
    assert any("no broker is configured" in line for line in world.board.log_lines)
    assert world.samples() > 3000 and world.starts == 1


def test_a_model_that_is_spoilt_is_told_and_done_without():
    for spoil in (
        lambda file: b"",
        lambda file: file[:2000],
        lambda file: file[:3000] + bytes([file[3000] ^ 1]) + file[3001:],
    ):
        from groundswell import trained  # each start forgets it

        trained.MODEL = spoil(trained.MODEL)
        del trained._loaded[:]
        world = World()
        world.run(20)
        status = world.last_status()
        assert status.faults & faults.MODEL and status.state == wire.STATE_FAULT
        world.ground.swing = 5000
        world.run(5)
        triggers = world.broker.said(wire.Trigger)
        assert triggers and all([one.p_quake_permille == 500 for one in triggers])

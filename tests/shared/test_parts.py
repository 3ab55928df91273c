"""Commands whose code is loaded for a moment, on a node that has no room for it."""

import json
import sys

from firmware import orders, parts
from firmware.update import updater as updates
from firmware.virtual.board import VirtualBoard
from groundswell import faults, wire

from simulated_flash import SimulatedFlash
from virtual_world import SETTINGS, World

QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}
IS_DEVICE = sys.implementation.name == "micropython"


class NoRoom:
    """In place of a module that does not fit."""

    @property
    def DO(self):  # noqa: N802
        raise MemoryError("memory allocation failed")


def give_no_room(is_so):
    sys.modules.pop("firmware.orders.actions", None)
    if hasattr(orders, "actions"):
        del orders.actions
    if is_so:
        sys.modules["firmware.orders.actions"] = orders.actions = NoRoom()


def test_a_command_without_room_is_answered_and_only_restart_needs_none():
    world = World(QUICK).armed()
    give_no_room(True)
    refused = world.ask(wire.ACTION_IDENTIFY)
    give_no_room(False)
    obeyed = world.ask(wire.ACTION_IDENTIFY)

    assert refused.result == wire.RESULT_FAILED and b"memory" in refused.payload
    assert obeyed.result == wire.RESULT_DONE
    assert world.last_status().faults & faults.MEMORY and world.starts == 1
    give_no_room(True)
    assert world.ask(wire.ACTION_RESTART).result == wire.RESULT_DONE
    give_no_room(False)
    world.run_until(lambda: world.starts == 2)


def test_a_device_keeps_nothing_of_what_the_start_and_a_command_needed():
    world = World(QUICK).armed()
    assert world.ask(wire.ACTION_SELF_TEST).result == wire.RESULT_DONE

    start = tuple(f"firmware.{name}" for name in ("assembly", "beginning", "hearing", "joining"))
    kept = [name for name in parts.ACTING + start if name in sys.modules]
    assert bool(kept) != IS_DEVICE


def test_a_commanded_self_test_finds_the_vertical_that_the_start_did_not():
    world = World(QUICK).armed()
    world.ground.vertical = 1
    world.ground.is_silent = True
    world.power_on(wire.RESET_POWER)
    world.run(10)
    world.ground.is_silent = False
    assert world.ask(wire.ACTION_SELF_TEST).result == wire.RESULT_DONE

    assert world.firmware.parts.sampler._vertical == 1


def test_a_pin_that_catches_no_pulses_is_told_as_that():
    pulses, VirtualBoard.pulses = VirtualBoard.pulses, no_pulses
    try:
        world = World(dict(QUICK, pps_pin=2)).armed()
    finally:
        VirtualBoard.pulses = pulses

    assert world.last_status().faults == faults.PULSES


def no_pulses(board, pin):
    raise ValueError("in use")


class TooNarrow:
    """In place of the updater where there is no room for it."""

    def __init__(self, *parts):
        raise MemoryError("memory allocation failed")


def test_an_update_without_room_is_answered_and_the_node_goes_on():
    files = SimulatedFlash()
    for folder in ("state", "boot", "boot/firmware"):
        files.make_folder(folder)
    files.write("boot/firmware/launch.py", b"")
    settings = dict(SETTINGS)
    settings.update(QUICK)
    files.write("node.json", json.dumps(settings).encode())
    world = World(QUICK, files=files).armed()
    roomy, updates.Updater = updates.Updater, TooNarrow
    sys.modules["firmware.update.updater"] = updates
    reply = world.ask(wire.ACTION_UPDATE)
    updates.Updater = roomy
    samples = world.samples()
    world.run(1)

    assert reply.result == wire.RESULT_FAILED and b"memory" in reply.payload
    assert world.firmware.parts.updater is None and world.node.take_chunk is None
    assert world.last_status().faults & faults.MEMORY and world.starts == 1
    assert world.samples() > samples
    assert b"memory" not in world.ask(wire.ACTION_UPDATE).payload

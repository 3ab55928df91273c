"""A start that hangs, and one that is slow: the watchdog is on from the first moment."""

from firmware.state.starts import CRASHES_BORNE
from groundswell import faults, wire
from virtual_world import SECOND, World

QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}


def hangs(board):
    """Stand still until the watchdog bites."""
    board.time.true_us += 9 * SECOND
    board._look_at_watchdog()
    raise AssertionError("nobody noticed")


def test_a_start_that_hangs_at_the_chips_bus_ends_in_safe_mode():
    world = World(QUICK).armed()

    def spoil(board):
        board.bus = lambda settings: hangs(board)

    world.spoil = spoil
    world.ask(wire.ACTION_RESTART, seconds=1)
    world.run_until(lambda: world.starts == 2 + CRASHES_BORNE, 60)
    began_us = world.time.true_us
    world.run_until(lambda: world.statuses(began_us))
    world.run(15)

    status = world.last_status()
    assert status.state == wire.STATE_SAFE_MODE and status.faults & faults.CRASHED
    assert status.reset_cause == wire.RESET_WATCHDOG
    world.spoil = None
    assert world.ask(wire.ACTION_RESTART).result == wire.RESULT_DONE
    world.run_until(world.is_armed)


class HangingFlash:
    """Stands still when the settings are read."""

    def __init__(self, board):
        self._board = board
        self._files = board.files
        for name in ("write", "remove", "names", "make_folder", "append", "size", "free_bytes"):
            setattr(self, name, getattr(self._files, name))

    def read(self, path, *where):
        if "settings" in path:
            hangs(self._board)
        return self._files.read(path, *where)


def test_a_start_that_hangs_in_the_self_test_or_at_flash_or_radio_is_started_again():
    for name in ("sleep_ms", "files", "network"):
        world = World(QUICK).armed()

        def spoil(board, world=world, name=name):
            spoilt = HangingFlash(board) if name == "files" else lambda *_: hangs(board)
            setattr(board, name, spoilt)
            world.spoil = None

        world.spoil = spoil
        world.ask(wire.ACTION_RESTART, seconds=1)
        world.run_until(lambda world=world: world.starts == 3, 30)
        world.run_until(world.is_armed)
        assert world.last_status().reset_cause == wire.RESET_WATCHDOG, name


def test_a_start_whose_every_stage_is_slow_is_not_bitten():
    world = World(QUICK)

    def slow(board, real):
        def stage(*args):
            board.time.true_us += 3 * SECOND  # of the watchdog's eight
            return real(*args)

        return stage

    def spoil(board):
        for name in ("network", "bus", "ways"):
            setattr(board, name, slow(board, getattr(board, name)))
        world.spoil = None

    world.spoil = spoil
    world.power_on(wire.RESET_POWER)
    world.armed()

    assert world.starts == 2 and not world.last_status().faults & faults.CRASHED

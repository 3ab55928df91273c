"""The parts of the firmware while it runs, and what is done to several of them at once.

assembly.py makes and joins them at the start, and is forgotten then; nothing here loops.
"""

from firmware import lean
from firmware.sensors.bus import SensorError
from firmware.state import storage
from groundswell import faults, wire
from groundswell.reporter import FIRMWARE

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.boards import Board
    from firmware.health import Health
    from firmware.indicators import Indicators
    from firmware.node import Node
    from firmware.orders.orders import Action
    from firmware.sampler import Sampler
    from firmware.state.configuration import Configuration
    from firmware.state.settings import Settings
    from firmware.timesync.cold_clock import ColdClock
    from firmware.timesync.timekeeper import TimeKeeper
    from firmware.update.trial import Trial
    from firmware.update.updater import Updater
    from groundswell.clock import Clock
    from groundswell.reporter import Identity

# Code that is loaded for a moment; the second of each pair is a bundle of the build.
TESTING = ("firmware.sensors.self_test", "firmware.testing")
ACTING = ("firmware.orders.actions", "firmware.acting") + (
    ("firmware.state.settings", "firmware.state.pins", "firmware.checks")
    + ("firmware.state.addresses", "firmware.addresses")
    + TESTING
)
UPDATING = ("firmware.update.updater", "firmware.update.staging", "firmware.updating") + (
    ("groundswell.release", "groundswell.ed25519", "groundswell.sha512")
)
CHOOSING = ("firmware.update.selection", "firmware.update.trial", "firmware.trying")
DAY = "state/day"  # the last day that a broker's certificate proved, Unix seconds


class Parts:
    """
    planned_cause   wire.RESET_...: start again for this reason, once answers are out
    sampler         None in safe mode, and where there are no wires to a chip
    trial           None unless this copy of the firmware is on trial
    updater         None until an update is announced
    """

    health: "Health"
    configuration: "Configuration"
    signals: "Indicators"
    clock: "Clock"
    network: "Any"
    ways: "list[Any]"  # to brokers
    sampler: "Sampler | None"
    identity: "Identity"
    reporter: "Any"
    node: "Node"
    time: "TimeKeeper"

    def __init__(self, board: "Board") -> None:
        self._board = board
        self.board_name = board.name
        self.sleep_ms = board.sleep_ms
        self.planned_cause: "int | None" = None
        self.calendar: "ColdClock | None" = None
        self.trial: "Trial | None" = None
        self.updater: "Updater | None" = None

    def apply(self, settings: "Settings") -> None:
        """Make those settings effective that need no start (rules.LIVE)."""
        self.reporter.send_from_permille = settings["send_from_permille"]
        self.node.status_every_us = settings["status_every_s"] * 1000000
        self.signals.may_buzz = settings["has_buzzer"]
        if self.reporter.waveforms is not None:
            self.reporter.waveforms.is_wanted = settings["sends_waveforms"]
            self.reporter.busy_from_permille = settings["busy_from_permille"]
            self.reporter.detector.propose_from(settings["ratio_milli"])

    def test_sensor(self) -> None:
        """Start the chip, let it test itself, find its vertical; say what is wrong."""
        health, sampler = self.health, self.sampler
        if sampler is None:
            return
        try:
            if sampler.error:
                sampler.start()
            verdict = sampler.self_test()
            health.hold(faults.SELF_TEST, not verdict.has_passed)
            health.say(verdict.text)
            sampler.find_vertical(self.sleep_ms)
        except (SensorError, MemoryError) as error:
            health.hold(faults.SELF_TEST, True)
            health.say(str(error))
        finally:
            lean.forget(*TESTING)

    def begin_update(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        """Only on a board that was flashed to choose between two copies (launch.py)."""
        lean.collect_often()
        try:
            result = self._begin_update(payload, now_us)
        except MemoryError:
            self.health.note(faults.MEMORY, now_us)
            result = wire.RESULT_FAILED, b"no memory left for it: a restart helps, or a cable"
            self.updater = None
        if self.updater is None or not self.updater.is_busy:  # 13 kB, for nothing
            self.updater = self.node.take_chunk = None
            lean.forget(*UPDATING + (() if self.trial else CHOOSING))
            lean.collect_often(lean.LIVING_SHARE)
        return result

    def _begin_update(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        if self.updater is None:
            from firmware.update.selection import Selection
            from firmware.update.updater import Updater, read_keys

            files = self._board.files
            selection = Selection(files) if self.trial is None else self.trial.selection
            keys = read_keys(files)
            self.updater = Updater(files, selection, self.board_name, FIRMWARE, keys)
            self.node.take_chunk = self.updater.take_chunk
        return self.updater.begin(payload, now_us)

    def actions(self) -> "dict[int, Action]":
        """Return what an admin may ask this node for; but updates."""
        found: "dict[int, Action]" = {wire.ACTION_RESTART: self._restart}
        numbers = [wire.ACTION_IDENTIFY, wire.ACTION_CONFIGURE]
        if self.sampler is not None:
            numbers.append(wire.ACTION_SELF_TEST)
        if self.reporter.waveforms is not None:
            numbers.append(wire.ACTION_SEND_HISTORY)
        for number in numbers:
            found[number] = self._later(number)
        return found

    def _restart(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        """The one that needs no memory: it is what helps where there is none."""
        self.planned_cause = wire.RESET_COMMAND
        return wire.RESULT_DONE, b"starting again"

    def _later(self, number: int) -> "Action":
        """Return an action whose code is loaded when it is asked for, and not kept."""

        def act(payload: bytes, now_us: int) -> "tuple[int, bytes]":
            try:
                return self._act(number, payload, now_us)
            except MemoryError:
                self.health.note(faults.MEMORY, now_us)
                return wire.RESULT_FAILED, b"no memory left for it: a restart helps"
            finally:
                lean.forget(*ACTING)

        return act

    def _act(self, number: int, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        from firmware.orders import actions

        return actions.DO[number](self, payload, now_us)

    def random_bits(self, bits: int) -> int:
        return int.from_bytes(self._board.random_bytes(4), "little") >> (32 - bits)

    def note_day(self, unix_s: int) -> None:
        storage.save(self._board.files, DAY, str(unix_s).encode())


class NoWay:
    """In place of a broker where none is configured."""

    def open_line(self) -> "Any":
        raise OSError("no broker is configured")

    def probe(self) -> "Any":
        return self.open_line()

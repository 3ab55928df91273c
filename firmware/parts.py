"""The parts of the firmware, made and joined at the start; nothing here loops.

What cannot be made is said (groundswell.faults) and done without: a node without a chip still
connects and says so. In safe mode there is no sensor and no detector on purpose.
"""

from firmware import lean
from firmware.asleep import AsleepReporter, NoSensor
from firmware.health import Health
from firmware.indicators import Indicators
from firmware.node import Node
from firmware.orders.actions import Actions
from firmware.sampler import Sampler
from firmware.sensors.bus import SensorError
from firmware.state import storage
from firmware.state.configuration import Configuration
from firmware.timesync.timekeeper import TimeKeeper
from firmware.update.trial import Trial
from firmware.uplink.uplink import Uplink
from groundswell import faults, topics, wire
from groundswell.clock import Clock
from groundswell.reporter import FIRMWARE, Identity, Reporter

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.boards import Board
    from firmware.state.settings import Settings
    from firmware.state.starts import Starts
    from firmware.timesync.cold_clock import ColdClock
    from firmware.update.updater import Updater


DAY = "state/day"  # the last day that a broker's certificate proved, Unix seconds


class Parts:
    """
    sampler   None in safe mode, and where there are no wires to a chip
    trial     None on a board that was not flashed to choose between two copies (launch.py)
    updater   None until an update is announced
    """

    def __init__(self, board: "Board", starts: "Starts") -> None:
        self._board = board
        self._starts = starts
        self.health = Health(board.log)
        self.configuration = Configuration(board.files)
        self._begin_configuration()
        settings = self.configuration.settings
        self.signals = Indicators(board.light, board.buzzer)
        self.clock = Clock()
        self.network = board.network(settings)
        self.sampler: "Sampler | None" = None if starts.is_safe else self._sampler(settings)
        if self.sampler is not None:
            test_sensor(self.sampler, self.health, board.sleep_ms)
        self.reporter = self._reporter(settings)
        self.node = self._node(settings)
        self.actions = Actions(
            self.configuration,
            self.signals,
            self.health,
            self.apply,
            self.sampler,
            self.reporter.waveforms,
        )
        self.node.actions.update(self.actions.table())
        self.updater: "Updater | None" = None
        self.trial = self._trial()
        if self.trial is not None:
            self.node.actions[wire.ACTION_UPDATE] = self._begin_update
        self.time = TimeKeeper(
            self.clock,
            board.ticks,
            self._time_servers(settings),
            board.look_up,
            board.open_udp,
            board.random_bytes,
            self.health,
        )
        self.calendar = self._calendar() if settings["has_tls"] else None
        self.apply(settings)
        lean.settle()

    def apply(self, settings: "Settings") -> None:
        """Make those settings effective that need no start (rules.LIVE)."""
        self.reporter.send_from_permille = settings["send_from_permille"]
        self.node.status_every_us = settings["status_every_s"] * 1000000
        self.signals.may_buzz = settings["has_buzzer"]
        if self.reporter.waveforms is not None:
            self.reporter.waveforms.is_wanted = settings["sends_waveforms"]

    def _begin_configuration(self) -> None:
        configuration, health = self.configuration, self.health
        try:
            configuration.begin()
        except OSError:
            health.hold(faults.STORAGE, True)
        health.hold(faults.CONFIGURATION, configuration.is_broken)
        health.hold(faults.SETTINGS_ROLLED_BACK, configuration.was_rolled_back)
        health.hold(faults.CRASHED, self._starts.crashes > 0)
        if self._starts.crashes:
            health.say(f"crash {self._starts.crashes} in a row: {self._starts.last_crash}")

    def _time_servers(self, settings: "Settings") -> "list[tuple[str, int]]":
        from firmware.state.settings import address  # not kept (lean.py)

        return [address(text) for text in settings["time_servers"]]

    def _sampler(self, settings: "Settings") -> "Sampler | None":
        from firmware.state import settings as rules  # not kept (lean.py)

        options = {}
        for name in ("rate_mhz", "range_g"):
            if settings[name]:
                options[name] = settings[name]
        try:
            bus = self._board.bus(settings)
            chip = rules.driver_of(settings)(bus, self._board.sleep_ms, **options)
        except (OSError, ValueError) as error:
            self.health.say(f"no wires to the {settings['sensor']}: {error!r}")
            return None
        return Sampler(chip, self._board.ticks)

    def _reporter(self, settings: "Settings") -> "Any":
        sensor = wire.SENSOR_UNKNOWN if self.sampler is None else self.sampler.chip.sensor
        self.identity = Identity(
            settings["node_id"],
            int.from_bytes(self._board.random_bytes(4), "little"),
            settings["lat_udeg"],
            settings["lon_udeg"],
            settings["elevation_m"],
            sensor,
        )
        if self.sampler is None:
            state = wire.STATE_SAFE_MODE if self._starts.is_safe else wire.STATE_FAULT
            return AsleepReporter(self.identity, self.clock, state)
        judge = self._judge()
        lean.forget()  # 29 kB of code that is done with, before the rings take theirs
        chip = self.sampler.chip
        return Reporter(self.identity, chip.rate_mhz, chip.lsb_nm_s2, self.clock, judge=judge)

    def _judge(self) -> "Any":
        try:
            from groundswell import trained

            return trained.judge()
        except (ImportError, OSError, ValueError) as error:
            self.health.hold(faults.MODEL, True)
            self.health.say(f"the model: {error!r}")
            from firmware.undecided import Undecided

            return Undecided()

    def _calendar(self) -> "ColdClock | None":
        found = self._board.calendar()
        if found is None:
            return None
        from firmware.timesync.cold_clock import ColdClock

        files = self._board.files

        def note(unix_s: int) -> None:
            storage.save(files, DAY, str(unix_s).encode())

        try:
            noted_s = int(storage.load(files, DAY) or b"0")
        except (OSError, ValueError):
            noted_s = 0
        return ColdClock(found[0], found[1], note, noted_s)

    def _ways(self, settings: "Settings") -> "list[Any]":
        try:
            return self._board.ways(settings) or [NoWay()]
        except (OSError, ValueError) as error:
            self.health.hold(faults.CONFIGURATION, True)
            self.health.say(f"no way to a broker: {error!r}")
            return [NoWay()]

    def _node(self, settings: "Settings") -> Node:
        node_id = settings["node_id"]
        uplink = Uplink(
            f"node-{node_id:08x}",
            topics.of_node(node_id, "command"),
            self._ways(settings),
            lambda bits: int.from_bytes(self._board.random_bytes(4), "little") >> (32 - bits),
        )
        sensor: "Any" = self.sampler
        if sensor is None:
            sensor = NoSensor("" if self._starts.is_safe else "no chip")
        node = Node(
            self.identity,
            sensor,
            self.reporter,
            self.clock,
            uplink,
            self._board.ticks,
            health=self.health,
        )
        node.restarts = self._starts.restarts
        node.reset_cause = self._starts.reset_cause
        return node

    def _trial(self) -> "Trial | None":
        try:
            if not self._board.files.names("boot/firmware"):
                return None
            trial = Trial(self._board.files, FIRMWARE)
        except OSError:
            self.health.hold(faults.STORAGE, True)
            return None
        self.health.hold(faults.UPDATE, trial.selection.failed != "")
        return trial

    def _begin_update(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        if self.updater is None:
            from firmware.update.updater import Updater, read_keys

            assert self.trial is not None
            files, name = self._board.files, self._board.name
            keys = read_keys(files)
            self.updater = Updater(files, self.trial.selection, name, FIRMWARE, keys)
            self.node.take_chunk = self.updater.take_chunk
        return self.updater.begin(payload, now_us)


def test_sensor(sampler: Sampler, health: Health, sleep_ms: "Callable[[int], None]") -> None:
    """Start the chip, let it test itself, find its vertical; say what is wrong."""
    try:
        if sampler.error:
            sampler.start()
        verdict = sampler.self_test()
        health.hold(faults.SELF_TEST, not verdict.has_passed)
        health.say(verdict.text)
        sampler.find_vertical(sleep_ms)
    except SensorError as error:
        health.hold(faults.SELF_TEST, True)
        health.say(str(error))


class NoWay:
    """In place of a broker where none is configured."""

    def open_line(self) -> "Any":
        raise OSError("no broker is configured")

    def probe(self) -> "Any":
        return self.open_line()

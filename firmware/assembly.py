"""The start: makes the parts of the firmware (parts.py) and joins them, and is forgotten.

What cannot be made is said (groundswell.faults) and done without: a node without a chip still
connects and says so. In safe mode there is no sensor and no detector on purpose.

On a device this module's 3 kB are given back: nothing that lives on may hold a function of it.
"""

from firmware import lean
from firmware.health import Health
from firmware.indicators import Indicators
from firmware.node import Node
from firmware.parts import CHOOSING, DAY, NoWay, Parts
from firmware.sampler import Sampler
from firmware.state import storage
from firmware.state.configuration import Configuration
from firmware.timesync.timekeeper import TimeKeeper
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
    from firmware.update.trial import Trial

# What reads and packs a model. Not flatbuffer: others may hold its ModelError.
READER = (
    "groundswell.trained",
    "groundswell.packing",
    "groundswell.weighted",
    "groundswell.layers",
    "groundswell.graph",
    "groundswell.scales",
    "groundswell.requirements",
    "groundswell.budget",
    "firmware.reader",  # all of them in one, and flatbuffer: tools/build_firmware.py
)
# Made room with for the reader, and loaded once more after it; the last of each is a bundle of the
# build.
CHECKS = ("firmware.state.settings", "firmware.state.pins", "firmware.checks")
# What else is done with when the start is over.
REST = CHECKS + ("firmware.assembly", "firmware.start")


def assemble(board: "Board", starts: "Starts") -> Parts:
    parts = Parts(board)
    parts.health = Health(board.log)
    parts.configuration = Configuration(board.files)
    _begin_configuration(parts, starts)
    settings = parts.configuration.settings
    parts.signals = Indicators(board.light, board.buzzer)
    parts.clock = Clock()
    parts.network = board.network(settings)
    parts.sampler = None if starts.is_safe else _sampler(board, parts.health, settings)
    board.feed()  # none of what comes between takes half of the watchdog's 8 s
    parts.test_sensor()
    board.feed()
    parts.identity, parts.reporter = _reporter(board, parts, settings, starts.is_safe)
    board.feed()
    parts.node = _node(board, parts, settings, starts)
    parts.node.actions.update(parts.actions())
    parts.trial = _trial(board, parts)
    parts.time = TimeKeeper(
        parts.clock,
        board.ticks,
        _time_servers(settings),
        board.look_up,
        board.open_udp,
        board.random_bytes,
        parts.health,
        _pulses(board, parts, settings["pps_pin"]),
    )
    parts.calendar = _calendar(board, parts) if settings["has_tls"] else None
    parts.apply(settings)
    board.feed()
    lean.forget(*REST)
    if parts.trial is None:
        lean.forget(*CHOOSING)
    lean.collect_every(-1)
    return parts


def _begin_configuration(parts: Parts, starts: "Starts") -> None:
    configuration, health = parts.configuration, parts.health
    try:
        configuration.begin()
    except OSError:
        health.hold(faults.STORAGE, True)
    health.hold(faults.CONFIGURATION, configuration.is_broken)
    health.hold(faults.SETTINGS_ROLLED_BACK, configuration.was_rolled_back)
    health.hold(faults.CRASHED, starts.crashes > 0)
    if configuration.trouble:
        health.say(configuration.trouble)
    if starts.crashes:
        health.say(f"crash {starts.crashes} in a row: {starts.last_crash}")


def _time_servers(settings: "Settings") -> "list[tuple[str, int]]":
    from firmware.state.settings import address  # not kept

    return [address(text) for text in settings["time_servers"]]


def _pulses(board: "Board", parts: Parts, pin: int) -> "Any":
    """Return the pulses of a receiver; None without one, and where the board cannot catch them."""
    if pin < 0:
        return None
    try:
        last = board.pulses(pin)
    except (OSError, ValueError) as error:
        parts.health.hold(faults.PULSES, True)
        parts.health.say(f"no pulses: {error}")
        return None
    from firmware.timesync.pps import Pulses  # for those who have a receiver

    return Pulses(parts.clock, last)


def _sampler(board: "Board", health: Health, settings: "Settings") -> "Sampler | None":
    from firmware.state import settings as rules  # not kept

    step_ms = board.longest_step_ms
    options = {"rate_mhz": rules.rate_for(settings, step_ms)}
    if settings["range_g"]:
        options["range_g"] = settings["range_g"]
    try:
        bus = board.bus(settings)
        chip = rules.driver_of(settings)(bus, board.sleep_ms, **options)
    except (OSError, ValueError) as error:
        health.say(f"no wires to the {settings['sensor']}: {error!r}")
        return None
    lasts_ms = rules.lasts_ms(chip, chip.rate_mhz)
    if lasts_ms < step_ms:
        health.say(f"{chip.name} keeps {lasts_ms} ms; a line with TLS may cost more: {step_ms} ms")
    return Sampler(chip, board.now)


def _reporter(
    board: "Board", parts: Parts, settings: "Settings", is_safe: bool
) -> "tuple[Identity, Any]":
    sampler = parts.sampler
    identity = Identity(
        settings["node_id"],
        int.from_bytes(board.random_bytes(4), "little"),
        settings["lat_udeg"],
        settings["lon_udeg"],
        settings["elevation_m"],
        wire.SENSOR_UNKNOWN if sampler is None else sampler.chip.sensor,
    )
    if sampler is None:
        from firmware.asleep import AsleepReporter

        state = wire.STATE_SAFE_MODE if is_safe else wire.STATE_FAULT
        return identity, AsleepReporter(identity, parts.clock, state)
    lean.forget(*CHECKS)  # 6 kB: the start needs more room here than anywhere else
    judge = _judge(parts.health)
    lean.forget(*READER)  # 29 kB of code that is done with, before the rings take theirs
    chip = sampler.chip
    return identity, Reporter(identity, chip.rate_mhz, chip.lsb_nm_s2, parts.clock, judge=judge)


def _judge(health: Health) -> "Any":
    try:
        from groundswell import trained

        return trained.judge()
    except (ImportError, OSError, ValueError) as error:
        health.hold(faults.MODEL, True)
        health.say(f"the model: {error!r}")
        from firmware.undecided import Undecided

        return Undecided()


def _calendar(board: "Board", parts: Parts) -> "ColdClock | None":
    found = board.calendar()
    if found is None:
        return None
    from firmware.timesync.cold_clock import ColdClock

    try:
        noted_s = int(storage.load(board.files, DAY) or b"0")
    except (OSError, ValueError):
        noted_s = 0
    return ColdClock(found[0], found[1], parts.note_day, noted_s)


def _ways(board: "Board", health: Health, settings: "Settings") -> "list[Any]":
    try:
        return board.ways(settings) or [NoWay()]
    except (OSError, ValueError) as error:
        health.hold(faults.CONFIGURATION, True)
        health.say(f"no way to a broker: {error!r}")
        return [NoWay()]


def _node(board: "Board", parts: Parts, settings: "Settings", starts: "Starts") -> Node:
    node_id = settings["node_id"]
    uplink = Uplink(
        f"node-{node_id:08x}",
        topics.of_node(node_id, "command"),
        _ways(board, parts.health, settings),
        parts.random_bits,
    )
    sensor: "Any" = parts.sampler
    if sensor is None:
        from firmware.asleep import NoSensor

        sensor = NoSensor("" if starts.is_safe else "no chip")
    node = Node(
        parts.identity,
        sensor,
        parts.reporter,
        parts.clock,
        uplink,
        board.ticks,
        health=parts.health,
        encode=_encoder(settings["seal_key"]),
    )
    node.restarts = starts.restarts
    node.reset_cause = starts.reset_cause
    return node


def _encoder(key: str) -> "Callable[[Any], bytes]":
    if not key:
        return wire.encode
    from groundswell.seal import Seal  # for those who have a key

    return Seal(bytes.fromhex(key)).encode


def _trial(board: "Board", parts: Parts) -> "Trial | None":
    """Return the trial if there is one; let updates be announced where there are two copies."""
    try:
        if not board.files.names("boot/firmware"):
            return None
        from firmware.update.trial import Trial

        trial = Trial(board.files, FIRMWARE)
    except OSError:
        parts.health.hold(faults.STORAGE, True)
        return None
    parts.node.actions[wire.ACTION_UPDATE] = parts.begin_update
    parts.health.hold(faults.UPDATE, trial.selection.failed != "")
    return trial if trial.selection.is_on_trial else None

"""A step of a start: settings, light, ways to a broker, the sensor tested (assembly.py)."""

from firmware.health import Health
from firmware.indicators import Indicators
from firmware.parts import NoWay, Parts
from firmware.sampler import Sampler
from firmware.state.configuration import Configuration
from groundswell import faults
from groundswell.clock import Clock

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.boards import Board
    from firmware.state.settings import Settings
    from firmware.state.starts import Starts


def begin(board: "Board", parts: Parts, starts: "Starts") -> None:
    parts.configuration = Configuration(board.files)
    _begin_configuration(parts, starts)
    settings = parts.configuration.settings
    parts.signals = Indicators(board.light, board.buzzer)
    parts.clock = Clock()
    parts.network = board.network(settings)
    parts.ways = _ways(board, parts.health, settings)  # certificates want room in one piece
    board.feed()
    parts.sampler = None if starts.is_safe else _sampler(board, parts.health, settings)
    board.feed()
    parts.test_sensor()
    board.feed()


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


def _ways(board: "Board", health: Health, settings: "Settings") -> "list[Any]":
    try:
        return board.ways(settings) or [NoWay()]
    except (OSError, ValueError) as error:
        health.hold(faults.CONFIGURATION, True)
        health.say(f"no way to a broker: {error!r}")
        return [NoWay()]

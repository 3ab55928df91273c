"""The last step of a start: the line to a broker, time, and all of it joined (assembly.py)."""

from firmware.node import Node
from firmware.parts import DAY, Parts
from firmware.state import storage
from firmware.timesync.timekeeper import TimeKeeper
from firmware.uplink.uplink import Uplink
from groundswell import faults, topics, wire
from groundswell.reporter import FIRMWARE

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.boards import Board
    from firmware.state.settings import Settings
    from firmware.state.starts import Starts
    from firmware.timesync.cold_clock import ColdClock
    from firmware.update.trial import Trial


def join(board: "Board", parts: Parts, starts: "Starts") -> None:
    settings = parts.configuration.settings
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


def _time_servers(settings: "Settings") -> "list[tuple[str, int]]":
    from firmware.state.addresses import address  # not kept

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


def _node(board: "Board", parts: Parts, settings: "Settings", starts: "Starts") -> Node:
    node_id = settings["node_id"]
    uplink = Uplink(
        f"node-{node_id:08x}",
        topics.of_node(node_id, "command"),
        parts.ways,
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

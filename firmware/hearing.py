"""A step of a start: what hears and decides, with all its rings (assembly.py)."""

from firmware import early
from firmware.parts import Parts
from groundswell import wire
from groundswell.recorder import LEAST_S
from groundswell.reporter import Identity, Reporter

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.boards import Board


def hear(board: "Board", parts: Parts, judge: "Any", is_safe: bool) -> None:
    """judge: None where there is no sensor"""
    settings, sampler = parts.configuration.settings, parts.sampler
    parts.identity = identity = Identity(
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
        parts.reporter = AsleepReporter(identity, parts.clock, state)
        return
    chip = sampler.chip
    early.make_room()
    parts.reporter = Reporter(
        identity, chip.rate_mhz, chip.lsb_nm_s2, parts.clock, judge=judge, kept_s=LEAST_S
    )

"""The start: makes the parts of the firmware (parts.py) and joins them, and is forgotten.

What cannot be made is said (groundswell.faults) and done without: a node without a chip still
connects and says so. In safe mode there is no sensor and no detector on purpose.

On a device the code of each step is given back before the next one's is loaded, so nothing that
lives on may hold a function of it. The reader of models needs most room: it came first (early.py).
"""

import gc

from firmware import early, lean
from firmware.health import Health
from firmware.parts import CHOOSING, Parts
from firmware.uplink.outbox import MAX_BYTES
from groundswell import faults
from groundswell.judge import Judge
from groundswell.recorder import KEPT_S, LEAST_S, PAGE, TRIPLET_BYTES, pages_of

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.boards import Board
    from firmware.state.starts import Starts

# Of what is free after the start: a TLS handshake, a trigger and its waveform need the first; in
# 16 kB the outbox holds five triggers and a minute of shaking, in 4 two of them.
ROOM_B = 24000
LEAST_OUTBOX_B = 4096
PAGE_B = PAGE * TRIPLET_BYTES
# What each step loads. Some have another name in a bundle of the build.
CHECKS = ("firmware.state.settings", "firmware.state.pins", "firmware.checks")
BEGINNING = CHECKS + ("firmware.beginning",)
HEARING = ("firmware.hearing",)
JOINING = ("firmware.state.addresses", "firmware.addresses", "firmware.joining")
REST = ("firmware.assembly", "firmware.start")


def assemble(board: "Board", starts: "Starts") -> Parts:
    parts = Parts(board)
    parts.health = Health(board.log)
    judge = None if starts.is_safe else _judge(parts.health)
    early.take()  # in safe mode nobody asked for it
    lean.forget(*early.READER)
    board.feed()  # none of what comes between takes half of the watchdog's 8 s
    _begin(board, parts, starts)
    lean.forget(*BEGINNING)
    _hear(board, parts, judge, starts.is_safe)
    lean.forget(*HEARING)
    early.make_room()  # nor for the rings' where there are none: an update may need it
    board.feed()
    _join(board, parts, starts)
    lean.forget(*JOINING + REST)
    if parts.trial is None:
        lean.forget(*CHOOSING)
    _share_out(parts)
    lean.collect_often(lean.LIVING_SHARE)
    return parts


def _share_out(parts: Parts) -> None:
    mem_free = getattr(gc, "mem_free", None)  # None on CPython: enough
    outbox = parts.node.uplink.outbox
    outbox.max_bytes, pages = shares(mem_free() if mem_free is not None else 1 << 20)
    if parts.sampler is not None:
        rate_mhz = parts.sampler.chip.rate_mhz
        most = pages_of(rate_mhz, KEPT_S) - pages_of(rate_mhz, LEAST_S)
        parts.reporter.waveforms.recorder.lengthen(min(pages, most))


def shares(free_b: int) -> "tuple[int, int]":
    """Return the bytes of an outbox and the pages that a recorder may have more."""
    return max(LEAST_OUTBOX_B, min(MAX_BYTES, free_b // 3)), max(0, free_b - ROOM_B) // PAGE_B


def _begin(board: "Board", parts: Parts, starts: "Starts") -> None:
    from firmware.beginning import begin

    begin(board, parts, starts)


def _judge(health: Health) -> "Any":
    try:
        packed = early.take()
        if packed is not None:
            return Judge(packed)
        from groundswell import trained

        return trained.judge()
    except (ImportError, OSError, ValueError) as error:
        health.hold(faults.MODEL, True)
        health.say(f"the model: {error!r}")
        from firmware.undecided import Undecided

        return Undecided()


def _hear(board: "Board", parts: Parts, judge: "Any", is_safe: bool) -> None:
    from firmware.hearing import hear

    hear(board, parts, judge, is_safe)


def _join(board: "Board", parts: Parts, starts: "Starts") -> None:
    from firmware.joining import join

    join(board, parts, starts)

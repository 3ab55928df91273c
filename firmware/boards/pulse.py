"""A pin at which something happens now and then, and when it did the last time (MicroPython)."""

import time

import machine

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Pulse:
    """
    number   of the pin: what counts is its rising edge
    ticks    the board's, see boards/__init__.py
    """

    def __init__(self, number: int, ticks: "Callable[[], int]") -> None:
        self._ticks = ticks
        self._caught = 0
        self._is_new = False
        self._pin = machine.Pin(number, machine.Pin.IN)
        self._pin.irq(self._catch, machine.Pin.IRQ_RISING)

    def last(self) -> "int | None":
        """Return the ticks of the last pulse since this was asked; None: there was none."""
        if not self._is_new:
            return None
        self._is_new = False  # before it is read: the next one may come in between
        # in this order: an interruption in between makes it late, as others are, and never early
        ago_us = time.ticks_diff(time.ticks_us(), self._caught)
        return self._ticks() - ago_us

    def _catch(self, pin: "Any") -> None:
        self._caught = time.ticks_us()
        self._is_new = True

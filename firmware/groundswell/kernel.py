"""Numeric inner loops: one text for the device, for CPython and for the compiler of the replay.

A kernel is a function over `array('i')` with `@micropython.viper` above it, written so that every
intermediate result fits in 32 bits. MicroPython compiles it to machine code (and recognises the
decorator by its spelling: the name imported from here is not even looked at). CPython runs it as
it stands. replay/compiled.py may replace the plain functions by compiled ones, bit for bit equal.
"""

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    ptr32 = array[int]
else:
    ptr32 = int

KERNELS: "list[Kernel]" = []  # every kernel; as many as the source text has


class Kernel:
    """A kernel on CPython: calls `run`, which is the plain function until someone replaces it."""

    def __init__(self, function: "Callable[..., int]") -> None:
        self.plain = function
        self.run = function
        KERNELS.append(self)

    def __call__(self, *arguments: "array[int] | int") -> int:
        return self.run(*arguments)


def zeros(count: int) -> "array[int]":
    """Return int32 zeros in the one piece of memory that they need: a heap has few of 12 kB."""
    numbers = array("i", range(count))  # of a known length: no copy beside it
    for place in range(count):
        numbers[place] = 0
    return numbers


class _StandIn:
    """What CPython has in place of the module `micropython`."""

    @staticmethod
    def viper(function: "Callable[..., int]") -> Kernel:
        return Kernel(function)


micropython = _StandIn

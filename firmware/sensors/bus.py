"""Registers of a chip over SPI or I2C, through objects like those of MicroPython's machine module.

    SpiBus(spi, cs)         spi.write_readinto(out, in), both the same buffer; cs(0) selects
    I2cBus(i2c, address)    the same with I2C: i2c_bus.py

A driver reserves its buffer once; from then on reading and writing make no garbage. What was
fetched lies in `data` from byte `data_at`. A bus that fails raises OSError, as in MicroPython.
"""

from collections import namedtuple

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Spi(Protocol):
        def write_readinto(self, __out: "Any", __in: "Any") -> "Any": ...


SPI = "SPI"
I2C = "I2C"

# How a chip wants its register addresses.
Format = namedtuple(
    "Format",
    (
        "shift",  # of the address in SPI's first byte
        "spi_read",  # bit of that byte that says read
        "spi_many",  # bit that says: go on to the next address
        "i2c_many",  # the same on I2C
    ),
)


class SensorError(Exception):
    """The chip cannot be trusted. The text says what a technician can do about it."""


class SpiBus:
    kind = SPI
    data_at = 1  # byte 0 is the command, and what came back with it

    def __init__(self, spi: "Spi", cs: "Callable[[int], Any]") -> None:
        self._spi = spi
        self._cs = cs
        self._one = bytearray(2)
        self._two = bytearray(3)
        cs(1)

    def reserve(self, form: "Format", unit_bytes: int, most: int, step: int) -> None:
        """Prepare to fetch 0..most units of unit_bytes each: fewer than step, or so many steps."""
        self.form = form
        self.data: Any = bytearray(1 + unit_bytes * most)
        whole = memoryview(self.data)
        self._views = [
            whole[: 1 + unit_bytes * units] if units < step or not units % step else None
            for units in range(most + 1)
        ]

    def read(self, register: int) -> int:
        form = self.form
        self._one[0] = register << form.shift | form.spi_read
        self._exchange(self._one)
        return self._one[1]

    def read_two(self, register: int) -> int:
        """Return two registers read as one, the first in the high byte."""
        form = self.form
        self._two[0] = register << form.shift | form.spi_read | form.spi_many
        self._exchange(self._two)
        return self._two[1] << 8 | self._two[2]

    def write(self, register: int, byte: int) -> None:
        self._one[0] = register << self.form.shift
        self._one[1] = byte
        self._exchange(self._one)

    def fetch(self, register: int, units: int) -> None:
        """Read units from here on into `data`."""
        form = self.form
        self.data[0] = register << form.shift | form.spi_read | form.spi_many
        self._exchange(self._views[units])

    def _exchange(self, buffer: "Any") -> None:
        self._cs(0)
        try:
            self._spi.write_readinto(buffer, buffer)
        finally:
            self._cs(1)

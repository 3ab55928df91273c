"""Registers of a chip over I2C: i2c.readfrom_mem_into(address, register, buffer), i2c.writeto_mem.

Apart from SPI (bus.py), for a device has one of the two.
"""

from firmware.sensors.bus import I2C

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any, Protocol

    from firmware.sensors.bus import Format

    class I2c(Protocol):
        def readfrom_mem_into(self, __address: int, __register: int, __buffer: "Any") -> "Any": ...

        def writeto_mem(self, __address: int, __register: int, __buffer: "Any") -> "Any": ...


class I2cBus:
    kind = I2C
    data_at = 0

    def __init__(self, i2c: "I2c", address: int) -> None:
        self._i2c = i2c
        self.address = address
        self._one = bytearray(1)
        self._two = bytearray(2)

    def reserve(self, form: "Format", unit_bytes: int, most: int, step: int) -> None:
        """Prepare to fetch 0..most units of unit_bytes each: fewer than step, or so many steps."""
        self.form = form
        self.data: Any = bytearray(unit_bytes * most)
        whole = memoryview(self.data)
        self._views = [
            whole[: unit_bytes * units] if units < step or not units % step else None
            for units in range(most + 1)
        ]

    def read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self.address, register, self._one)
        return self._one[0]

    def read_two(self, register: int) -> int:
        """Return two registers read as one, the first in the high byte."""
        self._i2c.readfrom_mem_into(self.address, register | self.form.i2c_many, self._two)
        return self._two[0] << 8 | self._two[1]

    def write(self, register: int, byte: int) -> None:
        self._one[0] = byte
        self._i2c.writeto_mem(self.address, register, self._one)

    def fetch(self, register: int, units: int) -> None:
        """Read units from here on into `data`."""
        self._i2c.readfrom_mem_into(
            self.address, register | self.form.i2c_many, self._views[units]
        )

"""spidev and smbus2 as the drivers want their wires: like MicroPython's machine.SPI and I2C.

The kernel moves the chip-select line by itself, so `unselected` does nothing.
"""

import spidev
from smbus2 import SMBus, i2c_msg

TYPE_CHECKING = False  # as in the modules that MicroPython reads
if TYPE_CHECKING:
    Buffer = bytearray | memoryview

MOST_SPI_BYTES = 4096  # of one transfer: the bufsiz of Linux's spidev module
SPI_DEVICE = (0, 0)  # /dev/spidev0.0: pins 19, 21, 23 and CE0, pin 24
I2C_BUS = 1  # /dev/i2c-1: pins 3 and 5


class PiSpi:
    """Raises OSError where the device is not there: is SPI switched on (raspi-config)?"""

    def __init__(self, mode: int, hz: int) -> None:
        self._device = spidev.SpiDev()
        self._device.open(*SPI_DEVICE)
        self._device.mode = mode
        self._device.max_speed_hz = hz

    def write_readinto(self, out: "Buffer", into: "Buffer") -> None:
        if len(out) > MOST_SPI_BYTES:
            raise OSError(f"{len(out)} bytes in one transfer")
        into[:] = bytes(self._device.xfer2(list(out)))


class PiI2c:
    def __init__(self) -> None:
        self._bus = SMBus(I2C_BUS)

    def readfrom_mem_into(self, address: int, register: int, buffer: "Buffer") -> None:
        # one transaction: between two, the chip may forget which register was asked for
        question = i2c_msg.write(address, [register])
        answer = i2c_msg.read(address, len(buffer))
        self._bus.i2c_rdwr(question, answer)
        buffer[:] = bytes(list(answer))

    def writeto_mem(self, address: int, register: int, buffer: "Buffer") -> None:
        self._bus.i2c_rdwr(i2c_msg.write(address, [register, *buffer]))


def unselected(level: int) -> None:
    """Stand in for the chip-select pin."""

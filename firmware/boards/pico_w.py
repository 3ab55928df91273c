"""Raspberry Pi Pico W and Pico 2 W: SPI 0 and I2C 0 on their first pins, the board's own light.

On the device, main.py is (launch.py says what lies where):

    import sys; sys.path.insert(0, "/boot")
    from firmware import launch; launch.run("firmware.boards.pico_w")
"""

import machine

from firmware.boards.micro import MicroBoard
from firmware.main import run


class PicoW(MicroBoard):
    name = "pico-w"
    spi_pins = (0, 18, 19, 16, 17)
    i2c_pins = (0, 21, 20)


def main() -> None:
    light = machine.Pin("LED", machine.Pin.OUT)
    buzzer = machine.Pin(15, machine.Pin.OUT)
    run(PicoW(light, buzzer))

"""Raspberry Pi Pico W and Pico 2 W: SPI 0 and I2C 0 on their first pins, the board's own light.

On the device, main.py is (launch.py says what lies where):

    import sys; sys.path.insert(0, "/boot")
    from firmware import launch; launch.run("firmware.boards.pico_w")
"""

from firmware.early import forget, read

read()  # while there is room
forget()

# isort: split

import sys

import machine

from firmware.boards.micro import MicroBoard
from firmware.main import run


def board_name(machine_name: str) -> str:
    """Return what an update is made for: the two boards have different processors."""
    return "pico-2-w" if "RP2350" in machine_name else "pico-w"


class PicoW(MicroBoard):
    name = board_name(getattr(sys.implementation, "_machine", ""))
    # Guessed, on the high side: others measured 0.6 s for a key agreement on an RP2040 (arXiv
    # 2603.19340). An RP2350 multiplies as an ESP32 does.
    longest_step_ms = 480 if name == "pico-2-w" else 800
    spi_pins = (0, 18, 19, 16, 17)
    i2c_pins = (0, 21, 20)
    signal_pins = ("LED", 15)


def main() -> None:
    light, buzzer = [machine.Pin(pin, machine.Pin.OUT) for pin in PicoW.signal_pins]
    run(PicoW(light, buzzer))

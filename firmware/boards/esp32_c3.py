"""ESP32-C3 boards: SPI or I2C on the same pins; light and buzzer are wired on, for what is on
these boards is no plain light, or at a pin that the chip reads at power-on.

On the device, main.py is (launch.py says what lies where):

    import sys; sys.path.insert(0, "/boot")
    from firmware import launch; launch.run("firmware.boards.esp32_c3")
"""

from firmware.early import forget, read

read()  # while there is room
forget()

# isort: split

import machine

from firmware.boards.micro import MicroBoard
from firmware.main import run


class Esp32C3(MicroBoard):
    name = "esp32-c3"
    # Guessed: an ESP32's 440 ms at 160 MHz instead of 240, and a fifth
    longest_step_ms = 800
    spi_pins = (1, 6, 7, 5, 10)
    i2c_pins = (0, 6, 7)
    signal_pins = (3, 4)


def main() -> None:
    light, buzzer = [machine.Pin(pin, machine.Pin.OUT) for pin in Esp32C3.signal_pins]
    run(Esp32C3(light, buzzer))

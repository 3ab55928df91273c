"""ESP32-S3 boards, with PSRAM or without: the pins of SPI that need no matrix; light and buzzer
are wired on, for what is on these boards is no plain light.

On the device, main.py is (launch.py says what lies where):

    import sys; sys.path.insert(0, "/boot")
    from firmware import launch; launch.run("firmware.boards.esp32_s3")
"""

from firmware.early import forget, read

read()  # while there is room
forget()

# isort: split

import machine

from firmware.boards.micro import MicroBoard
from firmware.main import run


class Esp32S3(MicroBoard):
    name = "esp32-s3"
    # As an ESP32: the same clock, and 302 ms for a verification (esp-idf 19027) to its 350
    longest_step_ms = 480
    spi_pins = (1, 12, 11, 13, 10)
    i2c_pins = (0, 9, 8)
    signal_pins = (4, 5)


CLOCK_HZ = 240000000


def main() -> None:
    machine.freq(CLOCK_HZ)
    light, buzzer = [machine.Pin(pin, machine.Pin.OUT) for pin in Esp32S3.signal_pins]
    run(Esp32S3(light, buzzer))

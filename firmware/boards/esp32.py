"""ESP32 DevKit (WROOM-32): pins as in the wiring of this project, VSPI and the board's own light.

On the device, main.py is (launch.py says what lies where):

    import sys; sys.path.insert(0, "/boot")
    from firmware import launch; launch.run("firmware.boards.esp32")
"""

from firmware.early import forget, read

read()  # while there is room
forget()

# isort: split

import machine

from firmware.boards.micro import MicroBoard
from firmware.main import run


class Esp32(MicroBoard):
    name = "esp32"
    # The key exchange of a TLS handshake: 310 to 440 ms, modelled (tools/tls_steps), and a tenth
    longest_step_ms = 480
    spi_pins = (2, 18, 23, 19, 5)  # VSPI's own pins: the fastest, no matrix in between
    i2c_pins = (0, 22, 21)
    signal_pins = (2, 4)


CLOCK_HZ = 240000000  # MicroPython's own is 160 MHz on this board


def main() -> None:
    try:
        machine.freq(CLOCK_HZ)
    except ValueError:
        pass  # a chip that is made for 160: slower, and it works
    light, buzzer = [machine.Pin(pin, machine.Pin.OUT) for pin in Esp32.signal_pins]
    run(Esp32(light, buzzer))

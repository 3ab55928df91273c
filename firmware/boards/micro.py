"""What ESP32 and Pico W have in common: MicroPython's machine and network modules."""

import os
import sys
import time

import machine
import network

from firmware.net import udp
from firmware.net.names import Names
from firmware.net.wifi import Wifi
from firmware.sensors.bus import SpiBus
from firmware.state.flash import Flash
from firmware.uplink.way import Way
from groundswell import wire
from groundswell.clock import TickExtender

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from firmware.sensors.i2c_bus import I2cBus
    from firmware.state.settings import Settings
    from groundswell.moment import Moment

WATCHDOG_MS = 8000  # RP2040's longest is 8,388; a TLS handshake takes 2 s
I2C_HZ = 400000
NO_NAME_SERVER = "0.0.0.0"  # until DHCP names one; asking it fails at once
_UNIX_OF_2000 = 946684800
# With `has_tls`: who the broker must be, and who we are; by cable, beside the firmware.
CA_FILE = "/tls/ca.pem"
CERTIFICATE_FILE = "/tls/node.pem"
KEY_FILE = "/tls/node.key"


class MicroBoard:
    """
    spi     bus number, sck, mosi, miso, cs
    i2c     bus number, scl, sda
    signal  light, buzzer
    """

    name = "?"
    longest_step_ms = 0
    spi_pins = (0, 0, 0, 0, 0)
    i2c_pins = (0, 0, 0)
    signal_pins: "tuple[int | str, int]" = (0, 0)

    def __init__(self, light: "Any", buzzer: "Any") -> None:
        """light, buzzer: pins, or None."""
        self.files = Flash()
        self.light = _switch(light)
        self.buzzer = _switch(buzzer)
        self.reset_cause = self._cause()
        self._extender = TickExtender()
        self._watchdog: "Any" = None
        self._wifi: "Wifi | None" = None
        self._names = Names([NO_NAME_SERVER], self.ticks)

    def now(self) -> "Moment":
        return self._extender.extend(time.ticks_us())  # pyright: ignore[reportArgumentType]

    def ticks(self) -> int:
        return self.now().ticks_us

    def sleep_ms(self, ms: int) -> None:
        time.sleep_ms(ms)

    def bus(self, settings: "Settings") -> "SpiBus | I2cBus":
        from firmware.state.settings import driver_of  # not kept (lean.py)

        driver = driver_of(settings)
        if settings["bus"] == "i2c":
            from firmware.sensors.i2c_bus import I2cBus  # for those who have one

            number, scl, sda = self.i2c_pins
            i2c = machine.I2C(number, scl=machine.Pin(scl), sda=machine.Pin(sda), freq=I2C_HZ)
            return I2cBus(i2c, driver.i2c_addresses[settings["address_pin"]])
        number, sck, mosi, miso, cs = self.spi_pins
        spi = machine.SPI(
            number,
            baudrate=min(driver.spi_most_hz, 5000000),  # jumper wires are no good above that
            polarity=driver.spi_mode >> 1,
            phase=driver.spi_mode & 1,
            sck=machine.Pin(sck),
            mosi=machine.Pin(mosi),
            miso=machine.Pin(miso),
        )
        return SpiBus(spi, machine.Pin(cs, machine.Pin.OUT, value=1))

    def network(self, settings: "Settings") -> Wifi:
        wlan = network.WLAN(network.STA_IF)
        self._wifi = Wifi(wlan, settings["wifi_ssid"], settings["wifi_key"], self._learn_names)
        return self._wifi

    def ways(self, settings: "Settings") -> "list[Way]":
        from firmware.state.addresses import address  # not kept (lean.py)

        security = None
        if settings["has_tls"]:
            from firmware.net.security import Security  # 20 kB for those who need it

            security = Security(CA_FILE, CERTIFICATE_FILE, KEY_FILE)
        found = []
        for text in settings["brokers"]:
            host, port = address(text)
            found.append(Way(host, port, self._names, security))
        return found

    def pulses(self, pin: int) -> "Callable[[], int | None]":
        from firmware.state.pins import why_not  # not kept

        reason = why_not(self.name, pin)
        if reason:
            raise ValueError(reason)
        from firmware.boards.pulse import Pulse  # for those who have a receiver

        return Pulse(pin, self.ticks).last

    def open_udp(self) -> "Any":
        return udp.UdpLine()

    def look_up(self, servers: "list[tuple[str, int]]") -> "list[Any] | None":
        if self._wifi is None or not self._wifi.is_up:
            return []  # nobody to ask
        return self._names.find_all(servers)

    def calendar(self) -> "tuple[Callable[[], int], Callable[[int], None]]":
        return _read_calendar, _set_calendar

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def battery_mv(self) -> int:
        return 0

    def guard(self) -> None:
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)

    def feed(self) -> None:
        if self._watchdog is not None:
            self._watchdog.feed()

    def log(self, text: str) -> None:
        sys.stdout.write(text + "\n")

    def restart(self) -> "NoReturn":
        machine.reset()
        raise SystemExit  # never reached

    def _learn_names(self, name_server: str) -> None:
        self._names.servers = [name_server]

    def _cause(self) -> int:
        cause = machine.reset_cause()
        if cause == machine.WDT_RESET:
            return wire.RESET_WATCHDOG
        return wire.RESET_POWER if cause == machine.PWRON_RESET else wire.RESET_UNKNOWN


def _epoch_s() -> int:
    """Return the Unix time at which this port's time.time() begins."""
    return _UNIX_OF_2000 if time.gmtime(0)[0] == 2000 else 0


def _read_calendar() -> int:
    return int(time.time()) + _epoch_s()


def _set_calendar(unix_s: int) -> None:
    year, month, day, hour, minute, second, weekday = time.gmtime(unix_s - _epoch_s())[:7]
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))


def _switch(pin: "Any") -> "Callable[[bool], None] | None":
    return None if pin is None else lambda is_on: pin(1 if is_on else 0)

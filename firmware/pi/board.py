"""The board port (boards/) of a Raspberry Pi."""

import os
import sys
import time

from firmware.main import Stop
from firmware.net import udp
from firmware.net.names import Names
from firmware.net.security import Security
from firmware.pi import linux
from firmware.sensors.bus import SpiBus
from firmware.sensors.i2c_bus import I2cBus
from firmware.state.addresses import address
from firmware.state.flash import Flash
from firmware.state.settings import driver_of
from firmware.uplink.way import Way
from groundswell import wire
from groundswell.moment import Moment, moment

TYPE_CHECKING = False  # as in the modules that MicroPython reads
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from firmware.state.settings import Settings

MOST_SPI_HZ = 5000000  # jumper wires are no good above that
JUST_STARTED_S = 120  # a Pi is up to a minute late with its services
# With `has_tls`, in the state folder: who the broker must be, and who we are.
TLS_FILES = ("tls/ca.pem", "tls/node.pem", "tls/node.key")
LIGHT = "/sys/class/leds/ACT"


class PiBoard:
    name = "raspberry-pi"
    longest_step_ms = 200  # of Linux; OpenSSL takes some milliseconds

    def __init__(self, state: str, root: str = "") -> None:
        """state: the folder that is the node's flash; root: as in linux.Network."""
        self.files = Flash(state)
        self.reset_cause = _cause(root)
        self.light = linux.light_of(root + LIGHT)
        self.buzzer: "Callable[[bool], None] | None" = None
        self.is_stopping = False
        self._names = Names([], self.ticks)
        self._network = linux.Network(root, self._learn_names)
        self._is_guarded = False

    def now(self) -> Moment:
        return moment(self.ticks())

    def ticks(self) -> int:
        return time.monotonic_ns() // 1000

    def sleep_ms(self, ms: int) -> None:
        """Raises Stop when the service is to end."""
        time.sleep(ms / 1000)
        if self.is_stopping:
            raise Stop

    def bus(self, settings: "Settings") -> "SpiBus | I2cBus":
        from firmware.pi import wires  # what a PC without wires does not have

        driver = driver_of(settings)
        if settings["bus"] == "i2c":
            return I2cBus(wires.PiI2c(), driver.i2c_addresses[settings["address_pin"]])
        spi = wires.PiSpi(driver.spi_mode, min(driver.spi_most_hz, MOST_SPI_HZ))
        return SpiBus(spi, wires.unselected)

    def network(self, settings: "Settings") -> linux.Network:
        return self._network

    def ways(self, settings: "Settings") -> "list[Way]":
        security = None
        if settings["has_tls"]:
            security = Security(*(self.files.path(name) for name in TLS_FILES))
        addresses = [address(text) for text in settings["brokers"]]
        return [Way(host, port, self._names, security) for host, port in addresses]

    def pulses(self, pin: int) -> "Callable[[], int | None]":
        raise ValueError("on a Raspberry Pi the pulse is chrony's: INSTALL.md")

    def open_udp(self) -> udp.UdpLine:
        return udp.UdpLine()

    def look_up(self, servers: "list[tuple[str, int]]") -> "list[Any] | None":
        return self._names.find_all(servers)

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def calendar(self) -> None:
        """Leave it to Linux: chrony or systemd-timesyncd keep it, and a file over power cuts."""

    def battery_mv(self) -> int:
        return 0

    def guard(self) -> None:
        """systemd ends us after WatchdogSec without `feed`."""
        self._is_guarded = True
        linux.notify("READY=1")

    def feed(self) -> None:
        if self._is_guarded:
            linux.notify("WATCHDOG=1")

    def log(self, text: str) -> None:
        sys.stderr.write(text + "\n")  # the journal's

    def _learn_names(self, servers: "list[str]") -> None:
        self._names.servers = servers

    def restart(self) -> "NoReturn":
        """End: systemd starts us again."""
        raise SystemExit(1)


def _cause(root: str) -> int:
    words = linux.text_of(root + "/proc/uptime").split()
    try:
        uptime_s = float(words[0])
    except (IndexError, ValueError):
        return wire.RESET_UNKNOWN
    # who ends orderly plans it (starts.py): else systemd's watchdog bit, or the kernel killed us
    return wire.RESET_POWER if uptime_s < JUST_STARTED_S else wire.RESET_WATCHDOG

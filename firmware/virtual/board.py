"""The board port (boards/) of a board that is a program: a chip's registers at simulated wires.

Everything that a board has from the world comes in from outside, so that the same board lives in
real time on real sockets (piped.py) and in virtual time in tests:

    time      now_us(): true Unix time; wait_ms(ms, board): let so much pass
    ground    feed(model, now_us): put the samples into the chip that are due by then
    network   is_up, step(now_us), rssi_dbm(); way(host, port), open_udp, look_up: way.py, udp.py
    files     the flash

Its crystal is wrong by drift_ppb. A watchdog that is not fed bites: Bitten.
"""

from firmware.sensors.bus import SpiBus
from firmware.sensors.i2c_bus import I2cBus
from firmware.state.addresses import address
from firmware.state.settings import DRIVERS, driver_of
from firmware.virtual.chips.wires import Cs, I2c, Spi
from groundswell import wire
from groundswell.moment import Moment, moment

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.state.settings import Settings

WATCHDOG_US = 8000000
MOST_LOG_LINES = 200


class Bitten(BaseException):
    """The watchdog has reset the board."""


class VirtualBoard:
    name = "virtual"
    longest_step_ms = 200

    def __init__(
        self,
        time: "Any",
        ground: "Any",
        network: "Any",
        files: "Any",
        random_bytes: "Any",
        drift_ppb: int = 0,
        reset_cause: int = wire.RESET_POWER,
    ) -> None:
        self.time = time
        self.ground = ground
        self.files = files
        self.reset_cause = reset_cause
        self.random_bytes = random_bytes
        self.is_lit = False
        self.is_buzzing = False
        self.model: "Any" = None
        self.receiver: "Any" = None  # (true Unix time) -> that of the last pulse since, or None
        self.log_lines: "list[str]" = []
        self._network = network
        self._drift_ppb = drift_ppb
        self._begun_us = time.now_us()
        self._fed_us: "int | None" = None

    def now(self) -> Moment:
        return moment(self.ticks())

    def ticks(self) -> int:
        return self._ticks_at(self.time.now_us())

    def _ticks_at(self, true_us: int) -> int:
        elapsed_us = true_us - self._begun_us
        return elapsed_us + elapsed_us * self._drift_ppb // 1000000000

    def sleep_ms(self, ms: int) -> None:
        self.time.wait_ms(ms, self)
        self._look_at_watchdog()

    def catch_up(self) -> None:
        """Let the chip have taken what is due."""
        if self.model is not None:
            self.ground.feed(self.model, self.time.now_us())

    def bus(self, settings: "Settings") -> "SpiBus | I2cBus":
        sensor = settings["sensor"]
        module = __import__("firmware.virtual.chips." + sensor, None, None, (DRIVERS[sensor],))
        self.model = getattr(module, DRIVERS[sensor])(self.ground.source)
        if settings["bus"] == "i2c":
            address = driver_of(settings).i2c_addresses[settings["address_pin"]]
            return I2cBus(TimedI2c(self.model, address, self), address)
        wires = TimedSpi(self.model, self)
        return SpiBus(wires, Cs(wires))

    def network(self, settings: "Settings") -> "Any":
        self._network.settings = settings
        return self._network

    def ways(self, settings: "Settings") -> "list[Any]":
        return [self._network.way(*address(text)) for text in settings["brokers"]]

    def pulses(self, pin: int) -> "Any":
        return self._last_pulse

    def _last_pulse(self) -> "int | None":
        now_us = self.time.now_us()
        pulse_us = None if self.receiver is None else self.receiver(now_us)
        return None if pulse_us is None else self._ticks_at(pulse_us)

    def open_udp(self) -> "Any":
        return self._network.open_udp()

    def look_up(self, servers: "list[tuple[str, int]]") -> "list[Any]":
        return self._network.look_up(servers)

    def calendar(self) -> None:
        return None

    def light(self, is_on: bool) -> None:
        self.is_lit = is_on

    def buzzer(self, is_on: bool) -> None:
        self.is_buzzing = is_on

    def battery_mv(self) -> int:
        return 0

    def guard(self) -> None:
        self._fed_us = self.time.now_us()

    def feed(self) -> None:
        self._look_at_watchdog()
        if self._fed_us is not None:
            self._fed_us = self.time.now_us()

    def log(self, text: str) -> None:
        self.log_lines.append(text)
        if len(self.log_lines) > MOST_LOG_LINES:
            self.log_lines.pop(0)

    def restart(self) -> None:
        """Return: whoever ran the firmware runs it again."""
        self._fed_us = None

    def _look_at_watchdog(self) -> None:
        if self._fed_us is not None and self.time.now_us() - self._fed_us > WATCHDOG_US:
            self._fed_us = None
            raise Bitten


class TimedSpi(Spi):
    """Wires at whose other end time passes: samples come in before a transaction."""

    def __init__(self, model: "Any", board: VirtualBoard) -> None:
        super().__init__(model)
        self._board = board

    def write_readinto(self, out: "Any", into: "Any") -> None:
        self._board.catch_up()
        super().write_readinto(out, into)


class TimedI2c(I2c):
    def __init__(self, model: "Any", address: int, board: VirtualBoard) -> None:
        super().__init__(model, address)
        self._board = board

    def readfrom_mem_into(self, address: int, register: int, buffer: "Any") -> None:
        self._board.catch_up()
        super().readfrom_mem_into(address, register, buffer)

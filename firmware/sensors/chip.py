"""What all accelerometers share: start, poll, distrust, self-test. Each module adds one chip.

    chip = Adxl355(SpiBus(spi, cs), sleep_ms)
    chip.start()            SensorError says what is wrong with the wiring or the chip
    n = chip.poll()         n triplets x, y, z in chip.counts[:3 * n], in counts; z is the chip's z

`poll` never waits and, once started, makes no garbage; call it before the FIFO is full (each
module says how long that takes). It trusts no chip: a poll that finds nothing, and every 32nd,
compares one register with what was written there; a wrong one, a number of samples that cannot be,
a missing marker, a bus that fails are doubts, and the third in a row raises SensorError, as does a
sample that repeats STUCK_SAMPLES times. After a SensorError, start() begins afresh. A chip that is
silent but otherwise well is for the caller to notice: the caller has the clock.
"""

from array import array

from firmware.sensors.bus import I2C, SensorError
from firmware.sensors.unpack import same_run
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.bus import Format, SpiBus
    from firmware.sensors.i2c_bus import I2cBus
    from firmware.sensors.self_test import SelfTest

STANDARD_GRAVITY_NM_S2 = 9806650000
DOUBTS_IN_A_ROW = 3  # one is a glitch on a long wire
# Two seconds at 125 Hz. The quietest in counts is the ADXL345, with less than 1 count RMS of noise
# (data sheet, table 1). If two neighbours are equal nine times in ten, 256 have p = 2e-12.
STUCK_SAMPLES = 256
CHECK_EVERY = 32  # polls that bring samples: a register every 3 s or so


class Chip:
    """One accelerometer. counts: array('i'), overwritten by every poll."""

    name = "?"
    sensor = wire.SENSOR_UNKNOWN  # what a node says it has
    spi_mode = 0  # polarity and phase: 0 is 0, 0; 3 is 1, 1
    spi_most_hz = 0  # 0: no SPI
    i2c_addresses: "tuple[int, ...]" = ()  # by its address pin: low, high
    ids: "tuple[tuple[int, int], ...]" = ()  # registers and what must be in them
    # what the push of the self-test moves x, y, z by, in mg: (least, most) each
    test_limits_mg: "tuple[tuple[int, int], ...]" = ()
    is_test_signed = True  # False: a move in either direction is right
    settle_ms = 100  # from a new setting to samples that can be used
    lsb_nm_s2 = 0
    range_nm_s2 = 0
    rate_mhz = 0  # nominal; the chip's own oscillator may be off by some per cent
    own_rate_mhz = 0  # the best for us, where the board is quick enough (settings.rate_for)
    least_rate_mhz = 0  # below it the chip's own low-pass cuts into our band: never by itself
    fifo_triplets = 0  # that it keeps before it loses some

    def __init__(
        self,
        bus: "SpiBus | I2cBus",
        sleep_ms: "Callable[[int], None]",
        form: "Format",
        unit_bytes: int,
        units: int,
        triplets: int,
    ) -> None:
        """units of unit_bytes: the largest fetch; triplets: the most that one poll gives."""
        bus.reserve(form, unit_bytes, units, max(1, units // triplets))
        self._bus = bus
        self._sleep_ms = sleep_ms
        self.counts = array("i", bytes(12 * triplets))
        self._last = array("i", (0, 0, 0, 0))  # same_run's
        self._wanted = bytearray()  # register, byte, register, byte ...
        self._next_check = 0
        self._until_check = CHECK_EVERY
        self._doubt = ""
        self._doubts = 0
        self._has_lost = False

    def start(self) -> None:
        """Check who is there, reset, configure, read back, begin to sample."""
        try:
            self._check_identity()
            self._reset()
            self._wanted = bytearray()
            for register, byte in self.ids:
                self._wanted.extend(bytes((register, byte)))
            self._configure()
        except OSError:
            raise SensorError(self._bus_failed()) from None  # MicroPython chains no exceptions
        self._next_check = 0
        self._until_check = CHECK_EVERY
        self._doubts = 0
        self._last[3] = 0
        self._has_lost = False

    def poll(self) -> int:
        """Empty the FIFO into counts; return the number of triplets."""
        self._doubt = ""
        n = 0
        try:
            n = self.drain()
            if not self._doubt and (n == 0 or self._until_check == 0):
                self._check_one_register()
        except OSError:
            self._doubt = self._bus_failed()
        if self._doubt:
            self._has_lost = True
            self._until_check = 0
            self._doubts += 1
            if self._doubts >= DOUBTS_IN_A_ROW:
                raise SensorError(self._doubt)
            return n
        self._until_check = CHECK_EVERY if self._until_check == 0 else self._until_check - 1
        self._doubts = 0
        if n and same_run(self.counts, n, self._last) >= STUCK_SAMPLES:
            raise SensorError(
                f"{self.name}: the same sample again and again. Switch it off and on"
            )
        return n

    @property
    def has_overrun(self) -> bool:
        """True if samples were lost since this was last read; reading clears it."""
        has_lost = self._has_lost
        self._has_lost = False
        return has_lost

    def temperature_mc(self) -> "int | None":
        """Return thousandths of a degree Celsius; None if the chip has no thermometer."""
        return None

    def self_test(self) -> "SelfTest":
        """Push the chip by its own force and see. Takes a second; the samples of it are lost."""
        from firmware.sensors.self_test import SelfTest, push_and_see  # seldom needed

        try:
            verdict = push_and_see(self, self._sleep_ms)
        except OSError:
            verdict = SelfTest(False, "FAIL: " + self._bus_failed())
        except SensorError as error:
            verdict = SelfTest(False, f"FAIL: {error}")
        try:
            self.start()
        except SensorError as error:
            verdict = SelfTest(False, f"FAIL: {error}")
        self._has_lost = True
        return verdict

    # What each chip has to say.

    def _reset(self) -> None:
        raise NotImplementedError

    def _configure(self) -> None:
        """Write every register that matters by _set, and begin to sample."""
        raise NotImplementedError

    def drain(self) -> int:
        """Read what is in the FIFO into counts; return triplets. May set _doubt, _has_lost."""
        raise NotImplementedError

    def prepare_test(self) -> int:
        """Configure as the data sheet wants for the test; return nm/s^2 of a count."""
        raise NotImplementedError

    def push(self) -> None:
        """Switch the force of the self-test on."""
        raise NotImplementedError

    def drain_surely(self) -> int:
        """As drain; a doubt is a SensorError."""
        self._doubt = ""
        n = self.drain()
        if self._doubt:
            raise SensorError(self._doubt)
        return n

    # For the chips.

    def _set(self, register: int, byte: int) -> None:
        """Write, read back, and remember for the checks to come."""
        self._bus.write(register, byte)
        self._wanted.extend(bytes((register, byte)))
        found = self._bus.read(register)
        if found != byte:
            raise SensorError(
                f"{self.name}: wrote 0x{byte:02x} to register 0x{register:02x} and read "
                f"0x{found:02x}. Check {_wire_to(self._bus)} and that it has clean 3.3 V"
            )

    def _doubt_number(self) -> int:
        """Say that the number of samples cannot be right; return 0."""
        self._doubt = f"{self.name}: says nonsense. Check its wires, power and {self._bus.kind}"
        return 0

    def _check_identity(self) -> None:
        for register, byte in self.ids:
            found = self._bus.read(register)
            if found != byte:
                raise SensorError(self._explain(found))

    def _explain(self, found: int) -> str:
        try:
            from firmware.sensors.identity import explain  # where a chip is wrong only

            return explain(self.name, found, self._bus)
        except MemoryError:
            return f"{self.name}: wrong id 0x{found:02x}"

    def _check_one_register(self) -> None:
        """Compare the next register with what was written; it stays the next one if it differs."""
        if not self._wanted:
            self._doubt = f"{self.name}: was not started"
            return
        register = self._wanted[self._next_check]
        found = self._bus.read(register)
        if found == self._wanted[self._next_check + 1]:
            self._next_check += 2
            if self._next_check >= len(self._wanted):
                self._next_check = 0
        elif self._next_check < 2 * len(self.ids):
            self._doubt = self._explain(found)
        else:
            self._doubt = f"{self.name}: has lost its settings. Check its power: it was too low"

    def _bus_failed(self) -> str:
        bus = self._bus
        if bus.kind != I2C:
            return f"{self.name}: the SPI bus failed. Restart the node"
        address = getattr(bus, "address", 0)
        return (
            f"{self.name}: nothing answers at I2C address 0x{address:02x}. Check its 3.3 V, "
            "GND, SDA, SCL and its address pin"
        )


def choose(name: str, what: str, wanted: int, offered: "dict[int, int]") -> int:
    """Return the register bits for a rate or range, or say what there is."""
    if wanted not in offered:
        there = ", ".join([str(one) for one in sorted(offered)])
        raise ValueError(f"{name} has no {what} {wanted}: {there}")
    return offered[wanted]


def signed_16(number: int) -> int:
    return number - 65536 if number & 32768 else number


def _wire_to(bus: "SpiBus | I2cBus") -> str:
    return "SDA and SCL" if bus.kind == I2C else "the MOSI wire (SDI)"

"""ADXL355 (Analog Devices): the quiet one, over SPI or I2C.

Its FIFO holds 32 triplets: 256 ms at 125 Hz. Each number of an X axis carries a marker there, so
that x, y and z cannot be confused for longer than one reading.

Sources: ADXL354/ADXL355 data sheet rev. 0 (2016): tables and pages are its; rev. D as quoted by
others; its sister ADXL359's rev. 0; Linux drivers/iio/accel/adxl355_core.c; Analog Devices' no-OS
drivers/accel/adxl355.
"""

from firmware.sensors.bus import Format, SensorError
from firmware.sensors.chip import STANDARD_GRAVITY_NM_S2, Chip, choose
from groundswell import wire
from groundswell.kernel import micropython, ptr32

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.bus import SpiBus
    from firmware.sensors.i2c_bus import I2cBus

    ptr8 = bytearray
else:
    ptr8 = int

# SPI's first byte is address << 1 | read: figures 64 to 67, page 25; addresses go on by
# themselves, but stay at FIFO_DATA: page 26
FORMAT = Format(1, 1, 0, 0)

# Register map: table 14, page 31. Each by itself:
DEVID_AD = 0x00  # table 15, page 32
DEVID_MST = 0x01  # table 16, page 32
PARTID = 0x02  # table 17, page 32
STATUS = 0x04  # table 19, page 32
FIFO_ENTRIES = 0x05  # table 20, page 33
TEMP2 = 0x06  # tables 21 and 22, page 33
FIFO_DATA = 0x11  # table 32, page 35
FILTER = 0x28  # table 43, page 37
FIFO_SAMPLES = 0x29  # table 44, page 37
INT_MAP = 0x2A  # table 45, page 37
SYNC = 0x2B  # table 46, page 38
RANGE = 0x2C  # table 47, page 38
POWER_CTL = 0x2D  # table 48, page 38
SELF_TEST = 0x2E  # table 49, page 39
RESET = 0x2F  # table 50, page 39
SHADOW = 0x50  # five registers that a reset may fill wrongly: later data sheets (rev. 0: nothing)

FIFO_OVR = 0x04  # of STATUS: the oldest data is lost. Table 19, page 32
STATUS_RESERVED = 0xE0  # always 0: table 19, page 32
FIFO_LENGTH = 96  # numbers of three bytes: page 27; table 20, page 33
RESET_CODE = 0x52  # table 50, page 39
MEASURE = 0x00  # of POWER_CTL; 0x01 is standby. Table 48, page 38
I2C_HIGH_SPEED = 0x80  # of RANGE, set after a reset. Table 47, page 38
ST1 = 0x01  # self-test mode. Table 49, page 39
ST2 = 0x02  # and its force

# FILTER, bits 3:0: 4000 Hz / 2^n, low-pass at a quarter of it. Table 43, page 37
RATES_MHZ = {31250: 7, 62500: 6, 125000: 5, 250000: 4}
RANGES_G = {2: 1, 4: 2, 8: 3}  # of RANGE. Table 47, page 38
# 3.9, 7.8, 15.6 ug a count: table 2, page 4; there also 256000 counts a g (0.16 % more), +-8 %
LSB_NM_S2 = {2: 38246, 4: 76492, 8: 152984}
TEST_RANGE_G = 8  # z may read 1 g + 3 g; more than the 2 g at which the limits are given

RESETS = 5  # Linux tries as often
RESET_MS = 5  # Linux waits as long


@micropython.viper
def first_x(raw: ptr8, at: int, n: int) -> int:
    """Return which of n numbers of three bytes is the first of an X axis; n if none is.

    Bit 0 of a number's last byte marks the X axis, bit 1 an empty FIFO: figure 71, page 27.
    """
    k = 0
    while k < n:
        if (raw[at + 3 * k + 2] & 3) == 1:
            return k
        k += 1
    return n


@micropython.viper
def unpack_20(raw: ptr8, at: int, n: int, counts: ptr32) -> int:
    """Write n triplets of 20 bits, left-justified in 24; return how many had their marks right."""
    k = 0
    while k < 3 * n:
        p = at + 3 * k
        mark = 0
        if k % 3 == 0:
            mark = 1
        low = raw[p + 2]
        if (low & 15) != mark:
            return k // 3
        count = (raw[p] << 12) | (raw[p + 1] << 4) | (low >> 4)
        counts[k] = (count ^ 524288) - 524288
        k += 1
    return n


class Adxl355(Chip):
    name = "ADXL355"
    sensor = wire.SENSOR_ADXL355
    own_rate_mhz = 125000
    fifo_triplets = FIFO_LENGTH // 3
    spi_most_hz = 10000000  # table 3, page 6
    i2c_addresses = (0x1D, 0x53)  # page 26
    ids = ((DEVID_AD, 0xAD), (DEVID_MST, 0x1D), (PARTID, 0xED))  # tables 15-17, page 32
    # Rev. D, specifications, self test: 0.1 to 0.6 g, z 0.5 to 3.0 g. Not read there but in two
    # public drivers (plasmapper/adxl355-arduino measured 0.34, 0.34, 1.41 g). Rev. 0 has what is
    # typical only: 0.3, 0.3, 1.5 g, table 2, page 5.
    test_limits_mg = ((100, 600), (100, 600), (500, 3000))

    def __init__(
        self,
        bus: "SpiBus | I2cBus",
        sleep_ms: "Callable[[int], None]",
        rate_mhz: int = own_rate_mhz,
        range_g: int = 2,
    ) -> None:
        self._filter = choose(self.name, "rate (mHz)", rate_mhz, RATES_MHZ)
        self._range = choose(self.name, "range (g)", range_g, RANGES_G)
        super().__init__(bus, sleep_ms, FORMAT, 3, FIFO_LENGTH, FIFO_LENGTH // 3)
        self.rate_mhz = rate_mhz
        self.lsb_nm_s2 = LSB_NM_S2[range_g]
        self.range_nm_s2 = range_g * STANDARD_GRAVITY_NM_S2

    def temperature_mc(self) -> int:
        # Two registers that are not read at one moment (ADXL359's table 20): again if the high one
        # changed. 1885 at 25 C, -9.05 a degree: ADXL359's table 20. ADXL355 rev. 0 has 1852, which
        # is 3.6 degrees less, and -9.05: table 2, page 5
        raw = self._bus.read_two(TEMP2) & 0xFFF
        again = self._bus.read_two(TEMP2) & 0xFFF
        if (raw ^ again) & 0xF00:
            again = self._bus.read_two(TEMP2) & 0xFFF
        return 25000 + (1885 - again) * 100000 // 905

    def drain(self) -> int:
        bus = self._bus
        status = bus.read(STATUS)
        entries = bus.read(FIFO_ENTRIES)
        if status & STATUS_RESERVED or entries > FIFO_LENGTH:
            return self._doubt_number()
        if status & FIFO_OVR:
            self._has_lost = True
        # What is being written just now is left for the next time (no-OS issue 2431).
        numbers = entries // 3 * 3
        if numbers == 0:
            return 0
        bus.fetch(FIFO_DATA, numbers)
        skipped = first_x(bus.data, bus.data_at, numbers)
        if skipped:
            self._has_lost = True
        if skipped == numbers:
            return self._doubt_number()
        whole = (numbers - skipped) // 3
        n = unpack_20(bus.data, bus.data_at + 3 * skipped, whole, self.counts)
        self._resynchronise((numbers - skipped) % 3)
        if n == whole:
            return n
        self._has_lost = True  # a byte went astray, perhaps already in the triplet before
        return n - 1 if n > 1 else self._doubt_number()

    def _resynchronise(self, begun: int) -> None:
        """Throw the rest of a triplet away of which `begun` numbers have been read."""
        if begun:
            self._bus.fetch(FIFO_DATA, 3 - begun)

    def _reset(self) -> None:
        """Reset until the shadow registers are right: as before, or the same twice."""
        before = self._shadow()
        for _ in range(RESETS):
            self._bus.write(RESET, RESET_CODE)
            self._sleep_ms(RESET_MS)
            after = self._shadow()
            if after == before:
                return
            before = after
        raise SensorError(f"{self.name}: does not come out of a reset. Switch it off and on")

    def _shadow(self) -> "list[int]":
        return [self._bus.read(SHADOW + place) for place in range(5)]

    def _configure(self) -> None:
        self._configure_for(self._filter, self._range)

    def prepare_test(self) -> int:
        # first the mode without the force, then the force
        self._reset()
        self._configure_for(RATES_MHZ[125000], RANGES_G[TEST_RANGE_G])
        self._bus.write(SELF_TEST, ST1)
        return LSB_NM_S2[TEST_RANGE_G]

    def push(self) -> None:
        self._bus.write(SELF_TEST, ST1 | ST2)

    def _configure_for(self, filter_bits: int, range_bits: int) -> None:
        self._set(FILTER, filter_bits)
        self._set(FIFO_SAMPLES, FIFO_LENGTH)
        self._set(INT_MAP, 0)
        self._set(SYNC, 0)
        self._set(RANGE, I2C_HIGH_SPEED | range_bits)
        self._set(SELF_TEST, 0)
        self._set(POWER_CTL, MEASURE)  # last: while it measures the others must stay. Page 31

"""ADXL345 (Analog Devices): the coarsest, over SPI or I2C.

Its FIFO holds 32 triplets: 320 ms at 100 Hz. Full resolution: 3.9 mg a count in every range, so
the widest costs nothing. Not for a first choice: its noise is some 3 mg (table 1).

Sources: ADXL345 data sheet rev. G (2022), read as text: tables are its, pages by its contents and
running heads; Linux drivers/iio/accel/adxl345_core.c.
"""

from firmware.sensors.bus import Format
from firmware.sensors.chip import STANDARD_GRAVITY_NM_S2, Chip, choose
from firmware.sensors.unpack import unpack_16
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.bus import SpiBus
    from firmware.sensors.i2c_bus import I2cBus

FORMAT = Format(0, 0x80, 0x40, 0)  # the bit for many bytes is after R/W: page 14

# Register map: table 19, page 23. Each by itself:
DEVID = 0x00  # table 20, page 24
OFSX = 0x1E  # page 24
BW_RATE = 0x2C  # table 25, page 25
POWER_CTL = 0x2D  # table 26, page 26
INT_ENABLE = 0x2E  # tables 28 and 29, page 26
INT_SOURCE = 0x30  # tables 32 and 33, page 27
DATA_FORMAT = 0x31  # table 34, page 27
DATAX0 = 0x32  # page 27
FIFO_CTL = 0x38  # table 36, page 27
FIFO_STATUS = 0x39  # table 39, page 28

MEASURE = 0x08  # of POWER_CTL; 0: standby. Table 26, page 26
OVERRUN = 0x01  # of INT_SOURCE, whether enabled or not; cleared by reading. Table 33, page 27
FULL_RESOLUTION = 0x08  # of DATA_FORMAT. Table 34, page 27
PUSH = 0x80  # of DATA_FORMAT. Table 34, page 27
STREAM = 0x80  # of FIFO_CTL: the oldest is lost. Table 37, page 28
BYPASS = 0x00  # of FIFO_CTL. Table 37, page 28; empties it: "trigger mode", its end, page 21
FIFO_ENTRIES = 0x3F  # of FIFO_STATUS. Table 39, page 28
MOST_ENTRIES = 33  # 32, and the one at the output filter: "entries bits", page 28

# Of BW_RATE: 97.65625 mHz << code. Table 7, page 13
RATES_MHZ = {25000: 0x08, 50000: 0x09, 100000: 0x0A, 200000: 0x0B}
RANGES_G = {2: 0, 4: 1, 8: 2, 16: 3}  # of DATA_FORMAT. Table 35, page 27
LSB_NM_S2 = STANDARD_GRAVITY_NM_S2 // 256  # 256 counts per g: table 1, page 3 (230 to 282)


class Adxl345(Chip):
    name = "ADXL345"
    sensor = wire.SENSOR_ADXL345
    own_rate_mhz = 100000
    fifo_triplets = MOST_ENTRIES - 1
    spi_mode = 3  # page 14
    spi_most_hz = 5000000  # page 14; table 10, page 16
    i2c_addresses = (0x53, 0x1D)  # page 17
    ids = ((DEVID, 0xE5),)  # table 20, page 24
    # Table 15, 50 to 540 counts (x), -540 to -50 (y), 75 to 875 (z) at 2.5 V; table 14, times 1.77
    # (x, y) and 1.47 (z) at 3.3 V. The least of the one and the most of the other, in mg: boards
    # have regulators of 2.5 to 3.3 V. Page 22.
    test_limits_mg = ((195, 3733), (-3733, -195), (292, 5024))

    def __init__(
        self,
        bus: "SpiBus | I2cBus",
        sleep_ms: "Callable[[int], None]",
        rate_mhz: int = own_rate_mhz,
        range_g: int = 16,
    ) -> None:
        self._rate = choose(self.name, "rate (mHz)", rate_mhz, RATES_MHZ)
        self._range = choose(self.name, "range (g)", range_g, RANGES_G)
        super().__init__(bus, sleep_ms, FORMAT, 6, 1, MOST_ENTRIES)
        self.rate_mhz = rate_mhz
        self.lsb_nm_s2 = LSB_NM_S2
        self.range_nm_s2 = range_g * STANDARD_GRAVITY_NM_S2

    def drain(self) -> int:
        bus = self._bus
        if bus.read(INT_SOURCE) & OVERRUN:
            self._has_lost = True
        n = bus.read(FIFO_STATUS) & FIFO_ENTRIES
        if n > MOST_ENTRIES:
            return self._doubt_number()
        # One transaction a triplet: its end moves the FIFO on, and the next may begin 5 us later,
        # which no interpreter manages to miss ("retrieving data from FIFO", page 21).
        for k in range(n):
            bus.fetch(DATAX0, 1)
            unpack_16(bus.data, bus.data_at, 1, 1, 0, self.counts, k)
        return n

    def _reset(self) -> None:
        """There is no reset: into standby, and every register that matters is written."""
        self._bus.write(POWER_CTL, 0)
        self._bus.write(FIFO_CTL, BYPASS)

    def _configure(self) -> None:
        self._configure_for(self._rate, self._range)

    def prepare_test(self) -> int:
        # normal power, 100 Hz or more: "self-test", page 22; 16 g, so that nothing clips
        self._reset()
        self._configure_for(RATES_MHZ[100000], RANGES_G[16])
        return LSB_NM_S2

    def push(self) -> None:
        self._bus.write(DATA_FORMAT, FULL_RESOLUTION | RANGES_G[16] | PUSH)

    def _configure_for(self, rate: int, range_bits: int) -> None:
        for axis in range(3):
            self._set(OFSX + axis, 0)
        self._set(BW_RATE, rate)
        self._set(INT_ENABLE, 0)
        self._set(DATA_FORMAT, FULL_RESOLUTION | range_bits)
        self._set(FIFO_CTL, STREAM)
        self._set(POWER_CTL, MEASURE)

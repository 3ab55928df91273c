"""LSM6DSO (ST): the quietest of the cheap ones, over SPI or I2C. Its gyroscope stays off.

Its FIFO holds 512 words of a tag and a triplet: 4.9 s at 104 Hz.

Sources: ST's lsm6dso_reg.h and its self-test example (STMems_Standard_C_drivers), whose bits these
are; Linux drivers/iio/imu/st_lsm6dsx. Data sheet DS12140 rev. 2: pages 10, 11, 34 seen; rev. 3 as
quoted by others. Else "DSO32" is that of its sister LSM6DSO32, DocID032891 rev. 1, which has the
same registers and FIFO and other ranges (4 to 32 g), and "DSL" the LSM6DSL's rev. 7 (CTRL1_XL,
CTRL3_C, CTRL5_C: tables 51 to 64).
"""

from firmware.sensors.bus import Format, SensorError
from firmware.sensors.chip import STANDARD_GRAVITY_NM_S2, Chip, choose, signed_16
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

FORMAT = Format(0, 0x80, 0, 0)  # addresses go on by themselves (IF_INC)

# Register map: DSO32, table 20, pages 57 to 59. Each by itself, there:
FIFO_CTRL1 = 0x07  # table 25, page 61
FIFO_CTRL2 = 0x08  # table 27, page 61
FIFO_CTRL3 = 0x09  # table 29, page 62
FIFO_CTRL4 = 0x0A  # table 31, page 63
WHO_AM_I = 0x0F  # table 41, page 66
CTRL1_XL = 0x10  # table 42, page 67
CTRL2_G = 0x11  # table 46, page 68
CTRL3_C = 0x12  # table 49, page 69
CTRL5_C = 0x14  # table 53, page 71
CTRL9_XL = 0x18  # table 66, page 76
OUT_TEMP_L = 0x20  # table 80, page 79
FIFO_STATUS1 = 0x3A  # tables 109 to 112, page 84
# Table 148, page 94:
FIFO_TAG = 0x78  # six bytes of data follow; then 0x78 again (Linux reads whole FIFOs like that)

CONTINUOUS = 0x06  # of FIFO_CTRL4: the oldest is lost. DSO32, table 32, page 63
SW_RESET = 0x01  # of CTRL3_C; clears itself. DSO32, tables 49 and 50, page 69
ALL_AT_ONCE = 0x40  # of CTRL3_C (BDU): no half-written numbers. The same tables
GO_ON = 0x04  # of CTRL3_C (IF_INC). The same tables
NO_I3C = 0x02  # of CTRL9_XL; its reset value is kept. DSO32, tables 66 and 67, page 76
# DEN_X, DEN_Y, DEN_Z: of no use to us. DSO32, table 20, page 57; DSL, table 75
CTRL9_AFTER_RESET = 0xE0
PUSH = 0x02  # of CTRL5_C: the negative one, as in ST's example. DSO32, table 56, page 71
OVERRUN_LATCHED = 0x08  # of FIFO_STATUS2. DSO32, table 111, page 84
LEVEL_HIGH = 0x03  # of FIFO_STATUS2: bits 9:8 of the level. DSO32, table 111, page 84
FIFO_LENGTH = 512  # words; 3 kB: DSO32, page 49
# Bits 7:3 of a tag say whose the word is; 2 is the accelerometer (lsm6dso_fifo_tag_t; DSO32,
# tables 148 and 150, pages 94 and 95). Nothing else is let into the FIFO.
WORD_BYTES = 7  # DS12140 rev. 2, 6.5.7, page 34
MOST_TRIPLETS = 128  # a poll; the rest waits in the chip

# CTRL1_XL's bits 7:4: DSO32, table 44, page 67; FIFO_CTRL3's 3:0: table 30, page 62. The rates
# themselves: DS12140 rev. 2, table 2, page 10
RATES_MHZ = {52000: 3, 104000: 4, 208000: 5}
RANGES_G = {2: 0x00, 4: 0x08, 8: 0x0C, 16: 0x04}  # of CTRL1_XL: lsm6dso_reg.h, and DSL
# lsm6dso_from_fs.._to_mg. DS12140 rev. 3, table 2, pages 9 and 10, as quoted; 61: rev. 2, page 11
LSB_UG = {2: 61, 4: 122, 8: 244, 16: 488}
TEST_RANGE_G = 4
RESET_MS = 10
RESET_WAITS = 5


@micropython.viper
def unpack_tagged(raw: ptr8, at: int, n: int, counts: ptr32) -> int:
    """Write n words of a tag and a triplet; return how many had the accelerometer's tag."""
    k = 0
    while k < n:
        p = at + 7 * k
        if raw[p] >> 3 != 2:
            return k
        axis = 0
        while axis < 3:
            count = raw[p + 1 + 2 * axis] | (raw[p + 2 + 2 * axis] << 8)
            counts[3 * k + axis] = (count ^ 32768) - 32768
            axis += 1
        k += 1
    return n


class Lsm6dso(Chip):
    name = "LSM6DSO"
    sensor = wire.SENSOR_LSM6DSO
    own_rate_mhz = 104000
    fifo_triplets = FIFO_LENGTH
    spi_most_hz = 10000000  # DSO32, table 6, page 30
    i2c_addresses = (0x6A, 0x6B)
    ids = ((WHO_AM_I, 0x6C),)  # the same one: DSO32, table 41, page 66
    # 50 to 1700 mg in either direction: DS12140 rev. 2, table 2, pages 10 and 11. ST's example
    # pushes in the negative one and looks at the absolute value, so the sign is left open here too
    test_limits_mg = ((50, 1700), (50, 1700), (50, 1700))
    is_test_signed = False

    def __init__(
        self,
        bus: "SpiBus | I2cBus",
        sleep_ms: "Callable[[int], None]",
        rate_mhz: int = own_rate_mhz,
        range_g: int = 2,
    ) -> None:
        self._rate = choose(self.name, "rate (mHz)", rate_mhz, RATES_MHZ)
        self._range = choose(self.name, "range (g)", range_g, RANGES_G)
        super().__init__(bus, sleep_ms, FORMAT, WORD_BYTES, MOST_TRIPLETS, MOST_TRIPLETS)
        self.rate_mhz = rate_mhz
        self.lsb_nm_s2 = _lsb_nm_s2(range_g)
        self.range_nm_s2 = range_g * STANDARD_GRAVITY_NM_S2

    def temperature_mc(self) -> int:
        low_first = self._bus.read_two(OUT_TEMP_L)
        raw = signed_16((low_first & 0xFF) << 8 | low_first >> 8)
        return 25000 + raw * 1000 // 256  # lsm6dso_from_lsb_to_celsius; DSO32, table 5, page 29

    def drain(self) -> int:
        bus = self._bus
        both = bus.read_two(FIFO_STATUS1)
        level = (both & LEVEL_HIGH) << 8 | both >> 8
        if level > FIFO_LENGTH:
            return self._doubt_number()
        if both & OVERRUN_LATCHED:
            self._has_lost = True
        words = min(level, MOST_TRIPLETS)
        if words == 0:
            return 0
        bus.fetch(FIFO_TAG, words)
        n = unpack_tagged(bus.data, bus.data_at, words, self.counts)
        if n == words:
            return n
        self._has_lost = True  # a byte went astray, perhaps already in the word before
        return n - 1 if n > 1 else self._doubt_number()

    def _reset(self) -> None:
        self._bus.write(CTRL3_C, SW_RESET)
        for _ in range(RESET_WAITS):
            self._sleep_ms(RESET_MS)
            if not self._bus.read(CTRL3_C) & SW_RESET:
                return
        raise SensorError(f"{self.name}: does not come out of a reset. Switch it off and on")

    def _configure(self) -> None:
        self._configure_for(self._rate, self._range)

    def prepare_test(self) -> int:
        # 4 g, 52 Hz: ST's example
        self._reset()
        self._configure_for(RATES_MHZ[52000], RANGES_G[TEST_RANGE_G])
        return _lsb_nm_s2(TEST_RANGE_G)

    def push(self) -> None:
        self._bus.write(CTRL5_C, PUSH)

    def _configure_for(self, rate: int, range_bits: int) -> None:
        self._set(CTRL3_C, ALL_AT_ONCE | GO_ON)
        self._set(CTRL9_XL, CTRL9_AFTER_RESET | NO_I3C)
        self._set(CTRL2_G, 0)
        self._set(CTRL5_C, 0)
        self._set(FIFO_CTRL1, 0)
        self._set(FIFO_CTRL2, 0)
        self._set(FIFO_CTRL3, rate)
        self._set(FIFO_CTRL4, CONTINUOUS)
        self._set(CTRL1_XL, rate << 4 | range_bits)


def _lsb_nm_s2(range_g: int) -> int:
    return LSB_UG[range_g] * STANDARD_GRAVITY_NM_S2 // 1000000

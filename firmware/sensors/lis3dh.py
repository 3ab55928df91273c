"""LIS3DH (ST): cheap and common, over SPI or I2C.

Its FIFO holds 32 triplets of 10 bits (data sheet, 3.6): steps of 4 mg at 2 g, whatever the mode.
So it is used in the normal mode, where its low-pass is at half of the rate. At 12 bits ("high
resolution") it would be at a ninth (table 10), and so little noise before such steps hides what
is weaker: of 197 strong recorded earthquakes a node notices, at the same step, 91 at 50 Hz in the
normal mode (with twice the noise of table 4, which is that of 12 bits) and 70 at 12 bits; at 25 Hz
80 and 30; at 100 Hz and 12 bits 91. (If its FIFO did hold 12 bits: 140 and 139 at 100 and 50 Hz.
An MPU6050: 133, an ADXL355: 196. Low-pass of second order, offset anywhere on a step, the model of
2026-11-26, which has seen these recordings.)

Sources: ST's lis3dh_reg.c and its self-test example (STMems_Standard_C_drivers); data sheet
DocID17530 rev. 2 (2016), read as text: tables and pages are its.
"""

from firmware.sensors.bus import Format
from firmware.sensors.chip import STANDARD_GRAVITY_NM_S2, Chip, choose, signed_16
from firmware.sensors.unpack import unpack_16
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.bus import SpiBus
    from firmware.sensors.i2c_bus import I2cBus

# Read 0x80, go on 0x40: data sheet, 6.2.1, page 28. On I2C go on 0x80: 6.1.1, page 25
FORMAT = Format(0, 0x80, 0x40, 0x80)

# Register map: table 21, page 31. Each by itself:
OUT_ADC3_L = 0x0C  # page 33
WHO_AM_I = 0x0F  # table 24, page 34
TEMP_CFG = 0x1F  # table 27, page 34
CTRL1 = 0x20  # table 29, page 35
CTRL2 = 0x21  # table 32, page 36
CTRL3 = 0x22  # table 35, page 36
CTRL4 = 0x23  # table 37, page 37
CTRL5 = 0x24  # table 40, page 38
CTRL6 = 0x25  # table 42, page 38
# Page 40. After 0x2D comes 0x28 again, with the next sample; 192 bytes are the whole FIFO: 5.1.5,
# page 23.
OUT_X_L = 0x28
FIFO_CTRL = 0x2E  # tables 48 and 49, page 40
FIFO_SRC = 0x2F  # table 51, page 41

AXES_ON = 0x07  # of CTRL1. Tables 29 and 30, page 35
ALL_AT_ONCE = 0x80  # of CTRL4 (BDU): no half-written numbers. Tables 37 and 38, page 37
PUSH = 0x02  # of CTRL4: self-test 0 (table 39, page 37), the positive one
BOOT = 0x80  # of CTRL5: reload the trim values. Tables 40 and 41, page 38
FIFO_ON = 0x40  # of CTRL5. Tables 40 and 41, page 38; page 22
STREAM = 0x80  # of FIFO_CTRL: the oldest is lost. Table 50, page 40; 5.1.3, page 23
BYPASS = 0x00  # of FIFO_CTRL: empties it. Table 50, page 40; 5.1.1, page 22
TEMPERATURE_ON = 0xC0  # of TEMP_CFG: converter and thermometer. Tables 27 and 28, page 34
# Of FIFO_SRC (OVRN): one was overwritten (page 22) or will be (table 52, page 41; AN3308)
FIFO_FULL = 0x40
FIFO_EMPTY = 0x20  # tables 51 and 52, page 41
# Table 51, page 41. 31 stands for 31 or, with OVRN, for 32 (ruuvi/ruuvitag_fw issue 67)
FIFO_LEVEL = 0x1F
FIFO_LENGTH = 32  # 3.6, page 19

# Of CTRL1. Table 31, page 35
RATES_MHZ = {25000: 0x30, 50000: 0x40, 100000: 0x50, 200000: 0x60}
RANGES_G = {2: 0x00, 4: 0x10, 8: 0x20, 16: 0x30}  # of CTRL4. Table 38, page 37
LSB_MG = {2: 1, 4: 2, 8: 4, 16: 12}  # a quarter of a step, as if it had 12 bits: table 4, page 10
NM_S2_OF_MG = STANDARD_GRAVITY_NM_S2 // 1000
BOOT_MS = 5  # ST's example; after power-up: page 32


class Lis3dh(Chip):
    name = "LIS3DH"
    sensor = wire.SENSOR_LIS3DH
    own_rate_mhz = 100000
    least_rate_mhz = 25000  # its low-pass: half of the rate. Table 10, page 16
    fifo_triplets = FIFO_LENGTH
    spi_most_hz = 10000000  # table 7, page 13
    i2c_addresses = (0x18, 0x19)  # 6.1.1, page 25
    ids = ((WHO_AM_I, 0x33),)  # table 24, page 34
    # 17 to 360 counts of 4 mg at 10 bits and 2 g: ST's example; data sheet, table 4, page 11
    test_limits_mg = ((68, 1440), (68, 1440), (68, 1440))

    def __init__(
        self,
        bus: "SpiBus | I2cBus",
        sleep_ms: "Callable[[int], None]",
        rate_mhz: int = own_rate_mhz,
        range_g: int = 2,
    ) -> None:
        self._rate = choose(self.name, "rate (mHz)", rate_mhz, RATES_MHZ)
        self._range = choose(self.name, "range (g)", range_g, RANGES_G)
        super().__init__(bus, sleep_ms, FORMAT, 6, FIFO_LENGTH, FIFO_LENGTH)
        self.rate_mhz = rate_mhz
        self.lsb_nm_s2 = LSB_MG[range_g] * NM_S2_OF_MG
        self.range_nm_s2 = range_g * STANDARD_GRAVITY_NM_S2

    def temperature_mc(self) -> int:
        """Return a change rather than a temperature: the chip's zero is not calibrated."""
        low_first = self._bus.read_two(OUT_ADC3_L)
        raw = signed_16((low_first & 0xFF) << 8 | low_first >> 8)
        return 25000 + raw * 1000 // 256  # lis3dh_from_lsb_nm_to_celsius; table 5, page 12

    def drain(self) -> int:
        bus = self._bus
        source = bus.read(FIFO_SRC)
        n = source & FIFO_LEVEL
        if source & FIFO_EMPTY:
            return self._doubt_number() if n else 0
        if source & FIFO_FULL:
            self._has_lost = True  # or was just about to: better one gap too many
            n = FIFO_LENGTH
        if n == 0:
            return 0
        bus.fetch(OUT_X_L, n)
        return unpack_16(bus.data, bus.data_at, n, 1, 4, self.counts, 0)

    def _reset(self) -> None:
        """There is no reset: the trim values again, every other register is written."""
        self._bus.write(CTRL5, BOOT)
        self._sleep_ms(BOOT_MS)

    def _configure(self) -> None:
        self._configure_for(self._rate, self._range)

    def prepare_test(self) -> int:
        # as in ST's example: 10 bits, 2 g, 50 Hz
        self._configure_for(RATES_MHZ[50000], RANGES_G[2])
        return NM_S2_OF_MG

    def push(self) -> None:
        self._bus.write(CTRL4, ALL_AT_ONCE | RANGES_G[2] | PUSH)

    def _configure_for(self, rate: int, format_bits: int) -> None:
        self._bus.write(CTRL1, 0)  # off
        self._bus.write(FIFO_CTRL, BYPASS)
        self._set(TEMP_CFG, TEMPERATURE_ON)
        self._set(CTRL2, 0)  # no high-pass
        self._set(CTRL3, 0)  # no interrupts
        self._set(CTRL4, ALL_AT_ONCE | format_bits)
        self._set(CTRL5, FIFO_ON)
        self._set(CTRL6, 0)
        self._set(FIFO_CTRL, STREAM)
        self._set(CTRL1, rate | AXES_ON)

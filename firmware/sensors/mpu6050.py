"""MPU6050 (InvenSense): cheap, noisy, everywhere; I2C only (up to 400 kHz: page 5).

Its FIFO holds 1024 bytes, 170 triplets of the accelerometer: 1.36 s at 125 Hz. When it overflows
it loses bytes, not triplets (1024 is no multiple of 6): then all that is in it is thrown away.

Sources: register map RM-MPU-6000A-00 rev. 4.0 (2012): pages are its; it has no numbers of tables.
Of rev. 4.2 pages 8, 10, 11, 15, 43, 44 seen: the same, but FIFO_COUNT_H on 43, FIFO_R_W on 44.
Product specification PS-MPU-6000A-00 rev. 3.4 (pages 13 and 27 seen).
"""

from firmware.sensors.bus import Format
from firmware.sensors.chip import STANDARD_GRAVITY_NM_S2, Chip, choose, signed_16
from firmware.sensors.unpack import unpack_16
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.i2c_bus import I2cBus
    from firmware.sensors.self_test import SelfTest

FORMAT = Format(0, 0x80, 0, 0)

# Register map, section 3, pages 6 to 8. Each by itself:
# Page 9. 0x0E, 0x0F for y, z: bits 4-2 of the accelerometer's trim in bits 7-5
SELF_TEST_X = 0x0D
SELF_TEST_A = 0x10  # page 9; bits 1-0 of all three: x in 5-4, y in 3-2, z in 1-0
SMPLRT_DIV = 0x19  # page 11
CONFIG = 0x1A  # page 13
GYRO_CONFIG = 0x1B  # page 14
ACCEL_CONFIG = 0x1C  # page 15
FIFO_EN = 0x23  # page 16
INT_ENABLE = 0x38  # page 28
INT_STATUS = 0x3A  # page 29
TEMP_OUT_H = 0x41  # page 31
SIGNAL_PATH_RESET = 0x68  # page 38
USER_CTRL = 0x6A  # page 39
PWR_MGMT_1 = 0x6B  # page 41
PWR_MGMT_2 = 0x6C  # page 43
FIFO_COUNT_H = 0x72  # page 44
FIFO_R_W = 0x74  # page 45
WHO_AM_I = 0x75  # page 46

ACCELEROMETER = 0x08  # of FIFO_EN. Pages 16 and 17
OVERFLOW = 0x10  # of INT_ENABLE and INT_STATUS, which is cleared by reading. Pages 28 and 29
FIFO_ON = 0x40  # of USER_CTRL. Pages 39 and 40
FIFO_RESET = 0x04  # of USER_CTRL: works while FIFO_ON is 0; clears itself. Page 40
DEVICE_RESET = 0x80  # of PWR_MGMT_1. Pages 41 and 42
# Of PWR_MGMT_1: awake, clock from the gyroscope's x: steadier than its own. Page 41
GYRO_CLOCK = 0x01
FIFO_BYTES = 1024
TRIPLET_BYTES = 6
MOST_TRIPLETS = 85  # a poll: half the FIFO; 510 bytes take 12 ms at 400 kHz

# 1000 Hz / (1 + SMPLRT_DIV) with CONFIG's low-pass on. Page 12
RATES_MHZ = {100000: 9, 125000: 7, 200000: 4, 250000: 3}
LOW_PASS_44_HZ = 3  # of CONFIG, page 13; 94 Hz (2) would fold noise back at 125 Hz
RANGES_G = {2: 0x00, 4: 0x08, 8: 0x10, 16: 0x18}  # of ACCEL_CONFIG. Page 15
# 16384 a g at 2 g, 2048 at 16 g: page 30; specification 6.2
LSB_NM_S2 = {2: 598550, 4: 1197101, 8: 2394202, 16: 4788403}
TEST_RANGE_G = 8  # register map, page 11
PUSH = 0xE0  # of ACCEL_CONFIG: all three axes. Page 15
TRIM_LIMIT_PERCENT = 14  # product specification, section 6.2, page 13
RESET_MS = 100  # register map, power management 1, as quoted; rev. 4.0 has no time there


class Mpu6050(Chip):
    name = "MPU6050"
    sensor = wire.SENSOR_MPU6050
    own_rate_mhz = 125000
    fifo_triplets = FIFO_BYTES // TRIPLET_BYTES
    i2c_addresses = (0x68, 0x69)  # page 46
    ids = ((WHO_AM_I, 0x68),)  # whatever the address pin says: page 46

    def __init__(
        self,
        bus: "I2cBus",
        sleep_ms: "Callable[[int], None]",
        rate_mhz: int = own_rate_mhz,
        range_g: int = 2,
    ) -> None:
        self._divider = choose(self.name, "rate (mHz)", rate_mhz, RATES_MHZ)
        self._range = choose(self.name, "range (g)", range_g, RANGES_G)
        super().__init__(bus, sleep_ms, FORMAT, TRIPLET_BYTES, MOST_TRIPLETS, MOST_TRIPLETS)
        self.rate_mhz = rate_mhz
        self.lsb_nm_s2 = LSB_NM_S2[range_g]
        self.range_nm_s2 = range_g * STANDARD_GRAVITY_NM_S2

    def temperature_mc(self) -> int:
        raw = signed_16(self._bus.read_two(TEMP_OUT_H))
        return 36530 + raw * 1000 // 340  # register map, page 31

    def drain(self) -> int:
        bus = self._bus
        is_over = bus.read(INT_STATUS) & OVERFLOW
        count = bus.read_two(FIFO_COUNT_H)
        if count > FIFO_BYTES:
            return self._doubt_number()
        if not is_over and count % TRIPLET_BYTES:
            count = bus.read_two(FIFO_COUNT_H)  # a triplet was being written, perhaps
        if is_over or count == FIFO_BYTES or count % TRIPLET_BYTES:
            self._empty()
            return 0
        n = min(count // TRIPLET_BYTES, MOST_TRIPLETS)
        if n == 0:
            return 0
        bus.fetch(FIFO_R_W, n)
        return unpack_16(bus.data, bus.data_at, n, 0, 0, self.counts, 0)

    def self_test(self) -> "SelfTest":
        try:
            self.test_limits_mg = self._limits_mg()
        except OSError:
            self.test_limits_mg = _NO_LIMITS  # the test itself will say so
        return super().self_test()

    def _limits_mg(self) -> "tuple[tuple[int, int], ...]":
        """Return what the factory measured, give or take 14 %. Register map, pages 10 and 11."""
        low = self._bus.read(SELF_TEST_A)
        limits = []
        for axis in range(3):
            trim = self._bus.read(SELF_TEST_X + axis) >> 5 << 2 | low >> (4 - 2 * axis) & 3
            # 4096 * 0.34 * (0.92 / 0.34) ** ((trim - 1) / 30) counts of 1 / 4096 g
            move_mg = 0 if trim == 0 else int(340 * (0.92 / 0.34) ** ((trim - 1) / 30))
            spread_mg = move_mg * TRIM_LIMIT_PERCENT // 100
            # Copies have no trim; of the genuine, none moves by less than the smallest trim
            least_mg = move_mg - spread_mg if move_mg else _NO_LIMITS[axis][0]
            limits.append((least_mg, move_mg + spread_mg))
        return tuple(limits)

    def _empty(self) -> None:
        """Throw away what is in the FIFO, and say so."""
        self._has_lost = True
        self._bus.write(USER_CTRL, FIFO_RESET)
        self._bus.write(USER_CTRL, FIFO_ON)

    def _reset(self) -> None:
        self._bus.write(PWR_MGMT_1, DEVICE_RESET)
        self._sleep_ms(RESET_MS)
        self._bus.write(SIGNAL_PATH_RESET, 0x07)
        self._sleep_ms(RESET_MS)

    def _configure(self) -> None:
        self._configure_for(self._divider, self._range)

    def prepare_test(self) -> int:
        self._reset()
        self._configure_for(RATES_MHZ[125000], RANGES_G[TEST_RANGE_G])
        return LSB_NM_S2[TEST_RANGE_G]

    def push(self) -> None:
        self._bus.write(ACCEL_CONFIG, RANGES_G[TEST_RANGE_G] | PUSH)

    def _configure_for(self, divider: int, range_bits: int) -> None:
        self._set(PWR_MGMT_1, GYRO_CLOCK)  # awake first
        self._set(PWR_MGMT_2, 0)
        self._set(SMPLRT_DIV, divider)
        self._set(CONFIG, LOW_PASS_44_HZ)
        self._set(GYRO_CONFIG, 0)
        self._set(ACCEL_CONFIG, range_bits)
        self._set(INT_ENABLE, OVERFLOW)
        self._set(FIFO_EN, ACCELEROMETER)
        self._bus.write(USER_CTRL, FIFO_RESET)
        self._set(USER_CTRL, FIFO_ON)


_NO_LIMITS = ((1, 0), (1, 0), (1, 0))  # nothing passes

"""A model of the MPU6050's registers. Sources as in firmware/sensors/mpu6050.py.

Its FIFO is one of bytes: an overflow loses bytes, and what is left begins within a triplet.
"""

from firmware.virtual.chips.wires import Fifo, Model, clamp

SELF_TEST_X, SELF_TEST_A, SMPLRT_DIV, ACCEL_CONFIG, FIFO_EN = 0x0D, 0x10, 0x19, 0x1C, 0x23
INT_STATUS, TEMP_OUT_H, USER_CTRL, PWR_MGMT_1 = 0x3A, 0x41, 0x6A, 0x6B
FIFO_COUNT_H, FIFO_R_W, WHO_AM_I = 0x72, 0x74, 0x75
COUNTS_PER_G = 16384
TRIM = 16  # of all axes: 340 mg * (0.92 / 0.34) ** (15 / 30)
TRIM_MG = 559


class Mpu6050(Model):
    def __init__(self, source, push_mg=(TRIM_MG, TRIM_MG, TRIM_MG)):
        self.fifo = Fifo(1024, 1)
        super().__init__(source, push_mg)

    def reset(self):
        for address in range(0x80):
            self.registers[address] = 0
        self.registers[WHO_AM_I] = 0x68
        self.registers[PWR_MGMT_1] = 0x40
        for axis in range(3):
            self.set_trim(axis, TRIM)
        self.set_temperature(25000)
        self.fifo.clear()
        self.latched = 0  # low byte of the count, from when the high one was read

    def set_trim(self, axis, trim):
        self.registers[SELF_TEST_X + axis] = trim >> 2 << 5
        place = 4 - 2 * axis
        self.registers[SELF_TEST_A] &= 0xFF ^ 3 << place
        self.registers[SELF_TEST_A] |= (trim & 3) << place

    def set_temperature(self, mc):
        raw = (mc - 36530) * 340 // 1000 & 0xFFFF
        self.registers[TEMP_OUT_H] = raw >> 8
        self.registers[TEMP_OUT_H + 1] = raw & 0xFF

    def rate_mhz(self):
        if self.registers[PWR_MGMT_1] & 0x40:
            return 0
        return 1000000 // (1 + self.registers[SMPLRT_DIV])

    def shift(self):
        return self.registers[ACCEL_CONFIG] >> 3 & 3

    def counts_of(self, n):
        return tuple([count >> self.shift() for count in self.source(n)])

    def pushed_counts(self, axis):
        is_pushed = self.registers[ACCEL_CONFIG] & 0x80 >> axis
        return self.push_mg[axis] * COUNTS_PER_G // 1000 if is_pushed else 0

    def take(self, x, y, z):
        if not self.registers[USER_CTRL] & 0x40 or not self.registers[FIFO_EN] & 8:
            return
        for count in (x, y, z):
            count = clamp(count >> self.shift(), 16)
            self.take_byte(count >> 8 & 0xFF)
            self.take_byte(count & 0xFF)

    def take_byte(self, byte):
        self.fifo.push(bytes((byte,)))
        if self.fifo.has_overrun:
            self.registers[INT_STATUS] |= 0x10

    def read(self, address):
        if address == INT_STATUS:
            status = self.registers[INT_STATUS]
            self.registers[INT_STATUS] = 0
            return status
        if address == FIFO_COUNT_H:
            self.latched = self.fifo.level & 0xFF
            return self.fifo.level >> 8
        if address == FIFO_COUNT_H + 1:
            return self.latched
        if address == FIFO_R_W:
            byte = self.fifo.byte(0)
            self.fifo.drop()
            return byte
        return self.registers[address]

    def after(self, address):
        return address if address == FIFO_R_W else address + 1 & 0x7F

    def write(self, address, byte):
        if address == PWR_MGMT_1 and byte & 0x80:
            self.reset()
        elif address == USER_CTRL:
            if byte & 4 and not byte & 0x40:  # a reset needs the FIFO to be off
                self.fifo.clear()
            self.registers[address] = byte & ~4
        elif address not in (WHO_AM_I, INT_STATUS):
            self.registers[address] = byte

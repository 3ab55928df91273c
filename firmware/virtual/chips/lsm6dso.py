"""A model of the LSM6DSO's registers. Sources as in firmware/sensors/lsm6dso.py."""

from firmware.virtual.chips.wires import Fifo, Model, clamp

FIFO_CTRL1, FIFO_CTRL2, FIFO_CTRL3, FIFO_CTRL4, WHO_AM_I = 0x07, 0x08, 0x09, 0x0A, 0x0F
CTRL1_XL, CTRL3_C, CTRL5_C = 0x10, 0x12, 0x14
CTRL9_XL, OUT_TEMP_L, FIFO_STATUS1, FIFO_STATUS2, FIFO_TAG = 0x18, 0x20, 0x3A, 0x3B, 0x78
FIFO_LAST = 0x7E
RATES_MHZ = (0, 12500, 26000, 52000, 104000, 208000, 416000)
SHIFTS = (0, 3, 1, 2)  # of the range bits: 2, 16, 4, 8 g
ACCELEROMETER, TEMPERATURE = 2, 3
COUNTS_PER_G = 16393  # 0.061 mg


class Lsm6dso(Model):
    def __init__(self, source, push_mg=(-600, -500, -700)):
        self.fifo = Fifo(512, 7)
        super().__init__(source, push_mg)

    def reset(self):
        for address in range(0x80):
            self.registers[address] = 0
        self.registers[WHO_AM_I] = 0x6C
        self.registers[CTRL3_C] = 0x04
        self.registers[CTRL9_XL] = 0xE0
        self.set_temperature(25000)
        self.fifo.clear()
        self.busy_reads = 0  # for how many readings of CTRL3_C the reset still lasts

    def set_temperature(self, mc):
        raw = (mc - 25000) * 256 // 1000 & 0xFFFF
        self.registers[OUT_TEMP_L] = raw & 0xFF
        self.registers[OUT_TEMP_L + 1] = raw >> 8

    def rate_mhz(self):
        return RATES_MHZ[self.registers[CTRL1_XL] >> 4]

    def shift(self):
        return SHIFTS[self.registers[CTRL1_XL] >> 2 & 3]

    def counts_of(self, n):
        return tuple([count >> self.shift() for count in self.source(n)])

    def pushed_counts(self, axis):
        sign = (0, 1, -1, 0)[self.registers[CTRL5_C] & 3]
        return abs(self.push_mg[axis]) * sign * COUNTS_PER_G // 1000

    def take(self, x, y, z):
        x, y, z = [clamp(count >> self.shift(), 16) for count in (x, y, z)]
        self.push_word(ACCELEROMETER, x, y, z)

    def push_word(self, tag, x, y, z):
        word = bytes((tag << 3 | (self.samples & 3) << 1,))
        for count in (x, y, z):
            word += bytes((count & 0xFF, count >> 8 & 0xFF))
        if self.registers[FIFO_CTRL4] & 7 == 6 and self.registers[FIFO_CTRL3] & 15:
            self.fifo.push(word)

    def read(self, address):
        if address == CTRL3_C and self.busy_reads:
            self.busy_reads -= 1
            return self.registers[CTRL3_C] | 1
        if address == FIFO_STATUS1:
            return self.fifo.level & 0xFF
        if address == FIFO_STATUS2:
            flags = 8 if self.fifo.has_overrun else 0
            self.fifo.has_overrun = False
            watermark = self.registers[FIFO_CTRL1] | (self.registers[FIFO_CTRL2] & 1) << 8
            if 0 < watermark <= self.fifo.level:
                flags |= 0x80
            return self.fifo.level >> 8 | flags
        if FIFO_TAG <= address <= FIFO_LAST:
            return self.fifo.byte(address - FIFO_TAG) if self.fifo.level else 0
        return self.registers[address]

    def after(self, address):
        if not self.registers[CTRL3_C] & 4:
            return address
        if address != FIFO_LAST:
            return address + 1 & 0x7F
        self.fifo.drop()
        return FIFO_TAG

    def write(self, address, byte):
        if address == CTRL3_C and byte & 1:
            self.reset()
            self.busy_reads = 2
        elif address == FIFO_CTRL4 and byte & 7 == 0:
            self.fifo.clear()
            self.registers[address] = byte
        elif 0x01 <= address <= 0x19 and address != WHO_AM_I:
            self.registers[address] = byte

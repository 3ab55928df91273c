"""A model of the LIS3DH's registers. Sources as in firmware/sensors/lis3dh.py.

Not known and assumed: in a long reading the address goes from 0x2D back to 0x28.
"""

from firmware.virtual.chips.wires import Fifo, Model, clamp

OUT_ADC3_L, WHO_AM_I, TEMP_CFG = 0x0C, 0x0F, 0x1F
CTRL1, CTRL4, CTRL5, OUT_X_L, OUT_Z_H, FIFO_CTRL, FIFO_SRC = (
    0x20,
    0x23,
    0x24,
    0x28,
    0x2D,
    0x2E,
    0x2F,
)
RATES_MHZ = (0, 1000, 10000, 25000, 50000, 100000, 200000, 400000)
SCALES = (1, 2, 4, 12)  # mg a count at 12 bits


class Lis3dh(Model):
    spi_many = 0x40
    i2c_many = 0x80
    address_mask = 0x3F

    def __init__(self, source, push_mg=(400, 400, 400)):
        self.fifo = Fifo(32, 6)
        super().__init__(source, push_mg)

    def reset(self):
        for address in range(0x40):
            self.registers[address] = 0
        self.registers[WHO_AM_I] = 0x33
        self.registers[CTRL1] = 0x07
        self.set_temperature(25000)
        self.fifo.clear()

    def set_temperature(self, mc):
        raw = (mc - 25000) * 256 // 1000 & 0xFFC0  # ten bits
        self.registers[OUT_ADC3_L] = raw & 0xFF
        self.registers[OUT_ADC3_L + 1] = raw >> 8

    def rate_mhz(self):
        return RATES_MHZ[self.registers[CTRL1] >> 4 & 7]

    def scale(self):
        return SCALES[self.registers[CTRL4] >> 4 & 3]

    def counts_of(self, n):
        return tuple([self.rounded(count) for count in self.source(n)])

    def rounded(self, count):
        """Return the 12 bits of it, or as many as there are."""
        count = clamp(count // self.scale(), 12)
        return count if self.registers[CTRL4] & 8 else count >> 2 << 2

    def pushed_counts(self, axis):
        return self.push_mg[axis] if self.registers[CTRL4] & 6 == 2 else 0

    def take(self, x, y, z):
        word = b""
        for count in (x, y, z):
            number = self.rounded(count) << 4 & 0xFFFF
            word += bytes((number & 0xFF, number >> 8))
        if self.registers[CTRL5] & 0x40 and self.registers[FIFO_CTRL] >> 6 == 2:
            self.fifo.push(word)

    def read(self, address):
        if address == FIFO_SRC:
            level = self.fifo.level
            source = min(level, 31)
            if level > self.registers[FIFO_CTRL] & 31:
                source |= 0x80
            if level == 32:
                source |= 0x40
            return source | 0x20 if level == 0 else source
        if OUT_X_L <= address <= OUT_Z_H:
            return self.fifo.byte(address - OUT_X_L)
        return self.registers[address]

    def after(self, address):
        if address != OUT_Z_H:
            return address + 1 & 0x3F
        self.fifo.drop()
        return OUT_X_L

    def write(self, address, byte):
        if address == CTRL5:
            byte &= 0x7F  # BOOT is over at once
        if address == FIFO_CTRL and byte >> 6 == 0:
            self.fifo.clear()
        if 0x1E <= address <= 0x26 or address >= FIFO_CTRL:
            self.registers[address] = byte

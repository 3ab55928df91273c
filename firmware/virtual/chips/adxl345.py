"""A model of the ADXL345's registers. Sources as in firmware/sensors/adxl345.py."""

from firmware.virtual.chips.wires import Fifo, Model

BW_RATE, POWER_CTL, INT_SOURCE, DATA_FORMAT, DATAX0 = 0x2C, 0x2D, 0x30, 0x31, 0x32
DATAZ1, FIFO_CTL, FIFO_STATUS = 0x37, 0x38, 0x39
COUNTS_PER_G = 256


class Adxl345(Model):
    spi_many = 0x40
    address_mask = 0x3F

    def __init__(self, source, push_mg=(900, -900, 1500)):
        self.fifo = Fifo(33, 6)  # 32 and the data registers
        super().__init__(source, push_mg)

    def reset(self):
        for address in range(0x40):
            self.registers[address] = 0
        self.registers[0x00] = 0xE5
        self.registers[BW_RATE] = 0x0A
        self.fifo.clear()
        self.is_read = False

    def rate_mhz(self):
        if not self.registers[POWER_CTL] & 8:
            return 0
        return (100000 << (self.registers[BW_RATE] & 15)) >> 10

    def counts_of(self, n):
        return tuple([self.clipped(count) for count in self.source(n)])

    def clipped(self, count):
        limit = 2 * COUNTS_PER_G << (self.registers[DATA_FORMAT] & 3)
        assert self.registers[DATA_FORMAT] & 8, "full resolution"
        return max(-limit, min(limit - 1, count))

    def pushed_counts(self, axis):
        is_pushed = self.registers[DATA_FORMAT] & 0x80
        return self.push_mg[axis] * COUNTS_PER_G // 1000 if is_pushed else 0

    def take(self, x, y, z):
        word = b""
        for count in (x, y, z):
            number = self.clipped(count) & 0xFFFF
            word += bytes((number & 0xFF, number >> 8))
        if self.registers[FIFO_CTL] >> 6 == 2:
            self.fifo.push(word)

    def read(self, address):
        if address == INT_SOURCE:
            source = 1 if self.fifo.has_overrun else 0
            if self.fifo.level > self.registers[FIFO_CTL] & 31:
                source |= 2
            return source | 0x80 if self.fifo.level else source
        if address == FIFO_STATUS:
            return self.fifo.level
        if DATAX0 <= address <= DATAZ1:
            self.is_read = True
            return self.fifo.byte(address - DATAX0)
        return self.registers[address]

    def end(self):
        if self.is_read:
            self.is_read = False
            self.fifo.has_overrun = False
            self.fifo.drop()

    def write(self, address, byte):
        if address == FIFO_CTL and byte >> 6 == 0:
            self.fifo.clear()
        if 0x1D <= address <= 0x2F or address in (DATA_FORMAT, FIFO_CTL):
            self.registers[address] = byte

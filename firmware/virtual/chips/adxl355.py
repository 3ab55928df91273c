"""A model of the ADXL355's registers. Sources as in firmware/sensors/adxl355.py.

Not known and assumed: a word of which only a part was read is gone at the end of the transaction;
standby empties the FIFO; STATUS forgets the overrun when it is read.
"""

from firmware.virtual.chips.wires import Fifo, Model, clamp

STATUS, FIFO_ENTRIES, TEMP2, FIFO_DATA = 0x04, 0x05, 0x06, 0x11
FILTER, FIFO_SAMPLES, RANGE, POWER_CTL, SELF_TEST, RESET = 0x28, 0x29, 0x2C, 0x2D, 0x2E, 0x2F
SHADOW = 0x50
COUNTS_PER_G = 256410  # 3.9 ug


class Adxl355(Model):
    spi_shift = 1
    spi_read = 0x01

    def __init__(self, source, push_mg=(310, 290, 1480)):
        self.fifo = Fifo(96, 3)
        self.bad_resets = 0  # how many of the next resets fill the shadow registers wrongly
        super().__init__(source, push_mg)

    def reset(self):
        for address in range(0x80):
            self.registers[address] = 0
        self.registers[0:4] = b"\xad\x1d\xed\x01"
        self.registers[FIFO_SAMPLES] = 0x60
        self.registers[RANGE] = 0x81
        self.registers[POWER_CTL] = 0x01
        self.set_temperature(25000)
        self.registers[SHADOW : SHADOW + 5] = b"\x11\x22\x33\x44\x55"
        if self.bad_resets:
            self.registers[SHADOW] = self.bad_resets
            self.bad_resets -= 1
        self.fifo.clear()
        self.place = 0  # in the word that is being read

    def set_temperature(self, mc):
        raw = 1885 - (mc - 25000) * 905 // 100000
        self.registers[TEMP2] = raw >> 8
        self.registers[TEMP2 + 1] = raw & 0xFF

    def rate_mhz(self):
        if self.registers[POWER_CTL] & 1:
            return 0
        return 4000000 >> (self.registers[FILTER] & 15)

    def shift(self):
        return (self.registers[RANGE] & 3) - 1

    def counts_of(self, n):
        return tuple([count >> self.shift() for count in self.source(n)])

    def pushed_counts(self, axis):
        is_pushed = self.registers[SELF_TEST] == 3
        return self.push_mg[axis] * COUNTS_PER_G // 1000 if is_pushed else 0

    def take(self, x, y, z):
        for mark, count in ((1, x), (0, y), (0, z)):
            self.take_number(clamp(count >> self.shift(), 20), mark)

    def take_number(self, count, mark):
        word = (count & 0xFFFFF) << 4 | mark
        self.fifo.push(bytes((word >> 16, word >> 8 & 0xFF, word & 0xFF)))

    def end(self):
        if self.place:
            self.place = 0
            self.fifo.drop()

    def read(self, address):
        if address == STATUS:
            status = 4 if self.fifo.has_overrun else 0
            self.fifo.has_overrun = False
            if self.fifo.level >= self.registers[FIFO_SAMPLES]:
                status |= 2
            return status | 1 if self.fifo.level else status
        if address == FIFO_ENTRIES:
            return self.fifo.level
        if address == FIFO_DATA:
            return self.read_fifo()
        return self.registers[address]

    def read_fifo(self):
        if self.fifo.level:
            byte = self.fifo.byte(self.place)
        else:
            byte = 2 if self.place == 2 else 0  # the mark of an empty FIFO
        self.place += 1
        if self.place == 3:
            self.place = 0
            self.fifo.drop()
        return byte

    def write(self, address, byte):
        if address == RESET and byte == 0x52:
            self.reset()
        elif 0x1E <= address <= SELF_TEST:
            self.registers[address] = byte
            if address == POWER_CTL and byte & 1:
                self.fifo.clear()

    def after(self, address):
        return address if address == FIFO_DATA else address + 1 & 0x7F

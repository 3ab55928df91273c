"""Simulated wires: what machine.SPI, machine.Pin and machine.I2C are to a driver, with a model of
a chip at the other end, and the faults that wires have. Runs on CPython and MicroPython.

Nothing here makes garbage while bytes pass, so that the driver's own can be measured.
"""

ZEROS = "zeros"  # no power, or MISO broken
ONES = "ones"  # not connected, or CS on another pin
SILENT = "silent"  # I2C: nobody answers

EIO = 5
ENODEV = 19


class Fifo:
    """Words of bytes; the oldest is lost when it is full."""

    def __init__(self, words, word_bytes):
        self.bytes = bytearray(words * word_bytes)
        self.words = words
        self.word_bytes = word_bytes
        self.is_stuck = False
        self.clear()

    def clear(self):
        self.level = 0
        self.first = 0
        self.has_overrun = False

    def push(self, word):
        assert len(word) == self.word_bytes
        if self.is_stuck and self.level:
            return
        if self.level == self.words:
            self.drop()
            self.has_overrun = True
        at = (self.first + self.level) % self.words * self.word_bytes
        self.bytes[at : at + self.word_bytes] = word
        self.level += 1

    def byte(self, place):
        """Return a byte of the oldest word."""
        return self.bytes[self.first * self.word_bytes + place]

    def drop(self):
        if self.level and not self.is_stuck:
            self.level -= 1
            self.first = (self.first + 1) % self.words


class Model:
    """A chip's registers and FIFO. samples: how many it has taken since it was made.

    source     n -> x, y, z of sample n, in counts of the finest range
    push_mg    what the self-test moves each axis by
    """

    spi_shift = 0
    spi_read = 0x80
    spi_many = 0  # bit without which the address stays; 0: it never stays
    i2c_many = 0
    address_mask = 0x7F

    def __init__(self, source, push_mg):
        self.source = source
        self.push_mg = push_mg
        self.registers = bytearray(256)
        self.frozen = ()  # registers that cannot be written any more
        self.fault = None
        self.slip_at = 0  # the byte of the next long reading that the host misses
        self.samples = 0
        self.reset()

    def reset(self):
        """Be as after power-on."""
        raise NotImplementedError

    def rate_mhz(self):
        """Return the rate it samples at; 0 in standby."""
        raise NotImplementedError

    def take(self, x, y, z):
        """Put a sample (with the push) into the FIFO."""
        raise NotImplementedError

    def pushed_counts(self, axis):
        """Return by how many counts the self-test moves this axis now."""
        return 0

    def counts_of(self, n):
        """Return what a driver must give for sample n."""
        raise NotImplementedError

    def tick(self, samples=1):
        """Let as many sample periods pass."""
        for _ in range(samples):
            if self.rate_mhz():
                x, y, z = self.source(self.samples)
                self.samples += 1
                self.take(
                    x + self.pushed_counts(0),
                    y + self.pushed_counts(1),
                    z + self.pushed_counts(2),
                )

    # A transaction: begin, read or write with `after` in between, end.

    def begin(self):
        pass

    def end(self):
        pass

    def read(self, address):
        return self.registers[address]

    def write(self, address, byte):
        self.registers[address] = byte

    def after(self, address):
        return address + 1 & self.address_mask


def clamp(count, bits):
    """Return what a converter of so many bits gives."""
    half = 1 << (bits - 1)
    return max(-half, min(half - 1, count))


def fill(buffer, first, byte):
    for place in range(first, len(buffer)):
        buffer[place] = byte


class Spi:
    def __init__(self, model):
        self.model = model
        self.is_selected = False
        self.transactions = 0

    def write_readinto(self, out, into):
        model = self.model
        assert len(out) == len(into)
        command = out[0]
        self.transactions += 1
        if not self.is_selected or model.fault == ONES:
            fill(into, 0, 0xFF)
        elif model.fault == ZEROS:
            fill(into, 0, 0)
        else:
            model.begin()
            if command & model.spi_read:
                self._read(command, into)
            else:
                self._write(command, out)
            model.end()

    def _read(self, command, into):
        model = self.model
        address = command >> model.spi_shift & model.address_mask
        goes_on = command & model.spi_many or not model.spi_many
        into[0] = 0
        for place in range(1, len(into)):
            if place == model.slip_at and len(into) > 8:
                model.slip_at = 0
                model.read(address)
                address = model.after(address)
            into[place] = model.read(address)
            if goes_on:
                address = model.after(address)

    def _write(self, command, out):
        model = self.model
        address = command >> model.spi_shift & model.address_mask
        for place in range(1, len(out)):
            if address not in model.frozen:
                model.write(address, out[place])
            address = model.after(address)


class Cs:
    """The chip select pin of a Spi: low selects."""

    def __init__(self, spi):
        self.spi = spi

    def __call__(self, level):
        self.spi.is_selected = level == 0


class I2c:
    def __init__(self, model, address):
        self.model = model
        self.address = address
        self.failures = 0  # how many of the next transactions fail

    def readfrom_mem_into(self, address, register, buffer):
        model = self._answering(address)
        if model.fault is not None:
            fill(buffer, 0, 0 if model.fault == ZEROS else 0xFF)
            return
        model.begin()
        goes_on = register & model.i2c_many or not model.i2c_many
        register &= model.address_mask
        for place in range(len(buffer)):
            if place + 1 == model.slip_at and len(buffer) > 8:
                model.slip_at = 0
                model.read(register)
                register = model.after(register)
            buffer[place] = model.read(register)
            if goes_on:
                register = model.after(register)
        model.end()

    def writeto_mem(self, address, register, buffer):
        model = self._answering(address)
        if model.fault is not None:
            return
        model.begin()
        for place in range(len(buffer)):
            if register not in model.frozen:
                model.write(register, buffer[place])
            register = model.after(register)
        model.end()

    def _answering(self, address):
        if address != self.address or self.model.fault == SILENT:
            raise OSError(ENODEV)
        if self.failures:
            self.failures -= 1
            raise OSError(EIO)
        return self.model

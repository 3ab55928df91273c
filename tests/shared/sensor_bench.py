"""Every driver on a bench: wired to the model of its chip, over each bus that the chip has."""

from firmware.sensors.adxl345 import Adxl345
from firmware.sensors.adxl355 import Adxl355
from firmware.sensors.bus import SensorError, SpiBus
from firmware.sensors.i2c_bus import I2cBus
from firmware.sensors.lis3dh import Lis3dh
from firmware.sensors.lsm6dso import Lsm6dso
from firmware.sensors.mpu6050 import Mpu6050
from firmware.virtual.chips import adxl345, adxl355, lis3dh, lsm6dso, mpu6050
from firmware.virtual.chips.wires import Cs, I2c, Spi

# name: driver, model, bits of a sample at the range that the driver takes by itself, its buses
KINDS = {
    "adxl355": (Adxl355, adxl355.Adxl355, 20, ("spi", "i2c")),
    "lis3dh": (Lis3dh, lis3dh.Lis3dh, 12, ("spi", "i2c")),
    "mpu6050": (Mpu6050, mpu6050.Mpu6050, 16, ("i2c",)),
    "lsm6dso": (Lsm6dso, lsm6dso.Lsm6dso, 16, ("spi", "i2c")),
    "adxl345": (Adxl345, adxl345.Adxl345, 13, ("spi", "i2c")),
}
# mg to counts of the finest range
COUNTS_PER_G = {
    "adxl355": 256410,
    "lis3dh": 1000,
    "mpu6050": 16384,
    "lsm6dso": 16393,
    "adxl345": 256,
}


def hashed(n, axis):
    """Return 20 bits that look random and differ for every sample and axis."""
    mixed = (n * 3 + axis) * 40503 & 0xFFFFFF
    mixed ^= mixed >> 11
    mixed = mixed * 1103 & 0xFFFFFF
    return (mixed ^ mixed >> 7) & 0xFFFFF


def lively(bits):
    """Return a source of samples that use the whole range, both ends among them."""
    half = 1 << (bits - 1)

    def source(n):
        if n % 50 == 7:
            return -half, half - 1, 0
        return tuple([(hashed(n, axis) >> (20 - bits)) - half for axis in range(3)])

    return source


def quiet(counts_per_g, gravity_mg=1000, shaking_mg=0):
    """Return a source of a board that lies there: z up, a little noise, some shaking."""

    def source(n):
        noise = [(hashed(n, axis) % 21 - 10) * counts_per_g // 2000 for axis in range(3)]
        shake = (n % 10 - 5) * shaking_mg * counts_per_g // 10000
        return noise[0], noise[1] + shake, noise[2] + gravity_mg * counts_per_g // 1000

    return source


class Bench:
    def __init__(self, name, bus="spi", source=None, model=None, **options):
        self.name = name
        self.driver_class, model_class, bits, self.buses = KINDS[name]
        self.model = model or model_class(source or lively(bits))
        self._nanosamples = 0
        self.slept_ms = 0
        if bus == "spi":
            assert self.driver_class.spi_most_hz
            self.wire = Spi(self.model)
            wired = SpiBus(self.wire, Cs(self.wire))
        else:
            address = self.driver_class.i2c_addresses[0]
            self.wire = I2c(self.model, address)
            wired = I2cBus(self.wire, address)
        self.driver = self.driver_class(wired, self.sleep_ms, **options)

    def sleep_ms(self, ms):
        """Let the chip go on sampling for so long."""
        self.slept_ms += ms
        self._nanosamples += ms * self.model.rate_mhz()
        self.model.tick(self._nanosamples // 1000000)
        self._nanosamples %= 1000000

    def started(self):
        self.driver.start()
        return self

    def triplets(self):
        """Poll; return the samples as tuples."""
        n = self.driver.poll()
        counts = self.driver.counts
        return [tuple(counts[3 * k : 3 * k + 3]) for k in range(n)]

    def expected(self, first, n):
        return [self.model.counts_of(number) for number in range(first, first + n)]

    def poll_until_it_complains(self, polls=100, ticks=1):
        """Return what the driver says in the end, or None."""
        for _ in range(polls):
            self.model.tick(ticks)
            try:
                self.driver.poll()
            except SensorError as error:
                return str(error)
        return None


def benches(**options):
    """Yield a bench of every chip over every bus that it has."""
    for name in sorted(KINDS):
        for bus in KINDS[name][3]:
            yield Bench(name, bus, **options)


def quiet_benches(**conditions):
    for name in sorted(KINDS):
        for bus in KINDS[name][3]:
            yield Bench(name, bus, quiet(COUNTS_PER_G[name], **conditions))


def complaint_at_start(bench):
    """Return what start() says, or None."""
    try:
        bench.driver.start()
    except SensorError as error:
        return str(error)
    return None

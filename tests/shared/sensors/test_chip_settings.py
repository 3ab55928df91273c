"""What the drivers write: every register after the start, whatever was in it before; all rates."""

from firmware.sensors import adxl345, adxl355, lis3dh, lsm6dso, mpu6050
from groundswell import wire

from sensor_bench import KINDS, Bench

# After the start, apart from what a reset leaves: register=byte, written from the data sheets.
SETTINGS = {
    # 125 Hz; watermark as after a reset; no interrupts; own clock; 2 g; measuring; no test
    "adxl355": "28=05 29=60 2a=00 2b=00 2c=81 2d=00 2e=00",
    # thermometer; 100 Hz, all axes; no high-pass; no interrupts; BDU, 2 g, HR; FIFO on; stream
    "lis3dh": "1f=c0 20=57 21=00 22=00 23=80 24=40 25=00 2e=80",
    # 125 Hz; 44 Hz low-pass; 2 g; accelerometer to the FIFO; overflow; FIFO on; clock of gyro x
    "mpu6050": "19=07 1a=03 1b=00 1c=00 23=08 38=10 6a=40 6b=01 6c=00",
    # no watermark; 104 Hz into the FIFO; continuous; 104 Hz, 2 g; no gyro; BDU, IF_INC; no I3C
    "lsm6dso": "07=00 08=00 09=04 0a=06 10=40 11=00 12=44 14=00 18=e2",
    # no offsets; 100 Hz; measuring; no interrupts; full resolution, 16 g; stream
    "adxl345": "1e=00 1f=00 20=00 2c=0a 2d=08 2e=00 31=0b 38=80",
}
OF_THE_MODEL = {"mpu6050": (0x68,)}  # written and without effect afterwards
RATES = {
    "adxl355": adxl355.RATES_MHZ,
    "lis3dh": lis3dh.RATES_MHZ,
    "mpu6050": mpu6050.RATES_MHZ,
    "lsm6dso": lsm6dso.RATES_MHZ,
    "adxl345": adxl345.RATES_MHZ,
}


def settings(name):
    pairs = [pair.split("=") for pair in SETTINGS[name].split()]
    return {int(register, 16): int(byte, 16) for register, byte in pairs}


def test_after_the_start_the_registers_hold_exactly_this():
    for name in sorted(KINDS):
        for bus in KINDS[name][3]:
            bench = Bench(name, bus)
            for address in settings(name):
                bench.model.write(address, 0x02)  # as a crash may have left it
            bench.started()

            expected = bytearray(KINDS[name][1](bench.model.source).registers)
            for address in settings(name):
                expected[address] = settings(name)[address]
            for address in OF_THE_MODEL.get(name, ()):
                expected[address] = bench.model.registers[address]
            for address in range(256):
                assert bench.model.registers[address] == expected[address], (name, hex(address))


def test_a_node_can_say_which_sensor_it_has():
    for name in sorted(KINDS):
        driver_class = KINDS[name][0]
        assert driver_class.sensor == getattr(wire, "SENSOR_" + name.upper())
        assert (driver_class.spi_most_hz > 0) == ("spi" in KINDS[name][3])


def test_what_is_checked_while_it_runs_is_all_that_was_set():
    for name in sorted(KINDS):
        driver = Bench(name, "i2c").started().driver
        wanted = driver._wanted
        checked = {wanted[at]: wanted[at + 1] for at in range(0, len(wanted), 2)}
        for register, byte in driver.ids:
            assert checked.pop(register) == byte
        assert checked == settings(name)


def test_each_chip_samples_at_every_rate_it_offers():
    for name in sorted(KINDS):
        assert len(RATES[name]) >= 3
        for rate_mhz in RATES[name]:
            bench = Bench(name, "i2c", rate_mhz=rate_mhz).started()
            assert bench.model.rate_mhz() == bench.driver.rate_mhz == rate_mhz, name


def test_a_rate_or_range_that_the_chip_has_not_is_refused_with_what_it_has():
    for name in sorted(KINDS):
        for options, there in (({"rate_mhz": 123456}, "000"), ({"range_g": 3}, "2, 4, 8")):
            try:
                Bench(name, "i2c", None, None, **options)
            except ValueError as error:
                assert there in str(error)
            else:
                raise AssertionError(name)


def test_samples_that_come_with_a_doubt_are_not_thrown_away():
    bench = Bench("lis3dh", "spi").started()
    bench.model.registers[0x25] = 0x02  # CTRL6, of no consequence for the samples
    taken = polls = 0
    while polls < 33 * 12:
        bench.model.tick(2)
        polls += 1
        before = bench.model.samples - 2
        try:
            got = bench.triplets()
        except Exception as error:  # noqa: BLE001 (any but this would not have the words)
            assert "lost its settings" in str(error)
            break
        assert got == bench.expected(before, 2)
        taken += 2
    assert taken == 2 * (polls - 1) > 60

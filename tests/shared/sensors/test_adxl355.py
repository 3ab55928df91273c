"""What only the ADXL355 has: marks in its FIFO, shadow registers, 20 bits."""

from array import array

from firmware.sensors import adxl355
from firmware.sensors.bus import SensorError

from random_numbers import RandomNumbers
from sensor_bench import Bench


def started(**options):
    return Bench("adxl355", "spi", **options).started()


def test_it_finds_the_x_axis_again_after_every_number_that_went_astray():
    for astray in (1, 2, 4, 5):
        for bus in ("spi", "i2c"):
            bench = Bench("adxl355", bus).started()
            bench.model.tick(12)
            for _ in range(astray):
                bench.model.fifo.drop()

            got = bench.triplets()
            first = (astray + 2) // 3  # whole sample; the last one is torn and thrown away
            assert got == bench.expected(first, 11 - first)
            assert bench.driver.has_overrun

            seen = bench.model.samples
            bench.model.tick(7)
            assert bench.triplets() == bench.expected(seen, 7), (bus, astray)
            assert not bench.driver.has_overrun


def test_a_triplet_that_is_being_written_waits_for_the_next_poll():
    for early in (1, 2):
        bench = started()
        bench.model.tick(4)
        numbers = bench.model.counts_of(4)
        for axis in range(early):
            bench.model.take_number(numbers[axis], 1 if axis == 0 else 0)

        assert bench.triplets() == bench.expected(0, 4)

        for axis in range(early, 3):
            bench.model.take_number(numbers[axis], 0)
        assert bench.triplets() == [numbers]
        assert not bench.driver.has_overrun


def test_a_word_of_an_emptied_fifo_is_no_sample():
    bench = started()
    bench.model.tick(3)
    read = bench.model.read
    # the chip counts three triplets more than it has
    bench.model.read = lambda address: read(address) + (9 if address == 0x05 else 0)

    assert bench.triplets() == bench.expected(0, 2)  # the third could be wrong as well
    assert bench.driver.has_overrun


def test_a_reset_that_fills_the_shadow_registers_wrongly_is_repeated():
    bench = Bench("adxl355", "spi")
    bench.model.bad_resets = 3
    bench.started()
    bench.model.tick(5)
    assert bench.driver.poll() == 5
    assert bench.model.registers[0x50] == 0x11


def test_wrong_shadow_registers_from_before_do_not_lock_the_node_out():
    bench = Bench("adxl355", "spi")
    bench.model.registers[0x50] = 0x99  # as an earlier reset left them

    bench.started()

    assert bench.model.registers[0x50] == 0x11


def test_shadow_registers_that_never_settle_stop_the_start():
    bench = Bench("adxl355", "spi")
    bench.model.bad_resets = 50
    try:
        bench.started()
    except SensorError as error:
        assert "out of a reset" in str(error) and "Switch it off and on" in str(error)
    else:
        raise AssertionError


def test_it_asks_for_125_hz_2_g_and_all_of_the_fifo():
    registers = started().model.registers
    assert registers[0x28] == 5
    assert registers[0x29] == 96
    assert registers[0x2C] == 0x81
    assert registers[0x2D] == 0
    assert registers[0x2E] == 0
    for rate_mhz, code in ((62500, 6), (250000, 4)):
        assert started(rate_mhz=rate_mhz).model.registers[0x28] == code


def test_twenty_bits_are_unpacked_as_defined():
    random = RandomNumbers(3)
    edges = [0, 1, -1, 524287, -524288, 16, -16, 4095, -4096]
    numbers = edges + [random.below(30000) * 35 - 524288 for _ in range(90)]
    raw = bytearray(b"\xff")
    for place, number in enumerate(numbers):
        word = (number & 0xFFFFF) << 4 | (1 if place % 3 == 0 else 0)
        raw.extend(bytes((word >> 16, word >> 8 & 0xFF, word & 0xFF)))
    n = len(numbers) // 3
    counts = array("i", (0,) * 3 * n)

    assert adxl355.first_x(raw, 1, 3 * n) == 0
    assert adxl355.first_x(raw, 4, 3 * n - 1) == 2
    assert adxl355.unpack_20(raw, 1, n, counts) == n
    assert list(counts) == numbers


def test_any_wrong_mark_stops_the_unpacking():
    for place in range(9):
        for wrong in (1, 2, 4, 8):
            raw = bytearray(27)
            for word in (0, 3, 6):
                raw[3 * word + 2] = 0x31
            raw[3 * place + 2] ^= wrong
            counts = array("i", (0,) * 9)
            assert adxl355.unpack_20(raw, 0, 3, counts) == place // 3


def test_no_x_mark_at_all_is_doubted():
    assert adxl355.first_x(bytearray(30), 0, 10) == 10
    bench = started()
    bench.model.tick(4)
    for place in range(2, 36, 3):
        bench.model.fifo.bytes[place] = 0
    assert bench.driver.poll() == 0
    assert bench.driver.has_overrun

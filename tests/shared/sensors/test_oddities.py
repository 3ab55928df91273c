"""What the other four chips have each for itself: broken FIFOs, trims, address bits, gaps."""

from array import array

from firmware.sensors import lsm6dso
from groundswell import motion

from sensor_bench import Bench, quiet

MPU_COUNTS_PER_G = 16384


def test_an_mpu6050_that_overflowed_is_emptied_to_find_the_triplets_again():
    bench = Bench("mpu6050", "i2c").started()
    bench.model.tick(171)
    assert bench.model.fifo.level == 1024

    assert bench.driver.poll() == 0
    assert bench.model.fifo.level == 0
    assert bench.driver.has_overrun


def test_an_mpu6050_that_says_so_is_emptied_though_there_is_room_again():
    bench = Bench("mpu6050", "i2c").started()
    bench.model.tick(8)
    bench.model.registers[0x3A] |= 0x10

    assert bench.driver.poll() == 0
    assert bench.model.fifo.level == 0
    assert bench.driver.has_overrun


def test_an_mpu6050_whose_fifo_lost_a_byte_is_emptied_too():
    bench = Bench("mpu6050", "i2c").started()
    bench.model.tick(8)
    bench.model.fifo.drop()

    assert bench.driver.poll() == 0
    assert bench.driver.has_overrun
    seen = bench.model.samples
    bench.model.tick(8)
    assert bench.triplets() == bench.expected(seen, 8)


def test_an_mpu6050_in_the_middle_of_a_triplet_is_asked_again():
    bench = Bench("mpu6050", "i2c").started()
    bench.model.tick(2)
    bench.model.fifo.push(b"\x01")
    read = bench.model.read
    rest = [b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"]

    def writing(address):
        byte = read(address)
        while address == 0x73 and rest:  # after the count was read
            bench.model.fifo.push(rest.pop(0))
        return byte

    bench.model.read = writing
    assert bench.triplets() == bench.expected(0, 2) + [(0x0102, 0x0304, 0x0506)]
    assert not bench.driver.has_overrun


def test_an_mpu6050_is_compared_with_its_own_factory_trim():
    for trim, move_mg in ((1, 340), (16, 559), (31, 920)):  # 340 * (0.92 / 0.34) ** ((trim-1)/30)
        for percent, passes in ((90, True), (112, True), (80, False), (120, False)):
            bench = Bench("mpu6050", "i2c", quiet(MPU_COUNTS_PER_G))
            reset = bench.model.reset

            def and_trim(bench=bench, reset=reset, trim=trim):
                reset()
                for axis in range(3):
                    bench.model.set_trim(axis, trim)

            bench.model.reset = and_trim
            bench.model.push_mg = (move_mg * percent // 100,) * 3
            assert bench.started().driver.self_test().has_passed == passes, (trim, percent)


def test_each_axis_of_an_mpu6050_has_its_own_trim():
    bench = Bench("mpu6050", "i2c").started()
    for axis, trim in ((0, 5), (1, 18), (2, 31)):
        bench.model.set_trim(axis, trim)
    middles = [(low + high) // 2 for low, high in bench.driver._limits_mg()]
    assert [abs(a - b) <= 2 for a, b in zip(middles, (388, 597, 920))] == [True] * 3


def test_an_mpu6050_without_a_trim_fails():
    bench = Bench("mpu6050", "i2c", quiet(MPU_COUNTS_PER_G))
    bench.model.set_trim = lambda axis, trim: None
    bench.model.reset()
    assert not bench.started().driver.self_test().has_passed


def test_a_lis3dh_keeps_all_of_its_fifo_when_it_is_just_full():
    bench = Bench("lis3dh", "spi").started()
    bench.model.tick(31)
    assert len(bench.triplets()) == 31
    assert not bench.driver.has_overrun

    bench.model.tick(32)
    assert bench.triplets() == bench.expected(31, 32)
    assert bench.driver.has_overrun  # it may have: the chip does not tell


def test_a_lis3dh_at_the_end_of_its_range_says_what_counts_as_clipped():
    bench = Bench("lis3dh", "spi", quiet(5000)).started()
    bench.model.tick(10)
    most = motion.range_counts(bench.driver.sensor)
    assert {triplet[2] for triplet in bench.triplets()} == {most}


def test_a_lis3dh_that_contradicts_itself_is_doubted():
    bench = Bench("lis3dh", "spi").started()
    bench.model.read = lambda address: 0x25
    said = bench.poll_until_it_complains(polls=3)
    assert "nonsense" in said


def test_a_lis3dh_reads_and_tests_itself_with_the_10_bits_that_its_fifo_has():
    bench = Bench("lis3dh", "spi", quiet(1000)).started()
    assert bench.model.registers[0x23] == 0x80
    seen = []
    push = bench.driver.push

    def and_note():
        seen.append(bench.model.registers[0x23])
        push()
        seen.append(bench.model.registers[0x23])

    bench.driver.push = and_note
    assert bench.driver.self_test().has_passed
    assert seen == [0x80, 0x82]
    assert bench.model.registers[0x23] == 0x80


def test_an_lsm6dso_waits_for_its_reset_but_not_for_ever():
    bench = Bench("lsm6dso", "spi").started()
    assert bench.slept_ms == 30  # two readings said: not yet

    read = bench.model.read
    bench.model.read = lambda address: read(address) | (1 if address == 0x12 else 0)
    said = bench.poll_until_it_complains(polls=33 * 12)
    assert "lost its settings" in said
    try:
        bench.driver.start()
    except Exception as error:  # noqa: BLE001 (its text is what is asked for)
        assert "out of a reset" in str(error)
    else:
        raise AssertionError


def test_a_word_with_another_tag_ends_the_reading_of_an_lsm6dso():
    bench = Bench("lsm6dso", "spi").started()
    bench.model.tick(5)
    bench.model.push_word(3, 1, 2, 3)
    bench.model.tick(5)

    assert bench.triplets() == bench.expected(0, 4)  # the fifth could be wrong as well
    assert bench.driver.has_overrun
    bench.model.tick(3)
    assert bench.triplets() == bench.expected(10, 3)

    raw = bytearray(b"\x10\x01\x02\x03\x04\xff\xff" * 3)
    counts = array("i", (0,) * 9)
    assert lsm6dso.unpack_tagged(raw, 0, 3, counts) == 3
    assert list(counts[:3]) == [0x0201, 0x0403, -1]
    for tag in range(32):
        raw[7] = tag << 3
        assert lsm6dso.unpack_tagged(raw, 0, 3, counts) == (3 if tag == 2 else 1)


def test_an_adxl345_ends_a_transaction_after_every_triplet():
    bench = Bench("adxl345", "spi").started()
    bench.model.tick(9)
    before = bench.wire.transactions
    bench.driver.poll()
    assert bench.wire.transactions == before + 2 + 9


def test_an_adxl345_measures_16_g_in_the_counts_of_2_g():
    wide, narrow = Bench("adxl345", "spi"), Bench("adxl345", "spi", range_g=2)
    assert wide.driver.lsb_nm_s2 == narrow.driver.lsb_nm_s2
    wide.started().model.tick(8)
    assert wide.triplets()[7] == (-4096, 4095, 0)

"""What every driver must do with good samples, over each bus; the chips are models."""

import gc
from array import array

from firmware.sensors.unpack import same_run, unpack_16

from random_numbers import RandomNumbers
from sensor_bench import KINDS, Bench, benches, lively

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython cannot

    def heap_lock():
        pass

    heap_unlock = heap_lock

SAMPLES = 1000  # over each bus
# what each chip's FIFO holds
CAPACITY = {"adxl355": 32, "lis3dh": 32, "mpu6050": 170, "lsm6dso": 512, "adxl345": 33}


def test_every_sample_arrives_once_in_order_however_late_the_polls():
    random = RandomNumbers(5)
    for bench in benches():
        bench.started()
        seen = bench.model.samples
        while bench.model.samples < SAMPLES:
            bench.model.tick(random.below(31))
            got = bench.triplets()
            assert got == bench.expected(seen, len(got)), (bench.name, seen)
            seen += len(got)
        assert seen == bench.model.samples, bench.name
        assert not bench.driver.has_overrun, bench.name


def test_a_poll_takes_what_there_is_and_another_finds_nothing():
    for bench in benches():
        bench.started()
        for n in (1, 2, 9):
            bench.model.tick(n)

            assert bench.driver.poll() == n
            assert bench.driver.poll() == 0


def test_a_long_backlog_comes_in_portions_without_loss():
    for name in ("mpu6050", "lsm6dso"):
        bench = Bench(name, "i2c").started()
        bench.model.tick(CAPACITY[name] - 1)
        seen = 0
        while True:
            got = bench.triplets()
            assert got == bench.expected(seen, len(got)), name
            seen += len(got)
            if not got:
                break
        assert seen == CAPACITY[name] - 1
        assert not bench.driver.has_overrun


def test_an_overrun_is_told_once_and_what_comes_after_it_is_right():
    for bench in benches():
        bench.started()
        bench.model.tick(CAPACITY[bench.name] + 40)

        got = []
        for _ in range(6):
            got += bench.triplets()

        if bench.name != "mpu6050":  # that one has lost the boundaries of its triplets
            last = bench.model.samples
            assert got == bench.expected(last - len(got), len(got)), bench.name
            assert len(got) == CAPACITY[bench.name]
        assert bench.driver.has_overrun, bench.name
        assert not bench.driver.has_overrun, bench.name
        seen = bench.model.samples
        bench.model.tick(20)
        assert bench.triplets() == bench.expected(seen, 20), bench.name
        assert not bench.driver.has_overrun, bench.name


def test_a_coarser_range_is_another_count_of_the_same_motion():
    for name in sorted(KINDS):
        fine = Bench(name, "i2c", range_g=2).driver
        for range_g in (4, 8):
            bench = Bench(name, "i2c", lively(9), range_g=range_g).started()
            bench.model.tick(5)
            got = bench.triplets()

            assert got == bench.expected(bench.model.samples - 5, 5)
            assert bench.driver.range_nm_s2 == range_g * 9806650000
            scale = bench.driver.lsb_nm_s2 / fine.lsb_nm_s2
            first, count = bench.model.source(bench.model.samples - 5)[0], got[0][0]
            assert abs(count * scale - first) <= scale, (name, range_g)


def test_one_g_is_one_g():
    g_counts = {"adxl355": 256410, "lis3dh": 1000, "mpu6050": 16384, "lsm6dso": 16393}
    g_counts["adxl345"] = 256
    for bench in benches():
        g_nm_s2 = bench.driver.lsb_nm_s2 * g_counts[bench.name]
        assert abs(g_nm_s2 - 9806650000) < 300000, bench.name  # 0.003 %


def test_temperatures_are_right_within_the_chips_steps():
    for bench in benches():
        if bench.name == "adxl345":
            assert bench.driver.temperature_mc() is None
            continue
        bench.started()
        for mc in (-20000, 0, 25000, 36530, 60000):
            bench.model.set_temperature(mc)
            step_mc = {"adxl355": 111, "lis3dh": 250, "mpu6050": 3, "lsm6dso": 4}[bench.name]
            assert abs(bench.driver.temperature_mc() - mc) <= step_mc, (bench.name, mc)


def test_polling_makes_no_garbage():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython counts otherwise; MicroPython runs this file too
    for bench in benches():
        bench.started()
        polled = triplets = 0
        gc.collect()
        for step in range(20):  # mem_alloc itself takes its time
            bench.model.tick(step % 7)
            before = gc.mem_alloc()
            n = bench.driver.poll()
            polled += gc.mem_alloc() - before
            triplets += n
        assert polled == 0, (bench.name, polled)
        assert triplets > 50


def test_polling_works_while_the_heap_is_locked():
    for bench in benches():
        bench.started()
        driver, seen = bench.driver, 0
        for step in range(150):
            bench.model.tick(step % 11)
            heap_lock()  # any allocation is a MemoryError
            try:
                n = driver.poll()
            finally:
                heap_unlock()
            seen += n
        assert seen == bench.model.samples > 700, bench.name


def test_two_byte_kernels_agree_with_their_definition():
    random = RandomNumbers(11)
    raw = random.some_bytes(1 + 6 * 40) + b"\x80\x00\x7f\xff\x00\x80\xff\x7f\xff\xff\x00\x01"
    n = 42
    for at in (0, 1):
        for low_first in (0, 1):
            for shift in (0, 4):
                counts = array("i", (0,) * 3 * (n + 1))
                assert unpack_16(raw, at, n, low_first, shift, counts, 1) == n
                for k in range(3 * n):
                    pair = raw[at + 2 * k : at + 2 * k + 2]
                    number = int.from_bytes(pair, "little" if low_first else "big")
                    signed = number - 65536 if number > 32767 else number
                    assert counts[3 + k] == signed >> shift
                assert list(counts[:3]) == [0, 0, 0]


def test_equal_samples_are_counted_across_blocks():
    last = array("i", (0, 0, 0, 0))
    block = array("i", (1, 2, 3) * 4)

    assert same_run(block, 4, last) == 3
    assert same_run(block, 4, last) == 7
    for place in (9, 10, 11):  # x, y or z of the last one differs
        block[place] += 1
        assert same_run(block, 4, last) == 0
        assert same_run(block[9:], 1, last) == 1

"""What a chip keeps while the loop does something else: at the rate that each board takes."""

from firmware.state import settings as rules

from sensor_bench import KINDS, Bench

# boards/: Raspberry Pi, ESP32 and Pico 2 W, Pico W
STEPS_MS = (200, 480, 800)
CHOSEN_MHZ = {
    "adxl355": (125000, 62500, 31250),
    "lis3dh": (100000, 50000, 25000),
    "mpu6050": (125000, 125000, 125000),
    "lsm6dso": (104000, 104000, 104000),
    "adxl345": (100000, 50000, 25000),
}


def with_sensor(name, rate_mhz=0):
    settings = rules.defaults()
    settings.update({"sensor": name, "rate_mhz": rate_mhz})
    return settings


def test_without_a_rate_of_its_own_a_board_takes_the_highest_whose_fifo_outlasts_its_steps():
    for name in sorted(KINDS):
        found = [rules.rate_for(with_sensor(name), step_ms) for step_ms in STEPS_MS]
        assert tuple(found) == CHOSEN_MHZ[name], name


def test_nothing_is_lost_while_the_loop_stands_still():
    for name in sorted(KINDS):
        for step_ms in STEPS_MS:
            bench = Bench(name, "i2c", rate_mhz=rules.rate_for(with_sensor(name), step_ms))
            bench.started().sleep_ms(100)
            bench.triplets()
            for _ in range(4):  # a handshake has so many long ones, each after a reading
                first = bench.model.samples
                bench.sleep_ms(step_ms)
                due = bench.model.samples - first
                got = []
                while len(got) < due:
                    more = bench.triplets()
                    assert more, (name, step_ms)
                    got += more
                assert got == bench.expected(first, due), (name, step_ms)
                assert not bench.driver.has_overrun, (name, step_ms)


def test_at_its_own_rate_a_small_fifo_loses_some_and_says_so():
    for name in ("adxl355", "lis3dh", "adxl345"):
        bench = Bench(name, "i2c", rate_mhz=CHOSEN_MHZ[name][0]).started()
        bench.sleep_ms(480)
        assert len(bench.triplets()) <= 33 and bench.driver.has_overrun, name


def test_a_rate_that_was_set_is_taken_whatever_the_board():
    assert rules.rate_for(with_sensor("adxl355", 250000), 800) == 250000


def test_where_no_rate_is_slow_enough_it_is_the_slowest():
    assert rules.rate_for(with_sensor("adxl355"), 5000) == 31250
    assert rules.rate_for(with_sensor("lsm6dso"), 60000) == 52000

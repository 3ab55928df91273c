"""The self-test of every driver: PASS or FAIL, what to do, and a sensor that then goes on."""

from firmware.sensors.bus import SensorError
from firmware.virtual.chips.wires import ONES, SILENT, ZEROS

from sensor_bench import COUNTS_PER_G, KINDS, Bench, quiet, quiet_benches


def test_a_good_chip_that_lies_still_passes():
    for bench in quiet_benches():
        verdict = bench.started().driver.self_test()
        assert verdict.has_passed and verdict.text.startswith("PASS"), verdict.text
        assert bench.slept_ms < 3000, bench.slept_ms
        told = [int(word.strip(",")) for word in verdict.text.split() if word[0] in "-0123456789"]
        for mg, push_mg in zip(told, bench.model.push_mg):
            assert abs(abs(mg) - abs(push_mg)) < 12, (bench.name, verdict.text)
        assert len(told) == 3


def test_a_chip_on_its_head_or_its_side_passes_too():
    for bench in quiet_benches(gravity_mg=-1000):
        assert bench.started().driver.self_test().has_passed, bench.name


def test_an_axis_that_does_not_move_fails_and_is_named():
    for name in sorted(KINDS):
        for axis in range(3):
            for push_mg in (0, 10):
                bench = Bench(name, "i2c", quiet(COUNTS_PER_G[name]))
                pushes = list(bench.model.push_mg)
                pushes[axis] = push_mg
                bench.model.push_mg = tuple(pushes)

                verdict = bench.started().driver.self_test()

                assert not verdict.has_passed
                assert verdict.text.startswith(f"FAIL: {'xyz'[axis]} moved by "), verdict.text
                assert "Test again" in verdict.text
                assert f"replace the {bench.driver.name}" in verdict.text


def test_an_axis_that_moves_too_far_fails():
    too_far = {"adxl355": 800, "lis3dh": 1500, "mpu6050": 700, "lsm6dso": 1800, "adxl345": 4500}
    for name in sorted(KINDS):
        bench = Bench(name, "i2c", quiet(COUNTS_PER_G[name]))
        bench.model.push_mg = (too_far[name],) + bench.model.push_mg[1:]
        verdict = bench.started().driver.self_test()
        assert verdict.text.startswith("FAIL: x moved by "), (name, verdict.text)


def test_the_direction_counts_where_the_data_sheet_gives_one():
    for name, is_signed in (("adxl355", True), ("adxl345", True), ("lsm6dso", False)):
        bench = Bench(name, "i2c", quiet(COUNTS_PER_G[name]))
        if name == "lsm6dso":
            # the positive push instead of the negative one
            bench.driver.push = lambda bench=bench: bench.model.write(0x14, 0x01)
        else:
            bench.model.push_mg = tuple([-mg for mg in bench.model.push_mg])
        assert bench.started().driver.self_test().has_passed != is_signed, name


def test_the_limits_are_those_of_the_data_sheets():
    edges = {
        "adxl355": ((100, 100, 500), (600, 600, 3000)),  # rev. D
        "lis3dh": ((68, 68, 68), (1440, 1440, 1440)),  # 17 and 360 times 4 mg
        "lsm6dso": ((50, 50, 50), (1700, 1700, 1700)),
        "adxl345": ((195, -3733, 292), (3733, -195, 5024)),  # 50/256 g; 540 * 1.77 / 256 g ...
    }
    for name in sorted(edges):
        limits = KINDS[name][0].test_limits_mg
        assert tuple([low for low, _ in limits]) == edges[name][0]
        assert tuple([high for _, high in limits]) == edges[name][1]


def test_shaking_fails_and_asks_for_stillness():
    for bench in quiet_benches(shaking_mg=400):
        verdict = bench.started().driver.self_test()
        assert not verdict.has_passed and "Keep it still" in verdict.text, verdict.text


def test_a_chip_that_misjudges_gravity_fails():
    for gravity_mg in (500, 1500):
        for bench in quiet_benches(gravity_mg=gravity_mg):
            verdict = bench.started().driver.self_test()
            assert not verdict.has_passed and "gravity" in verdict.text, verdict.text


def test_bad_wires_fail_with_what_to_do_and_no_exception():
    for bench in quiet_benches():
        faults = (ZEROS, ONES) if hasattr(bench.wire, "is_selected") else (ZEROS, ONES, SILENT)
        for fault in faults:
            bench.model.fault = None
            bench.started()
            bench.model.fault = fault
            verdict = bench.driver.self_test()
            assert not verdict.has_passed and verdict.text.startswith("FAIL: "), verdict.text
            assert "heck" in verdict.text or "not connected" in verdict.text, verdict.text


def test_a_chip_that_gives_no_samples_fails():
    for bench in quiet_benches():
        bench.started()
        bench.model.rate_mhz = lambda: 0
        verdict = bench.driver.self_test()
        assert "gives no samples" in verdict.text, (bench.name, verdict.text)


def test_afterwards_it_samples_as_before_and_owns_up_to_the_gap():
    for bench in quiet_benches():
        bench.started()
        before = bytes(bench.driver._wanted)
        rate_mhz = bench.model.rate_mhz()
        bench.driver.self_test()

        assert bytes(bench.driver._wanted) == before, bench.name
        assert bench.driver.has_overrun and not bench.driver.has_overrun
        assert bench.model.rate_mhz() == rate_mhz
        assert [bench.model.pushed_counts(axis) for axis in range(3)] == [0, 0, 0]
        seen = bench.model.samples
        bench.model.tick(10)
        assert bench.triplets() == bench.expected(seen, 10), bench.name


def test_a_chip_that_does_not_start_again_after_the_test_fails():
    for bench in quiet_benches():
        bench.started()

        def refuse():
            raise SensorError("it is gone")

        bench.driver.start = refuse
        verdict = bench.driver.self_test()
        assert not verdict.has_passed and verdict.text == "FAIL: it is gone"


def test_a_chip_that_died_in_the_test_fails_and_polls_complain():
    for bench in quiet_benches():
        bench.started()
        sleep_ms = bench.driver._sleep_ms

        def and_die(ms, bench=bench, sleep_ms=sleep_ms):
            sleep_ms(ms)
            if bench.slept_ms > 300:
                bench.model.fault = ZEROS

        bench.driver._sleep_ms = and_die
        assert not bench.driver.self_test().has_passed, bench.name
        try:
            for _ in range(40):
                bench.driver.poll()
        except SensorError as error:
            assert "all zeros" in str(error) or "lost its settings" in str(error)
        else:
            raise AssertionError(bench.name)

"""What every driver must notice and say: wrong wiring, a chip that dies, resets, sticks, slips."""

from firmware.sensors.adxl345 import Adxl345
from firmware.sensors.adxl355 import Adxl355
from firmware.sensors.bus import SpiBus
from firmware.sensors.i2c_bus import I2cBus
from firmware.sensors.lis3dh import Lis3dh
from firmware.sensors.lsm6dso import Lsm6dso
from firmware.sensors.mpu6050 import Mpu6050
from firmware.virtual.chips.wires import ONES, SILENT, ZEROS, Cs, I2c, Spi

from sensor_bench import KINDS, Bench, benches, complaint_at_start


def test_all_zeros_at_start_means_power_or_the_data_wire():
    for bench in benches():
        bench.model.fault = ZEROS
        said = complaint_at_start(bench)
        assert "all zeros" in said and "3.3 V" in said, said
        assert ("MISO" if hasattr(bench.wire, "is_selected") else "SDA") in said, said
        assert said.startswith(bench.driver.name)


def test_all_ones_at_start_means_not_connected():
    for bench in benches():
        bench.model.fault = ONES
        said = complaint_at_start(bench)
        assert "all ones" in said and "not connected" in said, said
        assert ("its CS" if hasattr(bench.wire, "is_selected") else "its SDA") in said, said


def test_a_silent_i2c_address_is_named():
    for name in sorted(KINDS):
        bench = Bench(name, "i2c")
        bench.model.fault = SILENT
        said = complaint_at_start(bench)
        assert (
            f"nothing answers at I2C address 0x{bench.wire.address:02x}" in said and "SDA" in said
        ), said


def test_on_i2c_another_chip_is_named():
    names = {"adxl355": "ADXL355", "lis3dh": "LIS3DH", "mpu6050": "MPU6050", "lsm6dso": "LSM6DSO"}
    names["adxl345"] = "ADXL345"
    for there in sorted(KINDS):
        for expected in (Adxl345, Adxl355, Lis3dh, Lsm6dso, Mpu6050):
            if expected is KINDS[there][0]:
                continue
            bench = Bench(there, "i2c")
            bench.driver = expected(I2cBus(I2c(bench.model, 0x1D), 0x1D), bench.sleep_ms)
            said = complaint_at_start(bench)
            # An MPU6050's register 0x0F and an ADXL345's 0x75 hold other things than an id, and
            # 0x00 is what a chip without that register gives.
            assert names[there] in said or "all zeros" in said, said


def test_on_spi_another_chip_of_the_same_format_is_named():
    for there, expected in (("lis3dh", Lsm6dso), ("lsm6dso", Lis3dh), ("lis3dh", Adxl345)):
        bench = Bench(there, "spi")
        wire = Spi(bench.model)
        bench.driver = expected(SpiBus(wire, Cs(wire)), bench.sleep_ms)
        said = complaint_at_start(bench)
        assert there.upper() in said or "all zeros" in said, said


def test_asking_who_is_there_writes_nothing():
    for there in sorted(KINDS):
        for expected in (Lis3dh, Lsm6dso):
            bench = Bench(there, "spi" if there != "mpu6050" else "i2c")
            before = bytes(bench.model.registers)
            wire = Spi(bench.model)
            bench.driver = expected(SpiBus(wire, Cs(wire)), bench.sleep_ms)
            if bench.driver_class is not expected:
                assert complaint_at_start(bench) is not None
                assert bytes(bench.model.registers) == before, (there, expected)


def test_an_unknown_id_is_told():
    for bench in benches():
        register, _ = bench.driver.ids[0]
        bench.model.registers[register] = 0x42
        bench.model.reset = lambda: None
        said = complaint_at_start(bench)
        assert "unknown chip" in said and "0x42" in said, said


def test_a_register_that_does_not_take_what_is_written_stops_the_start():
    for bench in benches():
        bench.started()
        wanted = bench.driver._wanted
        for at in range(2 * len(bench.driver.ids), len(wanted), 2):
            register = wanted[at]
            other = Bench(bench.name, "i2c")
            other.model.registers[register] = wanted[at + 1] ^ 0x10
            other.model.frozen = (register,)
            other.model.reset = lambda: None
            said = complaint_at_start(other)
            assert said is not None and f"0x{register:02x}" in said, (bench.name, register, said)


def test_a_chip_that_stops_answering_is_noticed_within_three_polls():
    for bench in benches():
        for fault, word in ((ZEROS, "all zeros"), (ONES, "")):
            bench.model.fault = None
            bench.started()
            bench.model.tick(5)
            assert bench.driver.poll() == 5
            for _ in range(7):
                bench.driver.poll()

            bench.model.fault = fault
            # the register whose turn it is may hold a zero rightly; the ids come round
            said = bench.poll_until_it_complains(polls=3 + len(bench.driver._wanted) // 2)
            assert (said is not None and word in said) or "lost its settings" in said, said
            assert bench.driver.has_overrun


def test_a_glitch_on_i2c_is_survived_and_owned_up_to():
    for name in sorted(KINDS):
        bench = Bench(name, "i2c").started()
        bench.model.tick(5)
        bench.wire.failures = 2

        assert bench.driver.poll() == 0 and bench.driver.poll() == 0
        assert bench.driver.has_overrun
        seen = bench.model.samples - 5
        assert bench.triplets() == bench.expected(seen, 5), name

        bench.wire.failures = 3
        said = bench.poll_until_it_complains(polls=3)
        assert "nothing answers" in said, said


def test_a_chip_that_was_reset_by_low_voltage_is_noticed():
    for bench in benches():
        bench.started()
        bench.model.tick(5)
        bench.driver.poll()

        bench.model.reset()

        said = bench.poll_until_it_complains(polls=30)
        assert "lost its settings" in said, (bench.name, said)


def test_a_changed_setting_is_noticed_while_samples_flow():
    # the range: samples go on, in another unit
    registers = {"adxl355": 0x2C, "lis3dh": 0x23, "mpu6050": 0x1C, "lsm6dso": 0x10}
    registers["adxl345"] = 0x31
    for bench in benches():
        bench.started()
        bench.model.registers[registers[bench.name]] ^= 0x02 if bench.name[:4] == "adxl" else 0x08

        said = bench.poll_until_it_complains(polls=33 * 16, ticks=3)
        assert "lost its settings" in said, (bench.name, said)


def test_after_a_complaint_a_start_puts_all_right():
    for bench in benches():
        bench.started()
        bench.model.reset()
        assert bench.poll_until_it_complains() is not None

        bench.started()
        seen = bench.model.samples
        bench.model.tick(12)
        assert bench.triplets() == bench.expected(seen, 12)
        assert not bench.driver.has_overrun


def test_a_stuck_fifo_is_noticed():
    for bench in benches():
        bench.started()
        bench.model.tick(18)
        bench.model.fifo.is_stuck = True

        said = bench.poll_until_it_complains(polls=300)
        # an ADXL355 that gives one number again and again gives no triplet
        word = "nonsense" if bench.name == "adxl355" else "again and again"
        assert word in said, (bench.name, said)


def test_a_byte_that_slips_costs_a_few_samples_but_never_the_alignment():
    for bench in benches():
        for slip_at in (2, 11, 29, 46):
            bench.started()
            bench.model.tick(10)
            bench.model.slip_at = slip_at if bench.name != "adxl345" else 0
            first = bench.model.samples - 10

            got = bench.triplets()
            right = bench.expected(first, 10)
            if bench.name in ("adxl355", "lsm6dso"):  # marks: what is given is right
                assert got == right[: len(got)] and len(got) < 10, (bench.name, slip_at)
            for _ in range(3):
                bench.driver.poll()
            seen = bench.model.samples
            bench.model.tick(10)
            got = bench.triplets()
            assert got == bench.expected(seen, 10)[-len(got) :], (bench.name, slip_at)
            assert len(got) >= 9
            if bench.name in ("adxl355", "lsm6dso"):
                assert bench.driver.has_overrun


def test_a_chip_that_is_only_silent_raises_nothing():
    for bench in benches():
        bench.started()
        for _ in range(200):
            assert bench.driver.poll() == 0
        assert not bench.driver.has_overrun


def test_a_chip_that_was_never_started_says_so():
    for bench in benches():
        assert "was not started" in bench.poll_until_it_complains(polls=3)

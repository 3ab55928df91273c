import dataclasses

import numpy as np
import pytest
from groundswell import wire

from replay import sensors
from tests.replay.a_record import RECORD

QUIET = np.zeros((3, 20_000))


@pytest.mark.parametrize(
    ("name", "ug_rthz", "lsb_ug"), [("adxl355", 22.5, 3.9), ("mpu6050", 400.0, 61.0)]
)
def test_a_chip_adds_its_noise_density_in_its_steps(
    name: str, ug_rthz: float, lsb_ug: float
) -> None:
    counts, lsb_nm_s2 = sensors.counts_of(RECORD, QUIET, name, seed=0)

    assert lsb_nm_s2 == pytest.approx(lsb_ug * 9806.65, rel=0.01)
    rms_ug = counts.std() * lsb_nm_s2 / 9806.65
    assert rms_ug == pytest.approx(ug_rthz * np.sqrt(50.0), rel=0.02)
    assert abs(counts.mean()) < 1


def test_a_mems_record_is_taken_as_it_is_and_so_is_every_record_with_none() -> None:
    acc_mps2 = np.arange(30.0).reshape(3, 10) / 100
    mems = dataclasses.replace(RECORD, sensor_class="MEMS")
    for record, name in ((mems, "adxl355"), (RECORD, "none")):
        counts, lsb_nm_s2 = sensors.counts_of(record, acc_mps2, name, seed=0)

        np.testing.assert_allclose(counts.reshape(-1, 3).T * lsb_nm_s2 / 1e9, acc_mps2, atol=1e-5)


def test_the_noise_is_that_of_the_seed_and_the_record() -> None:
    def draw(record_id: str, seed: int) -> bytes:
        record = dataclasses.replace(RECORD, record_id=record_id)
        return sensors.counts_of(record, QUIET, "adxl355", seed)[0].tobytes()

    assert draw("a", 0) == draw("a", 0)
    assert len({draw("a", 0), draw("b", 0), draw("a", 1)}) == 3


def test_the_chip_clips_at_two_g() -> None:
    strong = np.full((3, 10), 50.0)

    for name, limit_g in (("adxl355", 2.0), ("mpu6050", 2.0)):
        counts, lsb_nm_s2 = sensors.counts_of(RECORD, strong, name, seed=0)
        assert float(counts.max()) * lsb_nm_s2 / 9.80665e9 == pytest.approx(limit_g, rel=0.03)


def test_whatever_the_numbers_they_fit_the_counts() -> None:
    counts, _ = sensors.counts_of(RECORD, np.full((3, 4), 1e300), "none", seed=0)

    assert counts.dtype == np.int32 and counts.max() == (1 << 30) - 1


def test_a_chip_is_known_by_its_step() -> None:
    assert sensors.sensor_with(38246) == wire.SENSOR_ADXL355
    assert sensors.sensor_with(sensors.FINE_LSB_NM_S2) == wire.SENSOR_UNKNOWN

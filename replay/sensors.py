"""What a cheap accelerometer would have made of a recording: its noise, its steps, its range.

Records of MEMS sensors have all that already; they are taken as they are, in fine steps.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from groundswell import wire

from replay.records import Record

STANDARD_GRAVITY_MPS2 = 9.80665
FINE_LSB_NM_S2 = 5000  # as it is: 1/8 of an ADXL355's step, a tenth of a quiet node's noise


@dataclass(frozen=True)
class Chip:
    sensor: int  # wire.SENSOR_...
    noise_g_rthz: float  # white
    lsb_nm_s2: int
    limit_counts: int
    vertical_noise: float = 1.0  # over that of x and y
    drift_g_per_k: float = 0.0  # of the offset
    step_counts: int = 1  # what it tells is a multiple of


# Drift: typical of the data sheets; the LSM6DSO's and the LIS3DH's from memory.
CHIPS = {
    # Analog Devices, ADXL354/355 data sheet: 22.5 ug/rtHz, 3.9 ug, +-2 g range
    "adxl355": Chip(wire.SENSOR_ADXL355, 22.5e-6, 38246, (1 << 19) - 1, drift_g_per_k=20e-6),
    # InvenSense, MPU-6000/6050 data sheet: 400 ug/rtHz, 16384 LSB/g
    "mpu6050": Chip(wire.SENSOR_MPU6050, 400e-6, 598550, (1 << 15) - 1, drift_g_per_k=500e-6),
    # ST, LSM6DSO data sheet: 70 ug/rtHz, 61 ug at 2 g
    "lsm6dso": Chip(wire.SENSOR_LSM6DSO, 70e-6, 598205, (1 << 15) - 1, drift_g_per_k=100e-6),
    # ST, LIS3DH data sheet: 4 mg at 2 g with the 10 bits of its FIFO; 220 ug/rtHz with 12. With
    # 10 it is not said: twice that, because 12 seem to be a mean (their low-pass is at a ninth)
    "lis3dh": Chip(wire.SENSOR_LIS3DH, 440e-6, 9806650, 2044, 1.0, 500e-6, 4),
    # Analog Devices, ADXL345 data sheet page 33: 290 ug/rtHz, z 430; 3.9 mg at 16 g
    "adxl345": Chip(wire.SENSOR_ADXL345, 290e-6, 38245935, (1 << 12) - 1, 1.48, 400e-6),
}
NAMES = (*CHIPS, "none")


def counts_of(
    record: Record, acc_mps2: npt.NDArray[np.float64], sensor: str, seed: int
) -> tuple[npt.NDArray[np.int32], int]:
    """Return what the node reads: (3 * n,) interleaved counts, vertical last, and nm/s^2 a count.

    acc_mps2: (3, n). The noise depends on the seed and the record's id only.
    """
    if sensor not in CHIPS or record.sensor_class == "MEMS":
        return _counts(acc_mps2, FINE_LSB_NM_S2, (1 << 30) - 1), FINE_LSB_NM_S2
    chip = CHIPS[sensor]
    sigma_mps2 = chip.noise_g_rthz * STANDARD_GRAVITY_MPS2 * np.sqrt(record.rate_hz / 2.0)
    random = np.random.default_rng([seed, zlib.crc32(record.record_id.encode())])
    white = random.standard_normal(acc_mps2.shape)
    white[2] *= chip.vertical_noise
    noisy = acc_mps2 + sigma_mps2 * white
    step = chip.step_counts
    found = _counts(noisy, chip.lsb_nm_s2 * step, chip.limit_counts // step)
    return found * np.int32(step), chip.lsb_nm_s2


def sensor_with(lsb_nm_s2: int) -> int:
    """Return wire.SENSOR_... of the chip with this step; unknown if it is none of ours."""
    for chip in CHIPS.values():
        if chip.lsb_nm_s2 == lsb_nm_s2:
            return chip.sensor
    return wire.SENSOR_UNKNOWN


def _counts(
    acc_mps2: npt.NDArray[np.float64], lsb_nm_s2: int, limit_counts: int
) -> npt.NDArray[np.int32]:
    steps = np.rint(acc_mps2 * (1e9 / lsb_nm_s2))
    return np.clip(steps, -limit_counts, limit_counts).astype(np.int32).T.reshape(-1)

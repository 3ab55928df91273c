"""Which chip answers: what to tell a technician whose configuration names another one.

Only reads that no chip of ours can take for a write: over SPI an ADXL355 has its own format, and
what reads register 0 of an ADXL345 writes to an ADXL355. So over SPI not every chip is found out.
"""

from firmware.sensors import bus as buses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sensors.bus import SpiBus
    from firmware.sensors.i2c_bus import I2cBus

_WHO_AM_I_ST = 0x0F
_ST = {
    0x33: "LIS3DH",  # Linux drivers/iio/accel/st_accel_core.c; LIS2DH12 says the same
    0x69: "LSM6DS3",  # these: Linux drivers/iio/imu/st_lsm6dsx/st_lsm6dsx_core.c
    0x6A: "LSM6DSL or LSM6DS3TR-C",
    0x6B: "ISM330DHCX or LSM6DSR",
    0x6C: "LSM6DSO",
}
_WHO_AM_I_INVENSENSE = 0x75
_INVENSENSE = {
    0x68: "MPU6050",  # register map RM-MPU-6000A rev. 4.2, register 117
    0x70: "MPU6500",  # these: Linux drivers/iio/imu/inv_mpu6050/inv_mpu_iio.h
    0x71: "MPU9250",
}
_ANALOG = {
    0xAD: "ADXL355 or one of its family",  # ADXL355 data sheet rev. 0, table 15, page 32
    0xE5: "ADXL345",  # ADXL345 data sheet, register 0x00
}


def explain(name: str, found: int, bus: "SpiBus | I2cBus") -> str:
    """Return what it means that the id of the chip called `name` was read as `found`."""
    if found == 0x00:
        return f"{name}: all zeros. Check its 3.3 V and GND, then the wire from its {_out(bus)}"
    if found == 0xFF:
        return f"{name}: all ones. It is not connected, or its {_select(bus)} is on another pin"
    other = who_answers(bus)
    if other is None:
        return f"{name}: an unknown chip answers (id 0x{found:02x}). Check what is on the board"
    return f"{name}: {other} answers (id 0x{found:02x}). Configure it, or fit the {name}"


def who_answers(bus: "SpiBus | I2cBus") -> "str | None":
    """Return the name of the chip on this bus, as far as it can be asked safely."""
    if bus.kind == buses.I2C:
        name = _ANALOG.get(bus.read(0x00))
        if name is not None:
            return name
    elif bus.form.shift:
        return None
    name = _ST.get(bus.read(_WHO_AM_I_ST))
    return name or _INVENSENSE.get(bus.read(_WHO_AM_I_INVENSENSE))


def _out(bus: "SpiBus | I2cBus") -> str:
    return "MISO (SDO)" if bus.kind == buses.SPI else "SDA"


def _select(bus: "SpiBus | I2cBus") -> str:
    return "CS" if bus.kind == buses.SPI else "SDA"

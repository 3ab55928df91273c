"""The models of the chips, byte by byte as the makers describe it: no driver of ours between."""

from firmware.virtual.chips import adxl345, adxl355, lis3dh, lsm6dso, mpu6050
from firmware.virtual.chips.wires import Cs, I2c, Spi

from sensor_bench import KINDS, lively


def constant(x, y, z):
    return lambda n: (x, y, z)


def wired(model):
    """Return a function that sends bytes to the chip and returns what came back meanwhile."""
    wire = Spi(model)
    cs = Cs(wire)

    def exchange(text):
        sent = bytes([int(word, 16) for word in text.split()])
        got = bytearray(len(sent))
        cs(0)
        wire.write_readinto(sent, got)
        cs(1)
        return " ".join([f"{byte:02x}" for byte in got[1:]])

    return exchange


def test_no_model_samples_before_it_is_told_to():
    for name in sorted(KINDS):
        model = KINDS[name][1](lively(8))
        model.tick(10)
        assert model.samples == 0 and model.fifo.level == 0, name


def test_an_adxl355_talks_as_its_data_sheet_says():
    model = adxl355.Adxl355(constant(1, -1, 262144))
    talk = wired(model)
    assert talk("01 00 00 00") == "ad 1d ed"  # ids
    assert talk("5b 00") == "01"  # standby
    assert talk("53 00 00 00 00") == "60 00 00 81"  # from 0x29 on, after a reset
    assert talk("23 00 00 00") == "00 00 02"  # FIFO empty
    talk("52 06")  # watermark 6
    talk("50 05")  # 125 Hz
    talk("5a 00")  # measure
    assert model.rate_mhz() == 125000
    model.tick()
    assert talk("09 00 00") == "01 03"  # status, entries
    # the triplet 1, -1, 262144 as others have published it (oaslananka/adxl355, fifo_vectors.h)
    assert talk("23 00 00 00 00 00 00 00 00 00") == "00 00 11 ff ff f0 40 00 00"
    model.tick(2)
    assert talk("09 00 00") == "03 06"  # watermark reached
    model.tick(40)
    assert talk("09 00 00") == "07 60"  # overrun
    talk("5e 52")  # reset
    assert talk("5b 00") == "01"
    assert model.fifo.level == 0


def test_a_lis3dh_talks_as_its_data_sheet_says():
    model = lis3dh.Lis3dh(constant(1000, -1000, 5))
    talk = wired(model)
    assert talk("8f 00") == "33"
    assert talk("a0 00") == "07"
    assert talk("af 00") == "20"  # FIFO empty
    for register in ("20 57", "23 88", "24 40", "2e 82"):  # 100 Hz, 12 bits, FIFO on, stream
        talk(register)
    model.tick(2)
    assert talk("af 00") == "02"
    model.tick(1)
    assert talk("af 00") == "83"  # more than the watermark
    sample = "80 3e 80 c1 50 00"
    assert talk("e8" + 12 * " 00") == sample + " " + sample  # goes back to 0x28
    assert talk("a8 00 00") == "80 80"  # without the bit the address stays
    model.tick(40)
    assert talk("af 00") == "df"  # full
    talk("2e 00")  # bypass
    assert talk("af 00") == "20"


def test_an_lsm6dso_talks_as_its_header_says():
    model = lsm6dso.Lsm6dso(constant(0x0102, -2, 0x7FFF))
    talk = wired(model)
    assert talk("8f 00") == "6c"
    for register in ("07 03", "09 04", "0a 06", "10 40"):  # watermark 3, 104 Hz, continuous
        talk(register)
    assert model.rate_mhz() == 104000
    model.tick(2)
    assert talk("ba 00 00") == "02 00"
    model.tick(2)
    assert talk("ba 00 00") == "04 80"
    two = talk("f8" + 14 * " 00").split()
    assert [int(two[at], 16) >> 3 for at in (0, 7)] == [2, 2]
    assert two[1:7] == two[8:14] == ["02", "01", "fe", "ff", "ff", "7f"]
    model.tick(600)
    assert talk("ba 00 00") == "00 8a"  # 512, overrun
    assert talk("ba 00 00") == "00 82"  # which is told once
    talk("12 01")
    assert talk("92 00") == "05" and talk("92 00") == "05" and talk("92 00") == "04"


def test_an_adxl345_talks_as_its_data_sheet_says():
    model = adxl345.Adxl345(constant(256, -256, 700))
    talk = wired(model)
    assert talk("80 00") == "e5"
    assert talk("ac 00") == "0a"
    for register in ("31 08", "38 82", "2d 08"):  # full resolution, 2 g; stream, watermark 2
        talk(register)
    assert model.rate_mhz() == 100000
    model.tick(3)
    assert talk("b9 00") == "03"
    assert talk("b0 00") == "82"
    assert talk("f2" + 6 * " 00") == "00 01 00 ff ff 01"  # 700 is beyond 2 g: 511
    assert talk("b9 00") == "02"
    assert talk("b2 00") == "00"  # one byte, and the rest of the sample is lost
    assert talk("b9 00") == "01"
    model.tick(40)
    assert talk("b0 00") == "83"  # overrun, until data is read
    talk("f2" + 6 * " 00")
    assert talk("b0 00") == "82"


def test_an_mpu6050_talks_as_its_register_map_says():
    model = mpu6050.Mpu6050(constant(0x0102, -2, 16384))
    wire = I2c(model, 0x68)

    def read(register, count):
        got = bytearray(count)
        wire.readfrom_mem_into(0x68, register, got)
        return " ".join([f"{byte:02x}" for byte in got])

    def write(register, byte):
        wire.writeto_mem(0x68, register, bytes((byte,)))

    assert read(0x75, 1) == "68"
    assert read(0x6B, 1) == "40"  # asleep
    for register, byte in ((0x6B, 1), (0x19, 7), (0x23, 8), (0x6A, 0x40)):
        write(register, byte)
    assert model.rate_mhz() == 125000
    model.tick(2)
    assert read(0x72, 2) == "00 0c"
    assert read(0x74, 12) == "01 02 ff fe 40 00 01 02 ff fe 40 00"
    model.tick(171)
    assert read(0x72, 2) == "04 00"
    assert read(0x3A, 2) == "10 00"  # overflow
    write(0x6A, 0x44)  # a reset of the FIFO while it is on does nothing
    assert read(0x72, 2) == "04 00"
    write(0x6A, 0x04)
    assert read(0x72, 2) == "00 00"


def test_a_chip_that_is_not_selected_gives_ones():
    model = lis3dh.Lis3dh(constant(0, 0, 0))
    wire = Spi(model)
    got = bytearray(2)
    wire.write_readinto(b"\x8f\x00", got)
    assert got == b"\xff\xff"

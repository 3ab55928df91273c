"""One frame of every kind, as it must be for ever in this version."""

from groundswell import faults, wire

# bytes, lowest and highest value of a field: written down here a second time, independently
U8 = (1, 0, 255)
U16 = (2, 0, 65535)
U32 = (4, 0, 4294967295)
I8 = (1, -128, 127)
I16 = (2, -32768, 32767)
I32 = (4, -2147483648, 2147483647)
TIME = (8, 0, 4102444800000000)
FLAGS = (1, 0, 63)
RATE = (4, 0, 4000000)

NODE = 0x0000002A
BOOT = 0xA1B2C3D4
ONSET_US = 1513377823243000

# message, fixed fields, frame
GOLDEN = (
    (
        wire.Trigger(
            node_id=NODE,
            boot_id=BOOT,
            seq=7,
            detection_id=3,
            update=1,
            flags=wire.FLAG_CLIPPED,
            onset_us=ONSET_US,
            sample_us=ONSET_US + 500000,
            sent_us=ONSET_US + 540000,
            clock_error_us=5000,
            p_quake_permille=970,
            ratio_milli=12500,
            pga_um_s2=117000,
            pgv_nm_s=3400000,
            pd_nm=250000,
            noise_um_s2=310,
        ),
        (U32, U32, U32, U16, U8, FLAGS, TIME, TIME, TIME, U32, (2, 0, 1000))
        + (U32, U32, U32, U32, U32),
        "0201420000002a000000d4c3b2a10700000003000102f8ba90bb68600500185c98bb6860050058f898bb"
        "6860050088130000ca03d430000008c9010040e1330090d0030036010000",
    ),
    (
        wire.Shaking(
            node_id=NODE,
            boot_id=BOOT,
            seq=8,
            flags=wire.FLAG_LATE + wire.FLAG_GAP,
            end_us=ONSET_US + 1000000,
            clock_error_us=5001,
            pga_um_s2=980000,
            pgv_nm_s=61000000,
        ),
        (U32, U32, U32, FLAGS, TIME, U32, U32, U32),
        "0202210000002a000000d4c3b2a1080000002138fd9fbb686005008913000020f40e0040c9a203",
    ),
    (
        wire.Status(
            node_id=NODE,
            boot_id=BOOT,
            seq=9,
            state=wire.STATE_ARMED,
            flags=0,
            sensor=wire.SENSOR_ADXL355,
            sent_us=ONSET_US + 2000000,
            clock_error_us=1200,
            clock_drift_ppb=-8123,
            lat_udeg=-33448900,
            lon_udeg=-70669300,
            elevation_m=-12,
            rate_mhz=125000,
            noise_um_s2=310,
            triggers_hour=4,
            uptime_s=86400,
            free_memory_b=91000,
            drops=2,
            battery_mv=3700,
            rssi_dbm=-67,
            firmware_major=0,
            firmware_minor=1,
            firmware_patch=200,
            faults=faults.CLOCK + faults.CRASHED,
            restarts=513,
            reset_cause=wire.RESET_WATCHDOG,
        ),
        (U32, U32, U32, (1, 0, 4), FLAGS, U8, TIME, U32, I32, (4, -90000000, 90000000))
        + ((4, -180000000, 180000000), I16, RATE, U32, U16, U32, U32, U32, U16, I8, U8, U8, U8)
        + (U32, U16, (1, 0, 6)),
        "02034c0000002a000000d4c3b2a109000000020001783fafbb68600500b004000045e0ffff3c9c01fe0c"
        "acc9fbf4ff48e80100360100000400805101007863010002000000740ebd0001c808200000010203",
    ),
    (
        wire.Waveform(
            node_id=NODE,
            boot_id=BOOT,
            seq=10,
            flags=0,
            start_us=ONSET_US - 1000000,
            rate_mhz=31250,
            lsb_nm_s2=38246,
            sample_count=31,
            payload=b"\x00\x01\xfe\xff",
        ),
        (U32, U32, U32, FLAGS, TIME, RATE, U32, (2, 1, 4096)),
        "0204230000002a000000d4c3b2a10a00000000b87881bb68600500127a0000669500001f000001feff",
    ),
    (
        wire.Command(
            node_id=NODE,
            command_id=77,
            action=wire.ACTION_IDENTIFY,
            issued_us=ONSET_US,
            expires_us=ONSET_US + 30000000,
            payload=b"",
        ),
        (U32, U32, (1, 1, 6), TIME, TIME),
        "0205190000002a0000004d00000003f8ba90bb68600500787e5abd68600500",
    ),
    (
        wire.Reply(
            node_id=NODE,
            boot_id=BOOT,
            seq=11,
            command_id=77,
            result=wire.RESULT_EXPIRED,
            sent_us=ONSET_US + 31000000,
            payload=b"too late",
        ),
        (U32, U32, U32, U32, (1, 0, 4), TIME),
        "0206210000002a000000d4c3b2a10b0000004d00000004b8c069bd68600500746f6f206c617465",
    ),
    (
        wire.Batch(
            gateway_id=0xFFFFFFFF,
            boot_id=1,
            seq=0,
            encoding=wire.ENCODING_RAW,
            frame_count=1,
            sent_us=ONSET_US + 600000,
            payload=wire.pack_entries([(ONSET_US + 599000, b"\x01\x02\x03")]),
        ),
        (U32, U32, U32, (1, 0, 1), (2, 1, 1024), TIME),
        "020726000000ffffffff0100000000000000000100b8e299bb68600500d0de99bb6860050003000000010203",
    ),
    (
        wire.Chunk(
            node_id=NODE,
            release=0xB16B00B5,
            file_index=3,
            offset=4096,
            payload=b"import gc",
        ),
        (U32, U32, U16, U32),
        "0208170000002a000000b5006bb1030000100000696d706f7274206763",
    ),
)

"""What the parts of the network tell each other: one namedtuple a message, one line a field.

Every field is an integer with its unit in its name, or raw bytes at the end (`payload`). wire.py
gives each its bytes and says what its numbers may be; everybody else takes them from there.
"""

from collections import namedtuple

Trigger = namedtuple(
    "Trigger",
    (
        "node_id",
        "boot_id",  # drawn at every start, so that (node_id, boot_id, seq) is unique
        "seq",  # counts this node's frames; a gap shows loss
        "detection_id",  # counts detections since the start
        "update",  # 0 is the first message of a detection; 1, 2, ... refine it
        "flags",
        "onset_us",  # P onset, Unix time; refined for a second
        "sample_us",  # the last sample that this message knows of, Unix time
        "sent_us",  # when the node handed it to its uplink, Unix time
        "clock_error_us",  # one sigma of the node's own clock
        "p_quake_permille",  # probability that this is an earthquake
        "ratio_milli",  # largest STA/LTA since the onset, times 1000
        "pga_um_s2",  # peaks since the onset: largest component
        "pgv_nm_s",
        "pd_nm",  # peak displacement of the vertical, high-passed
        "noise_um_s2",  # RMS of the detector's band before the onset, vertical
    ),
)

Shaking = namedtuple(
    "Shaking",
    (
        "node_id",
        "boot_id",
        "seq",
        "flags",
        "end_us",  # end of the second that this describes, Unix time
        "clock_error_us",
        "pga_um_s2",  # peaks within that second: largest component
        "pgv_nm_s",
    ),
)

Status = namedtuple(
    "Status",
    (
        "node_id",
        "boot_id",
        "seq",
        "state",
        "flags",
        "sensor",
        "sent_us",  # Unix time
        "clock_error_us",
        "clock_drift_ppb",  # signed: positive when the node's crystal is fast
        "lat_udeg",  # microdegrees, WGS 84
        "lon_udeg",
        "elevation_m",
        "rate_mhz",  # measured sample rate, thousandths of a hertz
        "noise_um_s2",  # RMS of the detector's band now, vertical
        "triggers_hour",  # detections published within the last hour
        "uptime_s",
        "free_memory_b",
        "drops",  # frames and samples lost since the start
        "battery_mv",  # 0: no battery
        "rssi_dbm",  # 0: not a radio
        "firmware_major",
        "firmware_minor",
        "firmware_patch",
        "faults",  # bits of faults.py: what the node finds wrong with itself
        "restarts",  # since it was installed
        "reset_cause",  # wire.RESET_...: why it started the last time
    ),
)

Waveform = namedtuple(
    "Waveform",
    (
        "node_id",
        "boot_id",
        "seq",
        "flags",
        "start_us",  # first sample, Unix time
        "rate_mhz",
        "lsb_nm_s2",  # one count in nm/s^2
        "sample_count",  # of each of the three components
        "payload",  # codec.py: three components
    ),
)

Command = namedtuple(
    "Command",
    (
        "node_id",
        "command_id",
        "action",
        "issued_us",  # Unix time
        "expires_us",  # a node refuses it afterwards
        "payload",
    ),
)

Reply = namedtuple(
    "Reply",
    (
        "node_id",
        "boot_id",
        "seq",
        "command_id",
        "result",
        "sent_us",
        "payload",
    ),
)

Batch = namedtuple(
    "Batch",
    (
        "gateway_id",
        "boot_id",
        "seq",
        "encoding",
        "frame_count",
        "sent_us",  # Unix time by the gateway's clock
        "payload",  # pack_entries(...), perhaps compressed
    ),
)

Chunk = namedtuple(
    "Chunk",
    (
        "node_id",
        "release",  # which update this is a piece of: the first four bytes of its manifest's hash
        "file_index",  # 0: the manifest; 1, 2, ...: its files, in its order
        "offset",  # where in that file the payload belongs
        "payload",
    ),
)

"""What nodes, gateways and the engine say to each other over MQTT.

The one place that knows a byte layout. To change a message: edit its fields and its layout, raise
VERSION, and add a golden frame to tests/shared/test_wire.py. Topic names are in topics.py.

A frame is  version (1 byte) | kind (1 byte) | length of the rest (4 bytes) | fixed fields | payload.
All integers are little endian; a fraction is carried in a smaller unit, named in the field.
`decode` is the border: what it returns is in range, and nobody checks again behind it.
"""

import struct
from collections import namedtuple

VERSION = 1

# flags of Trigger, Shaking, Status and Waveform
FLAG_LATE = 1  # not sent when it happened: may confirm an alert, never start one
FLAG_CLIPPED = 2  # the sensor reached the end of its range since the onset
FLAG_RETRACTED = 4  # this detection was nothing after all
FLAG_UNSYNCHRONISED = 8  # times are not to be trusted; clock_error_us says how little
FLAG_MASKED = 16  # our own buzzer was sounding
FLAG_GAP = 32  # samples were lost in the last ten seconds
_FLAGS_KNOWN = 63

# Status.state
STATE_OFFLINE = 0  # the last will: the broker sends it when the connection is lost
STATE_STARTING = 1
STATE_ARMED = 2
STATE_FAULT = 3
STATE_SAFE_MODE = 4

# Status.sensor
SENSOR_UNKNOWN = 0
SENSOR_ADXL355 = 1
SENSOR_LIS3DH = 2
SENSOR_MPU6050 = 3
SENSOR_LSM6DSO = 4
SENSOR_ADXL345 = 5
SENSOR_SIMULATED = 255

# Command.action
ACTION_CONFIGURE = 1
ACTION_SELF_TEST = 2
ACTION_IDENTIFY = 3
ACTION_SEND_HISTORY = 4
ACTION_RESTART = 5
ACTION_UPDATE = 6

# Reply.result
RESULT_DONE = 0
RESULT_REFUSED = 1
RESULT_FAILED = 2
RESULT_UNKNOWN_ACTION = 3
RESULT_EXPIRED = 4

# Batch.encoding
ENCODING_RAW = 0
ENCODING_ZSTD = 1

MAX_PAYLOAD_BYTES = 262144  # a gateway's batch; a node sends at most a few hundred
MAX_BATCH_FRAMES = 1024
MAX_ENTRIES_BYTES = 1048576  # what a batch may unpack to

Trigger = namedtuple(
    "Trigger",
    (
        "node_id",
        "boot_id",  # drawn at every start, so that (node_id, boot_id, seq) is unique
        "seq",  # counts this node's frames; a gap shows loss
        "detection_id",  # counts detections since the start
        "update",  # 0 is the first message of a detection; 1, 2, ... refine it
        "flags",
        "onset_us",  # P onset, Unix time
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
        "triggers_hour",  # detections within the last hour
        "uptime_s",
        "free_memory_b",
        "drops",  # frames and samples lost since the start
        "battery_mv",  # 0: no battery
        "rssi_dbm",  # 0: not a radio
        "firmware_major",
        "firmware_minor",
        "firmware_patch",
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

# kind -> message type, layout of its fixed fields, whether a payload follows
_KINDS = {
    1: (Trigger, "<IIIHBBqqqIHIIIII", False),
    2: (Shaking, "<IIIBqIII", False),
    3: (Status, "<IIIBBBqIiiihIIHIIIHbBBB", False),
    4: (Waveform, "<IIIBqIIH", True),
    5: (Command, "<IIBqq", True),
    6: (Reply, "<IIIIBq", True),
    7: (Batch, "<IIIBHq", True),
}
_HEADER = "<BBI"
_HEADER_BYTES = 6

_RANGES = {
    "b": (-128, 127),
    "B": (0, 255),
    "h": (-32768, 32767),
    "H": (0, 65535),
    "i": (-(1 << 31), (1 << 31) - 1),
    "I": (0, (1 << 32) - 1),
    "q": (0, 4102444800000000),  # times: 1970 to 2100
}

# narrower than the layout, field by field
_LIMITS = {
    "flags": (0, _FLAGS_KNOWN),
    "p_quake_permille": (0, 1000),
    "lat_udeg": (-90000000, 90000000),
    "lon_udeg": (-180000000, 180000000),
    "state": (0, STATE_SAFE_MODE),
    "action": (ACTION_CONFIGURE, ACTION_UPDATE),
    "result": (0, RESULT_EXPIRED),
    "encoding": (0, ENCODING_ZSTD),
    "frame_count": (1, MAX_BATCH_FRAMES),
    "rate_mhz": (0, 4000000),
    "sample_count": (1, 4096),
}


class WireError(ValueError):
    """These bytes are not a frame, or these numbers do not fit in one."""


def encode(message) -> bytes:
    """Return the frame of a message. Raises WireError where a number does not fit."""
    kind = kind_of(message)
    fixed, layout, has_payload, limits = _TABLE[kind][1:]
    values = tuple(message)
    payload = b""
    if has_payload:
        payload = values[-1]
        values = values[:-1]
        _check_payload(payload)
    _check_ranges(values, limits)
    head = struct.pack(_HEADER, VERSION, kind, fixed + len(payload))
    return head + struct.pack(layout, *values) + payload


def decode(frame: bytes):
    """Return the message in a frame. Raises WireError for anything else, whatever its bytes."""
    if len(frame) < _HEADER_BYTES:
        raise WireError(f"{len(frame)} bytes are not a frame")
    version, kind, length = struct.unpack_from(_HEADER, frame, 0)
    if version != VERSION:
        raise WireError(f"version {version}, expected {VERSION}")
    if kind not in _TABLE:
        raise WireError(f"unknown kind {kind}")
    message_type, fixed, layout, has_payload, limits = _TABLE[kind]
    if length != len(frame) - _HEADER_BYTES:
        raise WireError(f"{len(frame)} bytes, announced {length + _HEADER_BYTES}")
    if length < fixed or (length > fixed and not has_payload):
        raise WireError(f"kind {kind} with {length} bytes")
    values = struct.unpack_from(layout, frame, _HEADER_BYTES)
    _check_ranges(values, limits)
    if not has_payload:
        return message_type(*values)
    payload = bytes(frame[_HEADER_BYTES + fixed :])
    _check_payload(payload)
    return message_type(*(values + (payload,)))


def kind_of(message) -> int:
    """Return the number of this kind of message. Raises WireError if it is none of ours."""
    for kind, row in _TABLE.items():
        if isinstance(message, row[0]):
            return kind
    raise WireError("not a message: " + repr(message))


def pack_entries(entries) -> bytes:
    """Return the uncompressed payload of a Batch.

    entries: (received_us, frame) pairs, in the order of arrival at the gateway.
    """
    parts = []
    for received_us, frame in entries:
        parts.append(struct.pack("<qI", received_us, len(frame)))
        parts.append(frame)
    return b"".join(parts)


def unpack_entries(data: bytes, frame_count: int) -> list:
    """Return the (received_us, frame) pairs that pack_entries wrote. Raises WireError."""
    if len(data) > MAX_ENTRIES_BYTES:
        raise WireError(f"batch of {len(data)} bytes")
    low, high = _RANGES["q"]
    entries = []
    at = 0
    while at < len(data):
        if len(data) - at < 12 or len(entries) == frame_count:
            raise WireError("batch does not hold what it announces")
        received_us, length = struct.unpack_from("<qI", data, at)
        at += 12
        if length > len(data) - at or not low <= received_us <= high:
            raise WireError("batch entry out of range")
        entries.append((received_us, bytes(data[at : at + length])))
        at += length
    if len(entries) != frame_count:
        raise WireError(f"batch of {len(entries)} frames, announced {frame_count}")
    return entries


def _limits_of(message_type, layout: str, has_payload: bool) -> tuple:
    """Return (low, high) for each fixed field: the layout's range, narrowed by _LIMITS."""
    codes = layout[1:]
    # MicroPython's namedtuple has no _fields: a message of its own indices tells where each is
    indices = message_type(*range(len(codes) + (1 if has_payload else 0)))
    limits = [_RANGES[code] for code in codes]
    for name, bounds in _LIMITS.items():
        index = getattr(indices, name, None)
        if index is not None:
            limits[index] = bounds
    return tuple(limits)


# MicroPython's struct wraps an integer that does not fit, CPython's raises struct.error, which is
# no ValueError: checking first gives one behaviour.
def _check_ranges(values, limits) -> None:
    for value, bounds in zip(values, limits):
        if not isinstance(value, int) or not bounds[0] <= value <= bounds[1]:
            raise WireError(f"{value!r} is not in {bounds[0]}..{bounds[1]}")


def _check_payload(payload) -> None:
    if not isinstance(payload, bytes) or len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError("payload is not bytes or too long")


_TABLE = {}
for _kind, (_type, _layout, _has_payload) in _KINDS.items():
    _TABLE[_kind] = (
        _type,
        struct.calcsize(_layout),
        _layout,
        _has_payload,
        _limits_of(_type, _layout, _has_payload),
    )

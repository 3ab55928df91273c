"""What nodes, gateways and the engine say to each other over MQTT.

The one place that knows a byte layout. To change a message: edit its fields (messages.py) and its
layout, raise VERSION, and add a golden frame to tests/shared/test_wire.py. Topics: topics.py.

A frame is  version (1 byte) | kind (1) | length of the rest (4) | fixed fields | payload.
Behind it may be a seal, which the length does not count and `decode` does not look at (seal.py).
All integers are little endian; a fraction is carried in a smaller unit, named in the field.
`decode` is the border: what it returns is in range, and nobody checks again behind it.
"""

import struct

from groundswell import messages

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

VERSION = 2

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

# Status.reset_cause
RESET_UNKNOWN = 0
RESET_POWER = 1
RESET_COMMAND = 2
RESET_WATCHDOG = 3
RESET_CRASH = 4
RESET_SETTINGS = 5  # new ones, or back to the old ones
RESET_UPDATE = 6

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

# The messages, for everybody else: `wire.Trigger`.
Trigger = messages.Trigger
Shaking = messages.Shaking
Status = messages.Status
Waveform = messages.Waveform
Command = messages.Command
Reply = messages.Reply
Batch = messages.Batch
Chunk = messages.Chunk
if TYPE_CHECKING:
    NodeMessage = Trigger | Shaking | Status | Waveform | Command | Reply | Chunk
    Message = NodeMessage | Batch

# kind -> message type, layout of its fixed fields, whether a payload follows
_KINDS: "dict[int, tuple[type[Message], str, bool]]" = {
    1: (Trigger, "<IIIHBBqqqIHIIIII", False),
    2: (Shaking, "<IIIBqIII", False),
    3: (Status, "<IIIBBBqIiiihIIHIIIHbBBBIHB", False),
    4: (Waveform, "<IIIBqIIH", True),
    5: (Command, "<IIBqq", True),
    6: (Reply, "<IIIIBq", True),
    7: (Batch, "<IIIBHq", True),
    8: (Chunk, "<IIHI", True),
}
TAG_BYTES = 8  # of a seal
_HEADER = "<BBI"
_HEADER_BYTES = 6
_ENTRY_HEADER = "<qI"  # received_us, length of the frame
ENTRY_HEADER_BYTES = 12

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
    "reset_cause": (0, RESET_UPDATE),
    "action": (ACTION_CONFIGURE, ACTION_UPDATE),
    "result": (0, RESULT_EXPIRED),
    "encoding": (0, ENCODING_ZSTD),
    "frame_count": (1, MAX_BATCH_FRAMES),
    "rate_mhz": (0, 4000000),
    "sample_count": (1, 4096),
}


class WireError(ValueError):
    """These bytes are not a frame, or these numbers do not fit in one."""


def encode(message: "Message") -> bytes:
    """Return the frame of a message. Raises WireError where a number does not fit."""
    kind = kind_of(message)
    _, fixed, layout, has_payload, limits = _TABLE[kind]
    values = tuple(message)
    payload = b""
    if has_payload:
        payload = values[-1]
        values = values[:-1]
        _check_payload(payload)
    _check_ranges(values, limits)
    head = struct.pack(_HEADER, VERSION, kind, fixed + len(payload))
    return head + struct.pack(layout, *values) + payload


def decode(frame: bytes) -> "Message":
    """Return the message in a frame. Raises WireError for anything else, whatever its bytes."""
    if len(frame) < _HEADER_BYTES:
        raise WireError(f"{len(frame)} bytes are not a frame")
    version, kind, length = struct.unpack_from(_HEADER, frame, 0)
    if version != VERSION:
        raise WireError(f"version {version}, expected {VERSION}")
    if kind not in _TABLE:
        raise WireError(f"unknown kind {kind}")
    message_type, fixed, layout, has_payload, limits = _TABLE[kind]
    if len(frame) - _HEADER_BYTES - length not in (0, TAG_BYTES):
        raise WireError(f"{len(frame)} bytes, announced {length + _HEADER_BYTES}")
    if length < fixed or (length > fixed and not has_payload):
        raise WireError(f"kind {kind} with {length} bytes")
    values = struct.unpack_from(layout, frame, _HEADER_BYTES)
    _check_ranges(values, limits)
    if has_payload:
        payload = bytes(frame[_HEADER_BYTES + fixed : _HEADER_BYTES + length])
        _check_payload(payload)
        values += (payload,)
    create: Callable[..., Message] = message_type  # its layout has as many values as fields
    return create(*values)


def kind_of(message: "Message") -> int:
    """Return the number of this kind of message. Raises WireError if it is none of ours."""
    for kind, row in _TABLE.items():
        if isinstance(message, row[0]):
            return kind
    raise WireError("not a message: " + repr(message))


def pack_entries(entries: "Iterable[tuple[int, bytes]]") -> bytes:
    """Return the uncompressed payload of a Batch. Raises WireError for what unpack would refuse.

    entries: (received_us, frame) pairs, in the order of arrival at the gateway.
    """
    parts = []
    size = 0
    for received_us, frame in entries:
        _check_ranges((received_us,), (_RANGES["q"],))
        _check_payload(frame)
        size += ENTRY_HEADER_BYTES + len(frame)
        parts.append(struct.pack(_ENTRY_HEADER, received_us, len(frame)) + frame)
    if len(parts) > MAX_BATCH_FRAMES or size > MAX_ENTRIES_BYTES:
        raise WireError(f"{len(parts)} frames of {size} bytes are too much for a batch")
    return b"".join(parts)


def unpack_entries(data: bytes, frame_count: int) -> "list[tuple[int, bytes]]":
    """Return the (received_us, frame) pairs that pack_entries wrote. Raises WireError."""
    if len(data) > MAX_ENTRIES_BYTES:
        raise WireError(f"batch of {len(data)} bytes")
    entries: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        if len(data) - at < ENTRY_HEADER_BYTES or len(entries) == frame_count:
            raise WireError("batch does not hold what it announces")
        received_us, length = struct.unpack_from(_ENTRY_HEADER, data, at)
        at += ENTRY_HEADER_BYTES
        _check_ranges((received_us,), (_RANGES["q"],))
        if length > min(len(data) - at, MAX_PAYLOAD_BYTES):
            raise WireError(f"batch entry of {length} bytes")
        entries.append((received_us, bytes(data[at : at + length])))
        at += length
    if len(entries) != frame_count:
        raise WireError(f"batch of {len(entries)} frames, announced {frame_count}")
    return entries


def _limits_of(
    message_type: "type[Message]",
    layout: str,
    has_payload: bool,
    narrower: "dict[str, tuple[int, int]]",
) -> "tuple[tuple[int, int], ...]":
    """Return (low, high) for each fixed field: the layout's range, or a narrower one."""
    codes = layout[1:]
    # MicroPython's namedtuple has no _fields: a message of its own indices tells where each is
    indices = message_type(*range(len(codes) + (1 if has_payload else 0)))
    limits = [_RANGES[code] for code in codes]
    for name, bounds in narrower.items():
        index = getattr(indices, name, None)
        if index is not None:
            limits[index] = bounds
    return tuple(limits)


# MicroPython's struct wraps an integer that does not fit, CPython's raises struct.error, which is
# no ValueError: checking first gives one behaviour.
def _check_ranges(values: "Sequence[int]", limits: "Sequence[tuple[int, int]]") -> None:
    for value, bounds in zip(values, limits):
        if not isinstance(value, int) or not bounds[0] <= value <= bounds[1]:
            raise WireError(f"{value!r} is not in {bounds[0]}..{bounds[1]}")


def _check_payload(payload: object) -> None:
    if not isinstance(payload, bytes) or len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError("payload is not bytes or too long")


# kind -> message type, bytes of its fixed fields, their layout, whether a payload follows, limits
_TABLE: "dict[int, tuple[type[Message], int, str, bool, tuple[tuple[int, int], ...]]]" = {}
for _kind, (_type, _layout, _has_payload) in _KINDS.items():
    _TABLE[_kind] = (
        _type,
        struct.calcsize(_layout),
        _layout,
        _has_payload,
        _limits_of(_type, _layout, _has_payload, _LIMITS),
    )
del _KINDS, _LIMITS, _limits_of  # they are in the table: half a kB of a device

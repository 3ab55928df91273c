"""MQTT 3.1.1 as a node needs it: packets to bytes, bytes to packets. No I/O.

Section numbers in the comments are those of the OASIS standard MQTT 3.1.1. What a broker may not
say to us raises MqttError: whoever reads hangs up and counts.
"""

import struct
from collections import namedtuple

MAX_INCOMING_BYTES = 8192  # only commands come this way; more is a mistake or an attack
MAX_PACKET_ID = 65535

Connack = namedtuple("Connack", ("is_session_present", "code"))  # code 0 is welcome
Publish = namedtuple("Publish", ("topic", "payload", "qos", "is_retained", "packet_id"))
Puback = namedtuple("Puback", ("packet_id",))
Suback = namedtuple("Suback", ("packet_id", "code"))
Pong = namedtuple("Pong", ("was_asked",))

REFUSED = 128  # code of a Suback
PING = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"

_CONNACK = 0x20
_PUBLISH = 0x30
_PUBACK = 0x40
_SUBACK = 0x90
_PINGRESP = 0xD0


class MqttError(ValueError):
    """The other side does not speak MQTT 3.1.1 as we understand it."""


def connect(client_id: str, keepalive_s: int, will_topic: str, will_payload: bytes) -> bytes:
    """Return a CONNECT with a clean session and a retained last will of QoS 1.

    Clean, so that no broker keeps old commands for us: a command has a deadline, not a queue.
    """
    flags = 0x02 | 0x04 | 0x08 | 0x20  # clean session, will, will QoS 1, will retain (3.1.2.3)
    body = _text("MQTT") + struct.pack(">BBH", 4, flags, keepalive_s) + _text(client_id)
    body += _text(will_topic) + struct.pack(">H", len(will_payload)) + will_payload
    return _packet(0x10, body)


def publish(
    topic: str, payload: bytes, qos: int, is_retained: bool, packet_id: int, is_again: bool
) -> bytes:
    """Return a PUBLISH. packet_id is used with QoS 1 only; is_again sets DUP (3.3.1.1)."""
    first = _PUBLISH | (0x08 if is_again and qos else 0) | qos << 1 | (1 if is_retained else 0)
    head = _text(topic)
    if qos:
        head += struct.pack(">H", packet_id)
    return _packet(first, head + payload)


def subscribe(packet_id: int, topic: str, qos: int) -> bytes:
    return _packet(0x82, struct.pack(">H", packet_id) + _text(topic) + bytes((qos,)))


def puback(packet_id: int) -> bytes:
    return _packet(_PUBACK, struct.pack(">H", packet_id))


def next_packet_id(packet_id: int) -> int:
    """Return the packet id after this one: 1..65535, never 0 (2.3.1)."""
    return packet_id % MAX_PACKET_ID + 1


class Incoming:
    """Bytes from the broker in, packets out, one at a time.

    Holds one packet of MAX_INCOMING_BYTES and what was added last, if nobody adds more while
    there is a `next`.
    """

    def __init__(self) -> None:
        self._buffer = b""

    def add(self, received: bytes) -> None:
        self._buffer += received

    def next(self) -> "Connack | Publish | Puback | Suback | Pong | None":
        """Return the next packet that is complete, or None. Raises MqttError."""
        split = _split(self._buffer)
        if split is None:
            return None
        first, start, end = split
        packet = _decode(first, self._buffer[start:end])
        self._buffer = self._buffer[end:]
        return packet


def _split(buffer: bytes) -> "tuple[int, int, int] | None":
    """Return (first byte, start, end) of the first packet, or None while it is incomplete."""
    length = 0
    for index in range(1, min(len(buffer), 5)):
        length |= (buffer[index] & 127) << 7 * (index - 1)
        if buffer[index] < 128:
            if length > MAX_INCOMING_BYTES:
                raise MqttError(f"packet of {length} bytes")
            end = index + 1 + length
            return (buffer[0], index + 1, end) if len(buffer) >= end else None
    if len(buffer) >= 5:  # four bytes of length and still one announced (2.2.3)
        raise MqttError("length of more than four bytes")
    return None


def _decode(first: int, body: bytes) -> "Connack | Publish | Puback | Suback | Pong":
    if first & 0xF0 == _PUBLISH:
        return _decode_publish(first, body)
    if first == _PUBACK and len(body) == 2:
        return Puback(struct.unpack(">H", body)[0])
    if first == _CONNACK and len(body) == 2 and body[0] < 2:
        return Connack(body[0] == 1, body[1])
    if first == _SUBACK and len(body) == 3:  # we ask for one topic at a time
        return Suback(*struct.unpack(">HB", body))
    if first == _PINGRESP and not body:
        return Pong(True)
    raise MqttError(f"packet 0x{first:02x} with {len(body)} bytes")


def _decode_publish(first: int, body: bytes) -> Publish:
    qos = first >> 1 & 3
    if qos > 1:  # we subscribe with QoS 0 or 1, so 2 may not come (3.8.4), and 3 does not exist
        raise MqttError(f"QoS {qos}")
    head = 4 if qos else 2
    topic_bytes = struct.unpack_from(">H", body)[0] if len(body) >= 2 else 0
    if len(body) < head + topic_bytes or topic_bytes == 0:
        raise MqttError(f"PUBLISH with {len(body)} bytes")
    try:
        topic = str(body[2 : 2 + topic_bytes], "utf-8")
    except ValueError:  # UnicodeError is one
        raise MqttError("topic is not UTF-8") from None
    packet_id = 0
    if qos:
        packet_id = struct.unpack_from(">H", body, 2 + topic_bytes)[0]
        if packet_id == 0:
            raise MqttError("packet id 0")
    return Publish(topic, body[head + topic_bytes :], qos, first & 1 == 1, packet_id)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _packet(first: int, body: bytes) -> bytes:
    length = len(body)
    head = bytes((first,))
    while True:
        head += bytes((length & 127 | (128 if length > 127 else 0),))
        length >>= 7
        if length == 0:
            return head + body

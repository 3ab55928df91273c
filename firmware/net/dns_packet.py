"""Questions to a name server and its answers, as bytes: A records only (RFC 1035). Pure.

MicroPython's getaddrinfo blocks until there is an answer or none, 14 s on an ESP32 without one: a
hundred FIFOs. So the node asks for itself; search.py does it.
"""

import struct
from collections import namedtuple

MAX_PACKET_BYTES = 512  # section 4.2.1
MAX_NAME_BYTES = 253
MAX_RECORDS = 32

Answer = namedtuple("Answer", ("addresses", "ttl_s"))  # "192.0.2.1"; no addresses: no such name

_RECURSION_DESIRED = 0x0100
_IS_ANSWER = 0x8000
_TRUNCATED = 0x0200
_RCODE = 0x000F
_NO_SUCH_NAME = 3
_TYPE_A = 1
_CLASS_IN = 1


class DnsError(ValueError):
    """This is no answer to our question, or no name."""


def question(query_id: int, name: str) -> bytes:
    """Return the packet that asks for a name's address. Raises DnsError for what is no name."""
    return struct.pack(">HHHHHH", query_id, _RECURSION_DESIRED, 1, 0, 0, 0) + _question_of(name)


def answer(packet: bytes, query_id: int, name: str) -> Answer:
    """Return what the server says of our name. Raises DnsError for anything else."""
    asked = _question_of(name)
    if len(packet) > MAX_PACKET_BYTES or len(packet) < 12 + len(asked):
        raise DnsError(f"{len(packet)} bytes")
    its_id, flags, questions, records, _, _ = struct.unpack_from(">HHHHHH", packet, 0)
    echo = packet[12 : 12 + len(asked)]
    # servers may change the case of letters, and nothing else
    if its_id != query_id or not flags & _IS_ANSWER or questions != 1 or _lower(echo) != asked:
        raise DnsError("not an answer to our question")
    if flags & _RCODE == _NO_SUCH_NAME:
        return Answer((), 0)
    if flags & (_RCODE | _TRUNCATED) or records > MAX_RECORDS:
        raise DnsError(f"flags {flags:04x}, {records} records")
    return _addresses(packet, 12 + len(asked), records)


def _question_of(name: str) -> bytes:
    encoded = b""
    for label in name.lower().split("."):
        raw = label.encode()
        if not 0 < len(raw) < 64:
            raise DnsError(f"{name!r} is no host name")
        encoded += bytes((len(raw),)) + raw
    if len(encoded) > MAX_NAME_BYTES:
        raise DnsError("a host name of more than 253 bytes")
    return encoded + struct.pack(">BHH", 0, _TYPE_A, _CLASS_IN)


def _lower(raw: bytes) -> bytes:
    return bytes([byte + 32 if 65 <= byte <= 90 else byte for byte in raw])


def _addresses(packet: bytes, at: int, records: int) -> Answer:
    addresses: "list[str]" = []
    ttls_s: "list[int]" = []
    for _ in range(records):
        at = _after_name(packet, at)
        if at + 10 > len(packet):
            raise DnsError("a record is cut off")
        kind, of_class, ttl_s, length = struct.unpack_from(">HHIH", packet, at)
        at += 10
        if at + length > len(packet):
            raise DnsError("a record is cut off")
        if kind == _TYPE_A and of_class == _CLASS_IN and length == 4:
            addresses.append(".".join([str(byte) for byte in packet[at : at + 4]]))
            ttls_s.append(ttl_s)
        at += length  # a CNAME: the name that it stands for has its record in the same packet
    if not addresses:
        raise DnsError("no address in the answer")
    return Answer(tuple(addresses), min(ttls_s))


def _after_name(packet: bytes, at: int) -> int:
    while at < len(packet):
        length = packet[at]
        if length == 0:
            return at + 1
        if length >= 192:  # a pointer to an earlier name ends this one
            return at + 2
        at += 1 + length
    raise DnsError("a name is cut off")

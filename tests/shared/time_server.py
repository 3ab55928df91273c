"""What a time server answers, byte by byte: from RFC 5905, figure 8, not from our reader."""

import struct

NTP_OF_1970 = 2208988800


def ntp_of(unix_us):
    """Return the 8 bytes of a time: seconds since 1900 in 32 bits and 2^-32 s."""
    seconds, rest_us = divmod(unix_us, 1000000)
    return struct.pack("!II", (seconds + NTP_OF_1970) & 0xFFFFFFFF, (rest_us << 32) // 1000000)


def reply(question, received_us, answered_us, changes=None):
    """Return an honest answer; changes: {place: bytes} to overwrite."""
    packet = bytearray(48)
    packet[0] = 0x24
    packet[1] = 2
    packet[4:12] = struct.pack("!II", 65536 // 50, 65536 // 100)  # root delay 20 ms, dispersion 10
    packet[12:16] = b"\x0a\x00\x00\x01"
    packet[24:32] = question[40:48]
    packet[32:40] = ntp_of(received_us)
    packet[40:48] = ntp_of(answered_us)
    for place, some in (changes or {}).items():
        packet[place : place + len(some)] = some
    return bytes(packet)


def kiss(question, code):
    return reply(question, 0, 0, {0: b"\xe4\x00", 12: code, 32: bytes(16)})

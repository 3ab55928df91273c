from groundswell import wire

from golden_frames import GOLDEN
from random_numbers import RandomNumbers

HEADER_BYTES = 6


def test_every_message_has_its_golden_frame():
    for message, _, golden in GOLDEN:
        assert to_hex(wire.encode(message)) == golden, message


def test_every_golden_frame_is_its_message():
    for message, _, golden in GOLDEN:
        decoded = wire.decode(bytes.fromhex(golden))
        assert decoded == message
        assert type(decoded) is type(message)


def test_the_golden_frames_are_little_endian_fields_in_order():
    for kind, (message, fields, golden) in enumerate(GOLDEN, 1):
        assert to_hex(frame_of(kind, fields, tuple(message))) == golden, message


def test_memory_that_is_not_bytes_is_decoded_too():
    for message, _, golden in GOLDEN:
        frame = bytes.fromhex(golden)
        assert wire.decode(bytearray(frame)) == message
        assert wire.decode(memoryview(frame)) == message


def test_every_truncation_is_refused():
    for _, _, golden in GOLDEN:
        frame = bytes.fromhex(golden)
        for length in range(len(frame)):
            assert is_refused(wire.decode, frame[:length]), (golden, length)


def test_every_truncation_that_announces_its_own_length_is_refused_within_the_fixed_fields():
    for kind, (_, fields, golden) in enumerate(GOLDEN, 1):
        body = bytes.fromhex(golden)[HEADER_BYTES:]
        for length in range(sum(size for size, _, _ in fields)):
            assert is_refused(wire.decode, header_of(kind, length) + body[:length]), (kind, length)


def test_every_extension_is_refused():
    for kind, (message, _, golden) in enumerate(GOLDEN, 1):
        frame = bytes.fromhex(golden)
        for extra in (b"\x00", b"\xff", bytes(7), bytes(9), frame):  # 8: a seal
            assert is_refused(wire.decode, frame + extra), golden
            longer = header_of(kind, len(frame + extra) - HEADER_BYTES)
            longer += frame[HEADER_BYTES:] + extra
            # where a payload ends the frame, more of it is another message, not a broken one
            assert is_refused(wire.decode, longer) == (not hasattr(message, "payload")), golden


def test_every_wrong_version_is_refused():
    for _, _, golden in GOLDEN:
        frame = bytes.fromhex(golden)
        for version in range(256):
            if version != wire.VERSION:
                assert is_refused(wire.decode, bytes([version]) + frame[1:]), version


def test_every_unknown_kind_is_refused():
    for kind in range(256):
        if not 1 <= kind <= len(GOLDEN):
            for length in (0, 29, 62):
                assert is_refused(wire.decode, header_of(kind, length) + bytes(length)), kind


def test_every_field_is_refused_just_outside_its_range_by_encode():
    for message, fields, _ in GOLDEN:
        for index, (_, low, high) in enumerate(fields):
            for value in (low, high):
                assert not is_refused(wire.encode, with_field(message, index, value)), index
            for value in (low - 1, high + 1, float(low), str(low), None):
                assert is_refused(wire.encode, with_field(message, index, value)), (index, value)


def test_every_field_is_refused_just_outside_its_range_by_decode_where_bytes_can_say_it():
    refused = 0
    for kind, (message, fields, _) in enumerate(GOLDEN, 1):
        for index, (size, low, high) in enumerate(fields):
            for value in (low, high):
                edge = with_field(message, index, value)
                assert wire.decode(frame_of(kind, fields, edge)) == edge
            for value in (low - 1, high + 1):
                frame = frame_of(kind, fields, with_field(message, index, value))
                if can_be_said(value, size, low < 0 or size == 8):
                    assert is_refused(wire.decode, frame), (message, index, value)
                    refused += 1
    assert refused >= 40


def test_a_payload_that_is_no_bytes_or_too_long_is_refused():
    for message, fields, _ in GOLDEN:
        if not hasattr(message, "payload"):
            continue
        longest = with_field(message, len(fields), bytes(wire.MAX_PAYLOAD_BYTES))
        assert wire.decode(wire.encode(longest)) == longest
        for payload in (bytes(wire.MAX_PAYLOAD_BYTES + 1), "text", None, [1]):
            assert is_refused(wire.encode, with_field(message, len(fields), payload))


def test_a_payload_longer_than_its_bound_is_refused_by_decode():
    for kind, (message, fields, golden) in enumerate(GOLDEN, 1):
        if hasattr(message, "payload"):
            fixed = sum(size for size, _, _ in fields)
            head = header_of(kind, fixed + wire.MAX_PAYLOAD_BYTES + 1)
            body = bytes.fromhex(golden)[HEADER_BYTES : HEADER_BYTES + fixed]
            assert is_refused(wire.decode, head + body + bytes(wire.MAX_PAYLOAD_BYTES + 1))


def test_what_is_no_message_is_refused_by_encode():
    for thing in (None, 1, b"\x01", (1, 2, 3), [], "Trigger"):
        assert is_refused(wire.encode, thing)


def test_100000_random_byte_strings_are_refused():
    random = RandomNumbers(1)
    for _ in range(100000):
        noise = random.some_bytes(random.below(40))
        assert is_refused(wire.decode, noise), noise


def test_100000_changed_frames_are_refused_or_are_the_message_that_they_say():
    random = RandomNumbers(2)
    refused = 0
    frames = [bytes.fromhex(golden) for _, _, golden in GOLDEN]
    for number in range(100000):
        frame = bytearray(frames[number % len(frames)])
        for _ in range(1 + random.below(3)):
            frame[random.below(len(frame))] = random.below(256)
        try:
            message = wire.decode(bytes(frame))
        except wire.WireError:
            refused += 1
            continue
        said = wire.encode(message)
        assert bytes(frame).startswith(said), frame
        assert len(frame) - len(said) in (0, wire.TAG_BYTES), frame  # a seal is not looked at
    assert 30000 < refused < 90000  # else this tried only one of the two


def to_hex(data):
    return "".join(f"{byte:02x}" for byte in data)


def little_endian(value, size):
    """MicroPython's int.to_bytes knows no sign."""
    return bytes([value >> 8 * place & 255 for place in range(size)])


def header_of(kind, length):
    return bytes([wire.VERSION, kind]) + little_endian(length, 4)


def frame_of(kind, fields, values):
    """Return the frame as the wire's description has it, by other code than the wire's."""
    body = b"".join(little_endian(value, size) for value, (size, _, _) in zip(values, fields))
    if len(values) > len(fields):
        body += values[-1]
    return header_of(kind, len(body)) + body


def can_be_said(value, size, is_signed):
    if is_signed:
        return -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1
    return 0 <= value < 1 << 8 * size


def with_field(message, index, value):
    values = list(message)
    values[index] = value
    return type(message)(*values)


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except wire.WireError:
        return True
    return False

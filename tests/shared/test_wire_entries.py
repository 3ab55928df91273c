from groundswell import wire

from random_numbers import RandomNumbers

NOW_US = 1513377823243000
LAST_US = 4102444800000000
ENTRIES = [(NOW_US, b"\x01\x02\x03"), (NOW_US + 1, b""), (LAST_US, b"\xff"), (0, b"\x00" * 40)]


def test_the_entries_of_a_batch_have_their_golden_bytes():
    golden = "f8ba90bb6860050003000000010203"

    packed = wire.pack_entries(ENTRIES[:1])

    assert packed == bytes.fromhex(golden)
    assert wire.unpack_entries(bytes.fromhex(golden), 1) == ENTRIES[:1]


def test_entries_survive_packing():
    for count in range(len(ENTRIES) + 1):
        entries = ENTRIES[:count]
        assert wire.unpack_entries(wire.pack_entries(entries), count) == entries


def test_every_truncation_and_every_extension_of_entries_is_refused():
    packed = wire.pack_entries(ENTRIES)

    for length in range(len(packed)):
        assert is_refused(wire.unpack_entries, packed[:length], len(ENTRIES)), length
    for extra in (b"\x00", bytes(12), packed):
        assert is_refused(wire.unpack_entries, packed + extra, len(ENTRIES)), extra


def test_a_wrong_count_of_entries_is_refused():
    packed = wire.pack_entries(ENTRIES)

    for count in (0, 1, len(ENTRIES) - 1, len(ENTRIES) + 1, 1024):
        assert is_refused(wire.unpack_entries, packed, count), count


def test_an_entry_from_no_possible_time_is_refused():
    for received_us in (-1, LAST_US + 1, 1 << 62, -(1 << 63), 0.5, None):
        assert is_refused(wire.pack_entries, [(received_us, b"")]), received_us
    for high_byte in (0x01, 0x7F, 0x80, 0xFF):
        packed = bytes(7) + bytes([high_byte]) + bytes(4)
        assert is_refused(wire.unpack_entries, packed, 1), high_byte


def test_an_entry_that_is_no_bytes_or_longer_than_its_bound_is_refused():
    longest = [(NOW_US, bytes(wire.MAX_PAYLOAD_BYTES))]
    assert wire.unpack_entries(wire.pack_entries(longest), 1) == longest

    for frame in (bytes(wire.MAX_PAYLOAD_BYTES + 1), "text", None):
        assert is_refused(wire.pack_entries, [(NOW_US, frame)])
    head = wire.pack_entries([(NOW_US, b"")])[:8]
    too_long = head + b"\x01\x00\x04\x00" + bytes(wire.MAX_PAYLOAD_BYTES + 1)
    assert is_refused(wire.unpack_entries, too_long, 1)


def test_more_than_a_batch_may_hold_is_refused():
    most = [(NOW_US, b"")] * wire.MAX_BATCH_FRAMES
    assert wire.unpack_entries(wire.pack_entries(most), len(most)) == most

    assert is_refused(wire.pack_entries, most + most[:1])
    four = [(NOW_US, bytes(wire.MAX_PAYLOAD_BYTES))] * 4  # the entries' heads are too much
    assert is_refused(wire.pack_entries, four)
    assert is_refused(wire.unpack_entries, bytes(wire.MAX_ENTRIES_BYTES + 1), 1)


def test_50000_random_byte_strings_are_no_entries():
    random = RandomNumbers(3)
    for _ in range(50000):
        noise = random.some_bytes(1 + random.below(30))
        assert is_refused(wire.unpack_entries, noise, 1), noise


def test_50000_changed_batches_are_refused_or_are_the_entries_that_they_say():
    random = RandomNumbers(4)
    packed = wire.pack_entries(ENTRIES)
    refused = 0
    for _ in range(50000):
        changed = bytearray(packed)
        for _ in range(1 + random.below(3)):
            changed[random.below(len(changed))] = random.below(256)
        try:
            entries = wire.unpack_entries(bytes(changed), len(ENTRIES))
        except wire.WireError:
            refused += 1
            continue
        assert wire.pack_entries(entries) == bytes(changed), changed
    assert 10000 < refused < 45000  # else this tried only one of the two


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except wire.WireError:
        return True
    return False

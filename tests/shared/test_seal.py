from groundswell import wire
from groundswell.seal import BOOTS_KEPT, WINDOW, Freshness, Seal, SealError

from golden_frames import GOLDEN

KEY = bytes(range(32))
# HMAC-SHA256 as Python's hmac gives it, first eight bytes: RFC 4231's cases have other lengths
KNOWN = ((b"", "d38b42096d80f45f"), (b"abc", "f0133729c4163ded"), (bytes(200), "4a0d6b4a26615d5b"))


def test_tags_are_those_of_hmac_sha256():
    for frame, tag in KNOWN:
        assert Seal(KEY).tag(frame) == bytes.fromhex(tag)


def test_a_sealed_frame_opens_to_what_was_sealed():
    for _, _, golden in GOLDEN:
        frame = bytes.fromhex(golden)
        sealed = Seal(KEY).seal(frame)
        assert len(sealed) == len(frame) + 8
        assert Seal(KEY).open(sealed) == frame
        wire.decode(Seal(KEY).open(sealed))


def test_one_other_bit_another_key_or_a_missing_byte_is_refused():
    sealed = Seal(KEY).seal(bytes.fromhex(GOLDEN[0][2]))
    for at in range(len(sealed)):
        spoilt = sealed[:at] + bytes((sealed[at] ^ 4,)) + sealed[at + 1 :]
        assert is_refused(Seal(KEY), spoilt), at
    for length in range(len(sealed)):
        assert is_refused(Seal(KEY), sealed[:length]), length
    assert is_refused(Seal(bytes(32)), sealed)


def test_keys_of_another_length_are_none():
    for length in (0, 31, 33, 64):
        try:
            Seal(bytes(length))
        except ValueError:
            continue
        raise AssertionError(length)


def test_each_frame_is_first_once_in_whatever_order_they_come():
    fresh = Freshness()
    order = (5, 3, 4, 9, 8, 100, 60, 99)
    for seq in order:
        assert fresh.is_first(1, seq), seq
    for seq in order:
        assert not fresh.is_first(1, seq), seq
    assert fresh.is_first(1, 101 - WINDOW)
    assert not fresh.is_first(1, 100 - WINDOW)  # too old to know
    assert fresh.is_first(1, 4000000000)
    assert not fresh.is_first(1, 100)


def test_an_earlier_boot_is_over_once_another_began():
    fresh = Freshness()
    for boot_id in range(BOOTS_KEPT + 1):
        assert fresh.is_first(boot_id, 7)
        assert not fresh.is_first(boot_id, 7)
    for boot_id in range(BOOTS_KEPT):
        assert not fresh.is_first(boot_id, 8)
    assert fresh.is_first(BOOTS_KEPT, 8)


def is_refused(seal, sealed):
    try:
        seal.open(sealed)
    except SealError:
        return True
    return False

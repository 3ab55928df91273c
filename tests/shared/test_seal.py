from groundswell import wire
from groundswell.seal import Seal, SealError

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
        message = wire.decode(frame)
        assert wire.decode(sealed) == message  # who has no key reads it all the same
        assert Seal(KEY).encode(message) == sealed


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


def is_refused(seal, sealed):
    try:
        seal.open(sealed)
    except SealError:
        return True
    return False

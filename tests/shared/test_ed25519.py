"""RFC 8032, section 7.1, and what must not pass."""

from groundswell import ed25519

from slices import result_of

# public key, message, signature: tests 1, 2, 3
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
        "cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
        "0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
        "84dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)
KEY, MESSAGE, SIGNATURE = [bytes.fromhex(text) for text in VECTORS[2]]
ORDER = (1 << 252) + 27742317777372353535851937790883648493


def verdict(key, message, signature):
    return result_of(ed25519.verification(key, signature, message))


def test_the_signatures_of_the_rfc_are_good():
    for vector in VECTORS:
        key, message, signature = [bytes.fromhex(text) for text in vector]
        assert verdict(key, message, signature) is True


def test_one_flipped_bit_anywhere_is_enough_to_be_refused():
    for at in (0, 1, 31):
        assert verdict(flipped(KEY, at), MESSAGE, SIGNATURE) is False
    for at in (0, 31, 32, 63):
        assert verdict(KEY, MESSAGE, flipped(SIGNATURE, at)) is False
    assert verdict(KEY, flipped(MESSAGE, 1), SIGNATURE) is False
    assert verdict(KEY, MESSAGE + b"\x00", SIGNATURE) is False


def test_the_same_signature_with_the_order_added_is_refused():
    factor = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    assert verdict(KEY, MESSAGE, SIGNATURE[:32] + factor.to_bytes(32, "little")) is False


def test_what_is_no_key_or_no_signature_is_refused():
    assert verdict(KEY[:31], MESSAGE, SIGNATURE) is False
    assert verdict(KEY, MESSAGE, SIGNATURE + b"\x00") is False
    assert verdict(KEY, MESSAGE, b"") is False
    assert verdict(b"\xff" * 32, MESSAGE, SIGNATURE) is False  # y is not below the prime
    assert verdict(b"\x02" + bytes(31), MESSAGE, SIGNATURE) is False  # no x with this y
    assert verdict(b"\x01" + bytes(30) + b"\x80", MESSAGE, SIGNATURE) is False  # x is 0, not odd


def flipped(data, at):
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]

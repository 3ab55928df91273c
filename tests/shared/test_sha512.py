from groundswell import sha512

from slices import result_of

# FIPS 180-4's examples, and lengths at which the padding changes (computed with hashlib)
KNOWN = (
    (b"", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"),
    (b"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"),
    (bytes(111), "77ddd3a542e530fd047b8977c657ba6ce72f1492e360b2b2212cd264e75ec038"),
    (bytes(112), "2be2e788c8a8adeaa9c89a7f78904cacea6e39297d75e0573a73c756234534d6"),
    (bytes(range(256)), "1e7b80bc8edc552c8feeb2780e111477e5bc70465fac1a77b29b35980c3f0ce4"),
)


def test_known_digests_come_out():
    for message, start in KNOWN:
        digest = result_of(sha512.hashing(message))

        assert len(digest) == 64
        assert digest[: len(start) // 2] == bytes.fromhex(start), message

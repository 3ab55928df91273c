"""SHA-512 in slices: MicroPython's ports have SHA-256 only, and Ed25519 is defined with this one.

FIPS 180-4 (2015), sections 4.1.3, 5.3.5 and 6.4.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Generator

BLOCK_BYTES = 128
_MASK = (1 << 64) - 1
_ROUNDS = 80
_ROUNDS_A_SLICE = 8

# the fractions of the cube roots of the first 80 primes, and of the square roots of the first 8
_CONSTANTS = bytes.fromhex(
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc"
    "3956c25bf348b53859f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118"
    "d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2"
    "72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694"
    "e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
    "2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5"
    "983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4"
    "c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e70"
    "27b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df"
    "650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
    "a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30"
    "d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8"
    "19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8"
    "391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3"
    "748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
    "90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532b"
    "ca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed178"
    "06f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b"
    "28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c"
    "4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817"
)
_START = bytes.fromhex(
    "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1"
    "510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"
)


def hashing(message: bytes) -> "Generator[None, None, bytes]":
    """Yield after each slice of the work; return the 64 bytes of the digest."""
    state = _words(_START)
    padded = message + b"\x80" + bytes((BLOCK_BYTES - 17 - len(message)) % BLOCK_BYTES)
    padded += (8 * len(message)).to_bytes(16, "big")
    for at in range(0, len(padded), BLOCK_BYTES):
        mixed = yield from _mixing(padded[at : at + BLOCK_BYTES], state)
        state = [(old + new) & _MASK for old, new in zip(state, mixed)]
    return b"".join(word.to_bytes(8, "big") for word in state)


def _mixing(block: bytes, state: "list[int]") -> "Generator[None, None, list[int]]":
    """Yield after each slice of the rounds; return the eight working variables."""
    words = _words(block)
    constants = _words(_CONSTANTS)
    a, b, c, d, e, f, g, h = state
    for number in range(_ROUNDS):
        if number >= 16:
            early, late = words[1], words[14]
            early = _turned(early, 1) ^ _turned(early, 8) ^ (early >> 7)
            late = _turned(late, 19) ^ _turned(late, 61) ^ (late >> 6)
            words.append((words[0] + early + words[9] + late) & _MASK)
            words.pop(0)
        word = words[min(number, 15)]
        chosen = (e & f) ^ (~e & g)
        first = h + chosen + constants[number] + word
        first += _turned(e, 14) ^ _turned(e, 18) ^ _turned(e, 41)
        second = _turned(a, 28) ^ _turned(a, 34) ^ _turned(a, 39)
        second += (a & b) ^ (a & c) ^ (b & c)
        a, b, c, d, e, f, g, h = (first + second) & _MASK, a, b, c, (d + first) & _MASK, e, f, g
        if number % _ROUNDS_A_SLICE == _ROUNDS_A_SLICE - 1:
            yield
    return [a, b, c, d, e, f, g, h]


def _turned(word: int, bits: int) -> int:
    return ((word >> bits) | (word << (64 - bits))) & _MASK


def _words(block: bytes) -> "list[int]":
    return [int.from_bytes(block[at : at + 8], "big") for at in range(0, len(block), 8)]

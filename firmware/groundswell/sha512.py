"""SHA-512 in slices: MicroPython's ports have SHA-256 only, and Ed25519 is defined with this one.

FIPS 180-4 (2015), sections 4.1.3, 5.3.5 and 6.4. The constants are roots of primes and computed as
such: a table of 88 numbers of 64 bits would lie in memory for what a node does once in months.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES = 128
_MASK = (1 << 64) - 1
_ROUNDS = 80
_ROUNDS_A_SLICE = 8


def hashing(message: bytes) -> "Iterator[bytes | None]":
    """Yield None after each slice of the work, and at last the 64 bytes of the digest."""
    constants: "list[int]" = []
    primes = _primes()
    for prime in primes:
        constants.append(_root(prime << 192, 3) & _MASK)
        if len(constants) % _ROUNDS_A_SLICE == 0:
            yield None
    state = [_root(prime << 128, 2) & _MASK for prime in primes[:8]]
    yield None
    padded = message + b"\x80" + bytes((BLOCK_BYTES - 17 - len(message)) % BLOCK_BYTES)
    padded += (8 * len(message)).to_bytes(16, "big")
    for at in range(0, len(padded), BLOCK_BYTES):
        mixed = state
        for step in _mixing(padded[at : at + BLOCK_BYTES], state, constants):
            yield None
            mixed = step
        state = [(old + new) & _MASK for old, new in zip(state, mixed)]
    yield b"".join(word.to_bytes(8, "big") for word in state)


def _mixing(block: bytes, state: "list[int]", constants: "list[int]") -> "Iterator[list[int]]":
    """Yield the eight working variables after each slice of the rounds."""
    words = [int.from_bytes(block[at : at + 8], "big") for at in range(0, BLOCK_BYTES, 8)]
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
            yield [a, b, c, d, e, f, g, h]


def _turned(word: int, bits: int) -> int:
    return ((word >> bits) | (word << (64 - bits))) & _MASK


def _primes() -> "list[int]":
    """Return the first 80."""
    primes = [2]
    candidate = 3
    while len(primes) < _ROUNDS:
        if all(candidate % prime for prime in primes):
            primes.append(candidate)
        candidate += 2
    return primes


def _root(number: int, degree: int) -> int:
    """Return the largest integer whose power of that degree is at most number: Newton, from above.

    number: below 2**201, which a root of degree 2 or 3 brings below 2**101
    """
    root = 1 << 101
    while True:
        better = ((degree - 1) * root + number // root ** (degree - 1)) // degree
        if better >= root:
            return root
        root = better

"""Ed25519 signatures, verified in slices, so that the ground is listened to meanwhile.

RFC 8032, sections 5.1.2 to 5.1.7, with plain integers of any size; nothing here is secret, so it
need not take the same time for all inputs. The equation checked is [S]B = R + [h]A, without
cofactor. How long it takes: DECISIONS.md, "Updates are signed with Ed25519".
"""

from groundswell import sha512

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Generator

    Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, x y = T/Z

KEY_BYTES = 32
SIGNATURE_BYTES = 64

# section 5.1; the root of -1 and x of the base point follow from them
_P = (1 << 255) - 19
_ORDER = (1 << 252) + 27742317777372353535851937790883648493
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_ROOT = 19681161376707505956807079304988542015446066515923890162744021073123829784752
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
_BITS_A_SLICE = 8  # of a power: about as long as one bit of the double multiplication


def verification(
    public_key: bytes, signature: bytes, message: bytes
) -> "Generator[None, None, bool]":
    """Yield after each slice of the work (about 340 of them); return whether it is good."""
    factor = int.from_bytes(signature[32:], "little")
    y = int.from_bytes(public_key, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    are_in_range = y < _P and factor < _ORDER
    if len(public_key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES or not are_in_range:
        return False
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    power = yield from _raising(u * v**7 % _P, (_P - 5) // 8)
    key = _point(u, v, u * v**3 * power % _P, y, sign)
    if key is None:
        return False
    digest = yield from sha512.hashing(signature[:32] + public_key + message)
    challenge = int.from_bytes(digest, "little") % _ORDER
    found = yield from _combining(factor, challenge, key)
    shrink = yield from _raising(found[2], _P - 2)
    x, y = found[0] * shrink % _P, found[1] * shrink % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def _point(u: int, v: int, x: int, y: int, sign: int) -> "Point | None":
    """Return the point with this y, or None if there is none (section 5.1.3).

    x: the candidate for the root of u / v
    """
    if v * x * x % _P == (_P - u) % _P:
        x = x * _ROOT % _P
    if (v * x * x - u) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _combining(factor: int, challenge: int, key: "Point") -> "Generator[None, None, Point]":
    """Return [factor] B - [challenge] A, bit by bit from the top."""
    minus_key = (_P - key[0], key[1], key[2], _P - key[3])
    table = (None, _BASE, minus_key, _sum(_BASE, minus_key))
    found: "Point" = (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        found = _double(found)
        entry = table[(factor >> bit & 1) + 2 * (challenge >> bit & 1)]
        if entry is not None:
            found = _sum(found, entry)
        yield
    return found


def _raising(base: int, exponent: int) -> "Generator[None, None, int]":
    """Return base ** exponent, from the top."""
    power = 1
    for bit in range(254, -1, -1):
        power = power * power % _P
        if exponent >> bit & 1:
            power = power * base % _P
        if bit % _BITS_A_SLICE == 0:
            yield
    return power


def _sum(one: "Point", other: "Point") -> "Point":
    """Section 5.1.4, the first set of formulas."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * _D * one[3] * other[3] % _P
    z = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, z - c, z + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(one: "Point") -> "Point":
    """Section 5.1.4, the second set."""
    a = one[0] * one[0] % _P
    b = one[1] * one[1] % _P
    c = 2 * one[2] * one[2] % _P
    h = a + b
    e = h - (one[0] + one[1]) * (one[0] + one[1]) % _P
    g = a - b
    f = c + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P

"""The logarithm that a node works with."""


def log2_16(x: int) -> int:
    """Return 16 * log2(x), rounded down, for x >= 1 (0 below); linear between powers of two."""
    if x < 1:
        return 0
    bits = -1
    rest = x
    while rest:
        rest >>= 1
        bits += 1
    return 16 * bits + ((x << 4) >> bits) - 16

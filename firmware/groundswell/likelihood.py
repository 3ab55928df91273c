"""How probable it is that a detection is an earthquake: a logistic function in integers.

Placeholder weights until training/fit_p_quake.py has run.
"""


def log2_16(x: int) -> int:
    """Return 16 * log2(x), rounded down, for x >= 1; linear between powers of two."""
    if x < 1:
        return 0
    bits = 0
    rest = x
    while rest > 1:
        rest >>= 1
        bits += 1
    return 16 * bits + ((x << 4) >> bits) - 16


def p_quake_permille(ratio_milli: int) -> int:
    return min(990, 500 + 5 * max(0, log2_16(ratio_milli) - log2_16(4000)))

"""What a model's float32 scales amount to, computed with exact integers.

LiteRT computes these with float and double; the devices' floats have 24 bits, so each rounding
that the reference makes is made here by hand. A real number is a pair: mantissa * 2**exponent.
"""

from array import array

from groundswell.flatbuffer import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    Real = tuple[int, int]

_FLOAT_BITS = 24
_DOUBLE_BITS = 53
_NEAR_MULTIPLIERS = 8
_LN2_Q60 = 799144290325165979  # round(log(2) * 2**60)
_SIGMOID_REACH_Q60 = 24 << 60  # beyond it the table holds 0 and 255
_ADD_LEFT_SHIFT = 20  # tensorflow/lite/kernels/add.cc


def from_float_bits(bits: int) -> "Real":
    """Return the value of a float32; no scale of sense is below 2**-60 or above 2**60."""
    exponent = (bits >> 23) & 0x1FF  # the sign with it: a negative number is too large
    if not 127 - 60 <= exponent <= 127 + 60:
        raise ModelError("a scale is not a positive number of sensible size")
    return (bits & 0x7FFFFF) | 0x800000, exponent - 150


def product(a: "Real", b: "Real") -> "Real":
    return a[0] * b[0], a[1] + b[1]  # of two float32: exact in a double


def multiplier(numerator: "Real", denominator: "Real") -> "tuple[int, int]":
    """Return QuantizeMultiplier(numerator / denominator): m, shift with value m * 2**(shift-31).

    tensorflow/lite/kernels/internal/quantization_util.cc
    """
    mantissa, exponent = rounded(numerator[0], denominator[0], _DOUBLE_BITS)
    shift = exponent + _DOUBLE_BITS + numerator[1] - denominator[1]
    m = (mantissa + (1 << 21)) >> 22
    if m == 1 << 31:
        m >>= 1
        shift += 1
    return (0, 0) if shift < -31 else (m, shift)


def rounding_multiplier(numerator: "Real", denominator: "Real", largest: int) -> "tuple[int, int]":
    """Return m, shift whose product with x, rounded half away from zero, is the reference's.

    For |x| <= largest. LiteRT's fully connected layer multiplies x by a double and rounds that
    (std::round; https://github.com/google-ai-edge/LiteRT/issues/8567). 31 bits are enough for all
    x but the few that come closest to a half: each of those is tried here, and m moved if need be.
    """
    m, shift = multiplier(numerator, denominator)
    if m == 0 or shift >= 0:  # nothing to round; refused by the caller
        return m, shift
    mantissa, exponent = rounded(numerator[0], denominator[0], _DOUBLE_BITS)
    double = (mantissa, exponent + numerator[1] - denominator[1])
    for near in range(2 * _NEAR_MULTIPLIERS + 1):
        tried = m + ((near + 1) >> 1) * (1 if near & 1 else -1)
        if 1 << 30 <= tried < 1 << 31 and _rounds_like(tried, 30 - shift, double, largest):
            return tried, shift
    raise ModelError("a scale whose rounding the kernels cannot follow")


def _rounds_like(m: int, shift: int, double: "Real", largest: int) -> bool:
    """Compare where results step from k - 1 to k: here at the first n with n * m >= bound.

    bound is (2k - 1) * 2**shift. The exact place is computed only where n * m or (n - 1) * m lies
    so close to it that the error of m (8.5 units of 2**30) matters: this runs for every channel.
    """
    bound = 1 << shift
    n = -(-bound // m)
    excess = n * m - bound  # of n * m over the bound
    step = -(-2 * bound // m)
    step_excess = step * m - 2 * bound
    close = 1 << (shift - 18)  # 511 * 2**shift * 8.5 / 2**30, rounded up
    for k in range(1, 256):
        if n - 1 > largest:
            return True
        if excess < close or m - excess <= close:
            first = _first_rounded_to(k, double)
            if first != n and min(first, n) <= largest:
                return False
        n += step
        excess += step_excess
        if excess >= m:
            n -= 1
            excess -= m
    return True


def _first_rounded_to(k: int, double: "Real") -> int:
    """Return the smallest n > 0 whose product in double is not below k - 0.5.

    The product is rounded to 53 bits: up to k - 0.5 from half a unit below, the tie included.
    """
    binade = length(2 * k - 1) - 2 if k > 1 else -2  # of what lies just below
    bound = ((2 * k - 1) << 55) - (1 << (binade + 3))  # in 2**-56
    mantissa, exponent = double[0], double[1] + 56
    if exponent < 0:
        bound <<= -exponent
    else:
        mantissa <<= exponent
    return -(-bound // mantissa)


def requantised(x: int, m: int, shift: int) -> int:
    """Return MultiplyByQuantizedMultiplier(x, m, shift) for any sizes, by the book.

    tensorflow/lite/kernels/internal/common.cc and gemmlowp's fixedpoint.h, with their two
    roundings: to the nearest, ties up; then to the nearest, ties away from zero.
    """
    high = ((x << max(shift, 0)) * m + (1 << 30)) >> 31
    right = max(-shift, 0)
    if right == 0:
        return high
    return (high + (1 << (right - 1)) + (-1 if high < 0 else 0)) >> right


def steps_in(whole: int, scale: "Real") -> int:
    """Return round(whole / scale), whole > 0, divided as float32 as the reference does it."""
    mantissa, exponent = rounded(whole, scale[0], _FLOAT_BITS)
    return round_half_up(mantissa, exponent - scale[1])


def add_tables(a: "Real", a_zero: int, b: "Real", b_zero: int) -> "tuple[array[int], array[int]]":
    """Return what each int8 (index +128) of two summands adds to the sum, in steps of `add_unit`.

    The reference multiplies each value; 256 values make a table.
    """
    return _summand(a, a_zero, _larger(a, b)), _summand(b, b_zero, _larger(a, b))


def add_unit(a: "Real", b: "Real") -> "Real":
    larger = _larger(a, b)
    return larger[0], larger[1] + 1 - _ADD_LEFT_SHIFT


def sigmoid_table(scale: "Real", zero: int) -> "array[int]":
    """Return 256 * sigmoid of each int8 (index +128) as LiteRT's table has it (0..255).

    lut of tensorflow/lite/kernels/activations.cc: float32 at every step.
    """
    return array("B", [_sigmoid(scale, q - zero) for q in range(-128, 128)])


def rounded(numerator: int, denominator: int, bits: int) -> "Real":
    """Return the quotient of two positive integers with so many bits: nearest, ties to even."""
    shift = bits + 1 - length(numerator) + length(denominator)
    if shift > 0:
        numerator <<= shift
    else:
        denominator <<= -shift
    quotient = numerator // denominator
    is_exact = quotient * denominator == numerator
    dropped = length(quotient) - bits  # 1 or 2
    rest = quotient & ((1 << dropped) - 1)
    quotient >>= dropped
    half = 1 << (dropped - 1)
    if rest > half or (rest == half and (not is_exact or quotient & 1)):
        quotient += 1
    return quotient, dropped - shift


def round_half_up(mantissa: int, exponent: int) -> int:
    if exponent >= 0:
        return mantissa << exponent
    return ((mantissa >> (-exponent - 1)) + 1) >> 1


def length(x: int) -> int:
    """Return x.bit_length(), which MicroPython has not."""
    bits = 0
    while x >> (bits + 32):
        bits += 32
    x >>= bits
    while x:
        x >>= 1
        bits += 1
    return bits


def _larger(a: "Real", b: "Real") -> "Real":
    return a if (a[1], a[0]) > (b[1], b[0]) else b


def _summand(scale: "Real", zero: int, larger: "Real") -> "array[int]":
    m, shift = multiplier(scale, (larger[0], larger[1] + 1))
    steps = range(-128 - zero, 128 - zero)
    return array("i", [requantised(step << _ADD_LEFT_SHIFT, m, shift) for step in steps])


def _sigmoid(scale: "Real", steps: int) -> int:
    if steps == 0:
        return 128
    mantissa, exponent = rounded(scale[0] * abs(steps), 1, _FLOAT_BITS)
    exponent += scale[1]
    size_q60 = mantissa << (60 + exponent) if exponent > -60 else mantissa >> (-60 - exponent)
    if size_q60 > _SIGMOID_REACH_Q60:
        return 255 if steps > 0 else 0
    e, e_exponent = rounded(*_exp_q60(-size_q60 if steps > 0 else size_q60), _FLOAT_BITS)
    if e_exponent < 0:
        e += 1 << -e_exponent
    else:
        e, e_exponent = (e << e_exponent) + 1, 0
    e, more = rounded(e, 1, _FLOAT_BITS)  # 1 + exp(-x)
    share, exponent = rounded(1, e, _FLOAT_BITS)
    return min(255, round_half_up(share, exponent - e_exponent - more + 8))


def _exp_q60(x_q60: int) -> "tuple[int, int]":
    """Return numerator and denominator of exp(x)."""
    twos = x_q60 // _LN2_Q60
    rest = x_q60 - twos * _LN2_Q60
    total, term, index = 0, 1 << 60, 0
    while term:
        total += term
        index += 1
        term = (term * rest >> 60) // index
    return (total << twos, 1 << 60) if twos > 0 else (total, 1 << (60 - twos))

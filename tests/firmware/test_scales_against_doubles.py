"""The integer arithmetic of scales against the reference's own: floats and doubles."""

import math
import random
import struct

import pytest
from groundswell import scales
from groundswell.flatbuffer import ModelError

LARGEST = 2**29 - 1


def float32(value: float) -> tuple[float, tuple[int, int]]:
    """Return a float32 and what our code makes of its bits."""
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    (exact,) = struct.unpack("<f", struct.pack("<f", value))
    return exact, scales.from_float_bits(bits)


def reference_multiplier(real: float) -> tuple[int, int]:
    """QuantizeMultiplier of tensorflow/lite/kernels/internal/quantization_util.cc, in doubles."""
    fraction, shift = math.frexp(real)
    fixed = math.floor(fraction * 2**31 + 0.5)
    if fixed == 2**31:
        fixed, shift = fixed // 2, shift + 1
    return (0, 0) if shift < -31 else (fixed, shift)


def reference_rounding(x: int, real: float) -> int:
    return int(math.copysign(math.floor(abs(x * real) + 0.5), x))


def test_multipliers_are_those_of_the_reference() -> None:
    drawn = random.Random(1)
    for _ in range(20_000):
        (a, our_a), (b, our_b), (c, our_c) = (
            float32(2.0 ** drawn.uniform(*span)) for span in ((-20, 5), (-20, 5), (-20, 10))
        )
        ours = scales.multiplier(scales.product(our_a, our_b), our_c)
        assert ours == reference_multiplier(a * b / c), (a, b, c)


@pytest.mark.parametrize("exponent", [4, 8, 11, 12, 13])
def test_one_rounding_is_the_doubles_next_to_every_half(exponent: int) -> None:
    drawn = random.Random(exponent)
    moved = 0
    for _ in range(150):
        (a, our_a), (b, our_b), (c, our_c) = (
            float32(drawn.uniform(1, 2) * scale) for scale in (0.01, 0.003, 3e-5 * 2**exponent)
        )
        product = scales.product(our_a, our_b)
        m, shift = scales.rounding_multiplier(product, our_c, LARGEST)
        moved += (m, shift) != scales.multiplier(product, our_c)
        assert_rounds_like(a * b / c, m, shift)
    assert moved > 0 or exponent < 12  # else the moving was not tested


@pytest.mark.parametrize("divisor", [3.0, 5.0, 7.0, 11.0, 13.0, 100.0])
def test_one_rounding_is_the_doubles_where_a_product_is_a_half(divisor: float) -> None:
    one, our_one = float32(1.0)
    whole, ours = float32(divisor * 32)

    m, shift = scales.rounding_multiplier(scales.product(our_one, our_one), ours, LARGEST)

    assert_rounds_like(one * one / whole, m, shift)


def test_a_scale_that_no_multiplier_rounds_alike_is_refused() -> None:
    # in doubles the product that should be 0.5 reaches it, and the one of 1.5 does not
    one, our_one = float32(1.0)
    whole, ours = float32(49.0 * 32)
    rounded = [reference_rounding(half * 49 * 16, one / whole) for half in (1, 3)]
    assert rounded == [1, 1]

    with pytest.raises(ModelError, match="cannot follow"):
        scales.rounding_multiplier(scales.product(our_one, our_one), ours, LARGEST)


def assert_rounds_like(real: float, m: int, shift: int) -> None:
    for k in range(1, 256):
        middle = math.floor((k - 0.5) / real)
        for x in (middle - 1, middle, middle + 1):
            size = (x * m + (1 << (30 - shift))) >> (31 - shift)  # as the kernel rounds
            assert size == reference_rounding(x, real) == -reference_rounding(-x, real)


def test_clamps_of_activation_functions_are_divided_as_floats() -> None:
    drawn = random.Random(2)
    for _ in range(3000):
        scale, ours = float32(2.0 ** drawn.uniform(-9, 4))
        for whole in (1, 6):
            (quotient,) = struct.unpack("<f", struct.pack("<f", whole / scale))
            assert scales.steps_in(whole, ours) == math.floor(quotient + 0.5)

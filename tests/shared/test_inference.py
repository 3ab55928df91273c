from array import array

from groundswell import elementwise, inference, requirements, scales
from groundswell.budget import Budget
from groundswell.flatbuffer import ModelError
from groundswell.model import Model
from groundswell.packing import pack

from random_numbers import RandomNumbers
from small_model import FILE, INPUT, OUTPUT

CHANNELS = 64
LARGEST = (1 << 29) - 1
EDGES = (0, 1, -1, LARGEST, -LARGEST, 1 << 15, -(1 << 15), 0x7FFF, -0x8000, 1 << 28)
MULTIPLIERS = (1 << 30, (1 << 30) + 1, (1 << 31) - 1, (1 << 31) - 65536, 0x7FFF0001)


class Numbers(RandomNumbers):
    """With integers below any limit."""

    def below(self, limit):
        if limit <= 30000:
            return super().below(limit)
        return (super().below(30000) * 30000 + super().below(30000)) % limit


def doubling_high_product(x, m):
    """gemmlowp's SaturatingRoundingDoublingHighMul, with its division that truncates."""
    nudged = x * m + ((1 << 30) if x * m >= 0 else 1 - (1 << 30))
    return nudged // (1 << 31) if nudged >= 0 else -(-nudged // (1 << 31))


def divided_by_power_of_two(x, exponent):
    """gemmlowp's RoundingDivideByPOT."""
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if (x & mask) > threshold else 0)


def rounded_twice(x, m, e):
    return divided_by_power_of_two(doubling_high_product(x, m), e)


def rounded_once(x, m, e):
    size = (abs(x) * m + (1 << (30 + e))) >> (31 + e)
    return size if x >= 0 else -size


def clamped(q, zero):
    return max(-128, min(127, q + zero)) + 128


def case(numbers):
    """Return x, m, e: anything, edges, and mostly what ends next to a half within the outputs."""
    kind = numbers.below(8)
    m = MULTIPLIERS[numbers.below(5)] if kind == 0 else (1 << 30) + numbers.below(1 << 30)
    e = 1 + numbers.below(31)
    if kind == 1:
        return EDGES[numbers.below(10)], m, e
    if kind == 2:
        return numbers.below(2 * LARGEST + 1) - LARGEST, m, e
    halves = 2 * numbers.below(256) - 255
    x = (halves << (30 + e)) // m + numbers.below(3) - 1
    return max(-LARGEST, min(LARGEST, x)), m, e


def cases(numbers):
    """Return the table of a layer whose sums are its biases, and x, m, e of each channel."""
    table, wanted = array("i", ()), []
    for _ in range(CHANNELS):
        x, m, e = case(numbers)
        wanted.append((x, m, e))
        table.extend(array("i", (x,) + requirements.requantisation(m, -e)))
    return table, wanted


def test_requantisation_of_convolutions_is_the_big_integers_in_20000_cases():
    numbers = Numbers(1)
    empty = array("B", (128,) * 8)
    row = array("i", (0,) * CHANNELS)
    source, dense, single, apart = (array("B", (7,) * (CHANNELS + 3)) for _ in range(4))
    for _ in range(340):
        zero = numbers.below(256) - 128
        table, wanted = cases(numbers)
        sizes = (1, 1, 1, 8, CHANNELS, 7, zero + 128, 0, 255, 0, 1)
        twice, once = array("i", sizes + (0,)), array("i", sizes + (1,))
        grouped = array("i", (1, 1, 1, 16) + sizes[4:] + (0,))

        weights = (empty,) * 8
        inference.convolve(0, 0, *weights, source, dense, row, table, twice)
        inference.convolve(0, 0, *weights, source, single, row, table, once)
        weights = (array("B", (128,) * 16),) * 4
        inference.convolve_depthwise(0, 0, *weights, source, apart, row, table, grouped)

        expected = [clamped(rounded_twice(*one), zero) for one in wanted]
        assert list(dense[:CHANNELS]) == expected
        assert list(apart[:CHANNELS]) == expected
        expected = [clamped(rounded_once(*one), zero) for one in wanted]
        assert list(single[:CHANNELS]) == expected


def test_requantisation_of_sums_is_the_big_integers_in_20000_cases():
    numbers = Numbers(2)
    nothing = array("i", (0,) * 256)
    places = array("B", range(256))
    target = array("B", bytes(256))
    for _ in range(80):
        _, m, e = case(numbers)
        zero = numbers.below(256) - 128
        sums = array("i", [(2 * k - 255 << (30 + e)) // m % (2 * LARGEST) for k in range(256)])
        sums = array("i", [x if x <= LARGEST else x - 2 * LARGEST for x in sums])
        levels = (zero + 128, 0, 255)
        parameters = array("i", (256,) + requirements.requantisation(m, -e) + levels)

        elementwise.add(places, places, target, sums, nothing, parameters)

        assert list(target) == [clamped(rounded_twice(x, m, e), zero) for x in sums]


def test_an_integer_multiplier_rounds_like_a_double_next_to_every_half():
    # x * (a*b/c) as a double, rounded half away from zero: the reference by exact integers
    numbers = Numbers(3)
    compared = 0
    for _ in range(25):
        a, b, c = [(1 << 23) + numbers.below(1 << 23) for _ in range(3)]
        out = 5 + numbers.below(7)
        m, shift = scales.rounding_multiplier((a * b, -48), (c, out - 24), LARGEST)
        mantissa, exponent = scales.rounded(a * b, c, 53)
        for k in range(1, 129):
            middle = ((2 * k - 1) * c << (out + 23)) // (a * b)
            for x in (middle, middle + 1):
                product, more = scales.rounded(x * mantissa, 1, 53)
                double = product, more + exponent - 24 - out
                assert rounded_once(x, m, -shift) == scales.round_half_up(*double)
                compared += 1
    assert compared == 6400


def test_a_multiplier_that_is_not_below_a_half_is_refused():
    m, shift = scales.multiplier((1, -1), (1, 0))
    assert (m, shift) == (1 << 30, 0)
    assert is_refused(requirements.requantisation, m, shift)
    assert requirements.requantisation(m, -1) == (1 << 14, 0, 1, 1)
    assert scales.multiplier((1, -33), (1, 0)) == (0, 0)  # so small that nothing is left of it
    assert requirements.requantisation(0, 0) == (0, 0, 1, 1)


def test_scales_that_are_no_sensible_numbers_are_refused():
    for bits in (0, 1, 0x7F800000, 0x7FC00000, 0xBF800000, 0x20000000, 0x60000000):
        assert is_refused(scales.from_float_bits, bits)
    assert scales.from_float_bits(0x3F800000) == (1 << 23, -23)


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except ModelError:
        return True
    return False


def test_a_model_answers_as_litert_did_and_again():
    model = Model(FILE)

    assert bytes([q & 255 for q in model.run(INPUT)]) == OUTPUT
    model.run(bytes(len(INPUT)))
    signed = array("b", [byte - 256 if byte > 127 else byte for byte in INPUT])
    assert bytes([q & 255 for q in model.run(signed)]) == OUTPUT
    assert (model.input_count, model.output_count) == (18, 2)
    assert (model.output_scale, model.output_zero) == ((1 << 23, -31), -128)


def test_an_input_of_another_size_is_our_own_mistake():
    model = Model(FILE)
    for size in (0, 17, 19):
        try:
            model.run(bytes(size))
        except ValueError as error:
            assert not isinstance(error, ModelError)
        else:
            raise AssertionError("taken")


def test_every_truncation_is_refused():
    for size in range(len(FILE)):
        assert is_refused(Model, FILE[:size]), size


def test_a_mutated_file_is_refused_or_runs():
    numbers = Numbers(4)
    refused = 0
    for _ in range(1500):
        changed = bytearray(FILE)
        for _ in range(1 + numbers.below(3)):
            changed[numbers.below(len(FILE))] = mutated(numbers)
        try:
            model = Model(pack(changed, 10000))
        except ModelError:
            refused += 1
        else:
            model.run(bytes(model.input_count))
    assert 300 < refused < 1400


def mutated(numbers):
    return (0, 1, 127, 128, 255, numbers.below(256))[numbers.below(6)]


def test_the_limit_of_memory_holds_to_the_byte():
    needed = Model(FILE).ram_bytes
    assert not is_refused(pack, FILE, needed)
    assert is_refused(pack, FILE, needed - 1)


def test_of_equal_tables_one_is_kept_and_counted():
    budget = Budget(20)
    first = budget.keep(array("i", (1, 2)), 4)

    assert budget.keep(array("i", (1, 2)), 4) is first and budget.ram_bytes == 8
    assert budget.keep(array("i", (1, 3)), 4) is not first and budget.ram_bytes == 16
    try:
        budget.keep(array("i", (1, 4)), 4)
        raise AssertionError("more than there is was given")
    except ModelError:
        pass

from array import array

from groundswell import codec, wire

from random_numbers import RandomNumbers

LOWEST = -(1 << 31)
HIGHEST = (1 << 31) - 1
ONE_G = 256410  # ADXL355 counts


def test_a_packet_has_its_golden_bytes():
    # by hand: order, k, width, mean or first sample, residuals
    golden = packed(
        "00 000000 000000" + " 1 001 01 1 001 01",  # about 0: 0 1 -1 0 1 -1
        "01 000010 000011 110" + " 100 0000100 100 0000100 100",  # from 3: 0 8 0 8 0
        "10 000001 000001 1" + " 010 010 010 010 010",  # from -1: 1 1 1 1 1
    )
    components = [[0, 1, -1, 0, 1, -1], [3, 3, 11, 11, 19, 19], [-1, 0, 2, 5, 9, 14]]

    assert codec.encode(components) == golden
    assert lists_of(codec.decode(golden, 6)) == components


def test_a_spike_escapes_and_k_follows_the_mean():
    # the mean begins at 1.5 (24 sixteenths), falls with 1/16 a sample and the spike counts as 32:
    # then it is (10 + 32 * 16) / 16 and a bit, above 2, and k is 1
    quiet = "00 000000 000000" + " 1" * 18
    spiked = "00 000000 000000" + " 1" * 16 + " " + "0" * 20 + "1" + f" {200:036b}" + " 10"
    components = [[0] * 18, [0] * 16 + [100, 0], [0] * 18]
    golden = packed(quiet, spiked, quiet)

    assert codec.encode(components) == golden
    assert lists_of(codec.decode(golden, 18)) == components


def test_what_no_code_makes_smaller_goes_as_it_is():
    components = [[LOWEST, HIGHEST] * 10, [0] * 20, [0] * 20]

    payload = codec.encode(components)

    assert len(payload) == (2 + 20 * 32 + 2 * (14 + 20) + 7) // 8
    assert payload[0] == 0b11100000  # order 3, then the lowest sample
    assert lists_of(codec.decode(payload, 20)) == components


def test_noise_survives_and_is_small():
    components = noise(RandomNumbers(1), 100)

    payload = codec.encode(components)

    assert lists_of(codec.decode(payload, 100)) == components
    # Gaussian noise of 41 counts has 7.4 bits a sample: 278 bytes are the bound of any coder
    assert len(payload) < 300


def test_arrays_are_taken_and_given():
    components = [array("i", samples) for samples in noise(RandomNumbers(2), 31)]

    decoded = codec.decode(codec.encode(components), 31)

    assert decoded == components
    assert [type(samples) for samples in decoded] == [array, array, array]


def test_every_length_survives():
    random = RandomNumbers(3)
    for count in list(range(1, 40)) + [1000, codec.MAX_SAMPLES]:
        assert_survives(noise(random, count))


def test_extremes_survive():
    for pattern in (
        [LOWEST],
        [HIGHEST],
        [LOWEST, HIGHEST],
        [HIGHEST, LOWEST, LOWEST],
        [0, 0, 0, 0, 0, 0, 0, HIGHEST, LOWEST],
        [LOWEST, LOWEST + 1, LOWEST + 3, LOWEST + 6],
        [1 << 30, -(1 << 30)],
        [LOWEST] * 30 + [HIGHEST] * 30,  # a first difference of 33 bits
        [LOWEST + (i << 28) for i in range(16)],  # and a second one of 34
        [0],
        [-1, 0],
    ):
        for repeats in (1, 2, 3, 50):
            assert_survives([pattern * repeats, pattern * repeats, [0] * len(pattern * repeats)])


def test_random_samples_of_every_width_survive():
    random = RandomNumbers(4)
    for width in range(1, 33):
        for count in (1, 2, 3, 60):
            assert_survives([random_samples(random, width, count) for _ in range(3)])


def test_a_spike_in_quiet_ground_costs_a_few_bytes():
    quiet = [[0, 1, 0, -1, 1, 0, -1, 0] * 12 for _ in range(3)]
    spiked = [list(samples) for samples in quiet]
    spiked[1][40] = 500000

    assert_survives(spiked)
    assert len(codec.encode(spiked)) < len(codec.encode(quiet)) + 40


def test_ramps_and_parabolas_cost_what_their_differences_cost():
    ramp = [1000 * i for i in range(200)]
    parabola = [7 * i * i for i in range(200)]

    assert_survives([ramp, parabola, ramp])
    assert len(codec.encode([ramp, ramp, ramp])) < 3 * 200 * 3 // 8
    assert len(codec.encode([parabola] * 3)) < 3 * 200 * 6 // 8 + 24


def test_what_does_not_fit_in_32_bits_is_refused():
    for sample in (LOWEST - 1, HIGHEST + 1, 1 << 40):
        for at in range(3):
            components = [[0, 0], [0, 0], [0, 0]]
            components[at][1] = sample
            assert is_refused(codec.encode, components)


def test_other_than_three_components_of_one_length_are_refused():
    for components in (
        [],
        [[1]],
        [[1], [1]],
        [[1], [1], [1], [1]],
        [[], [], []],
        [[1, 2], [1, 2], [1]],
        [[1], [1, 2], [1, 2]],
        [[0] * (codec.MAX_SAMPLES + 1)] * 3,
    ):
        assert is_refused(codec.encode, components), len(components)


def test_every_truncation_and_every_extension_is_refused():
    random = RandomNumbers(5)
    for components in (noise(random, 20), [[LOWEST, HIGHEST] * 4] * 3, [[0] * 5] * 3):
        payload = codec.encode(components)
        count = len(components[0])
        for length in range(len(payload)):
            assert is_refused(codec.decode, payload[:length], count), length
        for extra in (b"\x00", b"\xff", payload, bytes(50)):
            assert is_refused(codec.decode, payload + extra, count), extra


def test_a_bit_after_the_end_is_refused():
    payload = bytearray(packed(*["00 000000 000000 1"] * 3))
    assert lists_of(codec.decode(bytes(payload), 1)) == [[0]] * 3

    payload[-1] |= 1

    assert is_refused(codec.decode, bytes(payload), 1)


def test_impossible_headers_are_refused():
    usual = "00 000000 000000 1"
    wide = "00 100101 000000 1" + "0" * 37
    long = "00 000000 100101" + "0" * 37 + " 1"
    for component in (wide, long):
        assert is_refused(codec.decode, packed(component, usual, usual), 1)


def test_a_longer_way_than_plain_samples_is_refused():
    escape = "0" * 20 + "1" + f"{20:036b}"
    component = "00 000000 000000" + escape * 50

    assert is_refused(codec.decode, packed(*[component] * 3), 50)


def test_a_wrong_count_is_refused_or_gives_that_many_samples():
    payload = codec.encode(noise(RandomNumbers(6), 20))

    for count in (-1, 0, codec.MAX_SAMPLES + 1, 1 << 40):
        assert is_refused(codec.decode, payload, count)
    for count in (1, 5, 19, 21, 100, codec.MAX_SAMPLES):
        assert_refused_or_counted(payload, count)


def test_random_payloads_are_refused_or_give_32_bit_samples():
    random = RandomNumbers(7)
    for _ in range(5000):
        count = 1 + random.below(20)
        assert_refused_or_counted(random.some_bytes(random.below(60)), count)


def test_changed_payloads_are_refused_or_give_32_bit_samples():
    random = RandomNumbers(8)
    payloads = [codec.encode(noise(random, 15)), codec.encode([[LOWEST, HIGHEST, 0] * 5] * 3)]
    outcomes = [0, 0]
    for number in range(5000):
        changed = bytearray(payloads[number % 2])
        for _ in range(1 + random.below(3)):
            changed[random.below(len(changed))] = random.below(256)
        outcomes[assert_refused_or_counted(bytes(changed), 15)] += 1
    assert min(outcomes) > 100  # else this tried only one of the two


def test_a_payload_beyond_the_bound_is_refused_at_once():
    assert is_refused(codec.decode, bytes(wire.MAX_PAYLOAD_BYTES), 100)
    # all zeros are endless zeros of a Rice code, all ones the order "as they are"
    assert is_refused(codec.decode, bytes(codec.max_bytes(100)), 100)
    assert is_refused(codec.decode, b"\xff" * codec.max_bytes(100), 100)


def noise(random, count):
    """Return noise like an ADXL355's: 41 counts RMS, one g on the vertical."""
    return [
        [gaussian(random) * 41 // 1000 + offset for _ in range(count)] for offset in (0, 0, ONE_G)
    ]


def gaussian(random):
    """Return about a Gaussian of 1000 RMS: the sum of twelve uniform numbers."""
    return sum([random.below(1000) for _ in range(12)]) - 5994


def random_samples(random, width, count):
    samples = []
    for _ in range(count):
        u = 0
        for _ in range(4):
            u = u << 8 | random.below(256)
        samples.append((u & ((1 << width) - 1)) - (1 << (width - 1)))
    return samples


def packed(*bits):
    text = "".join(bits).replace(" ", "")
    text += "0" * (-len(text) % 8)
    return bytes([int(text[at : at + 8], 2) for at in range(0, len(text), 8)])


def lists_of(components):
    return [list(samples) for samples in components]


def assert_survives(components):
    payload = codec.encode(components)
    assert len(payload) <= codec.max_bytes(len(components[0]))
    assert lists_of(codec.decode(payload, len(components[0]))) == components


def assert_refused_or_counted(payload, count):
    """Return whether the payload was refused."""
    try:
        components = codec.decode(payload, count)
    except wire.WireError:
        return True
    assert [len(samples) for samples in components] == [count] * 3
    return False


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except wire.WireError:
        return True
    return False

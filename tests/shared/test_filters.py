from array import array

from groundswell import filters

RATES_MHZ = (25000, 31250, 100000, 125000, 332972, 500000)
ONE_G = 1 << 20


def test_a_settled_high_pass_makes_exactly_nothing_of_gravity():
    for rate_mhz in RATES_MHZ:
        high_pass = filters.Filter(filters.high_pass(100, rate_mhz))
        counts = array("i", (0, -77, ONE_G) * 500)
        out = array("i", (9,) * 1500)

        high_pass.settle(counts)
        high_pass.run(counts, out, 500)

        assert max(out) == 0 and min(out) == 0


def test_a_low_pass_lets_a_constant_through():
    for rate_mhz in RATES_MHZ:
        low_pass = filters.Filter(filters.low_pass(10000, rate_mhz), 0, 1, 1)
        counts = array("i", (123456,) * 2000)

        low_pass.run(counts, counts, 2000)

        assert abs(counts[1999] - 123456) <= 2


def test_an_integrator_forgets_a_constant_and_follows_a_slope():
    # the integral of +1000 for one second, then -1000 for one second, is a triangle of height 1000
    rate_mhz = 100000
    corner_mhz, gain = 5, 16  # so low that two seconds do not notice it
    integrator = filters.Filter(filters.integrate(corner_mhz, rate_mhz, gain), 0, 1, 1)
    counts = array("i", (1000,) * 100 + (-1000,) * 100)
    up, down = filters.integral_scale(corner_mhz, rate_mhz, gain)

    integrator.run(counts, counts, 200)

    integral = [value * up / down for value in counts]
    assert abs(max(integral) - 1000) < 50
    assert abs(integral.index(max(integral)) - 100) <= 2
    assert abs(integral[199]) < 100


def test_extreme_input_stays_within_the_limit():
    # the worst input of a section follows the sign of its impulse response; a square wave of each
    # period up to a second comes close enough
    for rate_mhz in RATES_MHZ:
        for design in (filters.high_pass(1000, rate_mhz), filters.integrate(500, rate_mhz, 8)):
            for half_period in (1, 2, 3, 7, 20, rate_mhz // 2000):
                section = filters.Filter(design, 0, 1, 1)
                sign = [1 if (i // half_period) % 2 == 0 else -1 for i in range(600)]
                counts = array("i", [s * (filters.LIMIT - 1) for s in sign])

                section.run(counts, counts, 600)

                assert max(counts) < filters.LIMIT and min(counts) > -filters.LIMIT


def test_no_sound_gives_no_output_for_ever():
    # rounding errors that are fed back must not keep a filter ringing (a limit cycle)
    for rate_mhz in RATES_MHZ:
        section = filters.Filter(filters.high_pass(100, rate_mhz), 0, 1, 1)
        counts = array("i", (100000,) * 50 + (0,) * 60)
        section.run(counts, counts, 110)
        zeros = array("i", (0,) * 1000)
        for _ in range(rate_mhz // 2000):
            silence = array("i", zeros)
            section.run(silence, silence, 1000)

        assert max(silence) <= 2 and min(silence) >= -2


def test_the_integer_root_is_the_largest_whose_square_fits():
    for x in list(range(200)) + [10**12 - 1, 10**12, 10**12 + 1, (1 << 61) - 1]:
        root = filters.integer_sqrt(x)

        assert root * root <= x < (root + 1) * (root + 1)

from groundswell import likelihood


def p_of(ratio_milli=20000, noise=1000, pga=50000, pgv=1000000, pd=50000, age_us=1000000):
    found = likelihood.features(ratio_milli, noise, pga, pgv, pd, age_us)
    return likelihood.p_quake_permille(found)


def test_more_signal_never_means_less_trust():
    values = [p_of(ratio_milli=ratio) for ratio in (0, 1000, 5000, 20000, 100000, 10**9)]

    assert values == sorted(values)


def test_what_lasts_is_trusted_more():
    values = [p_of(age_us=age) for age in (0, 500000, 1000000, 5000000, 40000000)]

    assert values == sorted(values) and values[0] < values[-1]


def test_a_node_in_a_pocket_is_hardly_believed():
    assert p_of(noise=200000, age_us=0) < 100 < p_of(age_us=0)


def test_the_strength_of_the_motion_alone_is_no_reason_to_doubt_it():
    assert p_of(pga=50000, pgv=1000000, pd=50000) == p_of(pga=3200000, pgv=64000000, pd=3200000)


def test_nobody_is_ever_sure():
    top = (1 << 32) - 1
    for numbers in ((0,) * 6, (top, 0, 0, 0, 0, top), (0, top, top, top, 0, 0), (top,) * 6):
        assert 2 <= p_of(*numbers) <= 998


def test_the_logarithm_is_exact_at_powers_of_two_and_never_falls():
    for bits in range(40):
        assert likelihood.log2_16(1 << bits) == 16 * bits
    values = [likelihood.log2_16(x) for x in range(2000)]
    assert values == sorted(values)

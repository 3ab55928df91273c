from groundswell.logarithm import log2_16


def test_the_logarithm_is_exact_at_powers_of_two_and_never_falls():
    for bits in range(40):
        assert log2_16(1 << bits) == 16 * bits
    values = [log2_16(x) for x in range(2000)]
    assert values == sorted(values)

"""Every intermediate result of the kernels fits in 32 bits: proved with integers that refuse to
be larger, on the worst inputs. On the device they would wrap round without a word."""

import random
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from groundswell import detector, filters, kernel, motion, onset, recorder, sta_lta

RATES_MHZ = (25_000, 31_250, 100_000, 333_000, 500_000)
LENGTH = 400


@pytest.fixture(autouse=True)
def plain_kernels() -> Iterator[None]:
    """No compiled kernel, which another test may have left, takes such integers."""
    before = [one.run for one in kernel.KERNELS]
    for one in kernel.KERNELS:
        one.run = one.plain
    yield
    for one, run in zip(kernel.KERNELS, before):
        one.run = run


class Int32(int):
    """An integer that fails where a device's would wrap."""

    def __new__(cls, number: int) -> "Int32":
        if not -(1 << 31) <= number < 1 << 31:
            raise OverflowError(f"{number} does not fit in 32 bits")
        return super().__new__(cls, number)


def _checked(name: str) -> Any:
    plain = getattr(int, name)

    def operator(self: Int32, other: int) -> Any:
        return Int32(plain(self, other))

    return operator


for _name in ("add", "sub", "mul", "floordiv", "lshift", "rshift", "and"):
    setattr(Int32, f"__{_name}__", _checked(f"__{_name}__"))
    setattr(Int32, f"__r{_name}__", _checked(f"__r{_name}__"))


def checked(numbers: Any) -> list[Int32]:
    return [Int32(int(number)) for number in numbers]


def worst_inputs(limit: int) -> Iterator[list[int]]:
    """Square waves of many periods, noise at both rails, a step, an impulse."""
    for half_period in (1, 2, 3, 5, 8, 13, 40, 150):
        yield [limit if i // half_period % 2 else -limit for i in range(LENGTH)]
    generator = random.Random(7)
    yield [generator.choice((-limit, limit)) for _ in range(LENGTH)]
    yield [-limit] * (LENGTH // 2) + [limit] * (LENGTH // 2)
    yield [limit] + [0] * (LENGTH - 1)


def designs(rate_mhz: int) -> Iterator[Any]:
    yield filters.high_pass(motion.ACCELERATION_CORNER_MHZ, rate_mhz)
    yield filters.high_pass(motion.BAND_LOW_MHZ, rate_mhz)
    yield filters.low_pass(min(motion.BAND_HIGH_MHZ, rate_mhz * 2 // 5), rate_mhz)
    yield filters.integrate(motion.VELOCITY_CORNER_MHZ, rate_mhz, motion.VELOCITY_GAIN)
    yield filters.integrate(motion.DISPLACEMENT_CORNER_MHZ, rate_mhz, motion.DISPLACEMENT_GAIN)


@pytest.mark.parametrize("rate_mhz", RATES_MHZ)
def test_no_filter_overflows_at_the_limit_of_its_input(rate_mhz: int) -> None:
    for design in designs(rate_mhz):
        for numbers in worst_inputs(filters.LIMIT - 1):
            signal, state = checked(numbers), checked([0] * 6)
            at, count, stride = checked((0, LENGTH, 1))

            of_signal = (signal, signal, count, at, 1, stride, checked(design), state)
            filters.biquad.plain(at, at, *of_signal)

            assert max(map(abs, signal)) < filters.LIMIT


def test_the_integers_of_this_test_do_refuse_to_be_larger() -> None:
    with pytest.raises(OverflowError):
        Int32(1 << 30) + Int32(1 << 30)
    with pytest.raises(OverflowError):
        3 * Int32(1 << 30)


def test_the_averages_do_not_overflow_whatever_comes() -> None:
    for numbers in worst_inputs(filters.LIMIT - 1):
        averages = sta_lta.StaLta(250, 5000, 255, 5)
        state = checked(averages.state)
        state[sta_lta.IS_ARMED] = Int32(0)
        band = checked(numbers[i // 3] for i in range(3 * LENGTH))
        ring = checked([63] + [0] * 64)
        at, count, pos = checked((0, LENGTH, 0))

        sta_lta.follow.plain(band, checked([0] * LENGTH), at, count, state, ring, pos)

        assert state[sta_lta.N_HEARD] == LENGTH


def test_a_triggered_detector_does_not_overflow_after_perfect_silence() -> None:
    averages = sta_lta.StaLta(50, 1000, 80, 1)
    state = checked(averages.state)
    state[sta_lta.IS_FROZEN] = state[sta_lta.IS_ARMED] = Int32(1)
    ring = checked([1023] + [0] * 1024)
    band = checked([filters.LIMIT - 1] * (3 * LENGTH))
    zero, count = checked((0, LENGTH))

    rest = sta_lta.follow.plain(band, checked([0] * LENGTH), zero, count, state, ring, zero)
    sta_lta.follow.plain(band, checked([0] * LENGTH), count - rest, count, state, ring, zero)
    back = detector.change_point.plain(ring, count, count, Int32(64))

    assert back == LENGTH


@pytest.mark.parametrize("loud_from", [0, 1, 25, onset.MOST_PIECES - 1])
def test_no_beginning_overflows_however_loud_it_is(loud_from: int) -> None:
    most = onset.MOST_PIECES
    ring = checked([511] + [0] * (4 * loud_from) + [(1 << 31) - 1] * (512 - 4 * loud_from))
    energies, gains = checked([0] * most), checked([0] * (3 * most))
    zero, size, count = checked((0, 4, most))

    onset.pieces.plain(ring, zero, size, count, energies)
    top = onset.beginnings.plain(energies, count, count, gains)

    assert energies == [0] * loud_from + [8192] * (most - loud_from)
    assert top == max(gains) >= gains[3 * loud_from] > 0


def test_loading_and_peaks_do_not_overflow_at_the_ends_of_the_range() -> None:
    for lsb_nm_s2 in (1, 5000, 38246, 598550, 9806650):
        one = motion.Motion(100_000, lsb_nm_s2, (1 << 30) - 1, 1)
        loading = checked(one._loading)
        ends = [(1 << 31) - 1, -(1 << 31), -((1 << 31) - 1)] * LENGTH
        work, still = checked([0] * (3 * LENGTH)), checked([0] * LENGTH)
        zero, count = checked((0, LENGTH))

        motion.load.plain(checked(ends), zero, count, work, still, loading)
        motion.peaks.plain(work, zero, 3, count, checked([511] + [0] * 512), zero)

        assert max(map(abs, work)) <= 1 << 24
        assert loading[5] == LENGTH


def test_sample_numbers_may_pass_two_to_the_thirty() -> None:
    one = recorder.Recorder(100_000)
    one._written = first = (1 << 30) + 5

    one.keep(checked(range(9)), 0, 3)

    assert one.packet(first, 3) == [array("i", (axis, 3 + axis, 6 + axis)) for axis in range(3)]


def test_what_is_kept_has_24_bits() -> None:
    most = (1 << 31) - 1
    one = recorder.Recorder(100_000)

    one.keep(checked((most, -most, 5)), 0, 1)

    assert one.packet(0, 1) == [array("i", (v,)) for v in ((1 << 23) - 1, -(1 << 23), 5)]


def test_the_unit_of_a_count_is_kept_between_half_of_and_the_coarsest() -> None:
    lsbs = [1 << exponent for exponent in range(2, 24)]
    for smaller, larger in pairwise(lsbs):
        for lsb_nm_s2 in (smaller, larger - 1):
            unit_nm_s2 = motion.Motion(100_000, lsb_nm_s2, 1000, 1).unit_pm_s2 / 1000
            assert motion.COARSEST_NM_S2 / 2.1 < unit_nm_s2 <= motion.COARSEST_NM_S2

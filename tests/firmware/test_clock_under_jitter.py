"""The clock over a wireless link as it was measured: how wrong it is, and whether it knows."""

import numpy as np
import pytest
from groundswell import clock

SECOND_US = 1_000_000
UTC_US = 1_700_000_000 * SECOND_US


def errors_over_a_day(seed: int, every_s: int = 64) -> list[tuple[int, int]]:
    """Return (true error, its estimate) in us before each exchange but the first eight.

    Each way takes 2 ms + exp(4 ms), one in five + exp(40 ms); crystal off by up to 40 ppm, and
    wandering 2 ppm with the time of day.
    """
    random = np.random.default_rng(seed)
    one = clock.Clock()
    ppm = random.uniform(-40, 40)

    def utc_us(ticks_us: int) -> int:
        day = 2 * np.pi * ticks_us / (86400 * SECOND_US)
        wander_us = 2e-6 * (86400 * SECOND_US) / (2 * np.pi) * (1 - np.cos(day))
        return UTC_US + round(ticks_us * (1 - ppm * 1e-6) - wander_us)

    def way_us() -> int:
        slow = 40_000 if random.random() < 0.2 else 0
        return round(2000 + random.exponential(4000) + slow * random.exponential())

    found = []
    for i in range(86400 // every_s):
        t1 = i * every_s * SECOND_US
        if i >= 8:
            found.append((one.utc_us(t1) - utc_us(t1), one.error_us(t1)))
        there, back = way_us(), way_us()
        t2 = utc_us(t1 + there)
        one.add_exchange(t1, t2, t2 + 50, t1 + there + 50 + back)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_within_twelve_milliseconds_all_day_and_its_error_estimate_is_honest(seed: int) -> None:
    found = errors_over_a_day(seed)

    wrong_us = np.abs([wrong for wrong, _ in found])
    within_two_sigma = np.mean([abs(wrong) <= 2 * estimate for wrong, estimate in found])
    assert np.quantile(wrong_us, 0.95) < 3_000
    assert wrong_us.max() < 12_000
    assert within_two_sigma > 0.95
    assert max(estimate for _, estimate in found) < 50_000  # and not honest by saying nothing

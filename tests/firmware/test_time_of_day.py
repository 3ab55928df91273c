"""How right a node's time is over a day: questions, majority and clock together, in virtual time.

The link is that of the prototype (2 ms + exp(4 ms), one in five exp(40 ms), each way on its own);
`pytest -s tests/firmware/test_time_of_day.py` prints the table.
"""

import sys
from collections.abc import Callable

import numpy as np
import pytest
from time_world import SECOND, TimeServer, TimeWorld  # in tests/shared, on pytest's path

from firmware.timesync.pps import Pulses
from system.crystal import LEAST_DELAY_US, LONG_SHARE, LONG_TAIL_US, TAIL_US

DAY_S = 86_400
SETTLED_S = 20  # the first burst


def errors_over_a_day(
    seed: int,
    servers: int = 1,
    drift_ppm: int = 20,
    loop_us: int = 1000,
    pulses: "Callable[[TimeWorld], Pulses] | None" = None,
) -> "tuple[np.ndarray, np.ndarray]":
    """Return the errors of a node's time and what it thinks of them, every 5 s or so, us."""
    rng = np.random.default_rng(seed)

    def way_us() -> int:
        tail_us = LONG_TAIL_US if rng.random() < LONG_SHARE else TAIL_US
        return LEAST_DELAY_US + int(rng.exponential(tail_us))

    world = TimeWorld(
        [TimeServer() for _ in range(servers)],
        drift_ppm,
        way_us,
        loop_us,
        5 * SECOND if pulses is None else SECOND,
        pulses,
    )
    found: list[tuple[int, int]] = []

    def watch() -> None:
        found.append((world.error_us(), world.clock.error_us(world.ticks())))

    world.run(SETTLED_S)
    world.run(DAY_S, watch)
    wrong, claimed = np.array(found).T
    return np.abs(wrong), claimed


@pytest.mark.parametrize(
    ("seed", "servers", "drift_ppm", "loop_us", "p95_ms"),
    [
        *((seed, 1, 20, 1000, 3.0) for seed in range(4)),
        (4, 3, -20, 1000, 3.0),
        (6, 1, -90, 1000, 3.0),  # the worst crystal that is sold
        (5, 1, 20, 10_000, 5.0),  # a loop that sleeps instead of waiting for the answer: weaker
    ],
)
def test_time_is_right_to_three_milliseconds_in_95_of_100_moments_of_a_day(
    seed: int, servers: int, drift_ppm: int, loop_us: int, p95_ms: float
) -> None:
    wrong_us, claimed_us = errors_over_a_day(seed, servers, drift_ppm, loop_us)

    median, p95, most = np.quantile(wrong_us, [0.5, 0.95, 1.0]) / 1000
    line = (
        f"\n{servers} server(s), {drift_ppm} ppm, loop {loop_us // 1000} ms:"
        f" median {median:.2f} ms, p95 {p95:.2f} ms, max {most:.2f} ms,"
        f" claimed {np.median(claimed_us) / 1000:.2f} ms"
    )
    sys.stdout.write(line)
    assert p95 <= p95_ms
    assert most <= 20.0
    assert np.mean(wrong_us <= 2 * claimed_us) > 0.95
    assert np.median(claimed_us) < 5_000  # and not honest by saying nothing


def test_with_a_receiver_s_pulses_it_is_right_to_a_fifth_of_a_millisecond_all_day() -> None:
    # One pulse in ten is missing. An interrupt is 30 us late + exp(60 us), one in ten behind a
    # collection or a network's inference: up to 15 ms. No board has been measured.
    rng = np.random.default_rng(7)

    def make(world: TimeWorld) -> Pulses:
        told = [0]

        def last() -> int | None:
            second = world.true_us // SECOND
            if second == told[0] or rng.random() < 0.1:
                return None
            told[0] = second
            busy_us = rng.uniform(0, 15_000) if rng.random() < 0.1 else 0
            late_us = int(30 + rng.exponential(60) + busy_us)
            return int(world.ticks_at(second * SECOND + late_us))

        return Pulses(world.clock, last)

    wrong_us, claimed_us = errors_over_a_day(7, pulses=make)

    settled = slice(60, None)
    p95, most = np.quantile(wrong_us[settled], [0.95, 1.0]) / 1000
    sys.stdout.write(f"\npulses: p95 {p95:.3f} ms, max {most:.3f} ms,")
    sys.stdout.write(f" claimed {np.median(claimed_us) / 1000:.2f} ms")
    assert p95 < 0.1 and most < 0.2
    assert np.mean(wrong_us <= 2 * claimed_us) > 0.95

from dataclasses import replace
from pathlib import Path

import numpy as np
from groundswell.clock import Clock

from replay.sensors import CHIPS
from system.crystal import Crystal, exchange
from system.world import World
from training.scenario_file import read_scenario
from training.wavefield import Earthquake, index_at

SCENARIO = read_scenario(Path("system/guerrero.toml"))
ORIGIN_US = SCENARIO.start_us + 60_000_000
QUAKE = Earthquake("q", ORIGIN_US, 17.1, -100.7, 15.0, 6.0)


def samples(world: World, number: int, first_index: int, n: int) -> np.ndarray:
    """Return (3, n), m/s^2."""
    counts = np.array(world.counts(number, first_index, n)).reshape(-1, 3).T
    return counts * CHIPS["adxl355"].lsb_nm_s2 * 1e-9


def prepared() -> World:
    world = World(SCENARIO)
    world.add(QUAKE)
    while world.prepare():
        pass
    return world


def test_blocks_are_slices_of_one_history() -> None:
    first_index = index_at(ORIGIN_US, 125.0)
    whole = samples(prepared(), 5, first_index, 2000)
    world = prepared()
    blocks = [samples(world, 5, first_index + at, 4) for at in range(0, 2000, 4)]

    assert np.array_equal(whole, np.concatenate(blocks, axis=1))


def test_what_the_chip_reads_is_the_motion_plus_its_noise() -> None:
    motion = SCENARIO.motion_of(QUAKE, SCENARIO.nodes[5])
    assert motion is not None
    n = motion.acceleration_mps2.shape[1]
    read = samples(prepared(), 5, motion.first_index, n)

    left = read - motion.acceleration_mps2
    assert np.abs(motion.acceleration_mps2).max() > 0.5
    assert left.std() < 0.005 and np.abs(left).max() < 0.03


def test_a_motion_that_is_over_is_let_go() -> None:
    world = prepared()
    world.counts(5, index_at(ORIGIN_US + 600_000_000, 125.0), 4)

    assert world._motions[5] == []


def test_a_strong_motion_is_clipped_as_the_chip_does_it() -> None:
    chip = CHIPS["mpu6050"]
    places = (replace(SCENARIO.nodes[0], sensor="mpu6050"),)
    world = World(replace(SCENARIO, nodes=places))
    here = replace(QUAKE, lat_deg=places[0].lat_deg, lon_deg=places[0].lon_deg, depth_km=0.5)
    world.add(replace(here, magnitude=7.9, stress_bar=2000.0))
    world.prepare()
    counts = np.array(world.counts(0, index_at(ORIGIN_US, 125.0), 4000))

    assert np.abs(counts).max() == chip.limit_counts


def test_the_clock_of_a_node_behind_a_bad_link_is_right_to_a_few_milliseconds() -> None:
    """The error that a node claims must hold the error that it has: the vote relies on it."""
    ratios = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        crystal = Crystal(ORIGIN_US, rng)
        clock = Clock()
        for number in range(30):
            true_us = ORIGIN_US + 1_000_000 + number * 16_000_000
            sent_us, received_us, answered_us = exchange(true_us, 0, rng)
            clock.add_exchange(
                crystal.ticks_us(sent_us), received_us, answered_us, crystal.ticks_us(true_us)
            )
        now_us = true_us + 8_000_000
        error_us = clock.utc_us(crystal.ticks_us(now_us)) - now_us
        assert abs(error_us) < 20_000
        ratios.append(error_us / clock.error_us(crystal.ticks_us(now_us)))
    assert np.abs(ratios).max() < 4 and np.std(ratios) < 2


def test_a_biased_time_server_makes_the_clock_wrong_by_its_bias() -> None:
    rng = np.random.default_rng(1)
    sent_us, received_us, answered_us = exchange(ORIGIN_US, 250_000, rng)
    _, right_us, _ = exchange(ORIGIN_US, 0, np.random.default_rng(1))

    assert received_us - right_us == 250_000
    assert sent_us < right_us < ORIGIN_US and answered_us - received_us == 50

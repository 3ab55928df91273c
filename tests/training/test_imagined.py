"""What is imagined for training is drawn from its generator alone, and its P is where it says."""

import math

import numpy as np

from training import imagined

RATE_HZ = 50.0


def test_an_earthquake_begins_at_its_p() -> None:
    for seed in range(3):
        story = imagined.earthquake(np.random.default_rng(seed), "one", RATE_HZ)

        p = int(story.p_s * RATE_HZ)
        assert abs(story.p_s - imagined.LEAD_S) < 0.1
        before, after = story.acc_mps2[:, : p - 2], story.acc_mps2[:, p:]
        assert np.abs(after).max() > 2 * np.abs(before).max()
        assert np.abs(after).max() < 30.0


def test_the_same_draw_gives_the_same_story() -> None:
    for tell in (imagined.earthquake, imagined.disturbance):
        first = tell(np.random.default_rng(4), "one", RATE_HZ)
        second = tell(np.random.default_rng(4), "one", RATE_HZ)
        other = tell(np.random.default_rng(5), "one", RATE_HZ)

        assert np.array_equal(first.acc_mps2, second.acc_mps2)
        assert not np.array_equal(first.acc_mps2, other.acc_mps2)


def test_a_disturbance_has_no_p() -> None:
    stories = [
        imagined.disturbance(np.random.default_rng(seed), "one", RATE_HZ) for seed in range(4)
    ]

    assert all(math.isinf(story.p_s) for story in stories)
    assert all(story.acc_mps2.shape == (3, 45 * RATE_HZ) for story in stories)

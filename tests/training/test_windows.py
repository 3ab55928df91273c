"""Windows for training are the node's own, and say what they are."""

from array import array

import numpy as np
import pytest
from groundswell import detector
from groundswell.window import CHANNELS, FRAMES

from training import augment, windows
from training.augment import Take

pytestmark = pytest.mark.usefixtures("compiled")

RATE_HZ = 100.0


def shaken(seconds: float = 40.0, begins_s: float = 20.0, rate_hz: float = RATE_HZ) -> Take:
    rng = np.random.default_rng(3)
    samples = 0.0005 * rng.standard_normal((3, int(seconds * rate_hz)))
    first = int(begins_s * rate_hz)
    t = np.arange(samples.shape[1] - first) / rate_hz
    samples[:, first:] += 0.05 * np.exp(-t / 4) * rng.standard_normal((3, len(t)))
    samples[2] += 9.8
    return Take(samples, rate_hz)


def cut(take: Take) -> windows.Windows:
    return windows.cut(augment.counts_of(take), round(take.rate_hz * 1000), augment.LSB_NM_S2)


def test_a_window_is_cut_at_every_age_of_a_detection() -> None:
    found = cut(shaken())

    begun = found.trigger_s[(found.trigger_s > 19.9) & (found.trigger_s < 20.3)]
    ages = found.age_s[(found.trigger_s > 19.9) & (found.trigger_s < 20.3)]
    assert len(set(begun.tolist())) == 1
    assert len(ages) == len(windows.AGES_S)
    assert np.all(ages >= np.array(windows.AGES_S) - 1e-6)
    assert np.all(ages <= np.array(windows.AGES_S) + 0.11)
    assert found.inputs.shape[1:] == (FRAMES, CHANNELS)


def test_a_window_is_that_of_the_node_at_that_moment() -> None:
    take = shaken()
    found = cut(take)
    index = int(np.argmax((found.trigger_s > 19.9) & (found.age_s > 0.9)))
    end = round((found.trigger_s[index] + found.age_s[index]) * RATE_HZ)
    one = detector.Detector(100000, augment.LSB_NM_S2, 1 << 30, windows.THRESHOLD_8, 3000)
    counts = augment.counts_of(take)
    samples = array("i", counts.tobytes())
    for at in range(0, end, 10):
        one.take(samples, at, min(10, end - at))

    assert np.array_equal(np.frombuffer(one.look(), np.int8), found.inputs[index].ravel())


@pytest.mark.parametrize("rate_hz", [200.0, 500.0])
def test_a_window_ends_at_a_tenth_of_a_second_however_short_a_nodes_blocks_are(
    rate_hz: float,
) -> None:
    found = cut(shaken(9.0, 5.0, rate_hz))

    ends_samples = np.round((found.trigger_s + found.age_s) * rate_hz)
    assert len(set(ends_samples)) >= 8
    assert not np.any(ends_samples % (rate_hz // 10))


def test_augmentation_keeps_what_it_should() -> None:
    rng = np.random.default_rng(1)
    samples = rng.standard_normal((3, 1000))

    turned = augment.turned(samples, rng, tilt_deg=0.0)
    assert np.allclose((turned**2).sum(axis=0), (samples**2).sum(axis=0))
    assert np.allclose(turned[2], samples[2])
    slower = augment.resampled(Take(samples, 200.0), 50.0)
    assert slower.acc_mps2.shape == (3, 250)
    gated = augment.gated(samples, 100.0, 5.0, 0.5)
    assert not gated[:, :500].any()
    assert np.array_equal(gated[:, 550:], samples[:, 550:])
    loud = augment.counts_of(Take(100 * samples, 100.0))
    assert np.abs(loud).max() <= augment.RANGE_MPS2 / augment.LSB_MPS2 + 1

"""Node-hours of daily life: how they are joined, what is counted, what is said of it."""

import numpy as np

from training import simple_detector, study_background
from training.study_background import QUIET, RATE_HZ, Span, cells, heading, kinds_of, resampled


def test_an_hour_is_as_loud_as_its_background_and_has_no_seams() -> None:
    rng = np.random.default_rng(1)
    quiet = 0.001 * rng.standard_normal((3, 6000)) + 0.05  # an offset is no motion
    hour = resampled(quiet, 31.25, rng)
    assert hour.shape == (3, 450_000)
    assert abs(hour.std() / 0.001 - 1) < 0.05
    assert np.abs(hour).max() < 0.008
    by_second = hour[2].reshape(-1, int(RATE_HZ)).std(axis=1)
    assert by_second.min() > 0.0005


def test_what_happens_is_added_and_the_same_again() -> None:
    one = np.zeros((3, 450_000), dtype=np.float32)
    other = np.zeros_like(one)
    spans = study_background.happen(one, 1, "a house")
    assert spans == study_background.happen(other, 1, "a house")
    assert np.array_equal(one, other)
    loudest = int(np.abs(one).max(axis=0).argmax()) / RATE_HZ
    assert any(span.begin_s <= loudest <= span.end_s for span in spans)


def test_a_trigger_belongs_to_what_began_last_or_to_nothing() -> None:
    spans = [Span("traffic", 10, 45), Span("door", 20, 55)]
    assert kinds_of([15, 30, 50, 60], spans) == {"traffic": 1, "door": 2, QUIET: 1}


def test_the_simple_detector_hears_a_step_in_noise_once() -> None:
    samples = np.random.default_rng(2).standard_normal((3, 10_000), dtype=np.float32)
    assert simple_detector.triggers_s(samples[2].astype(np.float64), RATE_HZ) == []
    samples[:, 5000:5250] *= 30
    (time_s,) = simple_detector.triggers_s(samples[2].astype(np.float64), RATE_HZ)
    assert 40 <= time_s < 40.5


def test_the_table_counts_all_and_each_kind() -> None:
    lines = [
        {
            "record_id": "a",
            "happened": {"door": 3},
            "node": {},
            "withdrawn": {},
            "simple": {"door": 2, QUIET: 1},
        },
        {
            "record_id": "b",
            "happened": {"door": 1},
            "node": {QUIET: 1},
            "withdrawn": {QUIET: 1},
            "simple": {},
        },
    ]
    rows = {row[0]: row[1:] for row in cells(lines)}
    assert heading(lines) == "2 node-hours of 2 backgrounds"
    node, simple, back = rows["all"]
    assert node.startswith("1 = 0.500/h") and simple.startswith("3 = 1.500/h") and back == "1"
    node, simple, back = rows["door (4)"]
    assert node.startswith("0 = 0.000/h") and simple.startswith("2 = 1.000/h") and back == "0"

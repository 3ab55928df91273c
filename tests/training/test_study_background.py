"""Node-hours of daily life: how they are joined, what is counted, what is said of it."""

import numpy as np

from training import daily_life, simple_detector, study_background
from training.daily_life import QUIET, RATE_HZ, Span, kinds_of
from training.study_background import cells, heading, resampled


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
    spans = daily_life.happen(one, 1, "a house")
    assert spans == daily_life.happen(other, 1, "a house")
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
            "woken": {},
            "withdrawn": {},
            "simple": {"door": 2, QUIET: 1},
        },
        {
            "record_id": "b",
            "happened": {"door": 1},
            "node": {QUIET: 1, "door": 2},
            "woken": {"door": 1},
            "withdrawn": {QUIET: 1},
            "simple": {},
        },
    ]
    rows = {row[0]: row[1:] for row in cells(lines)}
    assert heading(lines) == "2 node-hours of 2 backgrounds"
    node, simple, back, woken = rows["all"]
    assert node.startswith("3 = 1.500/h") and simple.startswith("3 = 1.500/h") and back == "1"
    assert woken.startswith("25% (")
    node, simple, back, woken = rows["door (4)"]
    assert node.startswith("2 = 1.000/h") and simple.startswith("2 = 1.000/h") and back == "0"
    assert woken.startswith("25% (") and rows["knock"][-1] == "-"
    # four doors at five a day are those of 19.2 hours
    assert "19 node-hours: node 2 = 0.104/h" in study_background.a_day(lines)


def test_what_has_several_triggers_woke_the_node_once() -> None:
    spans = [Span("traffic", 10, 45), Span("door", 20, 55), Span("door", 80, 115)]
    assert daily_life.woken_by([15, 30, 50, 60, 100], spans) == {"traffic": 1, "door": 2}

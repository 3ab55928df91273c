"""The definitions of contracts.md section 6 for single nodes, one claim each."""

import dataclasses
from typing import Any

import pytest

from replay.catalogue import Arrival, RecordTruth
from replay.node_score import judge, score_nodes
from replay.outcomes import Detection, Played

TRUTH = RecordTruth(
    record_id="r", event_id="e", place="XX.A", lat_deg=0.0, lon_deg=0.0, start_us=0,
    has_absolute_time=True, is_mems=True, is_synthetic=False, duration_s=300.0, distance_km=50.0,
    pga_mps2=0.05, arrival=Arrival(100.0, "pick"), s_s=110.0, quiet_s=90.0,
)  # fmt: skip


def played(*published_s: float, is_retracted: bool = False) -> Played:
    return Played([Detection(time_s, time_s, is_retracted) for time_s in published_s], 300.0)


def figures(truth: RecordTruth, outcome: Played) -> Any:
    return score_nodes({"r": truth}, {"r": outcome})["all"]


@pytest.mark.parametrize(
    ("published_s", "is_hit"),
    [(97.9, False), (98.0, True), (101.0, True), (140.0, True), (140.1, False)],
)
def test_a_hit_lies_between_two_seconds_before_p_and_thirty_after_s(
    published_s: float, is_hit: bool
) -> None:
    verdict = judge(TRUTH, played(published_s))

    assert verdict is not None
    assert (verdict.hit is not None) == is_hit


def test_a_predicted_p_is_wrong_by_three_seconds_and_gives_no_delay_and_no_false_trigger() -> None:
    predicted = dataclasses.replace(TRUTH, arrival=Arrival(100.0, "ak135"))

    near = judge(predicted, played(95.0))
    early = judge(predicted, played(94.9))

    assert near is not None and early is not None
    assert near.hit is not None and near.delay_s is None
    assert early.hit is None and early.early_count == 0


def test_the_delay_is_that_of_the_earliest_hit() -> None:
    verdict = judge(TRUTH, played(103.0, 100.5, 50.0))

    assert verdict is not None and verdict.delay_s == pytest.approx(0.5)


def test_a_retracted_detection_is_no_hit_and_stays_false() -> None:
    after = figures(TRUTH, played(100.5, is_retracted=True))
    before = figures(TRUTH, played(80.0, is_retracted=True))

    assert after["recall"]["hits"] == 0
    assert before["false_before_p"]["count"] == 1
    assert before["false_in_quiet"]["count"] == 1


def test_after_s_is_a_hit_but_not_before_s() -> None:
    found = figures(TRUTH, played(110.5))

    assert found["recall"]["hits"] == 1
    assert found["before_s"]["hits"] == 0


def test_a_weak_record_counts_in_the_recall_of_all_only() -> None:
    found = figures(dataclasses.replace(TRUTH, pga_mps2=0.0199), played())

    assert (found["recall"]["trials"], found["recall_strong"]["trials"]) == (1, 0)


def test_a_record_that_the_node_could_not_use_is_missed() -> None:
    found = figures(TRUTH, Played([], None, "rate too low"))

    assert (found["recall"]["hits"], found["recall"]["trials"]) == (0, 1)
    assert found["false_in_quiet"]["hours"] == 0


def test_a_p_outside_the_record_is_neither_hit_nor_missed() -> None:
    assert judge(dataclasses.replace(TRUTH, duration_s=99.0), played()) is None


def test_every_trigger_in_a_noise_record_is_false() -> None:
    noise = dataclasses.replace(TRUTH, event_id="", arrival=None, s_s=None, quiet_s=0.0)

    found = figures(noise, played(5.0, 100.0))

    assert found["false_in_noise"]["count"] == 2
    assert found["false_in_noise"]["hours"] == pytest.approx(300 / 3600)
    assert found["earthquake_records"] == 0


def test_the_quiet_part_counts_hours_only_as_far_as_the_record_was_played() -> None:
    found = figures(TRUTH, Played([Detection(60.0, 60.0, False)], 45.0))

    assert found["false_in_quiet"] | {"ci95_per_hour": None} == {
        "count": 0, "hours": 45.0 / 3600, "per_hour": 0.0, "ci95_per_hour": None,
    }  # fmt: skip


def test_the_onset_error_is_taken_against_labels_only() -> None:
    labelled = dataclasses.replace(TRUTH, arrival=Arrival(100.0, "label"))
    outcome = Played([Detection(99.8, 100.4, False)], 300.0)

    assert figures(labelled, outcome)["onset_error"]["median_s"]["value"] == pytest.approx(-0.2)
    assert figures(TRUTH, outcome)["onset_error"]["median_s"]["count"] == 0


def test_the_onset_of_the_last_message_is_scored_beside_that_of_the_first() -> None:
    labelled = dataclasses.replace(TRUTH, arrival=Arrival(100.0, "label"))

    error = figures(labelled, Played([Detection(100.5, 101.0, False, 100.1)], 300.0))[
        "onset_error"
    ]

    assert error["absolute_median_s"]["value"] == pytest.approx(0.5)
    assert error["refined_absolute_median_s"]["value"] == pytest.approx(0.1)

"""The recorded earthquakes under other conditions: one table, and nothing hidden."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from replay.catalogue import Catalogue, read_catalogue
from replay.event import chosen_events, usable_records
from replay.records import Record
from study import changes, matrix
from study.matrix import Condition
from tests.replay.synthetic import EVENT_ID, QUIET_S, RATE_HZ, write_folder

ALL = {change.__name__: change for change in changes.CHANGES}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("matrix") / "data")


@pytest.fixture(name="recorded")
def _recorded(folder: Path) -> tuple[list[Record], Catalogue]:
    return usable_records(folder, chosen_events(folder, "all"))[EVENT_ID], read_catalogue(folder)


def differing(before: Record, after: Record) -> str:
    """Return in what a record differs: where it stands, when it begins, its samples."""
    was, now = before.load(), after.load()
    found = {
        "place": (before.lat_deg, before.lon_deg) != (after.lat_deg, after.lon_deg),
        "start": before.start_us != after.start_us,
        "samples": was.shape != now.shape or not np.array_equal(was, now),
    }
    return " ".join(name for name, differs in found.items() if differs)


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("start_late", {"start samples": 8}),
        ("end_early", {"samples": 8}),
        ("wrong_clocks", {"start": 1}),
        ("one_elsewhere", {"place": 1}),
        ("nearest_elsewhere", {"place": 1}),
        ("one_times_ten", {"samples": 1}),
        ("upside_down", {"samples": 8}),
        ("one_axis_dead", {"samples": 8}),
        ("with_gravity", {"samples": 8}),
        ("spikes", {"samples": 1}),
        ("gaps_of_zeros", {"samples": 6}),
        ("gaps_held", {"samples": 6}),
        ("at_double_rate", {"samples": 8}),
        ("at_half_rate", {"samples": 8}),
    ],
)
def test_a_change_changes_what_it_says_and_no_more(
    recorded: tuple[list[Record], Catalogue], name: str, differs: Mapping[str, int]
) -> None:
    records, catalogue = recorded

    changed = ALL[name](records, catalogue.records)

    each = [differing(before, after) for before, after in zip(records, changed, strict=True)]
    assert {kind: each.count(kind) for kind in each if kind} == differs
    again = ALL[name](records, catalogue.records)
    assert not any(differing(one, other) for one, other in zip(changed, again))


def test_a_record_that_starts_late_has_its_samples_at_their_own_times(
    recorded: tuple[list[Record], Catalogue],
) -> None:
    records, catalogue = recorded
    before, after = records[0], changes.start_late(records, catalogue.records)[0]
    first = round((after.start_us - before.start_us) / 1e6 * RATE_HZ)

    assert QUIET_S - changes.BEFORE_P_S < first / RATE_HZ < QUIET_S
    assert np.array_equal(before.load()[:, first:], after.load())


def test_another_rate_is_the_same_wave(recorded: tuple[list[Record], Catalogue]) -> None:
    records, catalogue = recorded
    (half, *_) = changes.at_half_rate(records, catalogue.records)
    (back, *_) = changes.at_double_rate([replace(records[0])], catalogue.records)

    assert (half.rate_hz, back.rate_hz) == (RATE_HZ / 2, RATE_HZ * 2)
    assert np.abs(back.load()[:, ::2] - records[0].load()).max() < 2e-3


def test_stations_that_are_down_are_those_it_names(
    recorded: tuple[list[Record], Catalogue],
) -> None:
    records, catalogue = recorded
    near = changes.three_nearest(records, catalogue.records)
    far = changes.without_nearest(records, catalogue.records)

    assert len(near) == 3 and sorted([*near, *far], key=records.index) == records
    km = [catalogue.records[record.record_id].distance_km or 0 for record in [*near, *far]]
    assert max(km[:3]) < min(km[3:])


@pytest.mark.usefixtures("compiled")
def test_conditions_are_scored_each_by_itself(recorded: tuple[list[Record], Catalogue]) -> None:
    conditions = [
        Condition("plain"), Condition("deaf", drop_share=1.0),
        Condition("few", changes.three_nearest), Condition("late", latency_ms=3000),
    ]  # fmt: skip

    outcomes = matrix.outcomes_of(EVENT_ID, recorded[0], recorded[1], conditions)
    lines = list(matrix.summary(outcomes))

    assert [outcome.went_wrong for outcome in outcomes] == ["", "missed 1", "", ""]
    assert [outcome.score.must_be_declared for outcome in outcomes] == [True, True, False, True]
    declared_us = [outcome.score.declared_us for outcome in outcomes]
    assert declared_us[3] - declared_us[0] > 2_500_000  # type: ignore[operator]
    assert [line.split(" | ")[:5] for line in lines[2:6]] == [
        ["| plain", "1 of 1", "0", "0", "0"], ["| deaf", "0 of 1", "0", "0", "0"],
        ["| few", "0 of 0", "0", "0", "0"], ["| late", "1 of 1", "0", "0", "0"],
    ]  # fmt: skip
    assert lines[6:] == [f"  deaf: {EVENT_ID}: missed 1"]


def test_a_name_that_no_condition_has_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        matrix.main([str(folder), "--only", "on the moon"])

    assert "on the moon" in capsys.readouterr().err

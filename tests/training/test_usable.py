"""Which recordings can teach: what is left out is told, and nothing is fitted to too few."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from tests.training.some_examples import made
from training import usable
from training.examples import ACTIVITY, FOLDS, QUAKE, fold_of

EQ = ("record_id", "event_id", "units", "sampling_rate_hz", "file", "p_label_s", "p_ak135_s")


def name_in(fold: int, kind: str) -> str:
    names = (f"{kind}{number}" for number in range(100))
    return next(name for name in names if fold_of(np.array([name]))[0] == fold)


def row(name: str, event_id: str, **changes: str) -> dict[str, str]:
    plain = {"units": "m/s^2", "sampling_rate_hz": "100", "file": f"{name}.npz", "p_label_s": "3"}
    return dict.fromkeys(EQ, "") | plain | {"record_id": name, "event_id": event_id} | changes


def write(folder: Path, rows: list[dict[str, str]]) -> Path:
    """Return a folder of these records; those without an event are noise."""
    folder.mkdir(exist_ok=True)
    for index, of_it in (
        ("eq_index.csv", [one for one in rows if one["event_id"]]),
        ("noise_index.csv", [one for one in rows if not one["event_id"]]),
    ):
        with (folder / index).open("w", newline="") as file:
            writer = csv.DictWriter(file, EQ)
            writer.writeheader()
            writer.writerows(of_it)
    for one in rows:
        if one["file"] == f"{one['record_id']}.npz":
            np.savez(folder / one["file"], data=np.ones((3, 600), np.float32))
    return folder


def good() -> list[dict[str, str]]:
    quakes = [row(f"r{fold}", name_in(fold, "event")) for fold in range(2)]
    return quakes + [row(name_in(fold, "noise"), "") for fold in range(2)]


def test_what_cannot_teach_is_counted_with_the_reason(tmp_path: Path) -> None:
    bad = [
        row("a", "ev", units="counts"),
        row("b", "ev", units="counts"),
        row("c", "ev", sampling_rate_hz="20"),
        row("d", "ev", p_label_s=""),
        row("e", "ev", file="missing.npz"),
    ]
    said = usable.told(write(tmp_path / "data", good() + bad))

    assert "4 recordings teach, of 2 earthquakes and 2 sources of noise; left out 5 of 9" in said
    assert "2: units 'counts', not m/s^2" in said and "training.convert --help" in said
    assert "1: rates outside 25 to 500 Hz" in said and "1: earthquakes without P" in said
    assert "1: cannot read their file" in said


def test_a_predicted_p_is_one(tmp_path: Path) -> None:
    rows = [one | {"p_label_s": "", "p_ak135_s": "4"} for one in good()]
    assert "left out 0 of 4" in usable.told(write(tmp_path / "data", rows))


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([one | {"units": "counts"} for one in good()], "0 earthquakes are too few.*counts"),
        ([one for one in good() if one["event_id"]], "0 noise are too few.*noise_index.csv"),
        (good()[:1] + good()[2:], "1 earthquakes are too few"),
        (good()[:3], "1 noise are too few"),
    ],
)
def test_too_few_are_refused_before_anything_is_fitted(
    rows: list[dict[str, str]], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match=complaint) as failure:
        usable.told(write(tmp_path / "data", rows))
    assert "\n" not in str(failure.value)


def test_two_events_of_one_fold_are_too_few(tmp_path: Path) -> None:
    names = [f"event{number}" for number in range(100)]
    fold = fold_of(np.array(names))
    same = [name for name, one in zip(names, fold, strict=True) if one == FOLDS - 1][:2]
    rows = [row(f"r{name}", name) for name in same] + good()[2:]
    with pytest.raises(Failure, match="2 earthquakes are too few"):
        usable.told(write(tmp_path / "data", rows))


def test_recordings_that_never_rouse_a_node_are_refused() -> None:
    both = made()
    usable.check_windows(both)
    for kind, complaint in ((ACTIVITY, "of earthquakes rouses"), (QUAKE, "of noise rouses")):
        with pytest.raises(Failure, match=complaint):
            usable.check_windows(both.chosen(both.kind == kind))
    simulated = replace(both, number=both.number + np.int16(1))
    with pytest.raises(Failure, match="wrong factor"):
        usable.check_windows(simulated)

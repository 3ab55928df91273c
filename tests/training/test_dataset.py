"""Examples: what a window is labelled as, that no group is on both sides, and the same again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from replay.catalogue import Arrival, RecordTruth, read_catalogue
from replay.records import read_records
from tests.training import some_data
from training import dataset
from training.examples import ACTIVITY, QUAKE, QUIET, Examples, joined


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, compiled: None) -> Path:
    return some_data.write(tmp_path_factory.mktemp("data"))


def examples_of(folder: Path, number: int) -> Examples:
    return joined(dataset.passes(folder, read_catalogue(folder), [number], seed=1))


def test_what_is_seen_after_p_is_an_earthquake_and_noise_is_none(folder: Path) -> None:
    found = examples_of(folder, 0)
    truths = read_catalogue(folder).records

    assert {QUAKE, ACTIVITY} >= set(found.kind.tolist()) - {QUIET} >= {QUAKE}
    for row in np.flatnonzero(found.kind == QUAKE):
        arrival = truths[str(found.record[row])].arrival
        assert arrival is not None
        assert found.trigger_s[row] + found.age_s[row] >= arrival.p_s - dataset.BEFORE_P_S
    assert all(name.startswith("sim_") for name in set(found.group[found.kind == ACTIVITY]))


def test_passes_differ_and_each_is_the_same_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "IMAGINED", 1)
    first, again, other = (examples_of(folder, number) for number in (1, 1, 2))
    assert np.array_equal(first.inputs, again.inputs) and np.array_equal(first.kind, again.kind)
    assert not np.array_equal(first.inputs[:9], other.inputs[:9])


@pytest.mark.parametrize(
    ("trigger_s", "look_s", "kind"),
    [
        (40.0, 41.0, QUIET),
        (40.0, 57.0, -1),  # it may be the beginning of P
        (59.8, 59.9, QUAKE),
        (58.0, 59.0, -1),
        (58.0, 60.5, QUAKE),  # noise roused it, and P is in the window
        (95.0, 97.0, QUAKE),
        (95.0, 101.0, -1),  # S + 30 s
    ],
)
def test_a_window_is_labelled_by_when_it_is_looked_at(
    trigger_s: float, look_s: float, kind: int
) -> None:
    truth = RecordTruth(
        "a", "e", "X.A", 0.0, 0.0, 0, True, True, False, 120.0, 50.0, 0.1,
        Arrival(60.0, "label"), 70.0, 50.0,
    )  # fmt: skip
    assert dataset._kind_of(truth, trigger_s, look_s) == kind


def test_without_noise_nobody_keeps_an_earthquake_company(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "noise_index.csv" and "noise" not in path.parts:
            to = tmp_path / path.relative_to(folder)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.symlink_to(path)
    (record,) = read_records(tmp_path, "eq")[:1]
    truth = read_catalogue(tmp_path).records[record.record_id]

    for seed in range(4):  # two of five are given company where there is any
        rng = np.random.default_rng(seed)
        found = dataset._of_record(record, truth, [], rng, 1)
        assert found is not None and len(found)


def test_windows_are_cut_anew_when_any_code_that_makes_them_changes() -> None:
    """The lists that the checksum is of are all that the data set imports."""
    pytest.importorskip("torch", reason="make train has it")
    from training import train

    script = "import sys, training.dataset; print(*[m for m in sys.modules if '.' in m])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    loaded = set(said.stdout.split())
    for part, names in (
        ("training", train.WINDOW_CODE),
        ("replay", train.REPLAY_CODE),
        # what nodes say, and when they say that it began, cuts nothing
        ("groundswell", (*train.NODE_CODE, "messages", "onset", "wire")),
    ):
        wanted = {f"{part}.{name}" for name in names}
        assert {name for name in loaded if name.startswith(f"{part}.")} == wanted

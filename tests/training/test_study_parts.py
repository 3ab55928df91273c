"""The parts of the study of nodes that run over recordings: what they count, and what they leave
out."""

import csv
from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from replay.catalogue import read_catalogue
from replay.records import read_records
from tests.training import some_data
from training import analysts, proposer_curve, simple_detector


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_data.write(tmp_path_factory.mktemp("data"))


def test_the_proposers_delay_is_after_p_and_its_false_ones_before(folder: Path) -> None:
    records = read_records(folder, "eq")
    truths = read_catalogue(folder).records
    arrivals = [truths[record.record_id].arrival for record in records]
    found = [[5.0, arrival.p_s + 1.0] for arrival in arrivals if arrival is not None]
    line = proposer_curve.line_of(3.0, folder, records, [found[0], None])

    assert line["all"]["false"] == 1 and line["all"]["delays"] == 1
    assert line["all"]["median_s"] == pytest.approx(1.0, abs=0.1)
    assert line["all"]["quiet_hours"] == pytest.approx(truths[records[0].record_id].quiet_s / 3600)


def test_the_simple_detector_speaks_as_a_node_does(folder: Path) -> None:
    simple_detector._prepare("adxl355")
    for record in read_records(folder, "all"):
        *_, last = simple_detector._lines(record)
        assert '"done": true' in last


def test_onsets_are_compared_with_the_analysts(folder: Path, tmp_path: Path) -> None:
    strongest = max(
        read_records(folder, "eq"), key=lambda record: float(np.abs(record.load()).max())
    )
    truth = read_catalogue(folder).records[strongest.record_id]
    assert truth.arrival is not None and truth.s_s is not None
    np.savez(tmp_path / "a.npz", data=1e6 * strongest.load(), fs=strongest.rate_hz)
    row = {
        "record_id": "a", "network": "X", "station": "A", "file": "a.npz",
        "sampling_rate_hz": f"{strongest.rate_hz:g}",
        "p_sample": str(round(truth.arrival.p_s * strongest.rate_hz)),
        "s_sample": str(round(truth.s_s * strongest.rate_hz)),
    }  # fmt: skip
    with (tmp_path / "ps_index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    ((record, p_s, s_s),) = analysts.windows(tmp_path)

    assert (p_s, s_s) == pytest.approx((truth.arrival.p_s, truth.s_s), abs=0.01)
    error_s = analysts.error_s(record, p_s, s_s)
    assert error_s is not None and abs(error_s) < 1.0


def test_without_analysts_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="ps_index"):
        list(analysts.windows(tmp_path))

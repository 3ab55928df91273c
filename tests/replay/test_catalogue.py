"""Which P counts, and what an index may leave out."""

from pathlib import Path

import pytest

from failure import Failure
from replay.catalogue import Arrival, read_catalogue

COLUMNS = "record_id,event_id,p_label_s,p_ak135_s,p_auto_s,p_auto_snr,pick_residual_s"


def arrivals(folder: Path, *rows: str) -> list[Arrival | None]:
    """Return the P reference of each row `event_id,label,ak135,auto,snr,residual`."""
    lines = [COLUMNS] + [f"r{number},{row}" for number, row in enumerate(rows)]
    (folder / "eq_index.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [record.arrival for record in read_catalogue(folder).records.values()]


def test_an_analysts_label_is_preferred_to_everything(tmp_path: Path) -> None:
    assert arrivals(tmp_path, "e,20.5,21.0,20.9,50,0.1") == [Arrival(20.5, "label")]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("e,,20.0,21.9,5,1.9", "pick"),
        ("e,,20.0,21.9,4.9,1.9", "ak135"),  # too weak for that residual
        ("e,,20.0,20.9,3,0.9", "pick"),
        ("e,,20.0,20.9,2.9,0.9", "ak135"),
        ("e,,20.0,22.1,50,2.1", "ak135"),  # too far from the event's median
        ("e,,20.0,23.6,50,0.0", "ak135"),  # too far from the prediction
        ("e,,20.0,,,", "ak135"),
    ],
)
def test_a_pick_counts_only_where_it_is_strong_and_fits(
    tmp_path: Path, row: str, kind: str
) -> None:
    (arrival,) = arrivals(tmp_path, row)

    assert arrival is not None
    assert arrival.kind == kind
    assert arrival.p_s == (20.0 if kind == "ak135" else float(row.split(",")[3]))


def test_without_a_residual_a_pick_is_compared_with_the_median_of_its_event(
    tmp_path: Path,
) -> None:
    found = arrivals(
        tmp_path, "e,,20.0,20.1,9,", "e,,30.0,30.2,9,", "e,,40.0,43.0,9,", "f,,20.0,23.0,9,"
    )

    kinds = [arrival.kind for arrival in found if arrival is not None]
    assert kinds == ["pick", "pick", "ak135", "pick"]


def test_a_pick_without_a_prediction_is_no_reference(tmp_path: Path) -> None:
    assert arrivals(tmp_path, "e,,,20.9,50,0.0") == [None]


def test_an_index_without_catalogue_columns_has_records_and_no_events(tmp_path: Path) -> None:
    (tmp_path / "eq_index.csv").write_text("record_id,event_id\nr,e\n", encoding="utf-8")
    (tmp_path / "events.jsonl").write_text('{"event_id": "e"}\n', encoding="utf-8")

    catalogue = read_catalogue(tmp_path)

    assert list(catalogue.records) == ["r"]
    assert catalogue.events == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [("eq_index.csv", "station\nA\n"), ("eq_index.csv", COLUMNS + "\nr,e,soon,,,,\n")],
)
def test_a_broken_index_is_refused_with_its_reason(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(Failure, match=r"record_id|p_label_s"):
        read_catalogue(tmp_path)


def test_the_chain_never_imports_the_catalogue() -> None:
    """Only these may know the answers; the command reads them when the replay is over."""
    may = {"catalogue.py", "follow_up.py", "score.py", "score_table.py"}
    may |= {"node_score.py", "network_score.py", "shaking_score.py"}
    may |= {"baselines.py", "baseline_rules.py", "baseline_warnings.py"}
    folder = Path(__file__).parents[2] / "replay"

    knowing = {path.name for path in folder.glob("*.py") if "replay.catalogue" in path.read_text()}

    assert knowing <= may

"""The file of site terms: what comes back, and what is refused."""

import json
from pathlib import Path

import pytest

from aggregator.site_terms import (
    MOST_EVENTS,
    NodeResiduals,
    SiteTermsError,
    as_json,
    read_residuals,
    read_site_terms,
)


def write(folder: Path, text: str) -> Path:
    file = folder / "terms.json"
    file.write_text(text)
    return file


def test_what_is_written_comes_back_the_oldest_given_up(tmp_path: Path):
    many = {f"gs{number}": 0.2 for number in range(MOST_EVENTS + 3)}
    nodes = {7: NodeResiduals(17.0, -100.0, many), 8: NodeResiduals(17.1, -100.0, {"gs1": 0.4})}

    file = write(tmp_path, as_json(nodes))

    read = read_residuals(file)
    assert list(read[7].log10) == list(many)[3:]
    assert read[8] == nodes[8]
    terms = read_site_terms(file)
    assert list(terms) == [7]  # one earthquake is not enough for the other
    assert (terms[7].lat_deg, round(terms[7].pd_log10, 2)) == (17.0, 0.2)


ENTRY = {"lat_deg": 17, "lon_deg": -100, "residuals": {"gs1": 0.1}}


@pytest.mark.parametrize(
    "nodes",
    [
        None,
        [],
        {"x": ENTRY},
        {"-1": ENTRY},
        {"9" * 5000: ENTRY},
        {"0": ENTRY},
        {"7": 3},
        {"7": {**ENTRY, "lat_deg": 97}},
        {"7": {**ENTRY, "lon_deg": None}},
        {"7": {**ENTRY, "residuals": {"gs1": float("nan")}}},
        {"7": {**ENTRY, "residuals": {"gs1": True}}},
        {"7": {**ENTRY, "residuals": {"gs1": 30.0}}},
        {"7": {**ENTRY, "residuals": {f"gs{k}": 0.1 for k in range(MOST_EVENTS + 1)}}},
    ],
)
def test_what_is_no_file_of_terms_is_refused(tmp_path: Path, nodes: object):
    with pytest.raises(SiteTermsError, match=r"terms\.json"):
        read_site_terms(write(tmp_path, json.dumps({"schema": 1, "nodes": nodes})))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 2, "nodes": {}}', "[" * 100_000])
def test_what_is_no_document_is_refused(tmp_path: Path, text: str):
    with pytest.raises(SiteTermsError):
        read_site_terms(write(tmp_path, text))


def test_a_missing_file_is_said(tmp_path: Path):
    with pytest.raises(SiteTermsError, match="No such file"):
        read_site_terms(tmp_path / "none.json")

"""The recorded earthquakes with only a part of their nodes."""

from dataclasses import replace
from pathlib import Path

import pytest

from replay.catalogue import read_catalogue
from replay.event import chosen_events, usable_records
from study import parts
from study.parts import Part
from tests.replay.synthetic import EVENT_ID, write_folder

TOLD = Part("a", 0, ("N.A", "N.B", "N.C"), 5, True, True, 0, 0, 0, 4.0, 2.0, -0.3, 0.1, 3, 4, 1)


@pytest.mark.usefixtures("compiled")
def test_a_part_hears_its_own_stations_and_is_scored_with_them(tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    records = usable_records(folder, chosen_events(folder, "all"))[EVENT_ID]

    played = parts.parts_of(EVENT_ID, records, read_catalogue(folder), range(4), "adxl355")

    assert played
    for part in played:
        assert parts.FEWEST <= len(part.stations) < part.of_stations == len(records)
        assert part.must_be_declared == (len(part.stations) >= 4)
        assert part.is_declared
        assert part.went_wrong == ""


def test_a_part_is_the_same_whoever_asks_and_another_one_is_not():
    stations = [f"N.S{number:02d}" for number in range(40)]
    drawn = [parts.drawn_stations("a", number, stations) for number in (1, 1, 2)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_what_goes_wrong_is_counted_and_named():
    bad = replace(TOLD, part=7, is_declared=False, wrong=1, first_km=None, final_km=None)
    lines = list(parts.summary([TOLD, bad, replace(TOLD, part=8, duplicates=1, withdrawn=1)]))

    assert "declared of those that must be: 2 of 3 = 66.7 % (9.4 to 99.2)" in lines
    assert {"wrong 1", "told twice 1", "withdrawn 1"} <= set(lines)
    assert "  of the 3 others S had come to 3 before the third P" in lines
    assert lines[-2:] == [
        "  a part 7, 3 of 5 stations: missed 1, wrong 1",
        "  a part 8, 3 of 5 stations: told twice 1, withdrawn 1",
    ]


def test_what_cannot_be_done_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture
):
    folder = write_folder(tmp_path / "data")
    nowhere = tmp_path / "nowhere"

    for argv in ([str(nowhere)], [str(folder), "--json", str(nowhere / "parts.json")]):
        with pytest.raises(SystemExit) as ended:
            parts.main(argv)
        said = capsys.readouterr()

        assert ended.value.code == 2
        assert str(nowhere) in said.err
        assert "Traceback" not in said.err
        assert not said.out

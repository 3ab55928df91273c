"""Lines of many records: gone on with where they were interrupted, begun anew for another node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from failure import Failure
from replay.records import Record, read_records
from tests.training import some_data
from training.record_lines import REPLAY_CODE, entries_of, sum_of, write_lines


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_data.write(tmp_path_factory.mktemp("data"))


def lines_of(record: Record) -> list[str]:
    name = {"record_id": record.record_id}
    return [json.dumps(name | {"new": True}), json.dumps(name | {"done": True})]


def nothing() -> None:
    pass


def test_an_interrupted_file_is_gone_on_with(data: Path, tmp_path: Path) -> None:
    records = read_records(data, "all")
    out = tmp_path / "lines.jsonl"
    assert write_lines(out, records, lines_of, nothing, (), "one") == 4
    whole = out.read_text().splitlines()
    out.write_text("\n".join(whole[:3]) + '\n{"rec')

    assert write_lines(out, records, lines_of, nothing, (), "one") == 3
    assert out.read_text().splitlines() == whole
    assert write_lines(out, records, lines_of, nothing, (), "one") == 0
    assert write_lines(out, records, lines_of, nothing, (), "another") == 4
    assert out.read_text().splitlines() == whole


def test_a_file_of_something_else_is_one_line(data: Path, tmp_path: Path) -> None:
    records = read_records(data, "eq")
    out = tmp_path / "lines.jsonl"
    write_lines(out, records, lines_of, nothing, (), "one")
    out.write_text("[1]\n")
    with pytest.raises(Failure, match="remove it"):
        write_lines(out, records, lines_of, nothing, (), "one")


def test_entries_of_another_node_and_half_a_line_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "hours.jsonl"
    assert entries_of(path, "one") == []
    mine, other = ({"name": "an hour", "made_of": made_of} for made_of in ("one", "two"))
    whole = "".join(json.dumps(entry) + "\n" for entry in (mine, other))
    path.write_text(whole + '{"name": "an')
    assert entries_of(path, "one") == [mine]
    path.write_text('{"name": 1}\n')
    with pytest.raises(Failure, match="remove it"):
        entries_of(path, "one")


def test_lines_of_another_folder_or_other_samples_are_not_gone_on_with(
    data: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    before = sum_of([], folder)
    assert sum_of([], folder) == before

    path = read_records(folder, "eq")[0].path
    content = bytearray(path.read_bytes())
    content[-200] ^= 1  # as long as it was
    path.write_bytes(content)
    other = sum_of([], folder)
    (folder / "eq_index.csv").write_text((folder / "eq_index.csv").read_text() + "\n")
    assert len({before, other, sum_of([], folder)}) == 3


def test_lines_go_by_all_code_of_replay_that_makes_them() -> None:
    script = "import sys, replay.trigger_lines; print(*[m for m in sys.modules if 'replay.' in m])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert set(said.stdout.split()) == {f"replay.{name}" for name in REPLAY_CODE}

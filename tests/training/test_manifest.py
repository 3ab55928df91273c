"""The manifest: every record with its checksum and its side, and what has changed since."""

from pathlib import Path

import pytest

from failure import Failure
from tests.training import some_data
from training import manifest


def test_what_has_changed_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path = some_data.write(tmp_path / "data"), tmp_path / "manifest.csv"
    assert manifest.main([str(folder), "--out", str(path)]) == 0
    assert manifest.main([str(folder), "--check", str(path)]) == 0
    rows = manifest.rows_of(folder)
    assert len({row["fold"] for row in rows if row["group"] == "study000"}) == 1
    assert all(len(row["sha256"]) == 64 for row in rows)

    changed, missing = (folder / row["file"] for row in rows[:2])
    changed.write_bytes(changed.read_bytes() + b"0")
    missing.unlink()
    capsys.readouterr()
    assert manifest.main([str(folder), "--check", str(path)]) == 1
    said = capsys.readouterr().out
    assert f"{rows[0]['record_id']} has another sha256" in said
    assert f"{rows[1]['record_id']} has another sha256" in said and "2 differences" in said


def test_what_is_no_manifest_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(Failure, match="cannot read"):
        manifest.differences([], path)

"""Counts on command lines: none below one reaches what computes with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training import convert, study_background, study_field, study_set


@pytest.mark.parametrize(
    ("main", "option"),
    [
        (convert.main, "--limit=0"),
        (study_background.main, "--nodes=-1"),
        (study_background.main, "--hours=0"),
        (study_set.main, "--earthquakes=-3"),
        (study_set.main, "--each=0"),
        (study_field.main, "--count=x"),
    ],
)
def test_a_count_below_one_is_refused(
    main: Callable[[list[str]], int],
    option: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = str(tmp_path / "out")
    places = [str(tmp_path), "--out", out] if main is study_background.main else [out]
    with pytest.raises(SystemExit):
        main([*places, *([out] if main is convert.main else []), option])
    assert "no whole number of at least 1" in capsys.readouterr().err

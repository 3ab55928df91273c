"""The one clear line: its reason names no path again, and is never empty."""

from pathlib import Path

import pytest

from failure import reason_of


def test_the_reason_of_a_missing_file_is_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        (tmp_path / "no").read_text()

    assert reason_of(caught.value) == "No such file or directory"


@pytest.mark.parametrize("error", [OSError("odd"), ValueError("odd")])
def test_an_error_without_a_reason_of_the_system_says_its_own(error: Exception) -> None:
    assert reason_of(error) == "odd"

from pathlib import Path

import pytest

from failure import Failure
from replay.outcomes import read_alerts, read_triggers

ALERT = (
    '{"event_replayed": "e", "event_id": "gs1", "version": 1, "type": "new", "category": "live",'
    ' "issued_us": %s, "level": "none", "origin_us": 0, "lat_deg": 0, "lon_deg": 0, "areas": []}'
)
STRANGE = ["[" * 200_000, "5", '{"a": 1}', ALERT % "1e400", ALERT % "NaN", ALERT % '"x"', "\x00"]


@pytest.mark.parametrize("line", STRANGE)
@pytest.mark.parametrize("read", [read_alerts, read_triggers])
def test_a_line_that_is_no_message_is_one_clear_failure_with_its_number(
    tmp_path: Path, line: str, read: object
) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text(line + "\n")

    with pytest.raises(Failure, match="line 1 is no"):
        read(path)  # type: ignore[operator]

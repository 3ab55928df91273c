"""Registered targets: read from a file that people write by hand."""

from pathlib import Path

import pytest

from aggregator.targets import MAX_TARGETS, TargetsError, read_targets
from vote.ground.shaking import Area

PLAIN = '[[target]]\nid = "a"\nname = "A"\nlat_deg = 17\nlon_deg = -100.5\n'


def write(path: Path, text: str) -> Path:
    file = path / "targets.toml"
    file.write_text(text)
    return file


def test_a_target_has_a_place_a_name_and_its_own_choices(tmp_path: Path):
    text = PLAIN + "site_mmi = 0.5\ntake_action_mmi = 4.5\ncost_ratio = 0.1\n"

    (target,) = read_targets(write(tmp_path, text))

    assert target == Area("a", 17.0, -100.5, "A", 0.5, None, 4.5, 0.1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "needs"),
        ("target = 3", "needs"),
        ("[[target]]\nname = 'x'", "without an id"),
        (PLAIN.replace('"a"', '"a b"'), "made of letters"),
        (PLAIN.replace('"A"', '""'), "1 to 80"),
        (PLAIN.replace("17", "97"), "between -90 and 90"),
        (PLAIN.replace("17", "nan"), "between"),
        (PLAIN.replace("17", "true"), "a number"),
        (PLAIN.replace("lat_deg", "latitude"), "no lat_deg"),
        (PLAIN + "colour = 1\n", "unknown key 'colour'"),
        (PLAIN + "cost_ratio = 1\n", "between"),
        (PLAIN + "be_aware_mmi = 5\ntake_action_mmi = 4\n", "below"),
        (PLAIN + PLAIN, "two targets are called a"),
        (PLAIN * (MAX_TARGETS + 1), "at most"),
        ("[[target", "targets.toml"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(TargetsError, match=complaint) as refusal:
        read_targets(write(tmp_path, text))

    assert "targets.toml" in str(refusal.value) and "\n" not in str(refusal.value)[:60]


def test_a_file_that_is_not_there_is_one_line_too(tmp_path: Path):
    with pytest.raises(TargetsError, match="No such file"):
        read_targets(tmp_path / "none.toml")

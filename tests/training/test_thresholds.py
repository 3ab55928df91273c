"""The levels of p from which a node publishes, from budgets of false triggers a day."""

import json
from pathlib import Path

import pytest
from groundswell import judge

from failure import Failure
from training import thresholds

DAY_US = 86_400_000_000
TABLE = {
    "quiet": {"hours": 24.0, "p": [420, 610, 910]},
    "busy": {"hours": 12.0, "p": [300, 880, 930]},
    "day": {"happened": 10, "p": [400, 500, 700, 900]},
}


def test_the_firmware_has_the_levels_that_keep_the_stated_budgets() -> None:
    table = thresholds.read_table(thresholds.TABLE)
    levels = {
        name: thresholds.level_of(table, name, budget)
        for name, budget in thresholds.BUDGET_A_DAY.items()
    }

    assert levels == {"quiet": judge.SEND_FROM_PERMILLE, "busy": judge.BUSY_SEND_FROM_PERMILLE}
    for name, level in levels.items():
        kept = thresholds.false_a_day(table, name, level)
        assert kept <= thresholds.BUDGET_A_DAY[name]
    assert thresholds.BUDGET_A_DAY["quiet"] * judge.EACH_US == DAY_US


def test_a_day_of_a_quiet_place_is_its_background_and_what_happens() -> None:
    found = [thresholds.false_a_day(TABLE, "quiet", level) for level in (400, 500, 650, 950)]

    assert found == [3 + 4 / 2, 2 + 3 / 2, 1 + 2 / 2, 0.0]
    assert thresholds.false_a_day(TABLE, "busy", 850) == 4.0


def test_a_smaller_budget_never_has_a_lower_level() -> None:
    for name in thresholds.BUDGET_A_DAY:
        levels = [thresholds.level_of(TABLE, name, budget / 4) for budget in range(40)]

        assert levels == sorted(levels, reverse=True)
        assert (levels[0], levels[-1]) == (900, 400)


def test_what_was_said_is_counted_under_the_noise_before_it() -> None:
    class Said:
        def p_permille(self, window: object, age_us: int, noise_um_s2: int) -> int:
            return {0: 400, 1: 900, 2: 300}[age_us]

    listener = thresholds.Listener(Said())  # type: ignore[arg-type]
    told = [listener.p_permille(None, age_us, 50 * age_us + 10) for age_us in (0, 1, 2, 0)]

    assert told == [0, 0, 0, 0]
    assert listener.said == [(900, 10), (400, 10)]
    assert thresholds.class_of(judge.BUSY_UM_S2 - 1) == "quiet"
    assert thresholds.class_of(judge.BUSY_UM_S2) == "busy"


def test_the_hours_of_a_day_are_those_of_its_lines() -> None:
    line = {"happened": {"door": 2, "thunder": 9}, "p": {"door": [0.5, 0.941]}}

    assert thresholds.a_day_of([line, line]) == {"happened": 4, "p": [500, 500, 941, 941]}


def test_the_command_tells_the_level_of_each_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(TABLE))

    assert thresholds.main(["--table", str(path), "--quiet", "2", "--busy", "1"]) == 0

    said = capsys.readouterr().out
    assert "quiet: from p 65 % on, 2.0 a day of 2" in said
    assert "busy: from p 90 % on, 2.0 a day of 1: no level keeps this budget" in said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"quiet": {"hours": 0, "p": []}}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(text)

    with pytest.raises(Failure, match="cannot read"):
        thresholds.read_table(path)

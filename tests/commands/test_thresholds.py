"""The command from end to end on a tiny history, and what it refuses."""

import json
from pathlib import Path

import pytest

from commands.main import main
from study import choices


def test_a_tiny_history_gives_a_table_plots_and_lines_for_the_configuration(
    tmp_path: Path, capsys, monkeypatch
):
    monkeypatch.setattr(choices, "BUDGETS", (1.0,))
    monkeypatch.setattr(choices, "NODES", (3,))
    words = ["thresholds", "--network", "town-10", "--earthquakes", "2", "--years", "0.03"]

    assert main([*words, "--out", str(tmp_path / "out")]) == 0

    printed = capsys.readouterr().out
    assert "false_per_year = 1.0" in printed and "take_action_cost_ratio" in printed
    document = json.loads((tmp_path / "out" / "thresholds.json").read_text())
    assert document["picked"]["min_nodes"] == 3
    assert document["choices"][0]["years"] == 0.03
    for name in ("alerts", "delays", "costs"):
        assert (tmp_path / "out" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / "out" / f"{name}.svg").read_text()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--network", "moon"], "there are"),
        (["--years", "0"], "positive"),
        (["--years", "inf"], "finite"),
        (["--dearer", "nan"], "finite"),
        (["--budget", "-1"], "positive"),
        (["no-such-folder"], "no such folder"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path: Path, capsys, words: list[str], complaint: str):
    assert main(["thresholds", *words, "--out", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err

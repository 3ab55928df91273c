"""How a gateway starts, and how it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config import Config
from link.configuration import read

ROOT = Path(__file__).resolve().parents[2]


def gateway(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments], cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--local", "nowhere"], "HOST:PORT"),
        (["--upstream", "host:99999"], "HOST:PORT"),
        (["--config", "missing.toml"], "missing.toml"),
    ],
)
def test_a_gateway_that_cannot_start_says_why_in_one_line_and_exits_with_2(arguments, complaint):
    ended = gateway(*arguments)

    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_printed_settings_are_those_of_the_command_line(tmp_path):
    printed = gateway("--print-config", "--upstream", "engine.example:1883")
    file = tmp_path / "gateway.toml"
    file.write_text(printed.stdout)

    assert read(Config, file) == Config(upstream="engine.example:1883")

"""A wrong settings file stops a service at its start with one line that says where."""

import tomllib
from dataclasses import dataclass, fields

import pytest

from aggregator import config as engine
from gateway import config as gateway
from link.configuration import ConfigurationError, as_toml, read, setting


@dataclass(frozen=True)
class Oven:
    heat_c: float = setting(180.0, "How hot.")
    is_fan_on: bool = setting(False, "Whether the fan turns.")
    cake: str = setting('a "good" one\\', "What is in it.")
    minutes: int = setting(30, "How long. " * 20)

    def __post_init__(self) -> None:
        if self.minutes < 0:
            raise ValueError("minutes must not be negative")


CONFIGS = [Oven, gateway.Config, engine.Config]


@pytest.mark.parametrize("config_type", CONFIGS)
def test_what_is_printed_reads_back_as_the_same(config_type, tmp_path):
    file = tmp_path / "printed.toml"
    file.write_text(as_toml(config_type()))

    assert read(config_type, file) == config_type()


@pytest.mark.parametrize("config_type", CONFIGS)
def test_every_key_is_printed_below_its_comment(config_type):
    text = as_toml(config_type())

    assert set(tomllib.loads(text)) == {field.name for field in fields(config_type)}
    for field in fields(config_type):
        before = text[: text.index(f"\n{field.name} = ")]
        assert before.splitlines()[-1].startswith("# ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("heat = 3", "unknown key 'heat'"),
        ("minutes = 3.5", "minutes must be int"),
        ("minutes = true", "minutes must be int"),
        ("is_fan_on = 1", "is_fan_on must be bool"),
        ("minutes = -1", "minutes must not be negative"),
        ("minutes =", "oven.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_key(tmp_path, text, complaint):
    file = tmp_path / "oven.toml"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=complaint) as caught:
        read(Oven, file)

    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    path = tmp_path / "nowhere.toml"

    with pytest.raises(ConfigurationError) as caught:
        read(Oven, path)

    assert str(caught.value) == f"cannot read {path}: No such file or directory"


def test_what_is_given_on_the_command_line_comes_first(tmp_path):
    file = tmp_path / "oven.toml"
    file.write_text("minutes = 10\nheat_c = 200")

    assert read(Oven, file, minutes=20, cake=None) == Oven(200.0, minutes=20)


@pytest.mark.parametrize(
    "values",
    [{"local": "x"}, {"gateway_id": "xyz"}, {"batch_age_ms": 0}, {"late_after_ms": 61_000}],
)
def test_a_gateway_that_makes_no_sense_is_refused(values):
    with pytest.raises(ConfigurationError):
        read(gateway.Config, None, **values)

"""A service's settings: one frozen dataclass, read from TOML, printed as its own documentation.

A key that the dataclass does not have, or a value of another type, is an error at the start.
Secrets do not belong here: they come from the environment.
"""

import dataclasses
import textwrap
import tomllib
from pathlib import Path
from typing import Any, TypeVar

_Config = TypeVar("_Config")
_COMMENT_WIDTH = 97


class ConfigurationError(ValueError):
    """One clear line: which file, which key, what is wrong with it."""


def setting(default: Any, about: str) -> Any:
    """Return a dataclass field that knows what it is for."""
    return dataclasses.field(default=default, metadata={"about": about})


def read(config_type: type[_Config], path: Path | None, **given: Any) -> _Config:
    """Return the configuration in a TOML file; `given` values that are not None come first.

    Raises ConfigurationError.
    """
    values = {} if path is None else _load(path)
    where = "" if path is None else f"{path}: "
    fields = {field.name: field for field in dataclasses.fields(config_type)}  # type: ignore[arg-type]
    for key, value in values.items():
        if key not in fields:
            raise ConfigurationError(f"{where}unknown key {key!r}; known: {', '.join(fields)}")
        values[key] = _of_type(value, type(fields[key].default), f"{where}{key}")
    values.update({key: value for key, value in given.items() if value is not None})
    try:
        return config_type(**values)
    except ValueError as error:
        raise ConfigurationError(f"{where}{error}") from error


def as_toml(config: Any) -> str:
    """Return the complete commented file with this configuration's values."""
    blocks = []
    for field in dataclasses.fields(config):
        about = textwrap.fill(
            field.metadata["about"],
            _COMMENT_WIDTH,
            initial_indent="# ",
            subsequent_indent="# ",
        )
        blocks.append(f"{about}\n{field.name} = {_literal(getattr(config, field.name))}\n")
    return "\n".join(blocks)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:  # its own text would say the path again
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _of_type(value: Any, wanted: type, where: str) -> Any:
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:  # bool is an int to isinstance
        raise ConfigurationError(f"{where} must be {wanted.__name__}, not {value!r}")
    return value


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # what JSON and TOML both call a basic string
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)

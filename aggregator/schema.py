"""Brings a database file to the schema of schema.sql, whatever older version it has."""

import re
import sqlite3
from pathlib import Path

_SCHEMA = Path(__file__).with_name("schema.sql")


class SchemaError(Exception):
    """The file was written by a newer Groundswell; this one must not touch it."""


def sections() -> list[str]:
    """Return the SQL that leads from version i to i + 1, for each i."""
    parts = re.split(r"^-- version (\d+)$", _SCHEMA.read_text(encoding="utf-8"), flags=re.M)
    numbers = [int(number) for number in parts[1::2]]
    assert numbers == list(range(1, len(numbers) + 1)), f"schema.sql has versions {numbers}"
    return parts[2::2]


def upgrade(connection: sqlite3.Connection, steps: list[str]) -> int:
    """Apply what the file lacks, each step whole or not at all; return the version it had."""
    (had,) = connection.execute("PRAGMA user_version").fetchone()
    if had > len(steps):
        raise SchemaError(f"schema version {had}, this program knows {len(steps)}")
    for version in range(had + 1, len(steps) + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{steps[version - 1]}\nPRAGMA user_version = {version};\nCOMMIT;"
        )
    return int(had)

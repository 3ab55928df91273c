"""What the packing cannot tell apart stays as it is, or is refused with words (tools/compact)."""

import pytest

from tools.compact import compact

USER = "import start\ndef test_all(): return start.go()"
BOX = """
class Box:
    def __init__(self, x):
        self.x = x
    def begin(self, y):
        return self.x, y
"""
ADDRESS = "def address(x): return 'at', x"
STATE = """
_state = None
def put(x):
    global _state
    _state = x
def show():
    put(5)
    return _state
"""
AGAIN = f"""{BOX}
    def again(self):
        return type(self)(self.x + 1)
"""
# core, start (which is forgotten), what go() returns
STAYING = {
    "a variable named as what is imported": (
        "def address(x): return 'at', x",
        "from core import address as where\ndef one():\n    where = str\n    return where(7)\n"
        "def go(): return where(1), one()",
        (("at", 1), "7"),
    ),
    "a module's function named as a method": (
        BOX,
        "import core, other\ndef go(): return core.Box(1).begin(2), other.begin(3)",
        ((1, 2), 4),
    ),
    "what reads a changing variable": (
        STATE,
        "from core import show\ndef go(): return show()",
        5,
    ),
    "a method that is asked of its class": (
        BOX,
        "from core import Box\ndef go(): return Box.begin(Box(1), 2)",
        (1, 2),
    ),
    "a method that is asked of a class elsewhere": (
        BOX + "KINDS = [Box]",
        "import core\nclass Sub(core.Box): pass\ndef go(): return Sub.begin(core.Box(1), 2)",
        (1, 2),
    ),
    "an __init__ of a class that makes its own kind": (
        AGAIN,
        "from core import Box\ndef go(): return Box(4).again().x",
        5,
    ),
}


@pytest.mark.parametrize("case", STAYING)
def test_it_stays(case: str, run) -> None:
    core, start, expected = STAYING[case]
    sources = {"core": core, "other": "def begin(y): return y + 1", "start": start, "user": USER}
    small, _ = compact(sources, {}, "core", ("start",))

    assert run(small) == run(sources) == expected


def test_a_default_that_remembers_stays() -> None:
    core = "def add(x, seen=[]):\n    seen.append(x + 77)\n    return seen"
    start = "import core\ndef go(): return core.add(1)"
    small, _ = compact({"core": core, "start": start, "user": USER}, {}, "core", ("start",))

    assert "77" in small["core"] and "77" not in small["start"]


def test_a_moved_default_that_is_given_by_name_is_found_there(run) -> None:
    core = "KEPT = [2]\ndef added(x, *, to=KEPT): return x + to[0]"
    start = "import core\ndef go(): return core.added(1), core.KEPT"
    sources = {"core": core, "start": start, "user": USER}
    small, _ = compact(sources, {}, "core", ("start",))

    assert run(small) == run(sources) == (3, [2])
    assert "def " in small["start"] and "def " not in small["core"]


# core, start, the words
REFUSED = {
    "an argument": (
        ADDRESS,
        "from core import address\ndef one(address): return address(7)\n"
        "def go(): return address(1), one(str)",
        "start: address is of core and something else",
    ),
    "another import": (
        ADDRESS,
        "from core import address\ndef one():\n    from other import begin as address\n"
        "    return address(7)\ndef go(): return address(1), one()",
        "start: address is of core and something else",
    ),
    "another import of the core": (
        ADDRESS + "\ndef two(x): return x",
        "def one():\n    from core import two as address\n    return address(7)\n"
        "def go():\n    from core import address\n    return address(1), one()",
        "start: address is two and address",
    ),
    "an argument of what moves, too": (
        BOX + "    def act(self, address): return address(self.x)\n" + ADDRESS,
        "from core import Box, address\ndef go(): return Box(1).act(str), address(2)",
        "Box__act: address is of core and something else",
    ),
    "an argument as the class": (
        BOX,
        "import core\nfrom core import Box\ndef one(Box): return Box(7)\n"
        "def go(): return Box(1).begin(2), one(str)",
        "start: Box is of core and something else",
    ),
    "an argument as the core": (
        BOX,
        "import core\ndef one(core): return core.begin(7)\ndef go(): return one(core.Box(1))",
        "start: core is of core and something else",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_name_that_is_two_things_is_refused(case: str) -> None:
    core, start, words = REFUSED[case]
    sources = {"core": core, "other": "def begin(y): return y + 1", "start": start, "user": USER}

    with pytest.raises(ValueError, match=words):
        compact(sources, {}, "core", ("start",))


LOADING = {
    "a": "def load(x): return 'a', x",
    "b": "def load(x): return 'b', x",
    "one": "from p.a import load\ndef test_one(): return load(1)",
    "two": "from p.b import load\ndef test_two(): return load(2)",
    "both": "def test_one():\n    from p.a import load\n    return load(1)\n"
    "def test_two():\n    from p.b import load\n    return load(2)",
}


@pytest.mark.parametrize(
    ("bundles", "words"),
    [
        (
            {"p.core": ("p.a", "p.b"), "p.start": ("p.one", "p.two")},
            "p.start: load is p.core.load",
        ),
        ({"p.core": ("p.a", "p.b")}, "p.both: load is .*'p.a'.* and .*'p.b'"),
    ],
)
def test_two_imports_of_one_name_in_one_module_are_refused(bundles, words: str) -> None:
    names = [name for name in LOADING if name != "both" or len(bundles) == 1]
    sources = {"p": "", **{f"p.{name}": LOADING[name] for name in names}}

    with pytest.raises(ValueError, match=words):
        compact(sources, bundles)


def test_arguments_are_not_called_as_what_is_there_already(run) -> None:
    user = """
def many(first, *a, **b): return first, a, b
def failing(first):
    try:
        return first[9]
    except IndexError as a:
        pass
    return first
def test_all(): return many(1, 2), failing("x"), many("y", z=1)
"""
    small, _ = compact({"user": user}, {})

    assert run(small) == run({"user": user}) == ((1, (2,), {}), "x", ("y", (), {"z": 1}))

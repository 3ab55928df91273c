"""A function that is called from one place is in that place, and does what it did."""

import ast

import pytest

from tools.compact import inlining


def inlined(source: str, fixed: tuple[str, ...] = ()) -> tuple[str, int]:
    trees = {"core": ast.parse(source)}
    gone = inlining.inline(trees, "core", {"test", *fixed})
    return ast.unparse(ast.fix_missing_locations(trees["core"])), gone


def result(source: str) -> object:
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102  our own text
    return names["test"]()  # type: ignore[operator]


# what a caller and what it calls say, in their order
SAID = """
said = []
def say(x):
    said.append(x)
    return x
def again(): say(0), say(0)
"""
DONE = {
    "a value": """
def f(a, b=2):
    c = a * b
    return c
def test():
    x = f(4)
    return x
""",
    "arguments in their order": """
def f(a, b):
    return a - b
def test():
    x = f(b=say(1), a=say(5))
    return x, said
""",
    "the same variable in both": """
def f(x):
    y = x + 1
    x = y * 2
    return x
def test():
    y = 10
    x = f(y)
    return x, y
""",
    "what it gave before": """
def f(a):
    b = 1
    return a + b + a
def test():
    a = 3
    a = f(a)
    return a
""",
    "a return before the end": """
def f(a):
    if a > 2:
        say('large')
        return
    if a > 1:
        say('middle')
    else:
        return
    say('end')
def test():
    for a in range(4):
        f(a)
    return said
""",
    "a value before the end": """
def f(a):
    if a > 2:
        return 'large'
    elif a > 1:
        return 'middle'
    say('end')
def test():
    found = []
    for a in range(4):
        x = f(a)
        found.append(x)
    return found, said
""",
    "returned as it is": """
def f(a):
    for b in range(a):
        if b == 3:
            return b
def test():
    return f(5)
""",
    "returned as nothing": """
def f(a):
    say(a)
def test():
    return f(5)
""",
    "a failure": """
def f(a):
    try:
        say(1 // a)
    except ZeroDivisionError as error:
        say(str(error) != '')
    finally:
        say('done')
def test():
    error = 7
    f(0)
    return said, error
""",
    "a method": """
class A:
    def __init__(self):
        self.x = 1
    def _f(self, a):
        self.x += a
        return self.x
    def go(self):
        b = self._f(4)
        return b, self.x
def test():
    return A().go()
""",
    "a method of another": """
class A:
    def __init__(self):
        self.x = 1
    def add(self, a):
        self.x += a
class B:
    def __init__(self):
        self.a = A()
    def go(self):
        self.a.add(say(5))
        return self.a.x
def test():
    return B().go()
""",
    "one in another": """
def f(a):
    return a + 1
def g(a):
    b = f(a)
    return b * 2
def test():
    x = g(3)
    return x
""",
}
LEFT = {
    "a return in a loop": """
def f(a):
    for b in range(a):
        if b == 3:
            return
    say('end')
def test():
    f(5)
    f_is_done = 1
    return said
""",
    "its own": """
def f(a):
    if a:
        return f(a - 1)
    return 7
def test():
    return f(3)
""",
    "called twice": """
def f(a):
    return a
def test():
    x = f(3)
    y = f(4)
    return x, y
""",
    "a global that is a variable there": """
z = 1
def f(a):
    return a + z
def test():
    z = 5
    x = f(3)
    return x, z
""",
    "a generator": """
def f(a):
    yield a
def test():
    x = f(3)
    return list(x)
""",
    "held": """
def f(a):
    return a
def test():
    x = f
    return x(3)
""",
    "what holds a function": """
def f(a):
    return lambda: a
def test():
    x = f(3)
    return x()
""",
    "with a star": """
def f(a, b):
    return a + b
def test():
    x = f(*(1, 2))
    return x
""",
    "two of a name": """
class A:
    def do(self):
        return 1
class B:
    def do(self):
        return 2
def test():
    x = B()
    y = x.do()
    return y
""",
    "of what inherits": """
class A:
    def _f(self):
        return 1
    def go(self):
        x = self._f()
        return x
class B(A):
    def _f(self):
        return 2
def test():
    return B().go()
""",
}


@pytest.mark.parametrize("case", DONE)
def test_it_does_what_it_did(case: str) -> None:
    source = SAID + DONE[case]
    text, gone = inlined(source, ("go",))

    assert gone == (2 if case == "one in another" else 1), text
    assert result(text) == result(source)


@pytest.mark.parametrize("case", LEFT)
def test_what_cannot_be_there_is_left(case: str) -> None:
    source = SAID + LEFT[case]
    text, gone = inlined(source, ("go",))

    assert gone == 0 and result(text) == result(source)


def test_what_others_look_up_is_left() -> None:
    source = "def f(a):\n    return a\ndef test():\n    x = f(3)\n    return x"

    assert inlined(source)[1] == 1
    assert inlined(source + "\nname = 'f'")[1] == inlined(source, ("f",))[1] == 0


def test_what_a_class_in_another_module_overrides_is_left() -> None:
    core = LEFT["of what inherits"].partition("class B")[0].replace("class A", "class A__core")
    drivers = "from core import A__core as A\nclass B(A):\n    def _f(self):\n        return 2"
    trees = {"core": ast.parse(core), "drivers": ast.parse(drivers)}

    assert inlining.inline(trees, "core", {"go"}) == 0
    assert inlining.inline({"core": trees["core"]}, "core", {"go"}) == 1

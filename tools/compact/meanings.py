"""What the names of a module mean; refuses those that mean one thing here and another there.

What rewrites calls goes by names, not by scopes: a name that it may rewrite has one meaning.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tools.compact.nodes import walk

Thing = TypeVar("Thing")


def imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield (name, what an import makes it mean)."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                yield alias.asname or first, alias.name if alias.asname else first


def one_each(module: str, meanings: Iterable[tuple[str, Thing]]) -> dict[str, Thing]:
    """Return what each name means; ValueError where it is different things."""
    found: dict[str, Thing] = {}
    for name, thing in meanings:
        if found.setdefault(name, thing) != thing:
            raise ValueError(f"{module}: {name} is {found[name]} and {thing}")
    return found


def check_only_imported(module: str, tree: ast.AST, names: set[str], giver: str) -> None:
    """Raise ValueError where one of the names is given to what is not of the module `giver`."""
    for name in _given(tree, giver) if names else ():
        if name in names:
            raise ValueError(f"{module}: {name} is of {giver} and something else, too")


def _given(tree: ast.AST, giver: str) -> Iterator[str]:
    methods = {
        id(one) for node in walk(tree) if isinstance(node, ast.ClassDef) for one in node.body
    }
    for node in walk(tree):
        match node:
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if id(node) not in methods:
                yield name
            case ast.Import() | ast.ImportFrom():
                for name, thing in imported([node]):
                    if not f"{thing}.".startswith(f"{giver}."):
                        yield name

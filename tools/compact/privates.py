"""Gives the private names of a class names that other classes use for theirs.

Private is what begins with an underscore and is reached by `self.` only, within the class and what
it inherits from; where somebody else reaches for a name, it stays as it is everywhere.
"""

import ast
from collections.abc import Iterable, Iterator
from string import ascii_letters, digits

from tools.compact.nodes import walk


def share(trees: Iterable[ast.Module], fixed: set[str]) -> None:
    classes = [node for tree in trees for node in walk(tree) if isinstance(node, ast.ClassDef)]
    known_outside = fixed | _reached_from_outside(trees)
    for family in _families(classes, _aliases(trees)):
        free = _free(known_outside)
        called: dict[str, str] = {}
        for one in family:
            for name in sorted(set(_privates(one)) - known_outside - set(called)):
                called[name] = next(free)
        for one in family:
            _rename(one, called)


def _free(fixed: set[str]) -> Iterator[str]:
    singles = (f"_{a}" for a in ascii_letters + digits)
    doubles = (f"_{a}{b}" for a in ascii_letters for b in ascii_letters)
    return (name for names in (singles, doubles) for name in names if name not in fixed)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _privates(one: ast.ClassDef) -> Iterable[str]:
    for node in walk(one):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            yield node.attr
    for statement in one.body:
        if isinstance(statement, ast.FunctionDef) and _is_private(statement.name):
            yield statement.name


def _reached_from_outside(trees: Iterable[ast.Module]) -> set[str]:
    """Return names of attributes that are reached by anything but `self`, or given in a class."""
    found = set[str]()
    for tree in trees:
        of_classes = {
            id(inner)
            for node in walk(tree)
            if isinstance(node, ast.ClassDef)
            for inner in walk(node)
        }
        for node in walk(tree):
            if isinstance(node, ast.Attribute):
                by_self = isinstance(node.value, ast.Name) and node.value.id == "self"
                if not by_self or id(node) not in of_classes:
                    found.add(node.attr)
            elif isinstance(node, ast.ClassDef):
                for statement in node.body:
                    if not isinstance(statement, ast.FunctionDef):
                        found |= {one.id for one in walk(statement) if isinstance(one, ast.Name)}
                    else:
                        for decorator in statement.decorator_list:
                            found |= {
                                one.id for one in walk(decorator) if isinstance(one, ast.Name)
                            }
    return found


def _aliases(trees: Iterable[ast.Module]) -> Iterable[tuple[str, str]]:
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, ast.ImportFrom):
                yield from ((one.asname, one.name) for one in node.names if one.asname)


def _families(
    classes: list[ast.ClassDef], aliases: Iterable[tuple[str, str]]
) -> Iterable[list[ast.ClassDef]]:
    """Yield classes that inherit from one another together; those of one name count as one."""
    head: dict[str, str] = {}

    def root(name: str) -> str:
        while head.get(name, name) != name:
            name = head[name]
        return name

    for name, other in aliases:
        head[root(name)] = root(other)
    for one in classes:
        for base in one.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            head[root(name)] = root(one.name)
    families: dict[str, list[ast.ClassDef]] = {}
    for one in classes:
        families.setdefault(root(one.name), []).append(one)
    yield from families.values()


def _rename(one: ast.ClassDef, called: dict[str, str]) -> None:
    for node in walk(one):
        if isinstance(node, ast.Attribute) and node.attr in called:
            node.attr = called[node.attr]
    for statement in one.body:
        if isinstance(statement, ast.FunctionDef) and statement.name in called:
            statement.name = called[statement.name]

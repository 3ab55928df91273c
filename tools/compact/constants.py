"""Puts integers in the place of the names of constants, within a module and from others."""

import ast
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

from tools.compact.nodes import walk

LARGEST = 1 << 30  # what fits in a word of MicroPython with its tag; kernels must not have more
_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}


def inline(trees: dict[str, ast.Module]) -> None:
    """Constants are names that a module gives once, at its top, to a small integer."""
    for tree in trees.values():
        tree.body = [one for statement in tree.body for one in _one_by_one(statement)]
    found: dict[str, dict[str, int]] = {module: {} for module in trees}
    touched = _touched(trees)
    while True:
        before = sum(map(len, found.values()))
        for module, tree in trees.items():
            _find(module, tree, trees, found, touched)
        if sum(map(len, found.values())) == before:
            break
    for module, tree in trees.items():
        _Replace(_seen_from(module, tree, trees, found), modules_in(tree, trees), found).visit(
            tree
        )
        _drop(tree, found[module], trees, found)
        ast.fix_missing_locations(tree)


def _one_by_one(statement: ast.stmt) -> list[ast.stmt]:
    """Return `A, B = 0, 1` as two statements; others as they are."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            are_numbers = all(isinstance(value, ast.Constant) for value in values)
            if are_numbers and len(names) == len(values):
                pairs = zip(names, values, strict=True)
                return [ast.Assign([name], value, lineno=0) for name, value in pairs]
    return [statement]


def _touched(trees: dict[str, ast.Module]) -> set[str]:
    """Return names that are changed from outside their module, or looked up as text."""
    touched = set[str]()
    for tree in trees.values():
        for node in walk(tree):
            match node:
                case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Constant(value=str(name)):
                    touched.add(name)
                case ast.Global(names=names):
                    touched |= set(names)
    return touched


def _find(
    module: str,
    tree: ast.Module,
    trees: dict[str, ast.Module],
    found: dict[str, dict[str, int]],
    touched: set[str],
) -> None:
    stored = Counter(
        node.id
        for node in walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    stored += Counter(node.arg for node in walk(tree) if isinstance(node, ast.arg))
    here = _seen_from(module, tree, trees, found)
    modules = modules_in(tree, trees)
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                number = _number(value, here, modules, found)
                is_plain = stored[name] == 1 and name not in touched
                if number is not None and -LARGEST <= number < LARGEST and is_plain:
                    found[module][name] = here[name] = number


def _number(
    value: ast.expr, here: dict[str, int], modules: dict[str, str], found: Any
) -> int | None:
    match value:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return number
        case ast.Name(id=name):
            return here.get(name)
        case ast.Attribute(value=ast.Name(id=holder), attr=name) if holder in modules:
            number = found[modules[holder]].get(name)
            return number if isinstance(number, int) else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand, here, modules, found)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            a = _number(left, here, modules, found)
            b = _number(right, here, modules, found)
            return None if a is None or b is None else _BINARY[type(sign)](a, b)
    return None


def _imports(tree: ast.Module, trees: dict[str, ast.Module]) -> list[tuple[str, str, str]]:
    """Return (name here, module, name there); the last "" for a module itself."""
    found = []
    for node in walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name
                inner = f"{node.module}.{alias.name}"
                if inner in trees:
                    found.append((name, inner, ""))
                elif node.module in trees:
                    found.append((name, node.module, alias.name))
        elif isinstance(node, ast.Import):
            found += [(a.asname or a.name, a.name, "") for a in node.names if a.name in trees]
    return found


def modules_in(tree: ast.Module, trees: dict[str, ast.Module]) -> dict[str, str]:
    return {name: module for name, module, inner in _imports(tree, trees) if not inner}


def _seen_from(
    module: str, tree: ast.Module, trees: dict[str, ast.Module], found: dict[str, dict[str, int]]
) -> dict[str, int]:
    seen = dict(found[module])
    for name, other, inner in _imports(tree, trees):
        if inner in found[other]:
            seen[name] = found[other][inner]
    return seen


class _Replace(ast.NodeTransformer):
    def __init__(self, here: dict[str, int], modules: dict[str, str], found: Any) -> None:
        self._here = here
        self._modules = modules
        self._found = found

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._here:
            return _literal(self._here[node.id])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            number = self._found[self._modules[node.value.id]].get(node.attr)
            if number is not None and isinstance(node.ctx, ast.Load):
                return _literal(number)
        return node


def _literal(number: int) -> ast.expr:
    if number < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-number))
    return ast.Constant(number)


def _drop(
    tree: ast.Module,
    own: dict[str, int],
    trees: dict[str, ast.Module],
    found: dict[str, dict[str, int]],
) -> None:
    """Remove the assignments and the imports of what has been put in place."""

    def is_done(statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name in own
        return False

    tree.body = [one for one in tree.body if not is_done(one)] or [ast.Pass()]
    for node in walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and any(isinstance(one, ast.ImportFrom) for one in block):
                kept = [one for one in block if not _is_empty_import(one, found)]
                setattr(node, field, kept or [ast.Pass()])


def _is_empty_import(statement: ast.stmt, found: dict[str, dict[str, int]]) -> bool:
    if not isinstance(statement, ast.ImportFrom) or statement.module not in found:
        return False
    constants = found[statement.module]
    statement.names = [alias for alias in statement.names if alias.name not in constants]
    return not statement.names

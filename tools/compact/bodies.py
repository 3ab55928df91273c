"""The statements that stand for the call of a function (inlining.py)."""

import ast
import copy
from collections.abc import Iterator

from tools.compact.bundle import bound
from tools.compact.nodes import walk


class UnfitError(Exception):
    """It cannot be put there."""


class Place:
    """A statement that is a call, and where it is."""

    def __init__(
        self, caller: ast.FunctionDef, block: list[ast.stmt], index: int, call: ast.Call
    ) -> None:
        self.caller = caller
        self.block = block
        self.index = index
        self.call = call

    @property
    def statement(self) -> ast.stmt:
        return self.block[self.index]


def names_in(node: ast.AST) -> list[ast.Name]:
    return [one for one in walk(node) if isinstance(one, ast.Name)]


class Body:
    """The statements that stand for a call."""

    def __init__(self, function: ast.FunctionDef, place: Place) -> None:
        self._function = function
        self._place = place

    def statements(self) -> list[ast.stmt]:
        function, statement = self._function, self._place.statement
        stored = set(bound(function.body))
        called: dict[str, ast.expr] = {}
        first: list[ast.stmt] = []
        variables = _variables(self._place.caller)
        taken = {one.id for one in names_in(self._place.caller)} | variables
        for name, value in self._arguments():
            is_same = isinstance(value, ast.Constant)
            is_same |= isinstance(value, ast.Name) and value.id in variables
            is_target = isinstance(value, ast.Name) and value.id in _targets(statement)
            if is_same and name not in stored and not is_target:
                called[name] = value
            else:
                fresh = ast.Name(_fresh(name, taken), ast.Load())
                called[name] = fresh
                first.append(ast.Assign([ast.Name(fresh.id, ast.Store())], value, lineno=0))
        for name in sorted(stored - set(called)):
            called[name] = ast.Name(_fresh(name, taken), ast.Load())
        asked = {one.id for statement in function.body for one in names_in(statement)}
        if (asked - set(called)) & variables:  # a global name there is a variable here
            raise UnfitError
        body = [_Renamed(called).visit(copy.deepcopy(one)) for one in function.body]
        if isinstance(statement, ast.Return):
            return first + (body if _ends(body) else [*body, ast.Return(None)])
        return first + self._ended(body) or [ast.Pass()]

    def _arguments(self) -> Iterator[tuple[str, ast.expr]]:
        """Yield (name of the argument, value) in the order of their evaluation."""
        call, arguments = self._place.call, self._function.args
        if any(isinstance(one, ast.Starred) for one in call.args):
            raise UnfitError
        names = [one.arg for one in arguments.args]
        values = list(call.args)
        if isinstance(call.func, ast.Attribute):
            values.insert(0, call.func.value)
        if len(values) > len(names):
            raise UnfitError
        given = set(names[: len(values)])
        yield from zip(names, values, strict=False)
        for keyword in call.keywords:
            if keyword.arg not in names or keyword.arg in given:
                raise UnfitError
            given.add(keyword.arg)
            yield keyword.arg, keyword.value
        defaults = dict(zip(names[::-1], arguments.defaults[::-1], strict=False))
        for name in names:
            if name not in given:
                if not isinstance(defaults.get(name), ast.Constant):
                    raise UnfitError
                yield name, defaults[name]

    def _ended(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Return the body with what becomes of its value in place of returns."""
        found: list[ast.stmt] = []
        for index, statement in enumerate(body):
            rest = body[index + 1 :]
            if isinstance(statement, ast.Return):
                return found + self._valued(statement.value)
            if not any(isinstance(node, ast.Return) for node in walk(statement)):
                found.append(statement)
                if _ends([statement]):
                    return found
                continue
            if not isinstance(statement, ast.If):
                raise UnfitError
            if _ends(statement.body):
                yes, no = statement.body, statement.orelse + rest
            elif _ends(statement.orelse):
                yes, no = statement.body + rest, statement.orelse
            elif not rest:
                yes, no = statement.body, statement.orelse
            else:
                raise UnfitError
            return [
                *found,
                ast.If(statement.test, self._ended(yes) or [ast.Pass()], self._ended(no)),
            ]
        return found + self._valued(None)

    def _valued(self, value: ast.expr | None) -> list[ast.stmt]:
        statement = self._place.statement
        if isinstance(statement, ast.Assign):
            return [ast.Assign(statement.targets, value or ast.Constant(None), lineno=0)]
        if value is None or isinstance(value, ast.Constant | ast.Name):
            return []
        return [ast.Expr(value)]


def _targets(statement: ast.stmt) -> set[str]:
    """Return the variable that gets the value: the body may read what it was before, no longer."""
    return set(bound([statement])) if isinstance(statement, ast.Assign) else set()


def _variables(function: ast.FunctionDef) -> set[str]:
    """Return the names that are a function's own, and nobody's that is within it."""
    own = set(bound(function.body)) | {one.arg for one in function.args.args}
    changed = {
        name
        for node in walk(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    return own - changed


def _fresh(name: str, taken: set[str]) -> str:
    number = 0
    while f"{name}_in_{number}" in taken or (number == 0 and name in taken):
        number += 1
    found = name if name not in taken else f"{name}_in_{number}"
    taken.add(found)
    return found


def _ends(body: list[ast.stmt]) -> bool:
    """Whether nothing comes after these statements."""
    match body[-1] if body else None:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=yes, orelse=no):
            return _ends(yes) and _ends(no)
    return False


class _Renamed(ast.NodeTransformer):
    def __init__(self, called: dict[str, ast.expr]) -> None:
        self._called = called

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self._called.get(node.id)
        if isinstance(value, ast.Name):
            return ast.Name(value.id, node.ctx)
        return node if value is None else copy.deepcopy(value)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        value = self._called.get(node.name or "")
        if isinstance(value, ast.Name):
            node.name = value.id
        return node

"""Puts a function that is called from one place into that place.

A function costs a device 40 bytes beside its code, and its call some ten more. What is called
once, as a statement (`f(x)`, `y = f(x)`, `return f(x)`), becomes the statements of its body:

    its variables    get names that the caller has not
    its arguments    become variables, but what is a constant or a variable already and stays so
    its returns      must be at ends: what comes after `if c: return` goes into an else

Left alone are functions that hold others, generators, those that import (what they load would live
as long as the caller), comprehensions, decorated ones, methods whose name another class or the
world has, and whatever is called with a star.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from tools.compact.bodies import Body, Place, UnfitError, names_in
from tools.compact.bundle import bound
from tools.compact.nodes import walk

Trees = dict[str, ast.Module]
_KEPT = (ast.Lambda, ast.FunctionDef, ast.ClassDef, ast.Yield, ast.YieldFrom, ast.Global)
_KEPT += (ast.Nonlocal, ast.Import, ast.ImportFrom, ast.comprehension)  # type: ignore[assignment]
_INNER = (ast.Lambda, ast.FunctionDef, ast.comprehension)


def inline(trees: Trees, core: str, fixed: set[str]) -> int:
    """Do it within one module; return how many functions are gone."""
    gone = 0
    while core in trees:
        done = _Round(trees, core, fixed).do()
        if not done:
            break
        gone += done
    return gone


class _Round:
    def __init__(self, trees: Trees, core: str, fixed: set[str]) -> None:
        self._tree = trees[core]
        self._fixed = set(fixed)
        self._named = Counter[str]()
        self._reached = Counter[str]()
        self._privately = set[str]()
        self._given = Counter[str]()
        self._families = set[str]()
        self._moved = set[tuple[str, str]]()  # (class, what of it is reached in what has moved)
        for tree in trees.values():
            self._note(tree)

    def _note(self, tree: ast.Module) -> None:
        imports = [node for node in walk(tree) if isinstance(node, ast.ImportFrom)]
        real = {a.asname: a.name for node in imports for a in node.names if a.asname}
        for node in walk(tree):
            match node:
                case ast.Name(id=name):
                    self._named[name] += 1
                case ast.alias(name=name):
                    self._named[name] += 2
                case ast.Constant(value=str(text)):
                    self._fixed.add(text)
                case ast.Attribute(value=holder, attr=name, ctx=context):
                    self._reached[name] += 1
                    self._named[name] += 2  # of a module
                    if not isinstance(context, ast.Load):
                        self._given[name] += 2
                    if not (isinstance(holder, ast.Name) and holder.id == "self"):
                        self._privately.add(name)
                case ast.FunctionDef() if owner := getattr(node, "owner", ""):
                    self._moved |= {(owner, name) for name in _attributes(node)}
                case ast.ClassDef(name=name, bases=bases, body=body):
                    self._given.update(bound(body))
                    if bases:
                        names = {ast.unparse(one).split(".")[-1] for one in bases}
                        self._families |= {name, *(real.get(one, one) for one in names)}

    def do(self) -> int:
        done = 0
        for owner, function in list(self._candidates()):
            place = self._place(owner, function)
            if place is None or place.caller is function:
                continue
            try:
                place.block[place.index : place.index + 1] = Body(function, place).statements()
            except UnfitError:
                continue
            holder = owner or self._tree
            holder.body = [one for one in holder.body if one is not function] or [ast.Pass()]
            done += 1
        return done

    def _candidates(self) -> Iterator[tuple[ast.ClassDef | None, ast.FunctionDef]]:
        for statement in self._tree.body:
            if isinstance(statement, ast.FunctionDef):
                name = statement.name
                if self._named[name] == 1 and name not in self._fixed and _is_fit(statement):
                    yield None, statement
            elif isinstance(statement, ast.ClassDef):
                for one in statement.body:
                    if isinstance(one, ast.FunctionDef) and self._is_once(statement, one):
                        yield statement, one

    def _is_once(self, owner: ast.ClassDef, method: ast.FunctionDef) -> bool:
        name = method.name
        arguments = method.args.args
        if name.startswith("__") or not arguments or arguments[0].arg != "self":
            return False
        if not _is_fit(method) or any(ast.unparse(b) == "super" for b in names_in(method)):
            return False
        if name.startswith("_"):
            is_free = name not in self._privately and owner.name not in self._families
            is_free &= (owner.name, name) not in self._moved
            return is_free and _attributes(owner).count(name) == 1
        is_only = self._given[name] == 1 and self._reached[name] == 1
        return is_only and name not in self._fixed

    def _place(self, owner: ast.ClassDef | None, function: ast.FunctionDef) -> "Place | None":
        """Return the only call; a private method's is in its class."""
        for caller in _functions(owner if function.name.startswith("_") and owner else self._tree):
            for place in _places(caller):
                called = place.call.func
                name = called.attr if isinstance(called, ast.Attribute) else ""
                name = called.id if isinstance(called, ast.Name) and owner is None else name
                if name == function.name and (owner is None) == isinstance(called, ast.Name):
                    return place
        return None


def _functions(owner: ast.AST) -> Iterator[ast.FunctionDef]:
    for statement in getattr(owner, "body", ()):
        if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            yield statement
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement)


def _places(caller: ast.FunctionDef) -> Iterator[Place]:
    waiting: list[ast.AST] = [caller]
    while waiting:
        node = waiting.pop()
        for field in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(node, field, None) or []
            for index, statement in enumerate(block):
                match statement:
                    case (
                        ast.Expr(value=ast.Call() as call)
                        | ast.Return(value=ast.Call() as call)
                        | ast.Assign(targets=[ast.Name()], value=ast.Call() as call)
                    ):
                        yield Place(caller, block, index, call)
                if not isinstance(statement, _INNER):
                    waiting.append(statement)


def _attributes(node: ast.AST) -> list[str]:
    return [one.attr for one in walk(node) if isinstance(one, ast.Attribute)]


def _is_fit(function: ast.FunctionDef) -> bool:
    arguments = function.args
    if function.decorator_list or arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        return False
    inside = [node for statement in function.body for node in walk(statement)]
    return not any(isinstance(node, _KEPT) for node in inside)

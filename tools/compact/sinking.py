"""Moves out of what lives on what only code needs that is loaded for a moment and forgotten.

The start makes most objects, once; but their `__init__`, and what it calls, would stay in the
heap. So what only forgotten modules call moves to them, and what only that calls, and so on:

    a function                        as it is
    a method                          one.method(x) becomes Class__method(one, x)
    an __init__                       Class(x) becomes Class____init__(Class(), x)
    text and tables that never change as they are

What two such modules call is in both. What may outlive the call stays: functions that hold others,
generators, what is decorated; and so do methods of classes that inherit or are inherited from, or
whose name another class or the world knows too.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tools.compact.bundle import bound
from tools.compact.meanings import check_only_imported, one_each
from tools.compact.nodes import walk

Trees = dict[str, ast.Module]
Key = tuple[str, str]  # (class, "*" for whichever, "" for the module's own; name)
CALL, LOOK, OTHER = range(3)
INIT = "__init__"
_LASTING = (ast.Lambda, ast.FunctionDef, ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal)
_FIXED = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)

_DEFAULT = (*_FIXED, ast.Name, ast.Attribute)  # no list that a call may change


@dataclass(eq=False)
class Unit:
    """
    owner   the class of a method
    homes   the modules where it is needed
    uses    what it names, and how
    """

    owner: str
    name: str
    node: ast.FunctionDef | ast.Assign
    may_move: bool
    homes: set[str]
    uses: list[tuple[Key, int]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        if self.owner and not self.name.startswith("_"):
            return "*", self.name
        return self.owner, self.name

    @property
    def moved_name(self) -> str:
        return f"{self.owner}__{self.name}" if self.owner else self.name


class Plan:
    """Which pieces of the core move where."""

    def __init__(self, trees: Trees, core: str, forgotten: Iterable[str], fixed: set[str]) -> None:
        self.core = core
        self.forgotten = [one for one in forgotten if one in trees]
        self.globals = set(bound(trees[core].body))
        self._aliases = {
            module: one_each(module, _aliases(tree, core)) for module, tree in trees.items()
        }
        for module, tree in trees.items():
            itself = {here for here, there in self._aliases[module].items() if not there}
            check_only_imported(module, tree, itself, core)
        self._classes = {
            *(
                one.name
                for tree in trees.values()
                for one in walk(tree)
                if isinstance(one, ast.ClassDef)
            )
        }
        self._aliases[core] = {name: name for name in self.globals}
        units = list(_units(trees, core, self._families(trees), fixed))
        self.units = {unit.key: unit for unit in units}
        pieces = {id(unit.node): unit for unit in units}
        self._uses: list[tuple[Unit | str, Key, int]] = []
        for module, tree in trees.items():
            self._note_uses(module, tree, pieces)
        self._find_homes()

    def moved_to(self, module: str) -> list[Unit]:
        return [unit for unit in self.units.values() if module in unit.homes]

    def check(self, module: str, tree: ast.Module) -> None:
        """Raise ValueError where a name of what has moved to a module may mean another thing."""
        moved = self.moved_to(module)
        names = {one.owner or one.name for one in moved if not one.owner or one.name == INIT}
        here = {name for name, there in self._aliases[module].items() if there in names}
        check_only_imported(module, tree, here, self.core)
        for unit in moved:
            if isinstance(unit.node, ast.FunctionDef):
                for part in (unit.node.args, *unit.node.body):
                    check_only_imported(unit.moved_name, part, names, self.core)

    def _families(self, trees: Trees) -> set[str]:
        """Return classes that inherit or are inherited from."""
        found = set[str]()
        for module, tree in trees.items():
            for node in walk(tree):
                if isinstance(node, ast.ClassDef) and node.bases:
                    found.add(node.name)
                    for base in node.bases:
                        key = self.key_of(base, module, "")
                        found.add(key[1] if key else "")
        return found

    def key_of(self, node: ast.AST, module: str, owner: str) -> Key | None:
        """Return what a name or an attribute stands for, if it may be something of the core's."""
        aliases = self._aliases[module]
        match node:
            case ast.Name(id=name):
                return ("", aliases[name]) if aliases.get(name) else None
            case ast.Attribute(value=ast.Name(id=holder), attr=name) if aliases.get(holder) == "":
                return "", name
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name.startswith("_"):
                return (owner, name) if owner else None  # of a class elsewhere
            case ast.Attribute(attr=name) if not name.startswith("__"):
                return ("?" if name.startswith("_") else "*"), name
        return None

    def _is_of_class(self, node: ast.AST, module: str) -> bool:
        """Whether it is asked of a class, not of an object: Class.method."""
        match node:
            case ast.Attribute(value=ast.Name(id=name)):
                return self._aliases[module].get(name, name) in self._classes
            case ast.Attribute(value=ast.Attribute(attr=name)):
                return name in self._classes
        return False

    def _note_uses(self, module: str, tree: ast.Module, pieces: dict[int, Unit]) -> None:
        def look(node: ast.AST, user: Unit | str, owner: str, kind: int) -> None:
            if isinstance(node, ast.ClassDef) and module == self.core:
                owner = node.name
            user = pieces.get(id(node), user)
            key = self.key_of(node, module, owner)
            if key is not None:
                is_super = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call)
                is_super = is_super and ast.unparse(node.value.func) == "super"
                is_load = isinstance(getattr(node, "ctx", None), ast.Load)
                is_other = is_super or not is_load or self._is_of_class(node, module)
                self._uses.append((user, key, OTHER if is_other else kind))
            match node:
                case ast.Call(func=func, args=args, keywords=keywords):
                    look(func, user, owner, CALL)
                    only_looks = isinstance(func, ast.Name) and func.id == "isinstance"
                    for one in args:
                        is_type = only_looks and one is args[-1]
                        look(one, user, owner, LOOK if is_type else OTHER)
                    for keyword in keywords:
                        look(keyword, user, owner, OTHER)
                case ast.ExceptHandler(type=ast.expr() as caught, body=body):
                    look(caught, user, owner, LOOK)
                    for statement in body:
                        look(statement, user, owner, OTHER)
                case ast.Tuple(elts=elements):
                    for one in elements:
                        look(one, user, owner, LOOK if kind == LOOK else OTHER)
                case _:
                    for child in ast.iter_child_nodes(node):
                        look(child, user, owner, OTHER)

        look(tree, module, "", OTHER)

    def _find_homes(self) -> None:
        users: dict[Key, list[tuple[Unit | str, int]]] = {}
        for user, key, kind in self._uses:
            if not key[0] and (key[1], INIT) in self.units:  # a class
                if kind == LOOK:
                    continue
                key = key[1], INIT
            for one in self._meant(key):
                users.setdefault(one, []).append((user, OTHER if key[0] == "?" else kind))
        has_changed = True
        while has_changed:
            has_changed = False
            for unit in self.units.values():
                if unit.may_move and self.core in unit.homes:
                    homes = self._homes_of(unit, users.get(unit.key, ()))
                    if homes and homes <= set(self.forgotten):
                        unit.homes = homes
                        has_changed = True

    def _meant(self, key: Key) -> Iterable[Key]:
        if key[0] == "?":
            return [one for one in self.units if one[1] == key[1]]
        return [key]

    def _homes_of(self, unit: Unit, users: Iterable[tuple[Unit | str, int]]) -> set[str]:
        """Return where it is called from; the core's too, if it is not only called."""
        homes = set[str]()
        for user, kind in users:
            if kind != CALL and isinstance(unit.node, ast.FunctionDef):
                homes.add(self.core)
            elif user is not unit:
                homes |= {user} if isinstance(user, str) else user.homes
        return homes


def _aliases(tree: ast.Module, core: str) -> Iterator[tuple[str, str]]:
    """Yield what each name of the core's stands for in a module; "" for the core itself."""
    package, _, short = core.rpartition(".")
    for node in walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module == core:
                    yield alias.asname or alias.name, alias.name
                elif node.module == package and alias.name == short:
                    yield alias.asname or alias.name, ""
        elif isinstance(node, ast.Import):
            yield from ((one.asname or one.name, "") for one in node.names if one.name == core)


def _units(trees: Trees, core: str, families: set[str], fixed: set[str]) -> Iterator[Unit]:
    # given: what one.name(x) may be, of an object or of a module
    kept, given, changed = set(fixed), list[str](), set[str]()
    for module, tree in trees.items():
        if module != core:
            given += [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]
        for node in walk(tree):
            match node:
                case ast.Constant(value=str(text)):
                    kept.add(text)  # it may be looked up
                case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                    kept.add(name)
                case ast.Global(names=names):
                    changed |= set(names)
                case ast.ClassDef(body=body):
                    given += bound(body)
    kept |= changed
    changed &= set(bound(trees[core].body))  # elsewhere they would be what they were once
    for statement in trees[core].body:
        match statement:
            case ast.FunctionDef(name=name):
                may_move = _is_plain(statement, changed) and name not in kept
                yield Unit("", name, statement, may_move, {core})
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in kept:
                may_move = all(isinstance(one, _FIXED) for one in walk(value))
                yield Unit("", name, statement, may_move, {core})
            case ast.ClassDef(name=owner):
                own = set(_stored_by(statement))
                for one in statement.body:
                    if isinstance(one, ast.FunctionDef):
                        is_private = one.name.startswith("_")
                        is_only = is_private or given.count(one.name) == 1
                        is_free = one.name not in (own if is_private else kept)
                        is_alone = not is_private or owner not in families
                        may_move = is_only and is_free and is_alone and _is_method(one, changed)
                        may_move &= one.name != INIT or not _makes_its_own(statement)
                        if is_only:
                            yield Unit(owner, one.name, one, may_move, {core})


def _stored_by(one: ast.ClassDef) -> Iterator[str]:
    """Yield which attributes a class's own code gives, of whatever object."""
    for node in walk(one):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield node.attr


def _makes_its_own(one: ast.ClassDef) -> bool:
    """Whether a class may make objects of its own kind without its name: type(self)(x), cls(x)."""
    for node in walk(one):
        match node:
            case ast.Call(func=ast.Call(func=ast.Name(id="type")) | ast.Name(id="cls")):
                return True
            case ast.Attribute(attr="__class__"):
                return True
    return False


def _is_plain(function: ast.FunctionDef, changed: set[str]) -> bool:
    inner = [node for statement in function.body for node in walk(statement)]
    defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    is_fixed = all(isinstance(node, _DEFAULT) for one in defaults for node in walk(one))
    is_same = not any(isinstance(node, ast.Name) and node.id in changed for node in inner)
    lasts = any(isinstance(x, _LASTING) for x in inner)
    return not function.decorator_list and not lasts and is_fixed and is_same


def _is_method(function: ast.FunctionDef, changed: set[str]) -> bool:
    arguments = function.args.args
    if function.name == INIT and any(isinstance(one, ast.Return) for one in walk(function)):
        return False
    is_super = any(isinstance(one, ast.Name) and one.id == "super" for one in walk(function))
    return (
        bool(arguments)
        and arguments[0].arg == "self"
        and not is_super
        and _is_plain(function, changed)
    )

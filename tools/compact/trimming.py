"""Takes out what a device does not need: text for readers, types, and what nobody ever names."""

import ast
from collections.abc import Iterable

from tools.compact import constants
from tools.compact.nodes import walk

FOR_TYPES = "TYPE_CHECKING"
# What MicroPython or a caller beyond our modules looks up by name.
CALLED_BY_THE_WORLD = {"main", "run", "readinto", "write", "ioctl"}


def strip(tree: ast.Module) -> None:
    """Remove docstrings, annotations and what only type checkers read."""
    for node in walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, _stripped(block, field == "body"))
        if isinstance(node, ast.FunctionDef) and not is_kernel(node):
            node.returns = None
            for argument in _arguments(node.args):
                argument.annotation = None


def is_kernel(node: ast.FunctionDef) -> bool:
    """Its annotations are types to the compiler; its decorator is known by its spelling."""
    return any(ast.unparse(one).startswith("micropython.") for one in node.decorator_list)


def _arguments(arguments: ast.arguments) -> Iterable[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one is not None)


def _stripped(block: list[ast.stmt], may_be_empty: bool) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for statement in block:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue  # a docstring
            case ast.If(test=ast.Name(id=name)) if name == FOR_TYPES:
                kept += statement.orelse
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if name == FOR_TYPES:
                continue
            case ast.AnnAssign(value=None):
                continue
            case ast.AnnAssign(value=ast.expr() as value):
                statement = ast.Assign([statement.target], value, lineno=statement.lineno)
        kept.append(statement)
    return kept or ([ast.Pass()] if may_be_empty and block else [])


def drop_unnamed(trees: dict[str, ast.Module]) -> None:
    """Remove functions, classes, methods, imports and assignments that no module names."""
    changed = set(trees)
    uses: dict[str, _Uses] = {}
    while changed:
        uses |= {module: _Uses(trees[module], trees) for module in changed}
        named = set[str]().union(*(one.named for one in uses.values()))
        reached = set[str]().union(*(one.reached for one in uses.values()))
        reached_in: dict[str, set[str]] = {module: set() for module in trees}
        for one in uses.values():
            for module, name in one.reached_in:
                reached_in[module].add(name)
        changed = {
            module
            for module, tree in trees.items()
            if _drop(tree, named | uses[module].loaded | reached_in[module], reached)
        }


class _Uses:
    """What one module names.

    named        imports, by name in a call, looked up by a text
    loaded       by its own names
    reached      of an object
    reached_in   (module, name): of one of our modules
    """

    def __init__(self, tree: ast.Module, trees: dict[str, ast.Module]) -> None:
        self.named = set(_named(tree))
        self.loaded = _loaded(tree)
        self.reached = set[str]()
        self.reached_in = set[tuple[str, str]]()
        modules = constants.modules_in(tree, trees)
        for node in walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=holder), attr=name) if holder in modules:
                    self.reached_in.add((modules[holder], name))
                case ast.Attribute(attr=name):
                    self.reached.add(name)


def _named(tree: ast.Module) -> Iterable[str]:
    """Yield what a module imports, gives by name in a call, or may look up by a text."""
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef) and is_kernel(node):
            node.decorator_list = [_quiet(one) for one in node.decorator_list]
        match node:
            case ast.keyword(arg=str(name)):
                yield name
            case ast.ImportFrom():
                yield from (alias.name for alias in node.names)
            case ast.Constant(value=str(text)):
                yield text


def _quiet(decorator: ast.expr) -> ast.expr:
    """Return the decorator as one name, so that it counts as no use of a module."""
    return ast.Name(ast.unparse(decorator), ast.Load())


def _loaded(tree: ast.Module) -> set[str]:
    nodes = walk(tree)
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _drop(tree: ast.Module, named: set[str], reached: set[str]) -> int:
    """reached: names of attributes of objects, of which no module's function is one"""
    dropped = 0
    used_here = {node.id for node in walk(tree) if isinstance(node, ast.Name)}
    for node in walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef):
            continue
        kept: list[ast.stmt] = []
        for statement in node.body:
            if isinstance(statement, ast.ImportFrom):
                before = len(statement.names)
                # whoever writes `import X as X` offers it to others (PEP 484)
                statement.names = [
                    alias
                    for alias in statement.names
                    if (alias.asname or alias.name) in used_here or alias.asname == alias.name
                ]
                dropped += before - len(statement.names)
                if statement.names:
                    kept.append(statement)
            elif _is_unnamed(statement, named if _is_plain(node, statement) else named | reached):
                dropped += 1
            else:
                kept.append(statement)
        node.body = kept or [ast.Pass()]
    return dropped


def _is_plain(owner: ast.Module | ast.ClassDef, statement: ast.stmt) -> bool:
    """Whether it is a function, not a method, nor a class or a number that objects may hold."""
    return isinstance(owner, ast.Module) and isinstance(statement, ast.FunctionDef)


def _is_unnamed(statement: ast.stmt, named: set[str]) -> bool:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            is_special = name.startswith("__") or name in CALLED_BY_THE_WORLD
            return not is_special and name not in named and not name.startswith("test_")
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name not in named and not _does_something(value)
    return False


def _does_something(value: ast.expr) -> bool:
    """Whether to compute it has an effect: a call may."""
    return any(isinstance(node, ast.Call) for node in walk(value))

"""Does what sinking.py plans: takes pieces out of the core and puts them where they are called."""

import ast
import copy
from collections.abc import Iterable

from tools.compact.bundle import bound
from tools.compact.nodes import walk
from tools.compact.sinking import INIT, Key, Plan, Trees, Unit


def sink(trees: Trees, core: str, forgotten: Iterable[str], fixed: set[str]) -> None:
    """
    core        the module that lives on
    forgotten   modules that are loaded after it, for a moment
    fixed       names that the world calls
    """
    if core not in trees:
        return
    plan = Plan(trees, core, forgotten, fixed)
    imports = {name: one for one in trees[core].body for name in _imported(one)}
    for module in plan.forgotten:
        moved = plan.moved_to(module)
        if moved:
            plan.check(module, trees[module])
            _move(plan, trees[module], module, moved, imports)
    gone = {id(unit.node) for unit in plan.units.values() if core not in unit.homes}
    for owner in walk(trees[core]):
        if isinstance(owner, ast.Module | ast.ClassDef):
            owner.body = [one for one in owner.body if id(one) not in gone] or [ast.Pass()]


def _move(
    plan: Plan, tree: ast.Module, module: str, moved: list[Unit], imports: dict[str, ast.stmt]
) -> None:
    _Calls(plan, module, module, "").visit(tree)
    pieces: list[ast.stmt] = []
    for unit in moved:
        piece = _Calls(plan, module, plan.core, unit.owner).visit(copy.deepcopy(unit.node))
        if isinstance(piece, ast.FunctionDef):
            piece.name = unit.moved_name
            piece.owner = unit.owner  # type: ignore[attr-defined]  whose `self` it has
            if unit.name == INIT:
                piece.body.append(ast.Return(ast.Name("self", ast.Load())))
        pieces.append(piece)
    here = {unit.moved_name for unit in moved}
    needed = sorted(set().union(*map(_asked, pieces)) & plan.globals - here)
    there: list[ast.stmt] = []
    for name in needed:
        statement = imports.get(name)
        if statement is None:
            there.append(ast.ImportFrom(plan.core, [ast.alias(name)], 0))
        elif name not in bound(tree.body):
            there.append(statement)
        elif not any(ast.dump(statement) == ast.dump(one) for one in tree.body):
            raise ValueError(f"{module}: {name} is something else there than in {plan.core}")
    tree.body[:0] = there + pieces


def _imported(statement: ast.stmt) -> Iterable[str]:
    return bound([statement]) if isinstance(statement, ast.Import | ast.ImportFrom) else ()


def _asked(piece: ast.stmt) -> set[str]:
    """Return the names that a piece asks the module for."""
    if not isinstance(piece, ast.FunctionDef):
        return {node.id for node in walk(piece) if isinstance(node, ast.Name)}
    own = set(bound(piece.body)) | {one.arg for one in piece.args.args}
    inside = {node.id for one in piece.body for node in walk(one) if isinstance(node, ast.Name)}
    given = [*piece.args.defaults, *filter(None, piece.args.kw_defaults)]
    defaults = [node for one in given for node in walk(one)]
    return inside - own | {node.id for node in defaults if isinstance(node, ast.Name)}


class _Calls(ast.NodeTransformer):
    """Calls of what has moved to `home` become calls of functions there."""

    def __init__(self, plan: Plan, home: str, module: str, owner: str) -> None:
        self._plan = plan
        self._home = home
        self._module = module
        self._owner = owner

    def _moved(self, key: Key | None) -> Unit | None:
        unit = self._plan.units.get(key) if key else None
        return unit if unit is not None and self._home in unit.homes else None

    def _key(self, node: ast.AST) -> Key | None:
        return self._plan.key_of(node, self._module, self._owner)

    def visit_Call(self, node: ast.Call) -> ast.Call:
        key = self._key(node.func)
        unit = self._moved(key)
        made = self._moved((key[1], INIT)) if key and not key[0] else None
        self.generic_visit(node)
        if made is not None:
            node.args.insert(0, ast.Call(node.func, [], []))
            node.func = ast.Name(made.moved_name, ast.Load())
        elif unit is not None and unit.owner and isinstance(node.func, ast.Attribute):
            node.args.insert(0, node.func.value)
            node.func = ast.Name(unit.moved_name, ast.Load())
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        key = self._key(node)
        if key and not key[0] and self._moved(key):
            return ast.Name(key[1], node.ctx)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        key = self._key(node)
        if key and not key[0] and self._moved(key):
            return ast.Name(key[1], node.ctx)
        self.generic_visit(node)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == self._plan.core:
            node.names = [one for one in node.names if not self._moved(("", one.name))]
        return node if node.names else ast.Pass()

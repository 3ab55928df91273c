"""Makes one module of many: each module costs a device half a kB before it does anything.

What two modules call the same gets the module's name behind it; `module.name` becomes the name.
Modules that stay outside (loaded by few boards, or for a moment) import from the one instead.
"""

import ast
from collections.abc import Iterable

from tools.compact.meanings import imported, one_each
from tools.compact.nodes import walk

Trees = dict[str, ast.Module]
OF_THE_COMPILER = {"ptr8", "ptr16", "ptr32", "micropython"}  # viper knows them by their spelling


def closure(trees: Trees, roots: Iterable[str]) -> list[str]:
    """Return the roots and what they import when they are imported, each after what it needs."""
    order: list[str] = []

    def add(module: str) -> None:
        if module not in order and module in trees:
            for needed in _needed(trees[module], trees):
                if needed != module:
                    add(needed)
            order.append(module)

    for root in roots:
        add(root)
    return order


def _needed(tree: ast.Module, trees: Trees) -> Iterable[str]:
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                inner = f"{statement.module}.{alias.name}"
                yield inner if inner in trees else str(statement.module)
        elif isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)


def bundle(trees: Trees, inside: list[str], name: str) -> Trees:
    """Return the modules with those `inside`, in that order, made one of that name."""
    plan = _Plan(trees, inside, name)
    body: list[ast.stmt] = []
    for module in inside:
        tree = _Inside(plan, module).visit(trees[module])
        body += [one for one in tree.body if not isinstance(one, ast.Pass)]
    one_each(name, imported(body))
    found = {name: ast.Module(_each_once(body), [])}
    for module, tree in trees.items():
        if module not in plan.inside:
            # who imports nothing of it has nothing to change
            found[module] = _Outside(plan, module).visit(tree) if plan.imports[module] else tree
    return found


def _each_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """The same import of the same thing is needed once."""
    seen = set[str]()
    kept = []
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            text = ast.unparse(statement)
            if text in seen:
                continue
            seen.add(text)
        kept.append(statement)
    return kept


class _Plan:
    """Where each name of each module is from, and what it is called in the one module."""

    def __init__(self, trees: Trees, inside: list[str], name: str) -> None:
        self.trees = trees
        self.inside = set(inside)
        self.package, _, self.short = name.rpartition(".")
        self.globals = {module: set(bound(trees[module].body)) for module in inside}
        self.imports = {
            module: one_each(module, self._imports(tree)) for module, tree in trees.items()
        }
        self.foreign = {module: set(_imported(trees[module].body)) for module in inside}

    def _imports(self, tree: ast.Module) -> Iterable[tuple[str, tuple[str, str]]]:
        """Yield (name here, (module inside, name there or "" for itself))."""
        for node in walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    if inner in self.inside:
                        yield alias.asname or alias.name, (inner, "")
                    elif node.module in self.inside:
                        yield alias.asname or alias.name, (node.module or "", alias.name)
            elif isinstance(node, ast.Import):  # a dotted name is imported to be there, only
                for alias in node.names:
                    if alias.name in self.inside and (alias.asname or "." not in alias.name):
                        yield alias.asname or alias.name, (alias.name, "")

    def called(self, module: str, name: str) -> str:
        """Return what the module's `name` is called in the one module."""
        if name in OF_THE_COMPILER:
            return name
        further = self.imports[module].get(name)
        if further is not None:
            assert further[1], f"{module}.{name} is a module"
            return self.called(*further)
        # what a module that is not ours gave is the same everywhere
        if name not in self.globals[module] or name in self.foreign[module]:
            return name
        givers = [one for one in self.inside if name in self.globals[one]]
        is_unique = sum(name not in self.imports[one] for one in givers) == 1
        if name.endswith("Error") and is_unique:  # people read it
            return name
        return f"{name}__{module.replace('.', '_')}"


def _imported(body: list[ast.stmt]) -> Iterable[str]:
    """Yield the names that imports at the top of a module bind."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                yield alias.asname or alias.name.split(".")[0]


def bound(body: list[ast.stmt]) -> Iterable[str]:
    """Yield the names that statements bind in their own scope."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    yield alias.asname or alias.name.split(".")[0]
            case _:
                yield from _stored(statement)


def _stored(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    if isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            yield from bound([child])
        elif not isinstance(child, ast.Lambda | ast.comprehension):
            yield from _stored(child)


class _Scoped(ast.NodeTransformer):
    """Follows which names are a function's own."""

    def __init__(self, plan: _Plan, module: str) -> None:
        self.plan = plan
        self.module = module
        self.imports = plan.imports[module]
        self._scopes: list[tuple[bool, set[str]]] = []  # of a class; names

    def is_own(self, name: str) -> bool:
        innermost = len(self._scopes) - 1
        return any(
            name in names and (not is_class or depth == innermost)
            for depth, (is_class, names) in enumerate(self._scopes)
        )

    def _within(self, names: Iterable[str], node: ast.AST, is_class: bool = False) -> None:
        self._scopes.append((is_class, set(names)))
        self.generic_visit(node)
        self._scopes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        names = set(bound(node.body))
        for inner in walk(node):
            if isinstance(inner, ast.Global):
                names -= set(inner.names)
                inner.names = [self.global_name(name) for name in inner.names]
        arguments = {one.arg for one in walk(node.args) if isinstance(one, ast.arg)}
        # what a function imports of the bundle is no name of its own
        names = arguments | {name for name in names if name not in self.imports}
        # what is computed where the function is made, not where it runs
        defaults = [self.visit(one) for one in node.args.defaults]
        decorators = [self.visit(one) for one in node.decorator_list]
        node.args.defaults, node.decorator_list = [], []
        self._within(names, node)
        node.args.defaults, node.decorator_list = defaults, decorators
        if not self._scopes:
            node.name = self.global_name(node.name)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        defaults = [self.visit(one) for one in node.args.defaults]
        node.args.defaults = []
        self._within({one.arg for one in node.args.args}, node)
        node.args.defaults = defaults
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.bases = [self.visit(one) for one in node.bases]
        bases, node.bases = node.bases, []
        self._within(bound(node.body), node, is_class=True)
        node.bases = bases
        if not self._scopes:
            node.name = self.global_name(node.name)
        return node

    def _comprehension(self, node: ast.AST) -> ast.AST:
        names = {
            inner.id
            for one in walk(node)
            if isinstance(one, ast.comprehension)
            for inner in walk(one.target)
            if isinstance(inner, ast.Name)
        }
        self._within(names, node)
        return node

    visit_ListComp = visit_SetComp = _comprehension  # noqa: N815  ast names them
    visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def global_name(self, name: str) -> str:
        raise NotImplementedError


class _Inside(_Scoped):
    def global_name(self, name: str) -> str:
        return self.plan.called(self.module, name)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not self.is_own(node.id):
            node.id = self.global_name(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        holder = node.value
        if isinstance(holder, ast.Name) and not self.is_own(holder.id):
            module, inner = self.imports.get(holder.id, ("", "x"))
            if not inner:
                return ast.Name(self.plan.called(module, node.attr), node.ctx)
        self.generic_visit(node)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        node.names = [one for one in node.names if (one.asname or one.name) not in self.imports]
        return node if node.names else ast.Pass()

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        node.names = [one for one in node.names if one.name not in self.plan.inside]
        return node if node.names else ast.Pass()


class _Outside(_Scoped):
    def global_name(self, name: str) -> str:
        return name

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        holder = node.value
        if isinstance(holder, ast.Name) and not self.is_own(holder.id):
            module, inner = self.imports.get(holder.id, ("", "x"))
            if not inner:
                node.attr = self.plan.called(module, node.attr)
                return node
        self.generic_visit(node)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        plan = self.plan
        kept: list[ast.alias] = []
        found: list[ast.stmt] = []
        for alias in node.names:
            here = alias.asname or alias.name
            if here not in self.imports:
                kept.append(alias)
                continue
            module, inner = self.imports[here]
            if inner:
                there = ast.alias(plan.called(module, inner), here)
                found.append(ast.ImportFrom(f"{plan.package}.{plan.short}", [there], 0))
            else:
                found.append(ast.ImportFrom(plan.package, [ast.alias(plan.short, here)], 0))
        return found + ([ast.ImportFrom(node.module, kept, 0)] if kept else [])

    def visit_Import(self, node: ast.Import) -> ast.AST | list[ast.stmt]:
        plan = self.plan
        found: list[ast.stmt] = [
            ast.ImportFrom(plan.package, [ast.alias(plan.short, alias.asname or alias.name)], 0)
            for alias in node.names
            if (alias.asname or alias.name) in self.imports
        ]
        node.names = [one for one in node.names if one.name not in plan.inside]
        return [*found, node] if node.names else found or ast.Pass()

"""Puts the core's namedtuples into a module that is forgotten once the core has them.

What a module's own code names once, such as the tuples of their fields' names, lives on in the
table of constants of a module; a type of a namedtuple keeps nothing of the module that made it.
"""

import ast

Trees = dict[str, ast.Module]
SHORT = "kinds"


def apart(trees: Trees, core: str) -> None:
    package, _, _ = core.rpartition(".")
    if core not in trees or not package:
        return
    body = trees[core].body
    made = [one for one in body if _is_kind(one)]
    name = f"{package}.{SHORT}"
    if not made:
        return
    assert name not in trees, name
    maker = ast.ImportFrom("collections", [ast.alias("namedtuple")], 0)
    trees[name] = ast.Module([maker, *made], [])
    names = [ast.alias(target.id) for one in made for target in one.targets]  # type: ignore[attr-defined]
    forget = f"import sys\ndel sys.modules[{name!r}], sys.modules[{package!r}].{SHORT}\n"
    trees[core].body = [
        ast.ImportFrom(name, names, 0),
        *ast.parse(forget).body,
        *(one for one in body if not _is_kind(one) and ast.dump(one) != ast.dump(maker)),
    ]


def _is_kind(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="namedtuple"))):
            return True
    return False

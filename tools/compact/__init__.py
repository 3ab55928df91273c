"""Makes a device's modules small: what costs heap there and does nothing is taken out.

On a device the code lies in the heap, and of it a quarter is names. So, before compilation, over
all modules of a copy at once:

    trimming.py    no docstrings, annotations, code for type checkers; nothing that nobody names
    constants.py   an integer by the name of a constant becomes the integer
    bundle.py      what is loaded together is one module
    sinking.py     what only forgotten modules call is in those (moving.py does it)
    inlining.py    a function that is called from one place is in that place
    kinds.py       types of namedtuples are made elsewhere
    privates.py    classes share the names of what only they use
    names.py       each of our other names becomes two letters, the same everywhere
    classes.py     nothing in a class that nobody put there
    frequent.py    bytecode writes the most frequent names in one byte each

What a module does stays the same: the whole firmware passes its tests in this form too
(tests/firmware/test_compact.py). Names that the world knows stay as they are: those of
MicroPython's modules and types, of text that is compared or looked up, of errors, and `main`.
"""

import ast
from collections.abc import Iterable, Mapping

from tools.compact import (
    bundle,
    classes,
    constants,
    frequent,
    inlining,
    kinds,
    moving,
    names,
    trimming,
)


def compact(
    sources: dict[str, str],
    bundles: Mapping[str, Iterable[str]],
    core: str = "",
    forgotten: Iterable[str] = (),
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the modules, by the names they are imported by, and what each name is called now.

    bundles: name of a new module -> modules that become it, with what they need and no earlier
    bundle has
    core: the module that lives on
    forgotten: modules that are loaded for a moment, after it
    """
    trees = {module: ast.parse(source) for module, source in sources.items()}
    for tree in trees.values():
        trimming.strip(tree)
    constants.inline(trees)
    trimming.drop_unnamed(trees)
    names.share_privates(trees)
    packages = [one for one in trees if is_package(one, trees)]
    for name, roots in bundles.items():
        taken = {*packages, *bundles}
        inside = [one for one in bundle.closure(trees, roots) if one not in taken]
        if inside:
            trees = bundle.bundle(trees, inside, name)
    for one in packages:
        if not is_package(one, trees):  # all that was in it is in a bundle
            del trees[one]
    moving.sink(trees, core, forgotten, names.of_the_world(trees))
    inlining.inline(trees, core, names.of_the_world(trees))
    kinds.apart(trees, core)
    called = names.rename(trees)
    for tree in trees.values():
        classes.empty(tree)
        frequent.number(tree)
    return {
        module: ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        for module, tree in trees.items()
    }, called


def is_package(module: str, trees: Iterable[str]) -> bool:
    return any(other.startswith(module + ".") for other in trees)

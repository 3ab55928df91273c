"""Takes out of classes what MicroPython puts into each and nobody asks for.

That is the name of the module and the class's own, 8 bytes each in its table of methods; what is
printed of a class is kept elsewhere. Removed first, their places are the first two methods'.
"""

import ast

from tools.compact.nodes import walk

PUT_IN = ("__qualname__", "__module__")


def empty(tree: ast.Module) -> None:
    for node in walk(tree):
        if isinstance(node, ast.ClassDef):
            names: list[ast.expr] = [ast.Name(name, ast.Del()) for name in PUT_IN]
            node.body.insert(0, ast.Delete(names))

"""Gives a module's most frequent names the numbers that bytecode writes in one byte.

A .mpy file numbers its names in the order in which the compiler meets them, and it meets names of
attributes in the module's own code first; bytecode writes a number below 128 in one byte, others
in two. So a large module begins with its most frequent names, as attributes in a branch that never
runs and is forgotten with the module's own code.
"""

import ast
from collections import Counter
from collections.abc import Iterable

from tools.compact.nodes import walk

ONE_BYTE = 128
TAKEN = 3  # by the file's name, the module's and the one that the branch asks for


def number(tree: ast.Module) -> None:
    """Let the most frequent names of a large module come first."""
    found = Counter(_looked_up(tree))
    if len(found) <= ONE_BYTE:
        return
    first = [name for name, _ in found.most_common(ONE_BYTE - TAKEN)]
    never = ast.UnaryOp(ast.Not(), ast.Name("__name__", ast.Load()))
    chain: ast.expr = ast.Name("__name__", ast.Load())
    for name in first:
        chain = ast.Attribute(chain, name, ast.Load())
    tree.body.insert(0, ast.If(never, [ast.Expr(chain)], []))


def _looked_up(tree: ast.Module) -> Iterable[str]:
    """Yield each name as often as code that stays writes its number, more or less.

    A variable of a function has none; that it may be called like a global is left aside.
    """
    for node in walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name):
                yield name
                variables = _variables(node)
                for inner in walk(node):
                    if isinstance(inner, ast.Name) and inner.id not in variables:
                        yield inner.id


def _variables(function: ast.FunctionDef) -> set[str]:
    own = {one.arg for one in walk(function) if isinstance(one, ast.arg)}
    return own | {
        node.id
        for node in walk(function)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }

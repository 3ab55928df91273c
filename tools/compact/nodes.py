"""Going through a tree: ast.walk in half of its time, which is most of a compaction's."""

import ast
from collections import deque
from collections.abc import Iterator


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the tree and all below it, level by level; without Load, Store and Del themselves."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                waiting.extend([one for one in value if isinstance(one, ast.AST)])
            elif isinstance(value, ast.AST) and field != "ctx":
                waiting.append(value)
        yield node

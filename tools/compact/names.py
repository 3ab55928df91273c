"""Gives our own names two letters, the same ones in every module."""

import ast
import builtins
import io
import keyword
import select
import socket
import ssl
from array import array
from collections import Counter, namedtuple
from collections.abc import Iterable
from hashlib import sha256
from string import ascii_letters

from tools.compact import privates, shorts
from tools.compact.bundle import bound
from tools.compact.nodes import walk

# Of MicroPython's machine, network and esp32, what CPython does not have: methods and options.
_WORDS = """
    Pin SPI I2C WDT RTC WLAN value init deinit on off irq write_readinto readinto readfrom_mem_into
    readfrom_mem readfrom_into writeto_mem writeto readfrom scan feed datetime active connect
    disconnect isconnected ifconfig ipconfig config status timeout baudrate polarity phase sck mosi
    miso freq scl sda read write reset reset_cause ioctl setblocking register poll viper native
    asm_thumb const ptr ptr8 ptr16 ptr32 uint micropython mode addr buf stop info label erase mem
    server_hostname do_handshake_on_connect verify_mode wrap_socket load_cert_chain errno args cls
"""
OF_THE_DEVICE = set(_WORDS.split())
_KNOWN_TYPES: list[object] = [
    *(object, int, str, bytes, bytearray, list, tuple, dict, set, memoryview, range, float),
    *(BaseException, OSError, StopIteration, array, socket.socket, ssl.SSLContext, sha256()),
    *(io.BytesIO, io.StringIO, io.FileIO, io.TextIOWrapper, namedtuple("Any", ()), builtins),
    select.poll(),
]


def share_privates(trees: dict[str, ast.Module]) -> None:
    privates.share(trees.values(), of_the_world(trees))


def rename(trees: dict[str, ast.Module]) -> dict[str, str]:
    """Rename in place; return what each name is called now."""
    fixed = of_the_world(trees)
    texts = {text for tree in trees.values() for text in _texts(tree)}  # options in a dict
    by_keyword = texts | {
        node.arg
        for tree in trees.values()
        for node in walk(tree)
        if isinstance(node, ast.keyword) and node.arg
    }
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                _share_arguments(node, by_keyword)
    ours = Counter[str]()
    for tree in trees.values():
        ours.update(name for name in _given(tree) if name not in fixed and not _is_special(name))
    long = {name for name in ours if len(name) > 2} - shorts.only_locals(trees.values())
    called = shorts.short_for(trees, long, fixed | set(ours))
    for tree in trees.values():
        _Rename(called).visit(tree)
    return called


def _share_arguments(function: ast.FunctionDef | ast.Lambda, by_keyword: set[str]) -> None:
    """Call arguments that nobody names a, b, c, ... : each name costs a device twelve bytes."""
    body = function.body if isinstance(function.body, list) else [function.body]
    # defaults are computed outside, where the same name may be another's
    nodes = [node for part in (*function.args.args, *body) for node in walk(part)]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    used |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    used |= {name for node in nodes if isinstance(node, ast.Nonlocal) for name in node.names}
    used |= set(bound(function.body)) if isinstance(function, ast.FunctionDef) else set()
    used |= {one.arg for one in (function.args.vararg, function.args.kwarg) if one}
    free = (letter for letter in ascii_letters if letter not in used)
    called = {
        one.arg: next(free)
        for one in function.args.args
        if one.arg not in by_keyword and one.arg != "self" and len(one.arg) > 1
    }
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in called:
            node.id = called[node.id]
        elif isinstance(node, ast.arg) and node.arg in called:
            node.arg = called[node.arg]


def _is_special(name: str) -> bool:
    return name.startswith("__") or name.endswith("Error") or name.startswith("test_")


def _given(tree: ast.Module) -> Iterable[str]:
    """Yield the names that a module gives to something."""
    for node in walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name
            case ast.Call() if _is_namedtuple(node):
                yield from _fields(node)


def _is_namedtuple(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "namedtuple"


def _fields(node: ast.Call) -> Iterable[str]:
    if isinstance(node.args[1], ast.Tuple):
        for one in node.args[1].elts:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def of_the_world(trees: dict[str, ast.Module]) -> set[str]:
    fixed = {"main", "run", "self", *OF_THE_DEVICE, *keyword.kwlist, *dir(builtins)}
    for known in _KNOWN_TYPES:
        fixed |= set(dir(known))
    for module in trees:
        fixed |= set(module.split("."))
    for tree in trees.values():
        fixed |= set(_foreign(tree, trees)) | set(_texts(tree))
    return fixed


def _foreign(tree: ast.Module, trees: dict[str, ast.Module]) -> Iterable[str]:
    """Yield what is named of modules that are not ours, and how they are called."""
    ours = {module.split(".")[0] for module in trees}
    foreign = set[str]()
    for node in walk(tree):
        if isinstance(node, ast.Import):
            outside = [a for a in node.names if a.name.split(".")[0] not in ours]
            foreign |= {alias.asname or alias.name for alias in outside}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in ours:
            foreign |= {alias.asname or alias.name for alias in node.names}
            yield from (alias.name for alias in node.names)
    yield from foreign
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and _root(node) in foreign:
            yield node.attr
        elif isinstance(node, ast.Call) and _root(node.func) in foreign:
            yield from (one.arg for one in node.keywords if one.arg)
        elif isinstance(node, ast.ClassDef) and any(_root(one) in foreign for one in node.bases):
            yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef))


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _texts(tree: ast.Module) -> Iterable[str]:
    """Yield all text but that of namedtuples: it may be looked up, by others too."""
    named = {
        id(one)
        for node in walk(tree)
        if isinstance(node, ast.Call) and _is_namedtuple(node)
        for one in walk(node)
    }
    for node in walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in named
        ):
            yield node.value


class _Rename(ast.NodeTransformer):
    def __init__(self, called: dict[str, str]) -> None:
        self._called = called

    def _now(self, name: str) -> str:
        return self._called.get(name, name)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._now(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        self.generic_visit(node)
        node.attr = self._now(node.attr)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        self.generic_visit(node)
        node.arg = self._now(node.arg)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        self.generic_visit(node)
        node.arg = node.arg and self._now(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.name = self._now(node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.name = self._now(node.name)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        self.generic_visit(node)
        node.name = node.name and self._now(node.name)
        return node

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> ast.Global | ast.Nonlocal:
        node.names = [self._now(name) for name in node.names]
        return node

    visit_Nonlocal = visit_Global  # noqa: N815  ast names it

    def visit_alias(self, node: ast.alias) -> ast.alias:
        node.name = self._now(node.name)
        node.asname = node.asname and self._now(node.asname)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if _is_namedtuple(node) and isinstance(node.args[1], ast.Tuple):
            for one in node.args[1].elts:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    one.value = self._now(one.value)
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """Call the type of a namedtuple as the variable: another name would be one more."""
        self.generic_visit(node)
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and _is_namedtuple(value):
            value.args[0] = ast.Constant(target.id)
        return node

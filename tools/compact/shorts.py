"""Which short name stands for which of ours; the fewer different ones, the less heap they take.

Each name that a device does not have in its read-only memory takes it ten bytes, and the table of
them is doubled when it is full. So one short name stands for as many of ours as cannot meet:

    an attribute and a global name       they are looked up in different places
    global names of different modules    unless one imports the other

and names that MicroPython has anyway, and none of our modules uses, are taken first.
"""

import ast
import builtins
import keyword
from collections.abc import Iterable
from string import ascii_letters, digits

from tools.compact import bundle
from tools.compact.nodes import walk

Trees = dict[str, ast.Module]
# In the read-only memory of every port that we run on: methods of sets, text and bytes (py/), and
# functions of math, heapq, random, uctypes, framebuf, os and time (extmod/). A name that a port
# lacks after all costs its length, nothing else.
_IN_ROM = """
    acos asin atan atan2 ceil copysign cos degrees exp fabs floor fmod frexp isfinite isinf isnan
    ldexp log modf pi pow radians sin sqrt tan trunc acosh asinh atanh cosh erf erfc expm1 gamma
    lgamma log10 log2 sinh tanh heapify heappop heappush choice randint random randrange seed
    uniform addressof bytearray_at bytes_at sizeof difference difference_update discard
    intersection intersection_update isdisjoint issubset issuperset symmetric_difference
    symmetric_difference_update union center isalpha islower isspace isupper lower lstrip
    partition rfind rindex rsplit splitlines fromkeys popitem setdefault reverse oct hex bin chr
    eval exec execfile globals locals input help issubclass callable filter compile a2b_base64
    b2a_base64 sha1 deque appendleft popleft calcsize dump load dumps
    PTR VOID ARRAY NATIVE UINT8 INT8 UINT16 INT16 UINT32 INT32 UINT64 INT64 BFUINT8 BFINT8
    BFUINT16 BFINT16 BFUINT32 BFINT32 BF_POS BF_LEN FLOAT32 FLOAT64 SHORT USHORT LONG ULONG
    LONGLONG ULONGLONG
    AUTO DeflateIO FrameBuffer GZIP ZLIB RAW GS8 MVLSB RGB565 GS2_HMSB GS4_HMSB MONO_HLSB MONO_HMSB
    MONO_VLSB RingIO Signal aes blit ellipse fill fill_rect hline vline line pixel poly scroll rect
    group match search heap_lock heap_unlock kbd_intr opt_level qstr_info stack_use mem_info
    soft_reset time_pulse_us mem8 mem16 mem32 byteorder exc_info version_info platform
    print_exception chdir getcwd localtime gmtime mktime ticks_cpu urandom statvfs VfsFat VfsLfs2
"""
IN_ROM = tuple(_IN_ROM.split())
# The same, of what our modules may use themselves: builtins, methods of types, errors. An
# attribute of ours may be called so where no other is; a global name too, but like no builtin.
_USED_IN_ROM = """
    append clear copy count extend index insert remove pop sort keys values items get update find
    split join strip replace startswith endswith format encode decode from_bytes to_bytes send
    throw abs all any bool bytearray bytes classmethod delattr dict dir divmod enumerate float
    frozenset getattr hasattr hash id int isinstance iter len list map max memoryview min next
    object open ord print property range repr reversed round set setattr slice sorted staticmethod
    str sum super tuple type zip Ellipsis ArithmeticError AssertionError AttributeError
    BaseException EOFError Exception GeneratorExit ImportError IndexError KeyError
    KeyboardInterrupt LookupError MemoryError NameError NotImplementedError OSError OverflowError
    RuntimeError StopIteration SyntaxError SystemExit TypeError ValueError ZeroDivisionError EPERM
    ENOENT EIO EBADF EAGAIN ENOMEM EACCES EEXIST ENODEV EISDIR EINVAL EOPNOTSUPP EADDRINUSE
    ECONNABORTED ECONNRESET ENOBUFS ENOTCONN ETIMEDOUT ECONNREFUSED EHOSTUNREACH EALREADY
    EINPROGRESS errorcode binascii builtins collections gc hashlib heapq io json math micropython
    os select socket struct sys time uctypes vfs argv path modules stderr stdin stdout version
    implementation OrderedDict mount umount ilistdir rename stat mkdir rmdir listdir sleep
    sleep_us ticks_ms ticks_add ticks_diff POLLIN POLLOUT POLLERR POLLHUP ipoll unregister modify
    sha256 digest collect disable enable isenabled mem_alloc mem_free threshold unhexlify
    hexlify loads readblocks writeblocks readline readlines seek tell
"""
USED_IN_ROM = tuple(_USED_IN_ROM.split())


def short_for(trees: Trees, names: set[str], fixed: set[str]) -> dict[str, str]:
    """Return what each of `names` is to be called; nothing is called like one of `fixed`."""
    homes = {name: set[str]() for name in names}
    attributes = set[str]()
    for module, tree in trees.items():
        for name in _in_a_scope(tree):
            if name in homes:
                homes[name].add(module)
        attributes |= set(_of_an_object(tree))
    everywhere = attributes & {name for name, found in homes.items() if found}
    seen = set(_seen(trees.values()))
    texts = set(_texts(trees.values()))
    given = {name for tree in trees.values() for name in _given_to_objects(tree)} | texts
    scoped = {name for tree in trees.values() for name in _in_a_scope(tree)} | texts
    free = [name for name in IN_ROM if name not in seen]
    free += [name for name in _two_letters() if name not in fixed | seen]
    shorts = iter(free)
    called = {name: next(shorts) for name in sorted(everywhere & names)}
    both = set(called.values())
    shorts = iter([name for name in USED_IN_ROM if name not in given] + [*free[len(both) :]])
    for name in sorted((attributes - everywhere) & names):
        called[name] = next(shorts)
    reserved = scoped | set(dir(builtins))
    usable = [name for name in USED_IN_ROM if name not in reserved]
    usable += [short for short in free if short not in both]
    taken = {short: set[str]() for short in usable}  # the modules in which it is a global name
    # those that many modules know first: they are the hardest to place
    for name in sorted(names - attributes, key=lambda one: (-len(homes[one]), one)):
        short = next(one for one in usable if not taken[one] & homes[name])
        taken[short] |= homes[name]
        called[name] = short
    return called


def _two_letters() -> Iterable[str]:
    two = (a + b for a in ascii_letters for b in ascii_letters + digits)
    return (name for name in two if not keyword.iskeyword(name))


def _seen(trees: Iterable[ast.Module]) -> Iterable[str]:
    """Yield all names and texts that there are, ours and others'."""
    for tree in trees:
        yield from _in_a_scope(tree)
        yield from _of_an_object(tree)
    yield from _texts(trees)


def _texts(trees: Iterable[ast.Module]) -> Iterable[str]:
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _given_to_objects(tree: ast.Module) -> Iterable[str]:
    """Yield names that our code gives to attributes, methods and arguments in a call."""
    yield from _in_a_class(tree)
    for node in walk(tree):
        match node:
            case (
                ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()) | ast.keyword(arg=str(name))
            ):
                yield name
            case ast.ClassDef(body=body):
                yield from bundle.bound(body)
            case ast.ImportFrom(names=names):  # modules are objects, too
                yield from (one.name for one in names)
            case ast.Module(body=body):
                yield from bundle.bound(body)


def only_locals(trees: Iterable[ast.Module]) -> set[str]:
    """Return names that only functions know, as variables: in bytecode they are numbers."""
    variables = set[str]()
    others = set[str]()
    for tree in trees:
        variables |= {
            node.id
            for node in walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        others |= set(_of_an_object(tree))
        for owner in (tree, *_classes(tree)):
            others |= set(bundle.bound(owner.body))
        for node in walk(tree):
            match node:
                case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    others.add(name)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    others |= set(names)
                case ast.alias(name=name, asname=asname):
                    others |= {name, asname or name}
    return variables - others


def _in_a_scope(tree: ast.Module) -> Iterable[str]:
    """Yield names that are looked up among those of a function, a class or the module."""
    methods = {id(one) for owner in _classes(tree) for one in owner.body}
    for node in walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) if id(node) not in methods:
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.alias(name=name, asname=asname):
                yield from (name, asname or name)


def _of_an_object(tree: ast.Module) -> Iterable[str]:
    """Yield names that are looked up in an object, or given by name in a call."""
    for node in walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.Call(func=ast.Name(id="namedtuple"), args=[_, ast.Tuple(elts=fields)]):
                yield from (one.value for one in fields if isinstance(one, ast.Constant))
    for owner in _classes(tree):
        for statement in owner.body:
            if isinstance(statement, ast.FunctionDef):
                yield statement.name
    yield from _in_a_class(tree)


def _in_a_class(tree: ast.Module) -> Iterable[str]:
    """Yield what is looked up while a class is made: there are the names of its methods, too."""
    for owner in _classes(tree):
        for statement in owner.body:
            inside: list[ast.expr | ast.stmt | None] = [statement]
            if isinstance(statement, ast.FunctionDef):
                arguments = statement.args
                inside = [*statement.decorator_list, *arguments.defaults, *arguments.kw_defaults]
            for one in inside:
                names = walk(one) if one is not None else ()
                yield from (node.id for node in names if isinstance(node, ast.Name))


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in walk(tree) if isinstance(node, ast.ClassDef)]

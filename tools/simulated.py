"""The firmware's kernels as another processor would run them: compiled by mpy-cross, simulated.

    device = ...                a Simulated: tools/xtensa/kernels.py, tools/riscv.py
    device.install()            every kernel called from now on is run there

Arguments are copied into the device's memory for each call, with gaps between them that nothing
may touch, and back afterwards.
"""

import ast
import mmap
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from groundswell import kernel

from tools.build_firmware import FIRMWARE, compiled
from tools.xtensa.mpy_file import viper_functions

Bytes = npt.NDArray[np.uint8]

BASE = 0x3FFB0000  # address of memory[0]: where an ESP32 has its RAM
HELPERS = 0x41000000  # address of the runtime's function 0, as far as we have any
READ, WRITE = 1, 2  # what `allowed` says of each byte
MEMORY_BYTES = 1 << 18
GAP_BYTES = 32
OBJECTS = 4096  # first byte of what is there for every call: function, context, table of helpers

_STACK_BYTES = 2048
_ARGUMENTS = 2 * OBJECTS


class KernelError(Exception):
    """The machine code did what no kernel may do."""


class Simulated:
    """A device's memory, and what all processors have in common.

    A processor says what it is compiled for, how far the runtime's functions are apart, what it
    makes of machine code, and how it runs that: with the address and number of its arguments.
    """

    architecture = ""
    helper_bytes = 1

    def __init__(self) -> None:
        self.memory: Bytes = np.frombuffer(mmap.mmap(-1, MEMORY_BYTES), np.uint8)
        self.allowed = np.zeros(MEMORY_BYTES, np.uint8)
        self._programs: dict[str, Any] = {}
        self._prepare()

    def program_of(self, code: bytes) -> Any:
        raise NotImplementedError

    def execute(self, name: str, program: Any, words_at: int, count: int) -> int:
        """Return what the kernel returns, unsigned. Raises KernelError."""
        raise NotImplementedError

    def install(self) -> None:
        """Let every kernel that has been imported run here."""
        for one in kernel.KERNELS:
            one.run = self._caller(one)

    @staticmethod
    def remove() -> None:
        """Undo `install`."""
        for one in kernel.KERNELS:
            one.run = one.plain

    def load(self, source: str, name: str) -> None:
        """Compile one module; its kernels are called NAME.FUNCTION from now on."""
        names = [f"{name}.{function}" for function in _kernel_names(source)]
        codes = viper_functions(compiled(source, self.architecture))
        if len(names) != len(codes):
            raise ValueError(f"{name}: {len(names)} kernels in the source, {len(codes)} compiled")
        for one, code in zip(names, codes):
            self._programs[one] = self.program_of(code)

    def call(self, name: str, *arguments: Any) -> int:
        words, places = self._place(arguments)
        words_at = self._write_words(_ARGUMENTS, words)
        try:
            answer = self.execute(name, self._programs[name], words_at, len(arguments))
        finally:
            self._take_back(places)
        return answer - 0x100000000 if answer >> 31 else answer

    def _caller(self, one: "kernel.Kernel") -> Callable[..., int]:
        module, name = one.plain.__module__, one.plain.__name__
        full = f"{module}.{name}"
        if full not in self._programs:
            self.load(_source_of(module), module)
        return lambda *arguments: self.call(full, *arguments)

    def _prepare(self) -> None:
        """A function object: its second word is the module's context, whose fourth is a table of
        constants, one of which is the table of the runtime's functions (py/emitnative.c). A
        kernel needs no other constant, so here all are."""
        context, constants, helpers = [OBJECTS + 1024 * index for index in (1, 2, 3)]
        self._write_words(OBJECTS, [0, BASE + context])
        self._write_words(context, [0, 0, 0, BASE + constants])
        self._write_words(constants, [BASE + helpers] * 256)
        self._write_words(helpers, [HELPERS + self.helper_bytes * index for index in range(64)])
        self._allow(MEMORY_BYTES - _STACK_BYTES, _STACK_BYTES, READ | WRITE)

    def _write_words(self, at: int, words: list[int]) -> int:
        """Write words that the kernel may read; return their address."""
        content = np.array([word & 0xFFFFFFFF for word in words], np.uint32).view(np.uint8)
        self.memory[at : at + len(content)] = content
        self._allow(at, len(content), READ)
        return BASE + at

    def _allow(self, at: int, count: int, what: int) -> None:
        self.allowed[at : at + count] = what

    def _place(self, arguments: tuple[Any, ...]) -> tuple[list[int], dict[int, tuple[int, Any]]]:
        """Copy the buffers among the arguments; return the words to pass, and what lies where."""
        at = _ARGUMENTS + 4 * len(arguments) + GAP_BYTES
        places: dict[int, tuple[int, Any]] = {}
        words = []
        for one in arguments:
            if isinstance(one, int):
                words.append(one)
                continue
            if id(one) not in places:
                content = np.frombuffer(one, np.uint8)
                places[id(one)] = at, one
                self.memory[at : at + len(content)] = content
                is_constant = isinstance(one, bytes)
                self._allow(at, len(content), READ if is_constant else READ | WRITE)
                at = (at + len(content) + GAP_BYTES + 15) & ~15
            words.append(BASE + places[id(one)][0])
        return words, places

    def _take_back(self, places: dict[int, tuple[int, Any]]) -> None:
        for at, one in places.values():
            content = np.frombuffer(one, np.uint8)
            if not isinstance(one, bytes):
                content[:] = self.memory[at : at + len(content)]
            self._allow(at, len(content), 0)


def _source_of(module: str) -> str:
    folders = module.split(".")
    if folders[0] == "firmware":
        folders = folders[1:]
    return (FIRMWARE.joinpath(*folders).with_suffix(".py")).read_text()


def _kernel_names(source: str) -> list[str]:
    return [
        one.name
        for one in ast.parse(source).body
        if isinstance(one, ast.FunctionDef)
        and "micropython.viper" in map(ast.unparse, one.decorator_list)
    ]

"""The firmware's kernels as an ESP32 would run them: compiled by mpy-cross, run by `processor`.

    device = Device()
    device.install()            every kernel called from now on is run there
    device.cost_of(f, ...)      what the kernels cost that f(...) called

Arguments are copied into the device's memory for each call, with gaps between them that nothing
may touch, and back afterwards.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from groundswell import kernel

from tools.build_firmware import FIRMWARE, compiled
from tools.xtensa import processor
from tools.xtensa.mpy_file import viper_functions

HERTZ = 240_000_000

_MEMORY_BYTES = 1 << 20
_GAP_BYTES = 32
_STACK_BYTES = 2048
_OBJECTS = 4096  # first byte of what is there for every call: function, context, table of helpers
_ARGUMENTS = 2 * _OBJECTS


@dataclass(frozen=True)
class Cost:
    instructions: int = 0
    cycles: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.instructions + other.instructions, self.cycles + other.cycles)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.instructions - other.instructions, self.cycles - other.cycles)

    def __str__(self) -> str:
        ms = self.cycles / HERTZ * 1000
        return f"{self.instructions} instructions, {self.cycles} cycles, {ms:.3f} ms at 240 MHz"


class KernelError(Exception):
    """The machine code did what no kernel may do."""


class Device:
    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}  # of all calls so far, by kernel
        self._programs: dict[str, processor.Numbers] = {}
        self._memory = np.zeros(_MEMORY_BYTES, np.uint8)
        self._allowed = np.zeros(_MEMORY_BYTES, np.uint8)
        self._prepare()

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
        codes = viper_functions(compiled(source, "xtensawin"))
        if len(names) != len(codes):
            raise ValueError(f"{name}: {len(names)} kernels in the source, {len(codes)} compiled")
        for one, code in zip(names, codes):
            self._programs[one] = processor.program_of(code)

    def call(self, name: str, *arguments: Any) -> int:
        registers = np.zeros(16, np.int64)
        counts = np.zeros(3, np.int64)
        words, places = self._place(arguments)
        registers[1] = processor.BASE + _MEMORY_BYTES - _GAP_BYTES
        registers[2] = processor.BASE + _OBJECTS
        registers[3] = len(arguments)
        registers[5] = self._write_words(_ARGUMENTS, words)
        status = processor.run(
            self._programs[name], self._memory, self._allowed, registers, counts
        )
        self._take_back(places)
        if status != processor.DONE:
            raise KernelError(f"{name} at {counts[2]:#x}: {processor.FAILURES[status]}")
        cost = Cost(int(counts[0]), int(counts[1]))
        self.costs[name] = self.costs.get(name, Cost()) + cost
        return int(processor.signed(registers[2]))

    def cost_of(self, something: Callable[..., object], *arguments: Any) -> Cost:
        before = self.cost
        something(*arguments)
        return self.cost - before

    @property
    def cost(self) -> Cost:
        return sum(self.costs.values(), Cost())

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
        context, constants, helpers = [_OBJECTS + 1024 * index for index in (1, 2, 3)]
        self._write_words(_OBJECTS, [0, processor.BASE + context])
        self._write_words(context, [0, 0, 0, processor.BASE + constants])
        self._write_words(constants, [processor.BASE + helpers] * 256)
        self._write_words(helpers, [processor.HELPERS + index for index in range(64)])
        self._allow(_MEMORY_BYTES - _STACK_BYTES, _STACK_BYTES, processor.READ | processor.WRITE)

    def _write_words(self, at: int, words: list[int]) -> int:
        """Write words that the kernel may read; return their address."""
        content = np.array([word & 0xFFFFFFFF for word in words], np.uint32).view(np.uint8)
        self._memory[at : at + len(content)] = content
        self._allow(at, len(content), processor.READ)
        return processor.BASE + at

    def _allow(self, at: int, count: int, what: int) -> None:
        self._allowed[at : at + count] = what

    def _place(self, arguments: tuple[Any, ...]) -> tuple[list[int], dict[int, tuple[int, Any]]]:
        """Copy the buffers among the arguments; return the words to pass, and what lies where."""
        at = _ARGUMENTS + 4 * len(arguments) + _GAP_BYTES
        places: dict[int, tuple[int, Any]] = {}
        words = []
        for one in arguments:
            if isinstance(one, int):
                words.append(one)
                continue
            if id(one) not in places:
                content = np.frombuffer(one, np.uint8)
                places[id(one)] = at, one
                self._memory[at : at + len(content)] = content
                is_constant = isinstance(one, bytes)
                what = processor.READ if is_constant else processor.READ | processor.WRITE
                self._allow(at, len(content), what)
                at = (at + len(content) + _GAP_BYTES + 15) & ~15
            words.append(processor.BASE + places[id(one)][0])
        return words, places

    def _take_back(self, places: dict[int, tuple[int, Any]]) -> None:
        for at, one in places.values():
            content = np.frombuffer(one, np.uint8)
            if not isinstance(one, bytes):
                content[:] = self._memory[at : at + len(content)]
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

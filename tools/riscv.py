"""The firmware's kernels as an ESP32-C3 would run them: RV32IMC, emulated by Unicorn (of QEMU).

As tools/xtensa/kernels.py, but that nothing is counted: the emulator has no clock. What is written
outside of what a kernel may write is found out after the call, what is read there is not.
"""

from typing import Any

import numpy as np
from unicorn import UC_HOOK_CODE, UC_PROT_ALL, Uc, UcError, riscv_const, unicorn_const

from tools.simulated import (
    BASE,
    GAP_BYTES,
    HELPERS,
    MEMORY_BYTES,
    OBJECTS,
    WRITE,
    KernelError,
    Simulated,
)
from tools.xtensa import processor

CODE = 0x42000000  # where a C3 sees its flash
_CODE_BYTES = 1 << 18
_PAGE_BYTES = 4096
_HELPER_BYTES = 4
_END = HELPERS + _PAGE_BYTES - 4  # where a kernel returns to
_RETURN = (0x00008067).to_bytes(4, "little")  # jalr x0, 0(ra)
_MOST_US = 10_000_000
_POISON = 0xDEADBEE1  # what a call leaves in registers that are not the caller's any more
_NOT_KEPT = [getattr(riscv_const, f"UC_RISCV_REG_T{n}") for n in range(7)]
_NOT_KEPT += [getattr(riscv_const, f"UC_RISCV_REG_A{n}") for n in range(1, 8)]


class Riscv(Simulated):
    architecture = "rv32imc"
    helper_bytes = _HELPER_BYTES

    def __init__(self) -> None:
        super().__init__()
        self._free = CODE
        self._failure = ""
        self._cpu = cpu = Uc(unicorn_const.UC_ARCH_RISCV, unicorn_const.UC_MODE_RISCV32)
        cpu.ctl_set_cpu_model(riscv_const.UC_CPU_RISCV32_SIFIVE_E31)  # RV32IMAC: no floats
        cpu.mem_map_ptr(BASE, MEMORY_BYTES, UC_PROT_ALL, self.memory.ctypes.data)
        cpu.mem_map(CODE, _CODE_BYTES)
        cpu.mem_map(HELPERS, _PAGE_BYTES)
        cpu.mem_write(HELPERS, _RETURN * (_PAGE_BYTES // len(_RETURN)))
        cpu.hook_add(UC_HOOK_CODE, self._help, begin=HELPERS, end=_END - 1)

    def program_of(self, code: bytes) -> int:
        at = self._free
        self._cpu.mem_write(at, code)
        self._free += (len(code) + 15) & ~15
        return at

    def execute(self, name: str, program: int, words_at: int, count: int) -> int:
        cpu, registers = self._cpu, riscv_const
        before = self.memory.copy()
        for register, value in (
            (registers.UC_RISCV_REG_RA, _END),
            (registers.UC_RISCV_REG_SP, BASE + MEMORY_BYTES - GAP_BYTES),
            (registers.UC_RISCV_REG_A0, BASE + OBJECTS),
            (registers.UC_RISCV_REG_A1, count),
            (registers.UC_RISCV_REG_A2, 0),
            (registers.UC_RISCV_REG_A3, words_at),
        ):
            cpu.reg_write(register, value)
        self._failure = ""
        try:
            cpu.emu_start(program, _END, _MOST_US)
        except UcError as error:
            at = cpu.reg_read(registers.UC_RISCV_REG_PC) - program
            raise KernelError(f"{name} at {at:#x}: {error}") from error
        if not self._failure and cpu.reg_read(registers.UC_RISCV_REG_PC) != _END:
            self._failure = processor.FAILURES[processor.TOO_LONG]
        if np.any((self.memory != before) & ((self.allowed & WRITE) == 0)):
            self._failure = processor.FAILURES[processor.NOT_ALLOWED]
        if self._failure:
            raise KernelError(f"{name}: {self._failure}")
        return int(cpu.reg_read(registers.UC_RISCV_REG_A0))

    def _help(self, cpu: Uc, address: int, size: int, data: Any) -> None:
        """Do what a function of the runtime does, at its first instruction; the next returns."""
        helper = (address - HELPERS) // _HELPER_BYTES
        first, second = (
            cpu.reg_read(register)
            for register in (riscv_const.UC_RISCV_REG_A0, riscv_const.UC_RISCV_REG_A1)
        )
        divides = helper in (processor.FLOOR_DIVIDE, processor.MODULO)
        answer = -1
        if not (divides and second == 0):
            answer = int(processor.help_out(helper, first, second))
        if answer < 0:
            what = processor.BY_ZERO if divides else processor.NO_HELPER
            self._failure = processor.FAILURES[what]
            cpu.emu_stop()
            return
        for register in _NOT_KEPT:
            cpu.reg_write(register, _POISON)
        cpu.reg_write(riscv_const.UC_RISCV_REG_A0, answer)

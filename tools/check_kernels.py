"""Call kernels with known arguments and compare with known results; CPython and MicroPython.

    check_kernels.py FILE [--compiled | --xtensa | --riscv]

FILE is from tools/kernel_cases.py. Prints a line a kernel: wrong values, and how many there are.
--compiled: kernels compiled by numba; --xtensa: machine code for the ESP32, simulated;
--riscv: for the ESP32-C3, emulated.
"""

import binascii
import sys
from array import array


def kernel_named(name):
    module, _, function = name.rpartition(".")
    found = __import__(module)
    for part in module.split(".")[1:]:
        found = getattr(found, part)
    return getattr(found, function)


def argument(word):
    """Return what a word of the file stands for: a number, or an array and what it is to become.

    12, or CODE:BEFORE:AFTER with the bytes in hexadecimal; AFTER is ? where nobody cares, and
    nothing where it is to stay as it is.
    """
    if ":" not in word:
        return int(word), None
    code, before, after = word.split(":")
    wanted = None if after == "?" else array(code, binascii.unhexlify(after or before))
    return array(code, binascii.unhexlify(before)), wanted


def check(line):
    """Return the kernel's name, wrong values, values."""
    name, answer, *words = line.split()
    both = [argument(word) for word in words]
    wrong = int(kernel_named(name)(*[one for one, _ in both]) != int(answer))
    values = 1
    for word, (found, wanted) in zip(words, both):
        if wanted is not None:
            wrong += sum([a != b for a, b in zip(found, wanted)])
            values += len(wanted) if not word.endswith(":") else 0
    return name, wrong, values


def main(path):
    counts = {}
    with open(path) as file:  # noqa: PTH123  # MicroPython has no pathlib
        for line in file:
            name, wrong, values = check(line)
            sums = counts.get(name, (0, 0))
            counts[name] = (sums[0] + wrong, sums[1] + values)
    for name in sorted(counts):
        print(name + ":", counts[name][0], "wrong of", counts[name][1])


if __name__ == "__main__":
    if len(sys.argv) > 2:
        with open(sys.argv[1]) as names:  # noqa: PTH123
            for one in {line.split()[0] for line in names}:
                kernel_named(one)  # a kernel must have been imported to be replaced
    if "--compiled" in sys.argv:
        from replay.compiled import compile_kernels

        compile_kernels()
    if "--xtensa" in sys.argv:
        from tools.xtensa.kernels import Device

        Device().install()
    if "--riscv" in sys.argv:
        from tools.riscv import Riscv

        Riscv().install()
    main(sys.argv[1])

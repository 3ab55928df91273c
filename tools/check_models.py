"""Run models on known inputs and compare with known outputs; runs on CPython and MicroPython.

    check_models.py FOLDER [--compiled | --numpy | --xtensa | --riscv]

FOLDER holds NAME.tflite, NAME.inputs and NAME.outputs (int8, one vector after another), from
tools/make_test_models.py. Prints a line a model: wrong values, values, microseconds and bytes of
heap of one run (counted on MicroPython only), bytes of memory.
--compiled: kernels compiled by numba; --numpy: their twins; --xtensa: machine code for the ESP32,
simulated, with a line of what it costs there; --riscv: for the ESP32-C3, emulated.
"""

import gc
import os
import sys
import time

from groundswell.model import Model

ROUNDS = 5


def microseconds():
    if hasattr(time, "ticks_us"):
        return time.ticks_us()
    return time.perf_counter_ns() // 1000


def heap_bytes():
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def read(path):
    with open(path, "rb") as file:  # noqa: PTH123  # MicroPython has no pathlib
        return file.read()


def wrong_values(model, inputs, outputs):
    """Return how many values differ, and how many there are."""
    wrong = 0
    places = range(0, len(inputs), model.input_count)
    for index, start in enumerate(places):
        answer = model.run(inputs[start : start + model.input_count])
        expected = outputs[index * model.output_count : (index + 1) * model.output_count]
        wrong += sum([value & 255 != byte for value, byte in zip(answer, expected)])
    return wrong, len(places) * model.output_count


def shortest_us(model, samples):
    """The shortest of many: the machine's other work can only add."""
    shortest = 1000000
    for _ in range(ROUNDS):
        start_us = microseconds()
        model.run(samples)
        shortest = min(shortest, microseconds() - start_us)
    return shortest


def heap_of_a_run(model, samples):
    gc.collect()
    before = heap_bytes()
    for _ in range(ROUNDS):
        model.run(samples)
    return (heap_bytes() - before) / ROUNDS


def main(folder, device=None):
    """device: of tools/xtensa, on which the kernels run"""
    files = os.listdir(folder)  # noqa: PTH208  # MicroPython has no pathlib
    for name in sorted([one[:-7] for one in files if one.endswith(".tflite")]):
        path = folder + "/" + name
        start_us = microseconds()
        model = Model(read(path + ".tflite"))
        load_us = microseconds() - start_us
        inputs = read(path + ".inputs")
        wrong, values = wrong_values(model, inputs, read(path + ".outputs"))
        samples = inputs[: model.input_count]
        if device is not None:
            print(name + ":", device.cost_of(model.run, samples))
        print(
            f"{name}: {wrong} wrong of {values}; {shortest_us(model, samples)} us and"
            f" {heap_of_a_run(model, samples)} bytes of heap a run; {model.multiply_adds}"
            f" multiplications, {model.ram_bytes} bytes of memory, loaded in {load_us} us"
        )


if __name__ == "__main__":
    simulated = None
    if "--compiled" in sys.argv:
        from replay.compiled import compile_kernels

        compile_kernels()
    if "--numpy" in sys.argv:
        from firmware import twins

        twins.install()
    if "--xtensa" in sys.argv:
        from tools.xtensa.kernels import Device

        simulated = Device()
        simulated.install()
    if "--riscv" in sys.argv:
        from tools.riscv import Riscv

        Riscv().install()
    main(sys.argv[1], simulated)

import gc
import sys

from firmware import lean
from firmware.early import READER
from groundswell.model import Model

from small_model import FILE, INPUT, OUTPUT

IS_DEVICE = sys.implementation.name == "micropython"
LEAST_B = 10000


def test_a_model_runs_on_when_what_made_it_is_forgotten():
    model = Model(FILE)

    lean.forget(*READER)

    assert ("groundswell.packing" in sys.modules) != IS_DEVICE
    assert bytes([q & 255 for q in model.run(INPUT)]) == OUTPUT


def test_what_was_forgotten_can_be_had_again():
    lean.forget(*READER)
    assert bytes([q & 255 for q in Model(FILE).run(INPUT)]) == OUTPUT
    lean.forget("groundswell.nobody", "nobody")


def freed_b(depth):
    """Return what is free again once the reader is forgotten, this deep in calls."""
    if depth:
        return freed_b(depth - 1)
    Model(FILE)
    gc.collect()
    before = gc.mem_alloc()
    lean.forget(*READER)
    return before - gc.mem_alloc()


def test_a_device_has_more_memory_afterwards():
    """The collector takes whatever lies on the stack for an address: one of several depths."""
    if IS_DEVICE:
        freed = [freed_b(depth) for depth in range(8)]
        assert max(freed) >= LEAST_B

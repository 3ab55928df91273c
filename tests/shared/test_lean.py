import gc
import sys

from firmware import lean
from firmware.assembly import READER
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


def test_a_device_has_more_memory_afterwards():
    Model(FILE)
    gc.collect()
    before = gc.mem_alloc() if IS_DEVICE else 0

    lean.forget(*READER)

    if IS_DEVICE:
        assert before - gc.mem_alloc() >= LEAST_B

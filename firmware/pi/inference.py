"""Who computes the network on a Raspberry Pi; the bytes are the same whoever does.

LiteRT with its reference kernels where there is a wheel (64 bits), else our own interpreter with
its layers in NumPy. LiteRT's default kernels are quicker still and round otherwise.
"""

import sys
from array import array

from groundswell.model import Model

TYPE_CHECKING = False  # as in the modules that MicroPython reads
if TYPE_CHECKING:
    from typing import Any


class LiteRtModel:
    """A model.Model whose network LiteRT runs; whether the node can run it is judged as before."""

    def __init__(self, file: bytes) -> None:
        """Raises ImportError where there is no LiteRT, ModelError as model.Model."""
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        ours = Model(file)
        self.input_count = ours.input_count
        self.input_zero = ours.input_zero
        self.output_count = ours.output_count
        self.output_zero = ours.output_zero
        self._interpreter: "Any" = Interpreter(
            model_content=file,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
            num_threads=1,
        )
        self._interpreter.allocate_tensors()
        self._input: "Any" = self._interpreter.get_input_details()[0]
        self._output: "Any" = self._interpreter.get_output_details()[0]

    def run(self, samples: "array[int] | bytes") -> "array[int]":
        """Return the output for these int8 samples."""
        if len(samples) != self.input_count:
            raise ValueError(f"{len(samples)} samples instead of {self.input_count}")
        import numpy as np

        given = np.frombuffer(samples, np.int8).reshape(self._input["shape"])
        self._interpreter.set_tensor(self._input["index"], given)
        self._interpreter.invoke()
        return array("b", self._interpreter.get_tensor(self._output["index"]).tobytes())


def quickest(file: bytes) -> "tuple[LiteRtModel | Model, str]":
    """Return the model and, for the journal, who runs it."""
    try:
        return LiteRtModel(file), "LiteRT"
    except ImportError:
        pass
    try:
        from firmware import twins
    except ImportError:
        return Model(file), "plain Python"
    twins.install()
    return Model(file), f"NumPy ({sys.maxsize.bit_length() + 1} bits)"

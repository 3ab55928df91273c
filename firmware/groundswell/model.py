"""Runs a small int8 convolutional network from a .tflite file, with the bytes of LiteRT.

    model = Model(file)        # ModelError with the reason, or a model that can run
    answer = model.run(input)  # int8 in, array("b") out; allocates nothing

packing.py is imported when a model is made; who has no more to make may forget it.
"""

from groundswell import elementwise, layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from groundswell.flatbuffer import Bytes
    from groundswell.packing import Packed
    from groundswell.scales import Real


class Model:
    """A network that is ready to run."""

    ram_bytes: int  # of all its arrays
    multiply_adds: int  # of one run

    def __init__(self, file: "Bytes | Packed") -> None:
        """file: a .tflite, or what packing.pack made of it. Raises ModelError."""
        if isinstance(file, tuple):
            packed = file
        else:
            from groundswell import packing  # some 25 kB of code

            packed = packing.pack(file)
        self._layers = packed.layers
        self._source = packed.source
        self._target = packed.target
        self._answer: array[int] = packed.answer
        self.input_count: int = packed.input.count
        self.input_scale: Real = packed.input.scale  # mantissa, exponent of two
        self.input_zero: int = packed.input.zero
        self.output_count: int = packed.output.count
        self.output_scale: Real = packed.output.scale
        self.output_zero: int = packed.output.zero
        self.ram_bytes = packed.ram_bytes
        self.multiply_adds = packed.multiply_adds

    def run(self, samples: "array[int] | bytes") -> "array[int]":
        """Return the output for these int8 samples, in an array that the next run overwrites."""
        if len(samples) != self.input_count:
            raise ValueError(f"{len(samples)} samples instead of {self.input_count}")
        # bytes too: the kernel masks what it reads
        elementwise.move_in(samples, self._source, self.input_count)  # type: ignore[arg-type]
        layer.run(self._layers)
        elementwise.move_out(self._target, self._answer, self.output_count)
        return self._answer

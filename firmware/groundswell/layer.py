"""The layers of a model that is ready to run. `run` allocates nothing.

What reads and packs a file (packing.py and what it needs) is not imported here, so that a device
can do without its memory once the model is there.
"""

from array import array

from groundswell import elementwise, inference

TYPE_CHECKING = False
if TYPE_CHECKING:
    Planes = tuple[array[int], ...]


class Layer:
    """One step: reads the arrays `sources`, writes `target`."""

    def __init__(self) -> None:
        self.sources: list[array[int]] = []
        self.target: array[int] = array("B", ())

    def run(self) -> None:
        raise NotImplementedError


class Dense(Layer):
    """Every output channel sees every input channel of its window: see inference.convolve."""

    def __init__(
        self, planes: "Planes", row: "array[int]", table: "array[int]", parameters: "array[int]"
    ) -> None:
        super().__init__()
        self._planes = planes
        self._row = row
        self._table = table
        self._parameters = parameters

    def run(self) -> None:
        w = self._planes
        source = self.sources[0]
        inference.convolve(
            0,
            0,
            w[0],
            w[1],
            w[2],
            w[3],
            w[4],
            w[5],
            w[6],
            w[7],
            source,
            self.target,
            self._row,
            self._table,
            self._parameters,
        )


class Depthwise(Dense):
    """Every output channel sees one input channel, its own."""

    def run(self) -> None:
        w = self._planes
        source = self.sources[0]
        inference.convolve_depthwise(
            0,
            0,
            w[0],
            w[1],
            w[2],
            w[3],
            source,
            self.target,
            self._row,
            self._table,
            self._parameters,
        )


class Pool(Layer):
    def __init__(self, parameters: "array[int]") -> None:
        super().__init__()
        self._parameters = parameters

    def run(self) -> None:
        elementwise.pool(0, 0, self.sources[0], self.target, self._parameters)


class Add(Layer):
    def __init__(self, of_a: "array[int]", of_b: "array[int]", parameters: "array[int]") -> None:
        super().__init__()
        self._of_a = of_a
        self._of_b = of_b
        self._parameters = parameters

    def run(self) -> None:
        a, b = self.sources
        elementwise.add(a, b, self.target, self._of_a, self._of_b, self._parameters)


class Table(Layer):
    def __init__(self, table: "array[int]", size: int) -> None:
        super().__init__()
        self._table = table
        self._size = size

    def run(self) -> None:
        elementwise.look_up(self.sources[0], self.target, self._table, self._size)


class Pad(Layer):
    def __init__(self, before: int, size: int, after: int, zero: int) -> None:
        super().__init__()
        self._before = before
        self._size = size
        self._after = after
        self._zero = zero

    def run(self) -> None:
        source = self.sources[0]
        elementwise.pad(source, self.target, self._before, self._size, self._after, self._zero)

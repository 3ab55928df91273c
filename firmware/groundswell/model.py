"""Runs a small int8 convolutional network from a .tflite file, with the bytes of LiteRT.

    model = Model(file)        # ModelError with the reason, or a model that can run
    answer = model.run(input)  # int8 in, array("b") out; allocates nothing

Everything is checked, packed and allocated at the start; the file is not needed afterwards.
Tensors are (1, 1, time, channels). Activations share memory: a slot is free again after the last
layer that reads it.
"""

from array import array

from groundswell import elementwise, graph, layers, weighted
from groundswell import requirements as require
from groundswell.budget import RAM_BYTES, Budget
from groundswell.flatbuffer import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from groundswell.flatbuffer import Bytes
    from groundswell.graph import Graph, Operator, Tensor
    from groundswell.layer import Layer
    from groundswell.scales import Real

_ADD = 0
_BUILDERS: "dict[int, Callable[[Operator, list[Tensor], Bytes, Budget], Layer]]" = {
    _ADD: layers.add,
    1: layers.pool,  # AVERAGE_POOL_2D
    3: weighted.convolution,
    4: weighted.depthwise,
    9: weighted.fully_connected,
    14: layers.logistic,
    17: layers.pool,  # MAX_POOL_2D
    34: layers.pad,
}
_SAME_BYTES = (22, 43, 70)  # RESHAPE, SQUEEZE, EXPAND_DIMS
_BEYOND = 3  # bytes behind its input that the depthwise kernel reads


class Model:
    """A network that is ready to run."""

    ram_bytes: int  # of all its arrays
    multiply_adds: int  # of one run

    def __init__(self, file: "Bytes", ram_limit_bytes: int = RAM_BYTES) -> None:
        whole = graph.read(file)
        budget = Budget(ram_limit_bytes)
        plan = _Plan(whole)
        self._layers = tuple([_build(one, whole, file, budget) for one in plan.operators])
        slots = [budget.bytes(size + _BEYOND) for size in plan.slot_sizes]
        for layer, one in zip(self._layers, plan.operators):
            layer.sources = [slots[plan.slot_of(index)] for index in _sources(one)]
            layer.target = slots[plan.slot_of(one.outputs[0])]
        self._source = slots[plan.slot_of(whole.input)]
        self._target = slots[plan.slot_of(whole.output)]
        source, target = whole.tensors[whole.input], whole.tensors[whole.output]
        self.input_count = graph.size_of(source.shape)
        self.input_scale: Real = graph.scale_of(source)  # mantissa, exponent of two
        self.input_zero = graph.zero_of(source)
        self.output_count = graph.size_of(target.shape)
        self.output_scale: Real = graph.scale_of(target)
        self.output_zero = graph.zero_of(target)
        budget.bytes(self.output_count)
        self._answer = array("b", bytes(self.output_count))
        self.ram_bytes = budget.ram_bytes
        self.multiply_adds = budget.multiply_adds

    def run(self, samples: "array[int] | bytes") -> "array[int]":
        """Return the output for these int8 samples, in an array that the next run overwrites."""
        if len(samples) != self.input_count:
            raise ValueError(f"{len(samples)} samples instead of {self.input_count}")
        # bytes too: the kernel masks what it reads
        elementwise.move_in(samples, self._source, self.input_count)  # type: ignore[arg-type]
        for layer in self._layers:
            layer.run()
        elementwise.move_out(self._target, self._answer, self.output_count)
        return self._answer


class _Plan:
    """Which operators run, and which slot of memory holds each tensor."""

    def __init__(self, whole: "Graph") -> None:
        self._tensors = whole.tensors
        self._home = {whole.input: whole.input}  # of each tensor: whose bytes it shares
        self._slots: dict[int, int] = {}
        self.slot_sizes: list[int] = []
        self.operators: list[Operator] = []
        require.activation(whole.tensors[whole.input])
        for operator in whole.operators:
            self._order(operator)
        require.need(whole.output in self._home, "no operator makes the output")
        self._place(self._home[whole.input], self._home[whole.output])

    def slot_of(self, tensor: int) -> int:
        return self._slots[self._home[tensor]]

    def _order(self, operator: "Operator") -> None:
        """Check that the operator reads what is there already and writes what is not."""
        if operator.code not in _BUILDERS and operator.code not in _SAME_BYTES:
            raise ModelError(f"operator {_name(operator)} is not known here")
        require.need(len(operator.outputs) == 1, "unexpected number of outputs")
        require.need(len(operator.inputs) > 0, "an operator without input")
        source, target = operator.inputs[0], operator.outputs[0]
        is_in_order = all([index in self._home for index in _sources(operator)])
        is_new = target >= 0 and target not in self._home
        require.need(is_in_order and is_new, "operators out of order")
        if operator.code in _SAME_BYTES:
            a, b = self._tensors[source], self._tensors[target]
            require.activation(b)
            require.need(graph.size_of(a.shape) == graph.size_of(b.shape), "sizes do not fit")
            self._home[target] = self._home[source]
        else:
            self._home[target] = target
            self.operators.append(operator)

    def _place(self, first: int, last: int) -> None:
        ends = {first: 0, last: len(self.operators)}  # the last operator that reads it
        for index, operator in enumerate(self.operators):
            for tensor in _sources(operator):
                ends[self._home[tensor]] = max(index, ends.get(self._home[tensor], 0))
        ends[last] = len(self.operators)
        self._take_slot(first, {}, 0)
        for index, operator in enumerate(self.operators):
            self._take_slot(operator.outputs[0], ends, index)

    def _take_slot(self, tensor: int, ends: "dict[int, int]", now: int) -> None:
        """Give the tensor the free slot that fits best, or the largest and enlarge it."""
        size = graph.size_of(self._tensors[tensor].shape)
        busy = [slot for held, slot in self._slots.items() if ends.get(held, -1) >= now]
        free = [slot for slot in range(len(self.slot_sizes)) if slot not in busy]
        fitting = [slot for slot in free if self.slot_sizes[slot] >= size]
        if fitting:
            chosen = min(fitting, key=lambda slot: self.slot_sizes[slot])
        elif free:
            chosen = max(free, key=lambda slot: self.slot_sizes[slot])
            self.slot_sizes[chosen] = size
        else:
            chosen = len(self.slot_sizes)
            self.slot_sizes.append(size)
        self._slots[tensor] = chosen


def _sources(operator: "Operator") -> "tuple[int, ...]":
    """Return the inputs that are activations, not constants."""
    inputs: tuple[int, ...] = operator.inputs
    return inputs[:2] if operator.code == _ADD else inputs[:1]


def _build(operator: "Operator", whole: "Graph", file: "Bytes", budget: Budget) -> "Layer":
    try:
        return _BUILDERS[operator.code](operator, whole.tensors, file, budget)
    except ModelError as error:
        raise ModelError(f"{_name(operator)}: {error}")  # noqa: B904  # MicroPython drops causes


def _name(operator: "Operator") -> str:
    from groundswell.operator_names import name_of  # read only for a model that is refused

    return f"CUSTOM {operator.name}" if operator.code == graph.CUSTOM else name_of(operator.code)

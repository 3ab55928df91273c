"""Reads a .tflite file and packs a model from it: needed once, at the start (model.py).

Everything is checked, packed and allocated here; the file is not needed afterwards. Tensors are
(1, 1, time, channels). Activations share memory: a slot is free again after the last layer that
reads it.
"""

from array import array
from collections import namedtuple

from groundswell import graph, layers, weighted
from groundswell import requirements as require
from groundswell.budget import Budget
from groundswell.flatbuffer import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from groundswell.flatbuffer import Bytes
    from groundswell.graph import Graph, Operator, Tensor

    Step = tuple[int, Any, Any]  # of a layer: kind, parameters, more (layer.py)

RAM_BYTES = 64 * 1024  # what a model may take: half of the heap that the whole node has
_ADD = 0
_BUILDERS: "dict[int, Callable[[Operator, list[Tensor], Bytes, Budget], Step]]" = {
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

Ends = namedtuple("Ends", ("count", "scale", "zero"))  # of a model's input or output
Packed = namedtuple(
    "Packed",
    ("layers", "source", "target", "answer", "input", "output", "ram_bytes", "multiply_adds"),
)


def pack(file: "Bytes", ram_limit_bytes: int = RAM_BYTES) -> Packed:
    whole = graph.read(file)
    budget = Budget(ram_limit_bytes)
    plan = _Plan(whole)
    steps = [_build(one, whole, file, budget) for one in plan.operators]
    slots = [budget.bytes(size + _BEYOND) for size in plan.slot_sizes]
    ready = []
    for (kind, parameters, more), one in zip(steps, plan.operators):
        source, *others = [slots[plan.slot_of(index)] for index in _sources(one)]
        if others:
            more = (others[0],) + more
        ready.append((kind, source, slots[plan.slot_of(one.outputs[0])], parameters, more))
    target = _ends(whole.tensors[whole.output])
    budget.bytes(target.count)
    return Packed(
        tuple(ready),
        slots[plan.slot_of(whole.input)],
        slots[plan.slot_of(whole.output)],
        array("b", bytes(target.count)),
        _ends(whole.tensors[whole.input]),
        target,
        budget.ram_bytes,
        budget.multiply_adds,
    )


def _ends(tensor: "Tensor") -> Ends:
    return Ends(graph.size_of(tensor.shape), graph.scale_of(tensor), graph.zero_of(tensor))


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


def _build(operator: "Operator", whole: "Graph", file: "Bytes", budget: Budget) -> "Step":
    try:
        return _BUILDERS[operator.code](operator, whole.tensors, file, budget)
    except ModelError as error:
        raise ModelError(f"{_name(operator)}: {error}")  # noqa: B904  # MicroPython drops causes


def _name(operator: "Operator") -> str:
    from groundswell.operator_names import name_of  # read only for a model that is refused

    return f"CUSTOM {operator.name}" if operator.code == graph.CUSTOM else name_of(operator.code)

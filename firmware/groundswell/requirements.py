"""What every layer asks of its operator, its tensors and its numbers, refused with a reason.

Here stand the bounds of the kernels (inference.py): within them the arithmetic is exact.
"""

from collections import namedtuple

from groundswell import graph, scales
from groundswell.flatbuffer import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from groundswell.flatbuffer import Table
    from groundswell.graph import Operator, Tensor

ACCUMULATOR_LIMIT = 1 << 29
_SAME, _VALID = 0, 1  # enum Padding
_NONE, _RELU, _RELU_N1_TO_1, _RELU6 = 0, 1, 2, 3  # enum ActivationFunctionType

# Windows in time: how many, rows from one to the next, rows of one, first row of the first
Windows = namedtuple("Windows", ("count", "step", "rows", "start"))


def need(claim: bool, reason: str) -> None:
    if not claim:
        raise ModelError(reason)


def options(operator: "Operator", kind: int) -> "Table":
    table: "Table | None" = operator.options
    if table is None or operator.options_kind != kind:
        raise ModelError("no options of its kind")
    return table


def ends(operator: "Operator", inputs: int, optional: int = 0) -> None:
    """Check the number of inputs and that there is one output."""
    need(inputs <= len(operator.inputs) <= inputs + optional, "unexpected number of inputs")
    need(len(operator.outputs) == 1 and operator.outputs[0] >= 0, "unexpected number of outputs")
    need(min(operator.inputs[:inputs]) >= 0, "an input is missing")


def activation(tensor: "Tensor") -> None:
    kind = graph.kind_name(tensor.kind)
    need(tensor.kind == graph.INT8, f"activations of {kind} instead of int8")
    need(tensor.data_bytes == 0, "a constant where activations were expected")
    need(graph.scale_count(tensor) == 1, "activations without a scale, or with several")
    need(-128 <= graph.zero_of(tensor) <= 127, "zero point out of range")
    graph.scale_of(tensor)


def same_scale(a: "Tensor", b: "Tensor") -> None:
    is_same = graph.scale_of(a) == graph.scale_of(b) and graph.zero_of(a) == graph.zero_of(b)
    need(is_same, "input and output differ in scale")


def rows_and_channels(tensor: "Tensor") -> "tuple[int, int]":
    """Return the size in time and the channels of (1, 1, time, channels)."""
    shape = tensor.shape
    need(
        len(shape) == 4 and shape[0] == shape[1] == 1, f"shape {shape}: not (1, 1, time, channels)"
    )
    return shape[2], shape[3]


def windows(table: "Table", taps: int, source: "Tensor", target: "Tensor") -> Windows:
    """Return the windows of a convolution or pool: options 0, 1 are padding and stride in time.

    tensorflow/lite/kernels/padding.h
    """
    padding, step = table.number(0, width=1), table.number(1)
    rows, count = source.shape[2], target.shape[2]
    need(step > 0 and taps > 0 and padding in (_SAME, _VALID), "a window without sense")
    if padding == _SAME:
        expected = (rows + step - 1) // step
    else:
        expected = (rows - taps) // step + 1
    need(count == expected, f"{count} windows instead of {expected}")
    outside = max(0, (count - 1) * step + taps - rows)
    return Windows(count, step, taps, -(outside // 2))


def output_range(function: int, target: "Tensor") -> "tuple[int, int]":
    """Return lowest and highest output + 128 of a fused activation function.

    CalculateActivationRangeQuantized, tensorflow/lite/kernels/kernel_util.cc
    """
    zero, scale = graph.zero_of(target), graph.scale_of(target)
    low, high = -128, 127
    if function in (_RELU, _RELU6):
        low = max(low, zero)
    if function == _RELU6:
        high = min(high, zero + scales.steps_in(6, scale))
    if function == _RELU_N1_TO_1:
        low = max(low, zero - scales.steps_in(1, scale))
        high = min(high, zero + scales.steps_in(1, scale))
    need(_NONE <= function <= _RELU6, f"activation function {function}")
    return low + 128, high + 128


def requantisation(m: int, shift: int) -> "tuple[int, int, int, int]":
    """Return m1, m0, e, 2**(e-1) of the multiplier m * 2**(shift-31), as the kernels want it."""
    if m == 0:
        return 0, 0, 1, 1
    need(shift < 0, "a multiplier of 0.5 or more: the output's scale is too fine for the kernels")
    return m >> 16, m & 0xFFFF, -shift, 1 << (-shift - 1)

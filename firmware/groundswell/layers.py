"""Layers without weights made from their operators: pools, sums, tables and margins."""

from array import array

from groundswell import graph, layer, scales
from groundswell import requirements as require
from groundswell.flatbuffer import signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from groundswell.budget import Budget
    from groundswell.flatbuffer import Bytes
    from groundswell.graph import Operator, Tensor
    from groundswell.packing import Step

_AVERAGE_POOL_2D = 1


def pool(operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget") -> "Step":
    options = require.options(operator, 5)
    source, target = _activations(operator, tensors, 1)
    require.same_scale(source, target)
    rows, channels = require.rows_and_channels(source)
    is_flat = options.number(4) == 1 and options.number(2) > 0
    require.need(is_flat, "a window higher than one")
    require.need(require.rows_and_channels(target)[1] == channels, "sizes do not fit")
    windows = require.windows(options, options.number(3), source, target)
    budget.work(windows.count * windows.rows * channels)
    low, high = require.output_range(options.number(5, width=1), target)
    is_mean = int(operator.code == _AVERAGE_POOL_2D)
    sizes = (windows.count, windows.step, windows.rows, channels, is_mean)
    return layer.POOL, array("i", sizes + (low, high, windows.start, rows)), None


def add(operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget") -> "Step":
    options = require.options(operator, 11)
    a, b, target = _activations(operator, tensors, 2)
    require.need(a.shape == b.shape == target.shape, "a sum of different shapes")
    a_scale, b_scale = graph.scale_of(a), graph.scale_of(b)
    of_a, of_b = scales.add_tables(a_scale, graph.zero_of(a), b_scale, graph.zero_of(b))
    unit = scales.add_unit(a_scale, b_scale)
    multiplier = require.requantisation(*scales.multiplier(unit, graph.scale_of(target)))
    levels = require.output_range(options.number(0, width=1), target)
    zero = graph.zero_of(target) + 128
    parameters = array("i", (graph.size_of(a.shape),) + multiplier + (zero,) + levels)
    if _is_line(of_a, of_b[1] - of_b[0]) and _is_line(of_b, of_a[1] - of_a[0]):
        return layer.ADD_ALIKE, parameters + array("i", (of_a[1] - of_a[0], of_a[0] + of_b[0])), ()
    return layer.ADD, parameters, (budget.keep(of_a, 4), budget.keep(of_b, 4))


def _is_line(table: "array[int]", step: int) -> bool:
    return all([table[at] - table[at - 1] == step for at in range(1, len(table))])


def logistic(
    operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget"
) -> "Step":
    source, target = _activations(operator, tensors, 1)
    mantissa, exponent = graph.scale_of(target)
    is_share = mantissa == 1 << 23 and exponent == -31 and graph.zero_of(target) == -128
    require.need(is_share, "an output other than -128 + 256 * share")
    require.need(source.shape == target.shape, "sizes do not fit")
    table = scales.sigmoid_table(graph.scale_of(source), graph.zero_of(source))
    return layer.LOOK_UP, (graph.size_of(source.shape),), budget.keep(table, 1)


def pad(operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget") -> "Step":
    """Margins in time, filled with the zero point."""
    require.ends(operator, 2)
    source, target = tensors[operator.inputs[0]], tensors[operator.outputs[0]]
    require.activation(source)
    require.activation(target)
    require.same_scale(source, target)
    margins = _margins(tensors[operator.inputs[1]], file)
    rows, channels = require.rows_and_channels(source)
    before, after = margins[4:6]
    is_in_time = not any(margins[:4] + margins[6:]) and before >= 0 and after >= 0
    require.need(is_in_time, "margins in another dimension than time")
    fits = target.shape == (1, 1, before + rows + after, channels)
    require.need(fits, "sizes do not fit")
    zero = graph.zero_of(target) + 128
    return layer.PAD, (before * channels, rows * channels, after * channels, zero), None


def _margins(tensor: "Tensor", file: "Bytes") -> "list[int]":
    is_plain = tensor.kind == graph.INT32 and tensor.shape == (4, 2) and tensor.data_bytes == 32
    require.need(is_plain, "margins that are no constant of four pairs")
    return [signed(file, tensor.start + at, 4) for at in range(0, 32, 4)]


def _activations(operator: "Operator", tensors: "list[Tensor]", inputs: int) -> "list[Tensor]":
    """Return sources and target, sound activations all."""
    require.ends(operator, inputs)
    found = [tensors[index] for index in operator.inputs + operator.outputs]
    for tensor in found:
        require.activation(tensor)
    return found

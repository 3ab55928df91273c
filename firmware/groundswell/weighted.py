"""Layers with weights made from their operators: convolutions over time, fully connected ones."""

from array import array

from groundswell import graph, inference, layer, scales
from groundswell import requirements as require
from groundswell.flatbuffer import signed
from groundswell.requirements import Windows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from groundswell.budget import Budget
    from groundswell.flatbuffer import Bytes
    from groundswell.graph import Operator, Tensor
    from groundswell.packing import Step

NO_BIAS = graph.Tensor((), graph.INT32, None, 0, 0)
_MAX_TAPS = 33000  # 255 * 255 * taps < 2**31


class Weights:
    """Weights in planes, and what requantisation needs of each channel: see inference.py."""

    def __init__(
        self, planes: int, channels: int, taps: int, budget: "Budget", rounds_once: bool = False
    ) -> None:
        require.need(taps <= _MAX_TAPS, f"{taps} weights in a window")
        blocks = (channels + planes - 1) // planes
        self.blocks = blocks
        self.channels = channels
        self.taps = taps
        self.rounds_once = rounds_once
        self.planes = tuple([budget.bytes(blocks * taps) for _ in range(planes)])
        self.row = budget.words(blocks * planes)
        self.table = budget.words(channels * inference.ENTRY)

    def fill(
        self,
        file: "Bytes",
        tensors: "list[Tensor]",
        place: "Callable[[int, int], int | None]",
    ) -> None:
        """Pack; tensors: source, weights, bias, target; place: a tap's byte among the weights."""
        source, weights, bias, target = tensors
        reach = max(graph.zero_of(source) + 128, 127 - graph.zero_of(source))
        in_scale, out_scale = graph.scale_of(source), graph.scale_of(target)
        planes = len(self.planes)
        for channel in range(self.channels):
            plane = self.planes[channel % planes]
            first = channel // planes * self.taps
            size = 0
            for tap in range(self.taps):
                at = place(channel, tap)
                weight = 0 if at is None else signed(file, weights.start + at, 1)
                plane[first + tap] = weight + 128
                size += abs(weight)
            offset = 0 if bias is NO_BIAS else signed(file, bias.start + 4 * channel, 4)
            bound = size * reach + abs(offset)
            require.need(
                bound < require.ACCUMULATOR_LIMIT, f"a sum may reach {bound}, not below 2**29"
            )
            scale = scales.product(in_scale, graph.scale_of(weights, channel))
            if self.rounds_once:
                multiplier = scales.rounding_multiplier(scale, out_scale, bound)
            else:
                multiplier = scales.multiplier(scale, out_scale)
            entry = array("i", (offset,) + require.requantisation(*multiplier))
            self.table[channel * len(entry) : (channel + 1) * len(entry)] = entry

    def parameters(
        self, windows: Windows, size: int, zero: int, target: "Tensor", function: int
    ) -> "array[int]":
        low, high = require.output_range(function, target)
        sizes = (windows.count, windows.step, windows.rows, self.blocks, self.channels)
        levels = (zero + 128, graph.zero_of(target) + 128, low, high)
        return array("i", sizes + levels + (windows.start, size, int(self.rounds_once)))


def convolution(
    operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget"
) -> "Step":
    options = require.options(operator, 1)
    source, weights, _, target = four = _tensors(operator, tensors)
    rows, channels = require.rows_and_channels(source)
    out = require.rows_and_channels(target)[1]
    _check_stride(options.number(2), options.number(4, 1), options.number(5, 1))
    taps = _rows_of(weights, (out, channels), (0, 3))
    windows = require.windows(options, taps, source, target)
    _check_weights(four, out, 0)

    def place(channel: int, tap: int) -> int:
        return channel * taps * channels + tap

    function = options.number(3, width=1)
    return _dense(windows, (rows, channels, out), four, file, budget, place, function)


def depthwise(
    operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget"
) -> "Step":
    """One filter a channel; with several a channel (a small first layer) as a dense layer."""
    options = require.options(operator, 2)
    source, weights, _, target = four = _tensors(operator, tensors)
    rows, channels = require.rows_and_channels(source)
    out = require.rows_and_channels(target)[1]
    _check_stride(options.number(2), options.number(5, 1), options.number(6, 1))
    taps = _rows_of(weights, (1, out), (0, 3))
    require.need(out % channels == 0, f"{out} channels from {channels}")
    windows = require.windows(options, taps, source, target)
    _check_weights(four, out, 3)
    each = out // channels
    function = options.number(4, width=1)

    def place(channel: int, tap: int) -> "int | None":
        row, of = divmod(tap, channels)
        return row * out + channel if of == channel // each else None

    if each > 1:
        return _dense(windows, (rows, channels, out), four, file, budget, place, function)
    budget.work(windows.count * out * taps)
    packed = Weights(inference.DEPTHWISE_PLANES, out, taps, budget)
    packed.fill(file, four, lambda channel, tap: tap * out + channel)
    zero = graph.zero_of(source)
    parameters = packed.parameters(windows, rows, zero, target, function)
    return layer.DEPTHWISE, parameters, (packed.planes, packed.row, packed.table)


def fully_connected(
    operator: "Operator", tensors: "list[Tensor]", file: "Bytes", budget: "Budget"
) -> "Step":
    options = require.options(operator, 8)
    source, weights, _, target = four = _tensors(operator, tensors)
    require.need(options.number(1, width=1) == 0, "shuffled weights")
    require.need(len(weights.shape) == 2, f"weights of shape {weights.shape}")
    shape: tuple[int, ...] = weights.shape
    out, taps = shape
    windows = graph.size_of(source.shape) // taps
    is_whole = graph.size_of(source.shape) == windows * taps
    require.need(is_whole and graph.size_of(target.shape) == windows * out, "sizes do not fit")
    _check_weights(four, out, 0)

    def place(channel: int, tap: int) -> int:
        return channel * taps + tap

    rows = Windows(windows, 1, 1, 0)
    function = options.number(0, width=1)
    return _dense(rows, (windows, taps, out), four, file, budget, place, function, True)


def _dense(
    windows: Windows,
    sizes: "tuple[int, int, int]",
    tensors: "list[Tensor]",
    file: "Bytes",
    budget: "Budget",
    place: "Callable[[int, int], int | None]",
    function: int,
    rounds_once: bool = False,
) -> "Step":
    """sizes: rows and channels of the input, channels of the output."""
    rows, channels, out = sizes
    taps = windows.rows * channels
    budget.work(windows.count * out * taps)
    packed = Weights(inference.PLANES, out, taps, budget, rounds_once)
    packed.fill(file, tensors, place)
    flat = Windows(windows.count, windows.step * channels, taps, windows.start * channels)
    zero, target = graph.zero_of(tensors[0]), tensors[3]
    parameters = packed.parameters(flat, rows * channels, zero, target, function)
    return layer.DENSE, parameters, (packed.planes, packed.row, packed.table)


def _tensors(operator: "Operator", tensors: "list[Tensor]") -> "list[Tensor]":
    """Return source, weights, bias or NO_BIAS, target; source and target are sound."""
    require.ends(operator, 2, optional=1)
    bias = operator.inputs[2] if len(operator.inputs) > 2 else -1
    source, target = tensors[operator.inputs[0]], tensors[operator.outputs[0]]
    require.activation(source)
    require.activation(target)
    return [source, tensors[operator.inputs[1]], NO_BIAS if bias < 0 else tensors[bias], target]


def _check_stride(height: int, dilation_time: int, dilation_height: int) -> None:
    require.need(height > 0, "a stride without sense")
    is_plain = dilation_time == 1 and dilation_height == 1
    require.need(is_plain, f"dilation {max(dilation_time, dilation_height)}")


def _rows_of(weights: "Tensor", expected: "tuple[int, int]", dimensions: "tuple[int, int]") -> int:
    """Return the size in time of (a, 1, time, b), where a and b are as expected."""
    shape = weights.shape
    is_flat = len(shape) == 4 and shape[1] == 1
    fits = is_flat and (shape[dimensions[0]], shape[dimensions[1]]) == expected
    require.need(fits, f"weights of shape {shape}")
    return int(shape[2])


def _check_weights(tensors: "list[Tensor]", channels: int, dimension: int) -> None:
    _, weights, bias, _ = tensors
    kind = graph.kind_name(weights.kind)
    require.need(weights.kind == graph.INT8, f"weights of {kind} instead of int8")
    size = graph.size_of(weights.shape)
    require.need(weights.data_bytes == size, "weights that are not in the file")
    count = graph.scale_count(weights)
    require.need(count in (1, channels), f"{count} scales for {channels} channels")
    is_along = count == 1 or graph.channel_dimension(weights) == dimension
    require.need(is_along, "scales along another dimension than the output channels")
    zeros = [graph.zero_of(weights, channel) for channel in range(count)]
    require.need(not any(zeros), "weights with a zero point")
    if bias is not NO_BIAS:
        is_bias = bias.kind == graph.INT32 and bias.shape == (channels,)
        require.need(is_bias and bias.data_bytes == 4 * channels, "a bias that does not fit")

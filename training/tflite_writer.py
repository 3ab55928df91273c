"""Writes int8 .tflite models operator by operator, through the schema that LiteRT ships.

With the weights that are given (`given`), or with random ones for models whose use is to be
computed: their scales are chosen so that the outputs of every layer spread over the int8 range.
Needs `ai-edge-litert` and `flatbuffers` (training, development).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)
SAME, VALID = 0, 1
SPREAD = 45.0  # standard deviation of a layer's outputs, in steps
OPERATORS = schema.BuiltinOperator
INT8, INT32 = schema.TensorType.INT8, schema.TensorType.INT32


@dataclass(frozen=True)
class Activation:
    index: int
    shape: tuple[int, ...]
    scale: float
    zero: int


@dataclass(frozen=True)
class Given:
    """Quantised weights of one layer, in the schema's order of dimensions."""

    weights: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]  # of each output channel
    bias: npt.NDArray[np.int32]  # in steps of the source's scale times these
    target_scale: float


class Writer:
    """One model: each method appends an operator and returns its output."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._buffers = [schema.BufferT()]
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        self._codes: list[tuple[int, bytes | None]] = []

    def input(self, shape: Sequence[int], scale: float, zero: int) -> Activation:
        return self.activation(shape, scale, zero)

    def convolve(
        self,
        source: Activation,
        channels: int,
        taps: int,
        step: int = 1,
        padding: int = SAME,
        function: int = RELU,
        zero: int = -128,
        **choices: Any,
    ) -> Activation:
        """One output channel sees all input channels. choices: see _weights."""
        rows = windows(source.shape[2], taps, step, padding)
        shape = (channels, 1, taps, source.shape[3])
        options = schema.Conv2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, step, 1
        options.dilationWFactor = options.dilationHFactor = 1
        options.fusedActivationFunction = function
        spread, inputs = self._weights(source, shape, 0, **choices)
        target = self.activation((1, 1, rows, channels), spread, zero)
        return self.append(OPERATORS.CONV_2D, "Conv2DOptions", options, inputs, target)

    def depthwise(
        self,
        source: Activation,
        taps: int,
        step: int = 1,
        padding: int = SAME,
        function: int = RELU,
        zero: int = -128,
        each: int = 1,
        **choices: Any,
    ) -> Activation:
        """Each input channel makes `each` output channels."""
        rows = windows(source.shape[2], taps, step, padding)
        channels = source.shape[3] * each
        options = schema.DepthwiseConv2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, step, 1
        options.dilationWFactor = options.dilationHFactor = 1
        options.depthMultiplier, options.fusedActivationFunction = each, function
        spread, inputs = self._weights(source, (1, 1, taps, channels), 3, **choices)
        target = self.activation((1, 1, rows, channels), spread, zero)
        code = OPERATORS.DEPTHWISE_CONV_2D
        return self.append(code, "DepthwiseConv2DOptions", options, inputs, target)

    def connect(
        self,
        source: Activation,
        channels: int,
        taps: int,
        function: int = NONE,
        zero: int = 0,
        **choices: Any,
    ) -> Activation:
        """Fully connected; taps: inputs of one output (several rows where there are more)."""
        rows = math.prod(source.shape) // taps
        options = schema.FullyConnectedOptionsT()
        options.fusedActivationFunction = function
        spread, inputs = self._weights(source, (channels, taps), 0, **choices)
        target = self.activation((rows, channels), spread, zero)
        code = OPERATORS.FULLY_CONNECTED
        return self.append(code, "FullyConnectedOptions", options, inputs, target)

    def pool(
        self, source: Activation, mean: bool, taps: int, step: int, padding: int = VALID
    ) -> Activation:
        rows = windows(source.shape[2], taps, step, padding)
        options = schema.Pool2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, step, 1
        options.filterWidth, options.filterHeight = taps, 1
        shape = (1, 1, rows, source.shape[3])
        target = self.activation(shape, source.scale, source.zero)
        code = OPERATORS.AVERAGE_POOL_2D if mean else OPERATORS.MAX_POOL_2D
        return self.append(code, "Pool2DOptions", options, [source.index], target)

    def pad(self, source: Activation, before: int, after: int) -> Activation:
        margins = np.array([(0, 0), (0, 0), (before, after), (0, 0)], np.int32)
        constant = self.constant(margins.shape, INT32, (), margins)
        shape = (1, 1, before + source.shape[2] + after, source.shape[3])
        target = self.activation(shape, source.scale, source.zero)
        inputs = [source.index, constant]
        return self.append(OPERATORS.PAD, "PadOptions", schema.PadOptionsT(), inputs, target)

    def add(
        self, a: Activation, b: Activation, scale: float, zero: int, function: int = NONE
    ) -> Activation:
        options = schema.AddOptionsT()
        options.fusedActivationFunction = function
        target = self.activation(a.shape, scale, zero)
        return self.append(OPERATORS.ADD, "AddOptions", options, [a.index, b.index], target)

    def reshape(self, source: Activation, shape: Sequence[int]) -> Activation:
        numbers = np.array(shape, np.int32)
        constant = self.constant(numbers.shape, INT32, (), numbers)
        options = schema.ReshapeOptionsT()
        options.newShape = numbers
        target = self.activation(shape, source.scale, source.zero)
        inputs = [source.index, constant]
        return self.append(OPERATORS.RESHAPE, "ReshapeOptions", options, inputs, target)

    def logistic(self, source: Activation) -> Activation:
        target = self.activation(source.shape, 1 / 256, -128)
        return self.append(OPERATORS.LOGISTIC, "", None, [source.index], target)

    def append(
        self,
        code: int,
        kind: str,
        options: object,
        inputs: Sequence[int],
        target: Activation,
        custom: bytes | None = None,
    ) -> Activation:
        """Append any operator; the methods above come here."""
        if (code, custom) not in self._codes:
            self._codes.append((code, custom))
        operator = schema.OperatorT()
        operator.opcodeIndex = self._codes.index((code, custom))
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array([target.index], np.int32)
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind) if kind else 0
        operator.builtinOptions = options
        self._operators.append(operator)
        return target

    def options(self, target: Activation) -> Any:
        """Return the options of the operator that makes this, to be spoilt."""
        return self._maker(target).builtinOptions

    def shape(self, target: Activation) -> npt.NDArray[np.int32]:
        """Return the shape of a tensor, to be spoilt."""
        shape: npt.NDArray[np.int32] = self._tensors[target.index].shape
        return shape

    def shape_of_input(self, target: Activation, input_index: int) -> npt.NDArray[np.int32]:
        """Return the shape of an input of the operator that makes this, to be spoilt."""
        tensor = self._tensors[self._maker(target).inputs[input_index]]
        shape: npt.NDArray[np.int32] = tensor.shape
        return shape

    def _maker(self, target: Activation) -> Any:
        return next(one for one in self._operators if one.outputs[0] == target.index)

    def finish(self, source: Activation, target: Activation) -> bytes:
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs = np.array([source.index], np.int32)
        graph.outputs = np.array([target.index], np.int32)
        model = schema.ModelT()
        model.version, model.buffers, model.subgraphs = 3, self._buffers, [graph]
        model.operatorCodes = [operator_code(*code) for code in self._codes]
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _weights(
        self,
        source: Activation,
        shape: tuple[int, ...],
        dimension: int,
        per_channel: bool = True,
        bias: bool = True,
        levels: Sequence[int] | None = None,
        given: Given | None = None,
    ) -> tuple[float, list[int]]:
        """Draw weights (levels: from these) and bias, or take what is given; return the output's
        scale and the inputs."""
        if given is not None:
            weights = given.weights.reshape(shape)
            units = np.float32(source.scale) * given.scales
            constants = (
                self.constant(shape, INT8, given.scales, weights, dimension),
                self.constant(given.bias.shape, INT32, units, given.bias),
            )
            return given.target_scale, [source.index, *constants]
        channels = shape[dimension]
        if levels is None:
            weights = self.rng.normal(0, 40, shape).clip(-127, 127).round().astype(np.int8)
        else:
            weights = self.rng.choice(np.array(levels, np.int8), shape)
        scales = self.rng.uniform(0.7, 1.4, channels if per_channel else 1) * 0.01
        inputs = [source.index, self.constant(shape, INT8, scales, weights, dimension)]
        sums = math.sqrt(weights.size / channels) * 40 * SPREAD
        if bias:
            offsets = self.rng.normal(0, sums / 3, channels).round().astype(np.int32)
            scale = np.float32(source.scale) * scales.astype(np.float32)
            inputs.append(self.constant((channels,), INT32, scale, offsets))
        return source.scale * 0.01 * sums / SPREAD, inputs

    def activation(self, shape: Sequence[int], scale: float, zero: int) -> Activation:
        index = self._tensor(shape, INT8, [scale], zero)
        return Activation(index, tuple(shape), scale, zero)

    def constant(
        self,
        shape: Sequence[int],
        kind: int,
        scales: npt.ArrayLike,
        numbers: npt.NDArray[np.int8] | npt.NDArray[np.int32],
        dimension: int = 0,
    ) -> int:
        """Append a constant with zero point 0 and return its index."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(numbers.tobytes(), np.uint8)
        self._buffers.append(buffer)
        return self._tensor(shape, kind, scales, 0, dimension, len(self._buffers) - 1)

    def _tensor(
        self,
        shape: Sequence[int],
        kind: int,
        scales: npt.ArrayLike,
        zero: int,
        dimension: int = 0,
        buffer: int = 0,
    ) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = np.array(shape, np.int32), kind, buffer
        if np.size(scales):
            quantisation = schema.QuantizationParametersT()
            quantisation.scale = np.array(scales, np.float32)
            quantisation.zeroPoint = np.full(quantisation.scale.shape, zero, np.int64)
            quantisation.quantizedDimension = dimension
            tensor.quantization = quantisation
        self._tensors.append(tensor)
        return len(self._tensors) - 1


def windows(rows: int, taps: int, step: int, padding: int) -> int:
    return -(-rows // step) if padding == SAME else (rows - taps) // step + 1


def operator_code(code: int, custom: bytes | None) -> object:
    table = schema.OperatorCodeT()
    table.builtinCode, table.deprecatedBuiltinCode = code, min(code, 127)
    table.customCode = custom
    table.version = 5 if code == OPERATORS.FULLY_CONNECTED else 3 if code in (3, 4) else 2
    if code in (OPERATORS.RESHAPE, OPERATORS.SUB):
        table.version = 1
    return table

"""A trained network as an int8 .tflite file, and as a module that every node can import.

Weights per output channel, activations per tensor with what `windows` make of them; the last layer
holds the calibration of each head (calibrate.py), its outputs are eighths of a bit of log-odds.
"""

import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from groundswell.judge import HEADS, STEPS
from groundswell.window import CHANNELS, FRAMES
from torch import nn

from training.networks import INPUT_SCALE, INPUT_ZERO, Convolutional, prepared
from training.tflite_writer import NONE, SAME, Given, Writer

OUTPUT_SCALE = math.log(2.0) / STEPS  # nats
HEADROOM = 99.98  # percentile of a layer's outputs that is still told apart
BYTES_A_LINE = 48


def tflite_of(
    network: Convolutional,
    heads: Sequence[tuple[float, float]],
    windows: npt.NDArray[np.int8],
) -> bytes:
    """heads: slope and shift that make the network's output log-odds [nats] at each age.

    windows: (n, FRAMES, CHANNELS), what the scales of activations are taken from.
    """
    if len(heads) != HEADS:
        raise ValueError(f"{len(heads)} heads instead of {HEADS}")
    writer = Writer(0)
    source = current = writer.input((1, 1, FRAMES, CHANNELS), INPUT_SCALE, -INPUT_ZERO)
    with torch.no_grad():
        x = prepared(torch.from_numpy(windows)).transpose(1, 2)
        for margin, convolution, relu in network.stages:
            x = relu(convolution(margin(x)))
            given = _given(convolution, current.scale, _top(x) / 255)
            channels, _, taps = convolution.weight.shape
            current = writer.convolve(current, channels, taps, 2, SAME, given=given)
    size = current.shape[2] * current.shape[3]
    flat = writer.reshape(current, (1, size))
    weight = network.last.weight.detach().numpy()
    bias = float(network.last.bias.detach())
    slopes = np.array([slope for slope, _ in heads])
    shifts = np.array([shift for _, shift in heads])
    last = _quantised(slopes[:, None] * weight, slopes * bias + shifts, flat.scale, OUTPUT_SCALE)
    scores = writer.connect(flat, HEADS, size, NONE, 0, given=last)
    return writer.finish(source, scores)


def _top(outputs: torch.Tensor) -> float:
    return max(1e-3, float(np.percentile(outputs.numpy(), HEADROOM)))


def _given(layer: nn.Conv1d, source_scale: float, target_scale: float) -> Given:
    weights = layer.weight.detach().numpy().transpose(0, 2, 1)  # channel, time, input channel
    assert layer.bias is not None
    return _quantised(weights, layer.bias.detach().numpy(), source_scale, target_scale)


def _quantised(
    weights: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
    source_scale: float,
    target_scale: float,
) -> Given:
    rows = weights.reshape(len(weights), -1)
    scales = np.maximum(np.abs(rows).max(axis=1), 1e-6) / 127
    steps = np.rint(rows / scales[:, None]).astype(np.int8)
    offsets = np.rint(bias / (source_scale * scales)).astype(np.int32)
    return Given(steps, scales.astype(np.float32), offsets, target_scale)


def write_module(file: bytes, path: Path) -> None:
    """Write the module from which a node takes the model: an import works everywhere."""
    pieces = [file[at : at + BYTES_A_LINE] for at in range(0, len(file), BYTES_A_LINE)]
    lines = [f'    b"{_escaped(piece)}"' for piece in pieces]
    path.write_text(
        _MODULE.format(crc32=zlib.crc32(file), lines="\n".join(lines)), encoding="ascii"
    )


def _escaped(piece: bytes) -> str:
    return "".join("\\x" + format(byte, "02x") for byte in piece)


_MODULE = '''"""The trained model, written by `make train`: firmware/models/judge.tflite."""

from binascii import crc32

from groundswell.flatbuffer import ModelError
from groundswell.judge import Judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from groundswell.judge import Judge as _Judge

_loaded: "list[_Judge]" = []


def judge() -> Judge:
    """Return the one judge of this interpreter: it keeps nothing between two questions.

    Raises ModelError where the bytes are not those that were trained.
    """
    if not _loaded:
        if crc32(MODEL) != CRC32:
            raise ModelError("the model is spoilt")
        _loaded.append(Judge(MODEL))
    return _loaded[0]


CRC32 = {crc32}
# fmt: off
MODEL = (
{lines}
)
# fmt: on
'''

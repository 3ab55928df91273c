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

from training.networks import EARLY, INPUT_SCALE, INPUT_ZERO, LATE, Pooled, prepared
from training.tflite_writer import NONE, RELU, Activation, Given, Writer

OUTPUT_SCALE = math.log(2.0) / STEPS  # nats
HEADROOM = 99.98  # percentile of a layer's outputs that is still told apart
BYTES_A_LINE = 48


def tflite_of(
    network: Pooled,
    heads: Sequence[tuple[float, float]],
    windows: npt.NDArray[np.int8],
) -> bytes:
    """heads: slope and shift that make the network's output log-odds [nats] at each age.

    windows: (n, FRAMES, CHANNELS), what the scales of activations are taken from.
    """
    if len(heads) != HEADS:
        raise ValueError(f"{len(heads)} heads instead of {HEADS}")
    writer = Writer(0)
    source = writer.input((1, 1, FRAMES, CHANNELS), INPUT_SCALE, -INPUT_ZERO)
    current = _parts(writer, source)
    with torch.no_grad():
        x = network.parts(prepared(torch.from_numpy(windows)))
        for layer in (network.first, network.second):
            x = torch.relu(layer(x))
            weights = layer.weight.detach().numpy()
            if layer is network.first:
                weights = _placed(weights)
            offsets = layer.bias.detach().numpy()
            given = _quantised(weights, offsets, current.scale, _top(x) / 255)
            channels, taps = weights.shape
            current = writer.connect(current, channels, taps, RELU, -128, given=given)
    weight = network.last.weight.detach().numpy()
    bias = float(network.last.bias.detach())
    slopes = np.array([slope for slope, _ in heads])
    shifts = np.array([shift for _, shift in heads])
    last = _quantised(
        slopes[:, None] * weight, slopes * bias + shifts, current.scale, OUTPUT_SCALE
    )
    scores = writer.connect(current, HEADS, weight.shape[1], NONE, 0, given=last)
    return writer.finish(source, scores)


def _parts(writer: Writer, source: Activation) -> Activation:
    """Append what Pooled.parts does; a pool over the last frames has one over the first before it.

    There is no operator that puts tensors side by side: each is moved to its own rows, with zeros
    elsewhere, and all are added, which is exact.
    """
    late = writer.pool(source, False, LATE, FRAMES - LATE)
    ones = Given(
        np.full(CHANNELS, -127, np.int8),
        np.full(CHANNELS, 1 / 127, np.float32),
        np.zeros(CHANNELS, np.int32),
        INPUT_SCALE,
    )
    negative = writer.depthwise(source, 1, function=NONE, zero=INPUT_ZERO - 1, given=ones)
    least = writer.pool(negative, False, LATE, FRAMES - LATE)
    pools = [
        writer.pool(source, True, 1, FRAMES - 1),
        writer.pool(source, True, 8, FRAMES - 8),
        writer.pool(source, True, EARLY, FRAMES),
        writer.pool(source, False, FRAMES, 1),
        writer.add(late, least, INPUT_SCALE, -INPUT_ZERO),
    ]
    rows, before = sum(pool.shape[2] for pool in pools), 0
    total: Activation | None = None
    for pool in pools:
        placed = writer.pad(pool, before, rows - before - pool.shape[2])
        before += pool.shape[2]
        total = placed if total is None else writer.add(total, placed, INPUT_SCALE, -INPUT_ZERO)
    assert total is not None
    return writer.reshape(total, (1, rows * CHANNELS))


def _placed(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return weights for the rows of _parts: of those of two rows the first is not looked at."""
    found = np.zeros((len(weights), 8, CHANNELS), np.float32)
    found[:, [1, 3, 4, 5, 7]] = weights.reshape(len(weights), 5, CHANNELS)
    return found.reshape(len(weights), -1)


def _top(outputs: torch.Tensor) -> float:
    return max(1e-3, float(np.percentile(outputs.numpy(), HEADROOM)))


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
from groundswell.packing import RAM_BYTES, Packed, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from groundswell.judge import Judge

_loaded: "list[Judge]" = []


def packed() -> Packed:
    """Return the model, packed. Raises ModelError where the bytes are not those that were
    trained."""
    if crc32(MODEL) != CRC32:
        raise ModelError("the model is spoilt")
    return pack(MODEL, RAM_BYTES)


def judge() -> "Judge":
    """Return the one judge of this interpreter: it keeps nothing between two questions.

    Raises ModelError as `packed`.
    """
    if not _loaded:
        from groundswell.judge import Judge

        _loaded.append(Judge(packed()))
    return _loaded[0]


CRC32 = {crc32}
# fmt: off
MODEL = (
{lines}
)
# fmt: on
'''

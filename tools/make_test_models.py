"""Small int8 models with seeded random weights, covering what our interpreter can do.

    .venv/bin/python -m tools.make_test_models FOLDER

writes each as NAME.tflite, with inputs and LiteRT's outputs, for tools/check_models.py.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from groundswell.model import Model

from training import litert_vectors
from training.tflite_writer import NONE, RELU, RELU6, RELU_N1_TO_1, VALID, Writer


def picker(seed: int, rows: int, layers: str) -> bytes:
    """Separable convolutions, then scores: what we mean to ship. layers: "c8,7,2 d5,2 ..." """
    writer = Writer(seed)
    source = current = writer.input((1, 1, rows, 3), 0.004, 3)
    for layer in layers.split():
        numbers = [int(number) for number in layer[1:].split(",")]
        if layer[0] == "c":
            current = writer.convolve(current, *numbers)
        else:
            current = writer.depthwise(current, *numbers)
    flat = writer.reshape(current, (1, current.shape[2] * current.shape[3]))
    scores = writer.connect(flat, 3, flat.shape[1], zero=11)
    return writer.finish(source, writer.logistic(scores))


def picker_10k() -> bytes:
    return picker(1, 64, "c8,5,2 d5,2 c16,1 d3,2 c16,1")


def picker_50k() -> bytes:
    return picker(2, 200, "c8,7,2 d5,2 c16,1 d5,2 c32,1 d5,2 c16,1")


def classic() -> bytes:
    """VALID windows, odd channel counts, one scale for all channels, max pools."""
    writer = Writer(3)
    source = writer.input((1, 1, 90, 3), 0.02, -7)
    current = writer.convolve(source, 5, 7, 3, VALID, RELU6, -128)
    current = writer.pool(current, False, 3, 2)
    current = writer.convolve(current, 11, 4, 1, VALID, NONE, -20, per_channel=False)
    current = writer.pool(current, False, 3, 2)
    flat = writer.reshape(current, (1, current.shape[2] * current.shape[3]))
    hidden = writer.connect(flat, 37, flat.shape[1], RELU, -128, per_channel=False)
    target = writer.connect(hidden, 60, 37, NONE, 9, per_channel=False, bias=False)
    return writer.finish(source, target)


def residual() -> bytes:
    """Margins, sums of different scales, one of them of a tensor with itself, mean pools."""
    writer = Writer(4)
    source = writer.input((1, 1, 61, 4), 0.05, 20)
    padded = writer.pad(source, 2, 3)
    stem = writer.convolve(padded, 6, 6, 1, VALID, RELU, -128)
    inner = writer.convolve(stem, 6, 5, 1, function=NONE, zero=-3)
    joined = writer.add(stem, inner, stem.scale * 1.3, -30, RELU)
    halved = writer.pool(joined, True, 4, 3, 0)
    doubled = writer.add(halved, halved, halved.scale * 1.9, 17)
    outer = writer.convolve(doubled, 6, 3, 1, function=NONE, zero=40)
    return writer.finish(source, writer.add(outer, halved, outer.scale * 0.8, 5))


def filters() -> bytes:
    """Depthwise: several filters a channel, odd channel counts, long and short windows."""
    writer = Writer(5)
    source = writer.input((1, 1, 50, 3), 0.03, -128)
    current = writer.depthwise(source, 8, 2, function=RELU_N1_TO_1, zero=-60, each=4)
    current = writer.depthwise(current, 31, 1, function=NONE, zero=127)
    current = writer.convolve(current, 7, 2, 2, VALID, RELU, -128)
    current = writer.depthwise(current, 4, 1, VALID, NONE, 0, per_channel=False, bias=False)
    return writer.finish(source, current)


def rows() -> bytes:
    """One fully connected layer applied to every row, then shares."""
    writer = Writer(6)
    source = writer.input((1, 1, 30, 13), 0.1, 127)
    hidden = writer.connect(source, 9, 13, RELU6, -128)
    scores = writer.connect(hidden, 10, 9, NONE, -50, bias=False)
    return writer.finish(source, writer.logistic(scores))


def extremes() -> bytes:
    """Extreme weights, windows wider than the input, means over everything."""
    writer = Writer(7)
    source = writer.input((1, 1, 25, 8), 3e-5, 127)
    levels = (-128, -127, 127, 0)
    current = writer.convolve(source, 9, 40, 5, 0, NONE, 100, levels=levels)
    current = writer.depthwise(current, 9, 1, 0, NONE, -128, levels=levels)
    pooled = writer.pool(current, True, 5, 1)
    return writer.finish(source, writer.convolve(pooled, 64, 1, 1, VALID, NONE, 64))


MODELS: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (picker_10k, picker_50k, classic, residual, filters, rows, extremes)
}


def small() -> bytes:
    """The model whose bytes stand in tests/shared/small_model.py."""
    writer = Writer(8)
    source = writer.input((1, 1, 9, 2), 0.05, -4)
    current = writer.convolve(source, 3, 3, 2)
    current = writer.pool(current, False, 2, 2)
    flat = writer.reshape(current, (1, current.shape[2] * current.shape[3]))
    return writer.finish(source, writer.logistic(writer.connect(flat, 2, flat.shape[1])))


def write_all(folder: Path, vectors: int = 40) -> None:
    for seed, (name, make) in enumerate(MODELS.items()):
        model = make()
        inputs = litert_vectors.inputs_for(Model(model).input_count, vectors, seed)
        litert_vectors.write(folder, name, model, inputs)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_all(folder)

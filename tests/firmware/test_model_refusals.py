"""What a model may not say: the kernels check nothing, so every size is checked at load."""

from collections.abc import Callable

import pytest
from groundswell.flatbuffer import ModelError
from groundswell.model import Model

HOW_TO_GET_LITERT = "needs `pip install ai-edge-litert flatbuffers` (the development extra)"
pytest.importorskip("ai_edge_litert", reason=HOW_TO_GET_LITERT)
pytest.importorskip("flatbuffers", reason=HOW_TO_GET_LITERT)

from training.tflite_writer import VALID, Activation, Writer  # noqa: E402  # only where LiteRT is

Make = Callable[[Writer, Activation], Activation]

OPERATORS: dict[str, Make] = {
    "convolve": lambda writer, source: writer.convolve(source, 4, 3, 2),
    "convolve valid": lambda writer, source: writer.convolve(source, 4, 3, 1, VALID),
    "depthwise": lambda writer, source: writer.depthwise(source, 3),
    "depthwise, several": lambda writer, source: writer.depthwise(source, 3, each=2),
    "connect": lambda writer, source: writer.connect(source, 3, 2),
    "mean": lambda writer, source: writer.pool(source, True, 3, 2),
    "maximum": lambda writer, source: writer.pool(source, False, 3, 2),
    "pad": lambda writer, source: writer.pad(source, 2, 1),
    "add": lambda writer, source: writer.add(source, source, 0.2, 0),
    "reshape": lambda writer, source: writer.reshape(source, (1, 1, 5, 4)),
    "logistic": lambda writer, source: writer.logistic(source),
}


def model(make: Make, spoil: Callable[[Writer, Activation], None]) -> bytes:
    writer = Writer(0)
    source = writer.input((1, 1, 10, 2), 0.1, 0)
    target = make(writer, source)
    spoil(writer, target)
    return writer.finish(source, target)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_as_it_should_be_runs(name: str) -> None:
    runs = Model(model(OPERATORS[name], lambda writer, target: None))

    assert len(set(runs.run(bytes(range(5, 245, 12))))) > 1


@pytest.mark.parametrize("dimension", [-1, -2])
@pytest.mark.parametrize("more", [-1, 1, 60000])
@pytest.mark.parametrize("name", OPERATORS)
def test_an_output_of_another_size_is_refused(name: str, more: int, dimension: int) -> None:
    def spoil(writer: Writer, target: Activation) -> None:
        writer.shape(target)[dimension] += more

    with pytest.raises(ModelError):
        Model(model(OPERATORS[name], spoil))


@pytest.mark.parametrize("name", ["convolve", "depthwise", "depthwise, several", "connect"])
@pytest.mark.parametrize("input_index", [1, 2])
def test_weights_of_another_size_are_refused(name: str, input_index: int) -> None:
    def spoil(writer: Writer, target: Activation) -> None:
        shape = writer.shape_of_input(target, input_index)
        shape[-1] += 1

    with pytest.raises(ModelError):
        Model(model(OPERATORS[name], spoil))


@pytest.mark.parametrize(
    ("name", "option", "number"),
    [
        ("convolve", "strideW", 0),
        ("convolve", "strideW", -1),
        ("convolve", "strideW", 3),
        ("convolve", "dilationHFactor", 2),
        ("convolve", "padding", 2),
        ("convolve", "fusedActivationFunction", 4),
        ("depthwise", "strideW", 0),
        ("depthwise", "dilationWFactor", 2),
        ("mean", "filterWidth", 0),
        ("mean", "filterWidth", -3),
        ("mean", "filterHeight", 2),
        ("maximum", "strideW", 1),
        ("connect", "weightsFormat", 1),
        ("add", "fusedActivationFunction", 5),
    ],
)
def test_an_option_that_the_kernels_do_not_know_is_refused(
    name: str, option: str, number: int
) -> None:
    def spoil(writer: Writer, target: Activation) -> None:
        setattr(writer.options(target), option, number)

    with pytest.raises(ModelError):
        Model(model(OPERATORS[name], spoil))


def test_a_model_that_multiplies_for_longer_than_a_wave_can_wait_is_refused() -> None:
    def of(steps: int) -> bytes:
        writer = Writer(0)
        source = writer.input((1, 1, steps, 8), 0.1, 0)
        return writer.finish(source, writer.convolve(source, 8, 16, 1))

    Model(of(100))
    with pytest.raises(ModelError, match="multiplications"):
        Model(of(1000))

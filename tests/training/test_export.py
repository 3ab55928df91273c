"""The file says what the network said, within the steps of int8; the module holds the file."""

import math
from array import array
from pathlib import Path

import numpy as np
import pytest
from groundswell.judge import HEADS, STEPS
from groundswell.model import Model
from groundswell.window import CHANNELS

torch = pytest.importorskip("torch", reason="make train has it")

from tests.training.some_examples import made  # noqa: E402
from training import export, fit, kinds_of_models  # noqa: E402
from training.networks import Pooled  # noqa: E402

HEAD_LINES = [(1.0, 0.1), (2.0, 0.0), (1.0, 0.0), (0.5, -0.5), (1.5, 0.2)]


def fitted() -> Pooled:
    network = fit.fit(made(), fit.Settings(epochs=3, is_quiet=True))
    assert isinstance(network, Pooled)
    return network


def test_the_file_says_what_the_network_said() -> None:
    network, windows = fitted(), made(seed=3).inputs
    model = Model(export.tflite_of(network, HEAD_LINES, windows))
    said = fit.scores(network, windows)

    errors = []
    for window, score in zip(windows[:40], said, strict=False):
        outputs = model.run(array("B", window.tobytes()))
        for head, (slope, shift) in enumerate(HEAD_LINES):
            wanted = (slope * score + shift) / math.log(2) * STEPS
            errors.append(outputs[head] - model.output_zero - wanted)
    assert np.abs(errors).max() < 6  # eighths of a bit
    assert model.output_count == HEADS


def test_work_is_counted_as_the_device_counts_it() -> None:
    network = Pooled().eval()
    model = Model(export.tflite_of(network, HEAD_LINES, made().inputs))

    more_heads = (HEADS - 1) * network.last.in_features
    rows_not_looked_at = 3 * CHANNELS * network.first.out_features
    assert (
        kinds_of_models.work_of(network) == model.multiply_adds - more_heads - rows_not_looked_at
    )
    assert model.multiply_adds <= 50_000


def test_the_module_holds_the_file(tmp_path: Path) -> None:
    file = bytes(range(256)) * 3

    export.write_module(file, tmp_path / "trained.py")

    space: dict[str, object] = {}
    exec((tmp_path / "trained.py").read_text(encoding="ascii"), space)  # noqa: S102
    assert space["MODEL"] == file


def test_a_calibration_for_other_ages_is_refused() -> None:
    with pytest.raises(ValueError, match="heads"):
        export.tflite_of(Pooled().eval(), HEAD_LINES[:2], made().inputs)

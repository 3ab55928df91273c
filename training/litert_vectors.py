"""What LiteRT's reference kernels answer: the oracle of the inference tests."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

Bytes = npt.NDArray[np.int8]


def answers(model: bytes, inputs: Bytes) -> Bytes:
    """Return the outputs, a row for each row of the inputs."""
    reference = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    reference.allocate_tensors()
    source, target = reference.get_input_details()[0], reference.get_output_details()[0]
    outputs = []
    for row in inputs:
        reference.set_tensor(source["index"], row.reshape(source["shape"]))
        reference.invoke()
        outputs.append(reference.get_tensor(target["index"]).ravel().copy())
    return np.array(outputs)


def inputs_for(count: int, vectors: int, seed: int) -> Bytes:
    """Return rows of random samples, quiet and loud, and the extremes."""
    rng = np.random.default_rng(seed)
    quiet = rng.normal(0, 25, (vectors // 2, count)).clip(-128, 127).round()
    loud = rng.integers(-128, 128, (vectors - vectors // 2 - 3, count))
    extremes = np.full((3, count), -128)
    extremes[1] = extremes[2, ::2] = 127
    return np.concatenate((quiet, loud, extremes)).astype(np.int8)


def write(folder: Path, name: str, model: bytes, inputs: Bytes) -> None:
    """Write model, inputs and LiteRT's outputs where tools/check_models.py reads them."""
    (folder / f"{name}.tflite").write_bytes(model)
    (folder / f"{name}.inputs").write_bytes(inputs.tobytes())
    (folder / f"{name}.outputs").write_bytes(answers(model, inputs).tobytes())

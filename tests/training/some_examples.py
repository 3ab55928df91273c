"""Windows that are easily told apart: earthquakes are loud at the end."""

import numpy as np
from groundswell.window import CHANNELS, FRAMES

from training.examples import ACTIVITY, QUAKE, Examples


def made(count: int = 240, seed: int = 1) -> Examples:
    rng = np.random.default_rng(seed)
    kind = np.array([QUAKE, ACTIVITY] * (count // 2), np.int8)
    inputs = rng.integers(-128, 20, (count, FRAMES, CHANNELS))
    inputs[kind == QUAKE, FRAMES // 2 :] += 80
    number = np.arange(count)
    return Examples(
        inputs.astype(np.int8),
        np.zeros(count, np.float32),
        number.astype(np.float32),
        np.full(count, 8.0, np.float32),
        kind,
        np.array([f"group {index % 24}" for index in number]),
        np.array([f"record {index % 24}" for index in number]),
        np.zeros(count, np.int16),
    )

"""Windows of a recording as the node's judge would see them: cut by the node's own code.

A detector with a lower threshold than the node's goes through the samples; at each of its triggers
and at fixed ages after it, the window of that moment is kept.
"""

from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from groundswell import detector, motion
from groundswell.window import CHANNELS, FRAMES

AGES_S = (0.0, 0.12, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)
THRESHOLD_8 = 18  # ratio 2.25: more examples of what is not an earthquake than the node will see
BLOCK_MS = 100  # a node takes 32; this is three times as fast. Other blocks give another model
WARM_UP_MS = 3000  # most noise records last 12 s


@dataclass(frozen=True)
class Windows:
    """Of one recording, or of many: rows belong together."""

    inputs: npt.NDArray[np.int8]  # (n, FRAMES, CHANNELS)
    age_s: npt.NDArray[np.float32]  # since the trigger
    trigger_s: npt.NDArray[np.float32]  # after the first sample
    ratio: npt.NDArray[np.float32]


def cut(
    counts: npt.NDArray[np.int32], rate_mhz: int, lsb_nm_s2: int, threshold_8: int = THRESHOLD_8
) -> Windows:
    """counts: (3 * n,), interleaved, vertical last."""
    block = rate_mhz * BLOCK_MS // 1_000_000
    range_counts = motion.range_counts(-1)
    one = detector.Detector(rate_mhz, lsb_nm_s2, range_counts, threshold_8, WARM_UP_MS, block)
    samples = array("i", counts.tobytes())
    total = len(samples) // 3
    inputs, ages, triggers, ratios = [], [], [], []
    trigger, next_age = 0, len(AGES_S)
    for at in range(0, total, block):
        event = one.take(samples, at, min(block, total - at))
        if event == detector.BEGINS:
            trigger, next_age = one.samples, 0
        if next_age == len(AGES_S):
            continue
        age_s = (one.samples - trigger) * 1000 / rate_mhz
        if age_s >= AGES_S[next_age]:
            inputs.append(np.frombuffer(one.look(), np.int8).copy())
            ages.append(age_s)
            triggers.append(trigger * 1000 / rate_mhz)
            ratios.append(one.ratio_milli / 1000)
            next_age += 1
    return Windows(
        np.array(inputs, np.int8).reshape(-1, FRAMES, CHANNELS),
        np.array(ages, np.float32),
        np.array(triggers, np.float32),
        np.array(ratios, np.float32),
    )

"""The node's kernels, compiled: the same text through numba, for many nodes or many hours.

`detect`, `replay`, training and the virtual nodes of `run` want this; a real node has no compiler.
"""

from array import array

import numba
import numpy as np
from groundswell import clock, kernel, reporter, wire

_RATE_HZ = 125
_LIVED_S, _SHAKEN_FROM_S = 20, 12  # until the averages are warm, then until the judge has looked
_LSB_NM_S2 = 38_246


def compile_kernels() -> None:
    """Replace every kernel by its compiled form. Their results stay equal, bit for bit."""
    import groundswell.detector
    import groundswell.elementwise
    import groundswell.filters
    import groundswell.inference
    import groundswell.motion
    import groundswell.onset
    import groundswell.sta_lta
    import groundswell.window  # noqa: F401  # importing defines the kernels

    for one in kernel.KERNELS:
        one.run = numba.njit(cache=True)(one.plain)


def warm_up() -> None:
    """Live through an earthquake, so that no kernel is compiled when one comes.

    Some ten seconds the first time on a machine, one or two from numba's cache.
    """
    node = reporter.Reporter(
        reporter.Identity(1, 1, 0, 0, 0, wire.SENSOR_SIMULATED),
        _RATE_HZ * 1000,
        _LSB_NM_S2,
        clock.fixed(0, 0),
    )
    rng = np.random.default_rng(1)
    n = _LIVED_S * _RATE_HZ
    growing = np.maximum(np.arange(n) - _SHAKEN_FROM_S * _RATE_HZ, 0) / _RATE_HZ
    counts = rng.standard_normal((n, 3)) * (20 + 100 * growing)[:, None]
    samples = array("i", counts.astype(np.int32).tobytes())
    for first in range(0, n, node.block_samples):
        block = samples[3 * first : 3 * (first + node.block_samples)]
        for message in node.add_block(block, len(block) // 3, first * 1_000_000 // _RATE_HZ):
            wire.encode(message)


if __name__ == "__main__":  # `make setup`: numba keeps what it compiled beside the sources
    compile_kernels()
    warm_up()

"""The node's kernels, compiled: the same text through numba, for replays of many hours.

Only `detect`, `replay` and training want this; a running node needs no compiler.
"""

import numba
from groundswell import kernel


def compile_kernels() -> None:
    """Replace every kernel by its compiled form. Their results stay equal, bit for bit."""
    import groundswell.detector
    import groundswell.elementwise
    import groundswell.filters
    import groundswell.inference
    import groundswell.motion
    import groundswell.sta_lta
    import groundswell.window  # noqa: F401  # importing defines the kernels

    for one in kernel.KERNELS:
        one.run = numba.njit(cache=True)(one.plain)


def use_plain_kernels() -> None:
    """Undo compile_kernels."""
    for one in kernel.KERNELS:
        one.run = one.plain

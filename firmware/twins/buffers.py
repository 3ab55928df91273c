"""A kernel's arguments as NumPy arrays that share their memory."""

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Wide = npt.NDArray[np.int64]  # in which nothing here overflows


def words(buffer: object) -> Words:
    return np.frombuffer(buffer, np.int32)  # type: ignore[call-overload, no-any-return]


def octets(buffer: object) -> Bytes:
    return np.frombuffer(buffer, np.uint8)  # type: ignore[call-overload, no-any-return]


def wide(buffer: object) -> Wide:
    """Return a copy of int32 numbers in which sums and products do not overflow."""
    return words(buffer).astype(np.int64)


def places(ring: Words, pos: int, n: int) -> Wide:
    """Return where a ring (length - 1, then its places) keeps n samples from number pos on."""
    return 1 + ((pos + np.arange(n, dtype=np.int64)) & int(ring[0]))

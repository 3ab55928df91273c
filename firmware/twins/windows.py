"""Twins of the kernels that make the judge's window."""

import numpy as np

from firmware.twins.buffers import octets, wide, words

_LIMIT = (1 << 24) - 1
_FRAMES, _LEVELS = 64, 8


def envelope(band: object, ring: object, s: object, n: int) -> int:
    state, frames = words(s), words(ring).reshape(_FRAMES, _LEVELS)
    x, y, z = np.abs(wide(band).reshape(-1, 3)[:n]).T
    flat = np.maximum(x, y) + (np.minimum(x, y) * 3 >> 3)
    targets = 16 * np.minimum(np.column_stack((z, flat)), _LIMIT)
    average, rest = state[0:4:2].astype(np.int64), state[1:4:2].astype(np.int64)
    phase, rate, smoothing, count, first = (int(one) for one in state[4:9])
    for target in targets:
        step, rest = np.divmod(target - average + rest, smoothing)
        average = average + step
        phase += 16000
        if phase >= rate:
            phase -= rate
            frames[count % _FRAMES, first : first + 2] = average
            count += 1
    state[0:4:2], state[1:4:2], state[4], state[7] = average, rest, phase, count
    return 0


def levels(ring: object, frames: int, floor: int, dst: object) -> int:
    rows = np.roll(wide(ring).reshape(_FRAMES, _LEVELS), -(frames % _FRAMES), axis=0)
    loud = np.maximum(rows.ravel(), floor)
    bits = np.floor(np.log2(loud)).astype(np.int64)  # exact: below 2**53
    words(dst)[:] = 16 * bits + ((16 * loud) >> bits) - 16
    return max(0, int(words(dst).max()))


def scale(src: object, dst: object, top: int, above: int) -> int:
    rows = np.maximum(wide(src).reshape(_FRAMES, _LEVELS) - top + 127, -128)
    both = np.column_stack((rows, np.full(_FRAMES, above)))
    octets(dst)[:] = both.astype(np.int8).ravel().view(np.uint8)
    return 0

"""Twins of the kernels that make counts of a FIFO's bytes, and of those that keep them."""

import numpy as np

from firmware.twins.buffers import Bytes, octets, words

_TAG = 2  # an LSM6DSO's tag of the accelerometer


def _numbers(raw: object, at: int, count: int, width: int) -> Bytes:
    return octets(raw)[at : at + count * width].reshape(count, width)


def unpack_16(
    raw: object, at: int, n: int, low_first: int, shift: int, counts: object, to: int
) -> int:
    both = octets(raw)[at : at + 6 * n]
    words(counts)[3 * to : 3 * (to + n)] = both.view("<i2" if low_first else ">i2") >> shift
    return n


def turn(counts: object, n: int, axis: int) -> int:
    rows = words(counts)[: 3 * n].reshape(n, 3)
    rows[:, (axis, 2)] = rows[:, (2, axis)]
    return n


def same_run(counts: object, n: int, last: object) -> int:
    state = words(last)
    rows = np.vstack((state[:3], words(counts)[: 3 * n].reshape(n, 3)))
    (changes,) = np.nonzero((rows[1:] != rows[:-1]).any(axis=1))
    state[3] = n - 1 - changes[-1] if len(changes) else state[3] + n
    state[:3] = rows[-1]
    return int(state[3])


def first_x(raw: object, at: int, n: int) -> int:
    (marked,) = np.nonzero(_numbers(raw, at, n, 3)[:, 2] & 3 == 1)
    return int(marked[0]) if len(marked) else n


def unpack_20(raw: object, at: int, n: int, counts: object) -> int:
    numbers = _numbers(raw, at, 3 * n, 3).astype(np.int32)
    values = (numbers[:, 0] << 24 | numbers[:, 1] << 16 | numbers[:, 2] << 8) >> 12
    is_right = (numbers[:, 2] & 15) == (np.arange(3 * n) % 3 == 0)  # the X axis is marked
    good = 3 * n if is_right.all() else int(np.argmin(is_right))
    words(counts)[:good] = values[:good]
    return good // 3


def unpack_tagged(raw: object, at: int, n: int, counts: object) -> int:
    rows = _numbers(raw, at, n, 7)
    is_right = rows[:, 0] >> 3 == _TAG
    good = n if is_right.all() else int(np.argmin(is_right))
    values = rows[:good, 1:].copy().view("<i2")
    words(counts)[: 3 * good] = values.ravel()
    return good


def store(counts: object, at: int, n: int, page: object, place: int) -> int:
    kept = np.clip(words(counts)[3 * at : 3 * (at + n)], -(1 << 23), (1 << 23) - 1)
    three = kept.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3]
    octets(page)[9 * place : 9 * (place + n)] = three.ravel()
    return 0


def read(page: object, place: int, n: int, axis: int, counts: object, to: int) -> int:
    three = octets(page)[9 * place : 9 * (place + n)].reshape(n, 3, 3)[:, axis]
    high = np.zeros((n, 4), np.uint8)
    high[:, 1:] = three
    words(counts)[to : to + n] = high.view("<i4")[:, 0] >> 8
    return 0

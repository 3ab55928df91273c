"""Twins of the kernels of neural networks: matrices, and integers with room to spare."""

import numpy as np

from firmware.twins.buffers import Bytes, Wide, octets, wide, words

_ENTRY = 5  # numbers of a channel: bias, m1, m0, e, 2**(e-1)


def _half_away(numerator: Wide, exponent: Wide | int) -> Wide:
    """numerator / 2**exponent to the nearest integer, halves away from zero."""
    half = np.int64(1) << (np.asarray(exponent, np.int64) - 1)
    rounded: Wide = np.sign(numerator) * ((np.abs(numerator) + half) >> exponent)
    return rounded


def _requantised(x: Wide, m: Wide | int, e: Wide | int, rounds_once: bool) -> Wide:
    """x * m / 2**(31 + e), rounded as LiteRT does it: once, or first to x * m / 2**31, ties up."""
    if rounds_once:
        return _half_away(x * m, np.asarray(e, np.int64) + 31)
    return _half_away((x * m + (1 << 30)) >> 31, e)


def _weights(planes: tuple[object, ...], blocks: int, taps: int) -> Wide:
    """Return (channel, tap); channel c is in plane c % planes, block c // planes."""
    rows = [octets(plane)[: blocks * taps].reshape(blocks, taps) for plane in planes]
    return np.stack(rows, axis=1).reshape(blocks * len(planes), taps).astype(np.int64) - 128


def _finish(sums: Wide, c: object, p: Wide) -> Bytes:
    """Sums of (window, channel) and their table to outputs."""
    table = wide(c).reshape(-1, _ENTRY)[: sums.shape[1]]
    m = (table[:, 1] << 16) + table[:, 2]
    outputs = _requantised(sums + table[:, 0], m, table[:, 3], bool(p[11])) + p[6]
    limited: Bytes = outputs.clip(p[7], p[8]).astype(np.uint8).ravel()
    return limited


def convolve(_x: int, _j: int, *buffers: object) -> int:
    planes, (src, dst, _, c, numbers) = buffers[:8], buffers[8:]
    p = wide(numbers)
    windows, step, taps, blocks, channels, zero = (int(one) for one in p[:6])
    index = p[9] + step * np.arange(windows)[:, None] + np.arange(taps)
    is_inside = (index >= 0) & (index < p[10])
    inputs = np.where(is_inside, octets(src)[index.clip(0, p[10] - 1)].astype(np.int64) - zero, 0)
    # float64 holds these sums exactly, and its product is the fast one
    weights = _weights(planes, blocks, taps).astype(np.float64)
    sums = (inputs.astype(np.float64) @ weights.T).astype(np.int64)[:, :channels]
    octets(dst)[: windows * channels] = _finish(sums, c, p)
    return 0


def convolve_depthwise(_i: int, _j: int, *buffers: object) -> int:
    planes, (src, dst, _, c, numbers) = buffers[:4], buffers[4:]
    p = wide(numbers)
    windows, step, taps, blocks, channels, zero = (int(one) for one in p[:6])
    rows = octets(src)[: int(p[10]) * channels].reshape(-1, channels).astype(np.int64) - zero
    index = p[9] + step * np.arange(windows)[:, None] + np.arange(taps)
    is_inside = (index >= 0) & (index < p[10])
    inputs = np.where(is_inside[:, :, None], rows[index.clip(0, p[10] - 1)], 0)
    weights = _weights(planes, blocks, taps)[:channels]
    sums = (inputs * weights.T).sum(axis=1)
    octets(dst)[: windows * channels] = _finish(sums, c, p)
    return 0


def add(a: object, b: object, dst: object, of_a: object, of_b: object, p: object) -> int:
    n, m1, m0, e, _, zero, low, high = (int(one) for one in words(p))
    x = wide(of_a)[octets(a)[:n]] + wide(of_b)[octets(b)[:n]]
    outputs = _requantised(x, (m1 << 16) + m0, e, False) + zero
    octets(dst)[:n] = outputs.clip(low, high)
    return 0


def add_alike(a: object, b: object, dst: object, p: object) -> int:
    step, base = (int(one) for one in words(p)[8:10])
    line = np.arange(256, dtype=np.int32) * step
    return add(a, b, dst, line + base, line, words(p)[:8])


def pool(_i: int, _x: int, src: object, dst: object, p: object) -> int:
    windows, step, taps, channels, is_mean, low, high, start, size = (int(one) for one in words(p))
    rows = octets(src)[: size * channels].reshape(size, channels).astype(np.int64)
    outputs = np.zeros((windows, channels), np.int64)
    for window in range(windows):
        first = start + step * window
        inside = rows[max(first, 0) : first + taps]
        if is_mean:
            total = (inside - 128).sum(axis=0)
            outputs[window] = np.sign(total) * ((np.abs(total) + len(inside) // 2) // len(inside))
            outputs[window] += 128
        else:
            outputs[window] = inside.max(axis=0)
    octets(dst)[: windows * channels] = outputs.clip(low, high).ravel()
    return 0


def look_up(src: object, dst: object, table: object, n: int) -> int:
    octets(dst)[:n] = octets(table)[octets(src)[:n]]
    return 0


def pad(src: object, dst: object, before: int, n: int, after: int, value: int) -> int:
    octets(dst)[: before + n + after] = np.pad(
        octets(src)[:n], (before, after), constant_values=value
    )
    return 0


def move_in(src: object, dst: object, n: int) -> int:
    octets(dst)[:n] = octets(src)[:n] ^ 128
    return 0


def move_out(src: object, dst: object, n: int) -> int:
    octets(dst)[:n] = octets(src)[:n] ^ 128
    return 0

"""Twins of the kernels of filters, averages, peaks and rings."""

import numpy as np

from firmware.twins.buffers import Wide, Words, places, wide, words

_LIMIT = (1 << 26) - 1  # of a filter's output
_ENERGY_LIMIT = 4095
_LOUD, _QUIET = 65536, 1024  # averages at which the scale of the energies changes
_FORGETTING = 64  # levels that one value can count in change_point
_LOUD_PIECE = 8192  # as much of a value counts in pieces


def _product_q15(x: int, coefficient: int) -> int:
    """x * coefficient / 2**29 in units of 2**-15; of its lowest part rounded, as the kernel must.

    The product is in units of 2**-29; what the kernel rounds is that of the low 14 bits of x with
    the low 16 of the coefficient.
    """
    lowest = (x & 0x3FFF) * (coefficient & 0xFFFF)
    return ((x * coefficient - lowest) >> 14) + ((lowest + (1 << 13)) >> 14)


def biquad(
    _w: int,
    _r: int,
    src: object,
    dst: object,
    n: int,
    at: int,
    channels: int,
    stride: int,
    c: object,
    s: object,
) -> int:
    states = words(s).reshape(-1, 6)
    for channel in range(channels):
        here = slice(at + channel, at + channel + n * stride, stride)
        _one_channel(words(src)[here], words(dst)[here], c, states[channel])
    return 0


def _one_channel(source: Words, target: Words, c: object, state: Words) -> None:
    b_high, b_low, m, k, a1_high, a1_low, a2_high, a2_low = (int(one) for one in words(c))
    b, a1, a2 = (
        high * 65536 + low for high, low in ((b_high, b_low), (a1_high, a1_low), (a2_high, a2_low))
    )
    x = np.concatenate((state[1::-1], source)).astype(np.int64)
    forward = x[2:] + m * x[1:-1] + k * x[:-2]
    y1, y2, e1, e2 = (int(one) for one in state[2:6])
    outputs = np.zeros(len(source), np.int64)
    for index, w in enumerate(forward.tolist()):
        total = _product_q15(w, b) + _product_q15(y1, a1) + _product_q15(y2, a2) + 2 * e1 - e2
        e1, e2 = total & 0x7FFF, e1
        y1, y2 = max(-_LIMIT, min(_LIMIT, total >> 15)), y1
        outputs[index] = y1
    target[:] = outputs
    state[:] = (x[-1], x[-2], y1, y2, e1, e2)


def follow(band: object, still: object, at: int, n: int, s: object, ring: object, pos: int) -> int:
    """The averages of both energies as a pair: short, its rest, long, its rest."""
    state, to = words(s), words(ring)
    samples = wide(band).reshape(-1, 3)
    has_news = words(still) == 0
    pairs = np.array([state[0:8:4], state[1:8:4], state[2:8:4], state[3:8:4]], np.int64)
    n_sta, n_lta, heard = (int(one) for one in state[8:11])
    shift, is_armed = int(state[14]), int(state[15])
    left = 0
    for now in range(at, n):
        x, y, z = np.clip(samples[now] >> shift, -_ENERGY_LIMIT, _ENERGY_LIMIT).tolist()
        energy = np.array((z * z, x * x + y * y))
        floor = max(1, int(state[13]) >> (2 * shift))
        if has_news[now]:
            pairs[0], pairs[1] = _average(energy, pairs[0], pairs[1], n_sta)
        if has_news[now] and state[11] == 0:
            heard += heard < n_lta
            pairs[2], pairs[3] = _average(energy, pairs[2], pairs[3], heard)
            if pairs[2].max() > _LOUD:
                pairs >>= 2
                shift += 1
            elif shift > 0 and pairs[2].max() < _QUIET:
                pairs <<= 2
                shift -= 1
        background = np.maximum(pairs[2], floor)
        to[places(to, pos + now, 1)] = (16 * energy // background).sum()
        if is_armed == 1 and (8 * pairs[0] > int(state[12]) * background).any():
            is_armed = 2
            left = n - now - 1
            break
    state[:8] = pairs.T.ravel()
    state[10], state[14], state[15] = heard, shift, is_armed
    return left


def _average(energy: Wide, average: Wide, rest: Wide, length: int) -> tuple[Wide, Wide]:
    steps, rest = np.divmod(energy - average + rest, length)
    return average + steps, rest


def change_point(ring: object, pos: int, n: int, level: int) -> int:
    kept = words(ring)
    values = kept[places(kept, pos - n, n)].astype(np.int64)
    sums = np.minimum(values, level * _FORGETTING) - level
    totals = np.concatenate(([0], np.cumsum(sums)))
    return n - int(np.argmin(totals))  # of equal ones the first


def load(counts: object, at: int, n: int, work: object, still: object, s: object) -> int:
    state = words(s)
    shift, limit = int(state[0]), int(state[1])
    block = wide(counts)[3 * at : 3 * (at + n)].reshape(n, 3)
    before = np.vstack((state[2:5], block[:-1]))
    words(still)[:n] = (block == before).all(axis=1)
    clipped = (np.abs(block) >= limit).any(axis=1)
    inside = np.clip(block, -limit, limit) * (1 << max(shift, 0)) >> max(-shift, 0)
    words(work)[: 3 * n] = inside.ravel()
    if n:
        state[2:5] = block[-1]
    state[5] += clipped.sum()
    return 0


def peaks(src: object, first: int, axes: int, n: int, ring: object, pos: int) -> int:
    to = words(ring)
    columns = [wide(src)[first + axis :: 3][:n] for axis in range(axes)]
    to[places(to, pos, n)] = np.abs(columns).max(axis=0)
    return 0


def largest(ring: object, pos: int, n: int) -> int:
    kept = words(ring)
    return int(kept[places(kept, pos, n)].max(initial=0))


def pieces(ring: object, pos: int, size: int, n: int, dst: object) -> int:
    kept = words(ring)
    values = np.minimum(kept[places(kept, pos, n * size)], _LOUD_PIECE).astype(np.int64)
    words(dst)[:n] = values.reshape(n, size).sum(axis=1) // size
    return 0


def beginnings(src: object, n: int, count: int, dst: object) -> int:
    energies = wide(src)[:n]
    gains = np.zeros((count, 3), np.int64)
    for start in range(count):
        e = energies[start:]
        since = np.arange(len(e))
        for shape, grown in enumerate((since * 0 + 1, 2 * since + 1, since * (since + 1))):
            excess = int((e - 32).sum())
            if excess > 0 and grown.sum() > 0:
                v = 32 + excess * grown // grown.sum()
                gains[start, shape] = (e * 369 // 32 - e * 256 // v * 369 // 256 - _bits(v)).sum()
    words(dst)[: 3 * count] = gains.ravel()
    return max(0, int(gains.max()))


def _bits(v: Wide) -> Wide:
    """Return log2(v / 32) in 256ths, by a parabola between powers of two."""
    whole = np.floor(np.log2(v)).astype(np.int64)
    part = v * 256 // 2**whole - 256
    return np.asarray((whole - 5) * 256 + part + part * (256 - part) * 88 // 65536)

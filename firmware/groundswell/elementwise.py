"""The layers of int8 neural networks that need no weights, bit for bit LiteRT's.

Activations are bytes q + 128; see inference.py for the requantisation and its bounds.
"""

from groundswell.kernel import micropython, ptr32

ptr8 = ptr32  # to type checkers and CPython; viper goes by the spelling


@micropython.viper
def add(a: ptr8, b: ptr8, dst: ptr8, of_a: ptr32, of_b: ptr32, p: ptr32) -> int:
    """Sum of two layers; of_a, of_b: what each byte adds (scales.add_tables).

    p: bytes, m1, m0, e, 2**(e-1), output zero, lowest and highest output (all + 128)
    """
    i = 0
    m1 = p[1]
    m0 = p[2]
    while i < p[0]:
        x = of_a[a[i]] + of_b[b[i]]
        r = x >> 15
        x = x & 0x7FFF
        x = ((r * m0 + ((x * m0) >> 15) + 0x8000) >> 1) + x * m1
        r = (x >> 15) + r * m1
        r = ((r + p[4] + (r >> 31)) >> p[3]) + p[5]
        if r < p[6]:
            r = p[6]
        if r > p[7]:
            r = p[7]
        dst[i] = r
        i += 1
    return 0


@micropython.viper
def add_alike(a: ptr8, b: ptr8, dst: ptr8, p: ptr32) -> int:
    """Sum of two layers of the same scale: both tables of `add` are straight lines.

    p: as of `add`, then what a step of either adds, and what both add at 0
    """
    i = 0
    m1 = p[1]
    m0 = p[2]
    step = p[8]
    while i < p[0]:
        x = (a[i] + b[i]) * step + p[9]
        r = x >> 15
        x = x & 0x7FFF
        x = ((r * m0 + ((x * m0) >> 15) + 0x8000) >> 1) + x * m1
        r = (x >> 15) + r * m1
        r = ((r + p[4] + (r >> 31)) >> p[3]) + p[5]
        if r < p[6]:
            r = p[6]
        if r > p[7]:
            r = p[7]
        dst[i] = r
        i += 1
    return 0


@micropython.viper
def pool(i: int, x: int, src: ptr8, dst: ptr8, p: ptr32) -> int:
    """Maximum or mean over windows in time; rows outside the input do not count.

    p: windows, rows from one to the next, rows of a window, channels, 1 for the mean, lowest and
       highest output (+ 128), first row of the first window, rows of input
    """
    windows = p[0]
    channels = p[3]
    start = p[7]
    o = 0
    while windows > 0:
        first = start
        end = start + p[2]
        if first < 0:
            first = 0
        if end > p[8]:
            end = p[8]
        n = end - first
        c = 0
        while c < channels:
            i = first * channels + c
            k = n
            r = 0
            if p[4] > 0:
                while k > 0:
                    r = src[i] - 128 + r
                    i += channels
                    k -= 1
                if r >= 0:  # half away from zero
                    r = (r + (n >> 1)) // n + 128
                else:
                    r = 128 - ((n >> 1) - r) // n
            else:
                while k > 0:
                    x = src[i] + 0
                    if x > r:
                        r = x
                    i += channels
                    k -= 1
            if r < p[5]:
                r = p[5]
            if r > p[6]:
                r = p[6]
            dst[o] = r
            o += 1
            c += 1
        start += p[1]
        windows -= 1
    return 0


@micropython.viper
def look_up(src: ptr8, dst: ptr8, table: ptr8, n: int) -> int:
    """dst[i] = table[src[i]]"""
    i = 0
    while i < n:
        dst[i] = table[src[i]]
        i += 1
    return 0


@micropython.viper
def pad(src: ptr8, dst: ptr8, before: int, n: int, after: int, value: int) -> int:
    """Put n bytes between two margins of `value`."""
    o = 0
    while o < before:
        dst[o] = value
        o += 1
    i = 0
    while i < n:
        dst[o] = src[i]
        i += 1
        o += 1
    while after > 0:
        dst[o] = value
        o += 1
        after -= 1
    return 0


@micropython.viper
def move_in(src: ptr8, dst: ptr8, n: int) -> int:
    """int8 (as such, or as plain bytes) to byte + 128."""
    i = 0
    while i < n:
        dst[i] = (src[i] + 128) & 255
        i += 1
    return 0


@micropython.viper
def move_out(src: ptr8, dst: ptr8, n: int) -> int:
    """Byte + 128 to int8."""
    i = 0
    while i < n:
        dst[i] = src[i] - 128
        i += 1
    return 0

"""The products of int8 neural networks, bit for bit those of LiteRT's reference kernels.

Activations are kept as bytes q + 128, because viper's ptr8 reads without sign; so are weights, in
planes: plane k holds output channels k, k + planes, ... one row of taps after another, so that one
index serves all planes. Inputs are (time, channel), one row of channels after another.

Requantisation, SaturatingRoundingDoublingHighMul followed by RoundingDivideByPOT in the reference
(gemmlowp's fixedpoint.h), in 32-bit integers:

    high = floor((x * m + 2**30) / 2**31)              |x| < 2**29, 2**30 <= m < 2**31 or m = 0
    q    = (high + 2**(e-1) - (high < 0)) >> e         1 <= e <= 31

and for fully connected layers, which the reference rounds once, half away from zero

    |q|  = floor(|x| * m / 2**31 + 2**(e-1)) >> e

with x = x1 * 2**15 + x0 and m = m1 * 2**16 + m0; layers.py refuses models beyond these bounds. A
sum of products wraps at 32 bits on a device and does not on a PC; only the true sum, which is
within the bound, is ever used. The lines of requantisation stand in three kernels (one of them in
elementwise.py): a call for each value would cost more than they do.

viper keeps the first two or three locals in registers, arguments first: hence the two leading
arguments whose values do not matter, and `s = w[j] * x + s`, which spills less than `+=`. None of
those three may index a ptr32: MicroPython 1.26 and 1.27 then spoil it on Thumb and RISC-V
(https://github.com/micropython/micropython/pull/18821).
"""

from groundswell.kernel import micropython, ptr32

ptr8 = ptr32  # to type checkers and CPython; viper goes by the spelling

PLANES = 8  # weights of eight output channels are used together
DEPTHWISE_PLANES = 4
ENTRY = 5  # numbers of a channel: bias, m1, m0, e, 2**(e-1)


@micropython.viper
def convolve(
    x: int,
    j: int,
    w0: ptr8,
    w1: ptr8,
    w2: ptr8,
    w3: ptr8,
    w4: ptr8,
    w5: ptr8,
    w6: ptr8,
    w7: ptr8,
    src: ptr8,
    dst: ptr8,
    row: ptr32,
    c: ptr32,
    p: ptr32,
) -> int:
    """Convolution over time, and fully connected layers, which have one window a row.

    c: ENTRY numbers for each output channel
    p: windows, bytes from one window to the next, taps of a window, blocks of channels, channels,
       input zero, output zero, lowest and highest output (all + 128), first byte of the first
       window (negative: before the input, which counts as zero), bytes of input,
       1: rounded once, for fully connected layers
    """
    windows = p[0]
    taps = p[2]
    channels = p[4]
    zero = p[5]
    start = p[9]
    o = 0
    while windows > 0:
        first = start
        end = start + taps
        if first < 0:
            first = 0
        if end > p[10]:
            end = p[10]
        total = 0
        i = first
        while i < end:
            total = src[i] + total
            i += 1
        total = (total - zero * (end - first)) << 7  # what the 128 in each weight adds
        b = 0
        while b < p[3]:
            s0 = 0
            s1 = 0
            s2 = 0
            s3 = 0
            s4 = 0
            s5 = 0
            s6 = 0
            s7 = 0
            i = first
            j = b * taps + first - start
            while i < end:
                x = src[i] - zero
                s0 = w0[j] * x + s0
                s1 = w1[j] * x + s1
                s2 = w2[j] * x + s2
                s3 = w3[j] * x + s3
                s4 = w4[j] * x + s4
                s5 = w5[j] * x + s5
                s6 = w6[j] * x + s6
                s7 = w7[j] * x + s7
                i += 1
                j += 1
            k = b << 3
            row[k] = s0
            row[k + 1] = s1
            row[k + 2] = s2
            row[k + 3] = s3
            row[k + 4] = s4
            row[k + 5] = s5
            row[k + 6] = s6
            row[k + 7] = s7
            b += 1
        n = 0
        k = 0
        while n < channels:
            x = row[n] - total + c[k]
            b = c[k + 2]
            if p[11] > 0:
                y = x
                if x < 0:
                    y = 0 - x
                r = y >> 15
                y = y & 0x7FFF
                y = ((r * b + ((y * b) >> 15)) >> 1) + y * c[k + 1]
                r = ((y >> 15) + r * c[k + 1] + c[k + 4]) >> c[k + 3]
                if x < 0:
                    r = 0 - r
                r = r + p[6]
            else:
                r = x >> 15
                x = x & 0x7FFF
                x = ((r * b + ((x * b) >> 15) + 0x8000) >> 1) + x * c[k + 1]
                r = (x >> 15) + r * c[k + 1]
                r = ((r + c[k + 4] + (r >> 31)) >> c[k + 3]) + p[6]
            if r < p[7]:
                r = p[7]
            if r > p[8]:
                r = p[8]
            dst[o] = r
            o += 1
            k += 5
            n += 1
        start += p[1]
        windows -= 1
    return 0


@micropython.viper
def convolve_depthwise(
    i: int,
    j: int,
    w0: ptr8,
    w1: ptr8,
    w2: ptr8,
    w3: ptr8,
    src: ptr8,
    dst: ptr8,
    row: ptr32,
    c: ptr32,
    p: ptr32,
) -> int:
    """Convolution over time of each channel by itself; c and p as in `convolve`, but for
    p: ..., rows from one window to the next, rows of a window, ..., first row, rows of input

    Reads up to three bytes beyond the input (and throws away what it makes of them).
    """
    windows = p[0]
    taps = p[2]
    channels = p[4]
    zero = p[5]
    start = p[9]
    o = 0
    while windows > 0:
        first = start
        end = start + taps
        if first < 0:
            first = 0
        if end > p[10]:
            end = p[10]
        b = 0
        while b < p[3]:
            s0 = 0
            s1 = 0
            s2 = 0
            s3 = 0
            i = first * channels + (b << 2)
            j = b * taps + first - start
            n = end - first
            while n > 0:
                s0 = (w0[j] - 128) * (src[i] - zero) + s0
                s1 = (w1[j] - 128) * (src[i + 1] - zero) + s1
                s2 = (w2[j] - 128) * (src[i + 2] - zero) + s2
                s3 = (w3[j] - 128) * (src[i + 3] - zero) + s3
                i += channels
                j += 1
                n -= 1
            k = b << 2
            row[k] = s0
            row[k + 1] = s1
            row[k + 2] = s2
            row[k + 3] = s3
            b += 1
        n = 0
        k = 0
        while n < channels:
            x = row[n] + c[k]
            r = x >> 15
            x = x & 0x7FFF
            b = c[k + 2]
            x = ((r * b + ((x * b) >> 15) + 0x8000) >> 1) + x * c[k + 1]
            r = (x >> 15) + r * c[k + 1]
            r = ((r + c[k + 4] + (r >> 31)) >> c[k + 3]) + p[6]
            if r < p[7]:
                r = p[7]
            if r > p[8]:
                r = p[8]
            dst[o] = r
            o += 1
            k += 5
            n += 1
        start += p[1]
        windows -= 1
    return 0

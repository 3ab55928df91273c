"""Second-order filters in 32-bit integers, for any sample rate from 25 to 500 Hz.

Butterworth sections by the bilinear transform, in direct form 1:

    y0 = b * (x0 + m*x1 + n*x2) - a1*y1 - a2*y2

    high-pass   m, n = -2, 1    removes gravity: the double zero at 0 Hz is exact
    low-pass    m, n =  2, 1
    integrate   m, n =  0, -1   1/s with the lows below the corner removed; see `integrate`

Coefficients are designed in exact integers (no float: on the devices a float has 24 bits) and
kept as Q29 in two halves; the rounding error of each output is fed back twice into the next ones,
which moves it away from 0 Hz, where these filters would amplify it.

Bound: |x| and |y| stay within LIMIT = 2**26; outputs are clamped there. Then |b*(...)| <= 2**28,
|a1*y1| < 2**27, |a2*y2| < 2**26 and no intermediate result leaves 32 bits. Inputs are clamped to
2**24 by the detector; only a sensor that is clipping can drive an integrator to its clamp.
"""

from array import array

from groundswell.kernel import micropython, ptr32

LIMIT = 1 << 26
_Q = 60  # fraction bits of the design
_PI_Q60 = 3622009729038561421  # round(pi * 2**60)


@micropython.viper
def biquad(
    w: int,
    r: int,
    src: ptr32,
    dst: ptr32,
    n: int,
    at: int,
    channels: int,
    stride: int,
    c: ptr32,
    s: ptr32,
) -> int:
    """Filter n samples src[at], src[at + stride], ... into the same places of dst.

    So for each of `channels` neighbouring places, from `at` on.

    w, r: of no meaning; they come first because viper keeps its first locals in registers
    c: b high, b low, m, n, -a1 high, -a1 low, -a2 high, -a2 low (Q29 = high * 2**16 + low)
    s: for each channel x1, x2, y1, y2, last rounding error, the one before (in 2**-15)
    """
    b_high = c[0]  # locals are read faster than places of an array
    b_low = c[1]
    m = c[2]
    m_2 = c[3]
    a1_high = c[4]
    a1_low = c[5]
    a2_high = c[6]
    a2_low = c[7]
    k = 0
    while channels > 0:
        i = at
        left = n
        x1 = s[k]
        x2 = s[k + 1]
        y1 = s[k + 2]
        y2 = s[k + 3]
        e1 = s[k + 4]
        e2 = s[k + 5]
        while left > 0:
            x0 = src[i]
            w = x0 + m * x1 + m_2 * x2
            x2 = x1
            x1 = x0
            # each product, of 14 low bits of the data and the rest with 16 low bits of the
            # coefficient and the rest: all but the highest in units of 2**-15, that in units of 2
            r = w & 0x3FFF
            w = w >> 14
            t = ((r * b_low + 8192) >> 14) + ((r * b_high) << 2) + w * b_low
            h = ((w * b_high) << 1) + (t >> 15)
            low = (t & 0x7FFF) + (e1 << 1) - e2
            r = y1 & 0x3FFF
            w = y1 >> 14
            t = ((r * a1_low + 8192) >> 14) + ((r * a1_high) << 2) + w * a1_low
            h = ((w * a1_high) << 1) + (t >> 15) + h
            low = (t & 0x7FFF) + low
            r = y2 & 0x3FFF
            w = y2 >> 14
            t = ((r * a2_low + 8192) >> 14) + ((r * a2_high) << 2) + w * a2_low
            h = ((w * a2_high) << 1) + (t >> 15) + h
            low = (t & 0x7FFF) + low
            y2 = y1
            y1 = h + (low >> 15)
            e2 = e1
            e1 = low & 0x7FFF
            if y1 > 67108863:
                y1 = 67108863
            if y1 < -67108863:
                y1 = -67108863
            dst[i] = y1
            i += stride
            left -= 1
        s[k] = x1
        s[k + 1] = x2
        s[k + 2] = y1
        s[k + 3] = y2
        s[k + 4] = e1
        s[k + 5] = e2
        k += 6
        at += 1
        channels -= 1
    return 0


class Filter:
    """One section over interleaved channels, with the state of each. Allocates nothing in run."""

    def __init__(
        self, coefficients: "array[int]", first: int = 0, channels: int = 3, stride: int = 3
    ):
        """channels: how many neighbouring places of `stride`, from `first` on."""
        self._coefficients = coefficients
        self._first = first
        self._channels = channels
        self._stride = stride
        self._state = array("i", (0,) * (6 * channels))

    def settle(self, start: "array[int]") -> None:
        """Start as if the input had been `start` (one value a channel place) for ever.

        Right for a high-pass, whose output then starts at 0 whatever the offset.
        """
        state = self._state
        for channel in range(self._channels):
            state[6 * channel] = state[6 * channel + 1] = start[self._first + channel]
            for index in range(2, 6):
                state[6 * channel + index] = 0

    def run(self, src: "array[int]", dst: "array[int]", n: int) -> None:
        biquad(
            0,
            0,
            src,
            dst,
            n,
            self._first,
            self._channels,
            self._stride,
            self._coefficients,
            self._state,
        )


def high_pass(corner_mhz: int, rate_mhz: int) -> "array[int]":
    k, d = _prototype(corner_mhz, rate_mhz)
    return _pack(_ratio(1 << _Q, d), -2, 1, k, d)


def low_pass(corner_mhz: int, rate_mhz: int) -> "array[int]":
    k, d = _prototype(corner_mhz, rate_mhz)
    return _pack(_ratio((k * k) >> _Q, d), 2, 1, k, d)


def integrate(corner_mhz: int, rate_mhz: int, gain: int) -> "array[int]":
    """Return the section gain * w*s / (s^2 + sqrt(2)*w*s + w^2), w = 2*pi*corner.

    Its output is gain * w times the integral of its input over time in seconds, high-passed with
    the second-order Butterworth corner: an integrator that cannot drift away. (The bilinear
    transform puts tan(pi*corner/rate) * rate / pi in place of the corner in that factor.)
    """
    k, d = _prototype(corner_mhz, rate_mhz)
    return _pack(_ratio(gain * k, d), 0, -1, k, d)


def integral_scale(corner_mhz: int, rate_mhz: int, gain: int) -> "tuple[int, int]":
    """Return (numerator, denominator): output of `integrate` times this is the integral [s]."""
    k = _prototype(corner_mhz, rate_mhz)[0]
    # gain * w with w = 2 * rate * k, rate in Hz = rate_mhz / 1000
    return (1000 << _Q, 2 * gain * rate_mhz * k)


def integer_sqrt(x: int) -> int:
    """Return the largest integer whose square is not above x."""
    if x < 2:
        return x
    bits = 0
    rest = x
    while rest:
        rest >>= 1
        bits += 1
    root = 1 << ((bits + 1) // 2)
    while True:
        better = (root + x // root) >> 1
        if better >= root:
            return root
        root = better


def _prototype(corner_mhz: int, rate_mhz: int) -> "tuple[int, int]":
    """Return k = tan(pi * corner / rate) and d = 1 + sqrt(2) k + k^2, in Q60."""
    angle = _PI_Q60 * corner_mhz // rate_mhz
    square = (angle * angle) >> _Q
    sine, cosine, term, index = 0, 0, 1 << _Q, 0
    while term:  # term is angle**index / index!, alternating between cosine and sine
        cosine += term if index % 4 == 0 else -term
        odd = term * angle // ((index + 1) << _Q)
        sine += odd if index % 4 == 0 else -odd
        term = term * square // (((index + 1) * (index + 2)) << _Q)
        index += 2
    k = (sine << _Q) // cosine
    return k, (1 << _Q) + ((_sqrt2() * k) >> _Q) + ((k * k) >> _Q)


def _sqrt2() -> int:
    return integer_sqrt(2 << (2 * _Q))


def _ratio(numerator: int, denominator: int) -> int:
    """Return numerator / denominator in Q29, rounded."""
    return ((numerator << 30) // denominator + 1) >> 1


def _pack(b: int, m: int, n: int, k: int, d: int) -> "array[int]":
    k2 = (k * k) >> _Q
    minus_a1 = _ratio(2 * ((1 << _Q) - k2), d)
    minus_a2 = -_ratio((1 << _Q) - ((_sqrt2() * k) >> _Q) + k2, d)
    return array(
        "i",
        (
            b >> 16,
            b & 0xFFFF,
            m,
            n,
            minus_a1 >> 16,
            minus_a1 & 0xFFFF,
            minus_a2 >> 16,
            minus_a2 & 0xFFFF,
        ),
    )

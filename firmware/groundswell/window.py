"""What the judge looks at: the loudness of the last four seconds, by band, in integers.

    acceleration --four bands--> |vertical|, |horizontal| --smoothed over 64 ms--> 16 frames/s
    64 frames --log2--> int8, a sixteenth of an octave a step, the loudest place of all at 127
    the loudest over the long-term noise, an eighth of an octave a step, beside every frame

The size of a motion falls out, and so does how a node was turned about the vertical. Above 12 Hz
nothing is looked at: records at 31.25 Hz have nothing there. A frame holds the same time at every
rate, so that one model serves chips from 25 to 500 Hz.
"""

from array import array

from groundswell import filters
from groundswell.kernel import micropython, ptr32
from groundswell.logarithm import log2_16

ptr8 = ptr32  # to type checkers and CPython; viper goes by the spelling

FRAMES = 64  # of a window
FRAME_RATE_MHZ = 16000
BANDS = 4  # 0.1-1, 1-2.5, 2.5-6, 6-12 Hz
LEVELS = 2 * BANDS  # vertical, horizontal of each
CHANNELS = LEVELS + 1  # and how far the loudest is above the noise before the onset
SMOOTHING_US = 64000
FLOOR_UM_S2 = 30  # an ADXL355's own noise is 220 in 1-2 Hz; below this a level says nothing

_EDGES_MHZ = (1000, 2500, 6000)


@micropython.viper
def envelope(band: ptr32, ring: ptr32, s: ptr32, n: int) -> int:
    """Follow the loudness of one band over n samples of x, y, z; a frame goes into the ring.

    s: vertical, its rest, horizontal, its rest, phase, rate in mHz, smoothing in samples,
       frames so far, first channel; loudness is in sixteenths of a count
    """
    i = 0
    while i < n:
        x = band[3 * i]
        y = band[3 * i + 1]
        z = band[3 * i + 2]
        if x < 0:
            x = 0 - x
        if y < 0:
            y = 0 - y
        if z < 0:
            z = 0 - z
        if x < y:
            h = y + ((x * 3) >> 3)  # the length of (x, y), within 7 %
        else:
            h = x + ((y * 3) >> 3)
        if z > 16777215:
            z = 16777215
        if h > 16777215:
            h = 16777215
        d = (z << 4) - s[0] + s[1]
        q = d // s[6]
        s[0] = s[0] + q
        s[1] = d - q * s[6]
        d = (h << 4) - s[2] + s[3]
        q = d // s[6]
        s[2] = s[2] + q
        s[3] = d - q * s[6]
        s[4] = s[4] + 16000
        if s[4] >= s[5]:
            s[4] = s[4] - s[5]
            k = (s[7] & 63) * 8 + s[8]
            ring[k] = s[0]
            ring[k + 1] = s[2]
            s[7] = s[7] + 1
        i += 1
    return 0


@micropython.viper
def levels(ring: ptr32, frames: int, floor: int, dst: ptr32) -> int:
    """Put 64 frames, oldest first, as logarithms into dst; return the largest.

    frames: so far; floor: what is weaker counts as this, at least 1
    """
    top = 0
    i = 0
    while i < 512:
        k = i + (frames & 63) * 8
        if k >= 512:
            k -= 512
        v = ring[k]
        if v < floor:
            v = floor
        bits = 0
        rest = v >> 1
        while rest > 0:
            rest = rest >> 1
            bits += 1
        if bits > 4:
            v = v >> (bits - 4)
        else:
            v = v << (4 - bits)
        v = 16 * bits + v - 16  # linear between powers of two
        dst[i] = v
        if v > top:
            top = v
        i += 1
    return top


@micropython.viper
def scale(src: ptr32, dst: ptr8, top: int, above: int) -> int:
    """The loudest becomes 127, everything else lies as many steps below, at least at -128.

    above: goes behind the levels of each frame
    """
    i = 0
    o = 0
    while i < 512:
        k = 0
        while k < 8:
            v = src[i + k] - top + 127
            if v < -128:
                v = -128
            dst[o] = v & 255  # the byte of an int8
            o += 1
            k += 1
        dst[o] = above & 255
        o += 1
        i += 8
    return 0


class Window:
    """The bands of one three-axis sensor and their last 64 frames."""

    def __init__(self, rate_mhz: int, unit_pm_s2: int, most_samples: int) -> None:
        """unit_pm_s2: one count of the acceleration; most_samples: that `take` gets at once."""
        size = 3 * most_samples
        self._low = array("i", (0,) * size)
        self._high = array("i", (0,) * size)
        self._ring = array("i", (0,) * (FRAMES * LEVELS))
        self.scratch = array("i", (0,) * (FRAMES * LEVELS))
        self.input = array("B", bytes(FRAMES * CHANNELS))
        lowest, middle, highest = [min(edge, rate_mhz * 2 // 5) for edge in _EDGES_MHZ]
        self._below_1 = filters.Filter(filters.low_pass(lowest, rate_mhz))
        self._below_2 = filters.Filter(filters.low_pass(middle, rate_mhz))
        self._above_2 = filters.Filter(filters.high_pass(middle, rate_mhz))
        self._below_6 = filters.Filter(filters.low_pass(highest, rate_mhz))
        self._above_6 = filters.Filter(filters.high_pass(highest, rate_mhz))
        smoothing = max(1, (SMOOTHING_US * (rate_mhz // 1000) + 500000) // 1000000)
        self._states = [
            array("i", (0, 0, 0, 0, 0, rate_mhz, smoothing, 0, 2 * band)) for band in range(BANDS)
        ]
        self._floor = max(1, 16 * FLOOR_UM_S2 * 1000000 // unit_pm_s2)

    def take(self, acceleration: "array[int]", band: "array[int]", n: int) -> None:
        """Take n samples of interleaved x, y, z: above 0.1 Hz, and in 1-12 Hz."""
        low = self._low
        high = self._high
        ring = self._ring
        states = self._states
        self._below_1.run(acceleration, low, n)
        envelope(low, ring, states[0], n)
        self._below_2.run(band, low, n)
        envelope(low, ring, states[1], n)
        self._above_2.run(band, high, n)
        self._below_6.run(high, low, n)
        envelope(low, ring, states[2], n)
        self._above_6.run(high, high, n)
        envelope(high, ring, states[3], n)

    def frames(self) -> int:
        """Return how many frames there have been, modulo 2**30."""
        for state in self._states:
            state[7] &= (1 << 30) - 1
        return self._states[0][7]

    def look(self, noise_counts: int) -> "array[int]":
        """Return the window that ends now, bytes of int8, in an array that is used again.

        noise_counts: long-term RMS of the vertical in 1-12 Hz
        """
        top = levels(self._ring, self.frames(), self._floor, self.scratch)
        noise = log2_16(max(self._floor, noise_counts << 4))
        above = min(127, max(-128, (top - noise) // 2 - 64))
        scale(self.scratch, self.input, top, above)
        return self.input

"""When the ground began to move, now that more of the wave is known.

The detector's pick is where the energy rises; a P wave that emerges, or a weak one, began before
that, in the noise. Here every beginning up to BACK_MS before the pick, followed by energy that
stays, that grows as the time since or as its square, is held against what was seen:

    likelihood = product of exp(-e / v) / v   with v = 1 before, 1 + a * shape since, noise = 1

for the energy e of pieces of 64 ms; a: what makes v as large in the mean as e. Where the pick is
eight times less likely than the best, the onset is the mean of all beginnings by likelihood: what
only grows is drawn back to where it grows from. A step alone (AIC) finds where it grows most.

Origin of the numbers: detections of 189 recorded P waves, by models that had not seen the event,
and of 155 simulated strong ones; error of the onset, median / 90th percentile in s. As picked
0.36 / 1.66 (simulated 0.13 / 0.85); as here at once 0.36 / 1.37 (0.13 / 0.77), a second later
0.30 / 1.36 (0.11 / 0.76), MEMS records as they were: 27 become better by 0.05 s or more, 7 worse.
CERTAIN_BITS 2: 0.29 / 1.36 (0.10 / 0.66), 36 and 13; 0: 0.25 / 1.18 (0.08 / 0.41), but MEMS
records, whose P is sharp and weak, 0.06 / 0.69 for 0.03 / 0.50, all earlier, and the 14 recorded
earthquakes end 6.7 km off instead of 4.4. With 2 s of the wave, pieces of 32 ms or beginnings 2 s
back nothing is gained. TERMS: a piece has 24 independent samples a second of three components,
2.3 terms of the likelihood.
"""

from array import array

from groundswell.kernel import micropython, ptr32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE_US = 64000
BACK_MS = 1500
AFTER_MS = 1000  # of the wave, after the pick
MOST_PIECES = 50  # of 2.5 s, at any rate
TERMS = 2  # as many terms of the likelihood is a piece worth
CERTAIN_BITS = 3  # a pick stands unless another beginning is eight times likelier
_SHAPES = 3
_SCALE = 256  # parts of a bit
_LEAST = 16  # what is so many bits less likely does not count


@micropython.viper
def pieces(ring: ptr32, pos: int, size: int, n: int, dst: ptr32) -> int:
    """Put the means of n runs of `size` places of a ring, from place `pos` on, into dst.

    A value counts at most 8192, 256 times the noise.
    """
    mask = ring[0]
    at = pos + 0
    i = 0
    while i < n:
        total = 0
        k = 0
        while k < size:
            v = ring[1 + (at & mask)]
            if v > 8192:
                v = 8192
            total += v
            at += 1
            k += 1
        dst[i] = total // size
        i += 1
    return 0


@micropython.viper
def beginnings(src: ptr32, n: int, count: int, dst: ptr32) -> int:
    """Put how likely each beginning 0..count-1 is, with each of three shapes, into dst: 256ths of
    a bit above noise alone. Return the largest.

    src: n energies (at most 50), 32 in the noise and at most 8192 each
    """
    top = 0
    start = 0
    while start < count:
        excess = 0
        i = start + 0
        while i < n:
            excess += src[i] - 32
            i += 1
        long = n - start
        shape = 0
        while shape < 3:
            # 1, 2 i + 1 or i (i + 1) by differences, and the sum over i
            m = 1
            step = 0
            more = 0
            whole = long
            if shape == 1:
                step = 2
                whole = long * long
            if shape == 2:
                m = 0
                step = 2
                more = 2
                whole = (long - 1) * long * (long + 1) // 3
            gain = 0
            if excess > 0 and whole > 0:
                bits = 0
                i = start + 0
                while i < n:
                    e = src[i]
                    v = 32 + excess * m // whole
                    # (e - e / v) / ln 2, and 1 / ln 2 = 369 / 256
                    gain += ((e * 369) >> 5) - ((((e << 8) // v) * 369) >> 8)
                    while v >> (bits + 6) > 0:  # v only grows
                        bits += 1
                    f = ((v << 3) >> bits) - 256
                    # log2(1 + x) = x + 0.344 x (1 - x), within 0.008
                    gain -= (bits << 8) + f + ((f * (256 - f) * 88) >> 16)
                    m += step
                    step += more
                    i += 1
            dst[3 * start + shape] = gain
            if gain > top:
                top = gain
            shape += 1
        start += 1
    return top


class Beginning:
    """Finds when a wave began; its arrays are made once."""

    def __init__(self, rate_mhz: int, scratch: "array[int] | None" = None) -> None:
        """rate_mhz: nominal, 25 to 500 Hz; scratch: 150 int32, without meaning between calls."""
        self._size = max(1, (PIECE_US * (rate_mhz // 1000) + 500000) // 1000000)
        self._back = BACK_MS * (rate_mhz // 1000) // (1000 * self._size)
        self._after = AFTER_MS * (rate_mhz // 1000) // (1000 * self._size)
        self._energies = array("i", (0,) * MOST_PIECES)
        self._gains = scratch or array("i", (0,) * (_SHAPES * MOST_PIECES))

    def of(self, ring: "array[int]", pick: int, first: int, now: int) -> int:
        """Return the sample number of the onset, at most BACK_MS before the pick.

        ring: 16 times the sum of two energies over their averages (sta_lta.follow); first: the
        number of the first sample in it that may be looked at; now: one after the last
        """
        size = self._size
        back = min(self._back, (pick - first) // size)
        n = min(back + min(self._after, (now - pick) // size), MOST_PIECES)
        if back < 1 or n <= back:
            return pick
        pieces(ring, pick - back * size, size, n, self._energies)
        top = beginnings(self._energies, n, back + 1, self._gains)
        gains = self._gains
        at_pick = max([gains[_SHAPES * back + shape] for shape in range(_SHAPES)])
        if TERMS * (top - at_pick) < CERTAIN_BITS * _SCALE:
            return pick
        earlier = 16 * back - _mean_place(gains, back + 1, top)
        return pick - earlier * size // 16 if earlier >= 16 else pick


def _mean_place(gains: "Sequence[int]", count: int, top: int) -> int:
    """Return 16 times the mean of 0..count-1, each weighing 2**(TERMS * (gain - top) / 256)."""
    total = weighted = 0
    for index in range(_SHAPES * count):
        less = TERMS * (top - gains[index])
        if less < _LEAST * _SCALE:
            weight = (512 - (less & 255)) >> (less >> 8)  # linear between powers of two
            total += weight
            weighted += weight * (index // _SHAPES)
    return 16 * weighted // total

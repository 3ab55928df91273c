"""Ground motion from raw counts: acceleration, velocity, displacement, and their peaks.

    counts --shift, clamp--> high-pass 0.1 Hz = acceleration  (gravity is gone)
    acceleration --integrate, corner 0.2 Hz--> velocity
    vertical velocity --integrate, corner 0.5 Hz--> displacement
    acceleration --high-pass 1 Hz, low-pass 12 Hz--> the detector's band

Corners: white noise of 22.5 ug/rtHz (ADXL355) integrates to 0.08 mm/s above 0.2 Hz, far below
what people feel (MMI II is about 1 mm/s), and to 9 um above 0.5 Hz against 35 um above 0.2 Hz;
a magnitude 5 at 50 km has a Pd of some 60 um (Kuyuk & Allen 2013).

The peaks of the last seconds are kept sample by sample in rings, because an onset is known only
after it happened.
"""

from array import array

from groundswell import filters, wire
from groundswell.kernel import micropython, ptr32, zeros

RING_S = 4  # how far back an onset may lie

ACCELERATION_CORNER_MHZ = 100
VELOCITY_CORNER_MHZ = 200
DISPLACEMENT_CORNER_MHZ = 500
VELOCITY_GAIN = 16  # keeps fractions of what one count makes; b stays below 1 at 25 Hz
DISPLACEMENT_GAIN = 8
BAND_LOW_MHZ = 1000
BAND_HIGH_MHZ = 12000

COARSEST_NM_S2 = 10000  # one count inside is shifted to lie between half of this and this
_INPUT_LIMIT = (1 << 24) - 1

# Counts at which a sensor clips (its data sheet: bits of the output).
_RANGE_COUNTS = {
    wire.SENSOR_ADXL355: (1 << 19) - 1,
    wire.SENSOR_LIS3DH: (1 << 11) - 4,  # 10 bits, and two of nothing
    wire.SENSOR_MPU6050: (1 << 15) - 1,
    wire.SENSOR_LSM6DSO: (1 << 15) - 1,
    wire.SENSOR_ADXL345: (1 << 12) - 1,
}
_NO_RANGE_COUNTS = (1 << 30) - 1


@micropython.viper
def load(counts: ptr32, at: int, n: int, work: ptr32, still: ptr32, s: ptr32) -> int:
    """Copy n samples of x, y, z from sample `at` on, shifted and clamped; mark repeated ones.

    s: shift left (or right if negative), clip level in counts, last x, y, z, clipped samples
    """
    shift = s[0]
    back = 0
    if shift < 0:
        back = 0 - shift
        shift = 0
    limit = s[1]
    i = 0
    while i < n:
        same = 1
        clipped = 0
        for axis in range(3):
            v = counts[3 * (at + i) + axis]
            if v != s[2 + axis]:
                same = 0
                s[2 + axis] = v
            if v >= limit:
                v = limit
                clipped = 1
            if v <= 0 - limit:
                v = 0 - limit
                clipped = 1
            work[3 * i + axis] = (v << shift) >> back
        still[i] = same
        s[5] = s[5] + clipped
        i += 1
    return 0


@micropython.viper
def peaks(src: ptr32, first: int, axes: int, n: int, ring: ptr32, pos: int) -> int:
    """Put the largest |value| of `axes` neighbouring places into a ring, sample by sample."""
    mask = ring[0]
    i = 0
    while i < n:
        top = 0
        for axis in range(axes):
            v = src[first + axis]
            if v < 0:
                v = 0 - v
            if v > top:
                top = v
        ring[1 + ((pos + i) & mask)] = top
        first += 3
        i += 1
    return 0


@micropython.viper
def largest(ring: ptr32, pos: int, n: int) -> int:
    """Return the largest of n places of a ring from `pos` on."""
    mask = ring[0]
    top = 0
    i = 0
    while i < n:
        v = ring[1 + ((pos + i) & mask)]
        if v > top:
            top = v
        i += 1
    return top


def range_counts(sensor: int) -> int:
    """Return the largest count of this wire.SENSOR_...; none known: what fits."""
    return _RANGE_COUNTS.get(sensor, _NO_RANGE_COUNTS)


def new_ring(rate_mhz: int) -> "array[int]":
    """Return a ring of at least RING_S seconds: length - 1, then a power of two of places."""
    length = 64
    while length * 1000 < RING_S * rate_mhz:
        length *= 2
    ring = zeros(1 + length)
    ring[0] = length - 1
    return ring


class Motion:
    """All filters of one three-axis sensor, and rings of what they gave."""

    def __init__(
        self, rate_mhz: int, lsb_nm_s2: int, range_counts: int, longest_block: int
    ) -> None:
        """range_counts: the largest count of the sensor; reaching it is clipping.

        longest_block: samples that `take` accepts at once.
        """
        shift = 0
        while shift < 12 and (lsb_nm_s2 >> shift) > COARSEST_NM_S2:
            shift += 1
        while -12 < shift <= 0 and (lsb_nm_s2 << (1 - shift)) <= COARSEST_NM_S2:
            shift -= 1
        if shift < 0:
            self.unit_pm_s2 = (lsb_nm_s2 * 1000) << -shift  # of one shifted count
            clip = min(range_counts, (1 << 30) - 1, _INPUT_LIMIT << -shift)
        else:
            self.unit_pm_s2 = (lsb_nm_s2 * 1000) >> shift
            clip = min(range_counts, _INPUT_LIMIT >> shift)
        self._loading = array("i", (shift, clip, 0, 0, 0, 0))
        self._work = array("i", (0,) * (3 * longest_block))
        self.acceleration = array("i", (0,) * (3 * longest_block))
        self._other = array("i", (0,) * (3 * longest_block))
        self.band = array("i", (0,) * (3 * longest_block))
        self.still = array("i", (0,) * longest_block)
        self.acceleration_ring = new_ring(rate_mhz)
        self.velocity_ring = new_ring(rate_mhz)
        self.displacement_ring = new_ring(rate_mhz)
        self._design(rate_mhz)
        self._is_settled = False

    def _design(self, rate_mhz: int) -> None:
        high = min(BAND_HIGH_MHZ, rate_mhz * 2 // 5)
        velocity = (VELOCITY_CORNER_MHZ, rate_mhz, VELOCITY_GAIN)
        displacement = (DISPLACEMENT_CORNER_MHZ, rate_mhz, DISPLACEMENT_GAIN)
        self._no_gravity = filters.Filter(filters.high_pass(ACCELERATION_CORNER_MHZ, rate_mhz))
        self._band_low = filters.Filter(filters.high_pass(BAND_LOW_MHZ, rate_mhz))
        self._band_high = filters.Filter(filters.low_pass(high, rate_mhz))
        self._velocity = filters.Filter(filters.integrate(*velocity))
        self._displacement = filters.Filter(filters.integrate(*displacement), 2, 1)
        self._velocity_scale = filters.integral_scale(*velocity)
        self._displacement_scale = filters.integral_scale(*displacement)

    def take(self, counts: "array[int]", at: int, n: int, pos: int) -> None:
        """Filter samples at..at+n-1 of interleaved counts; their results go to ring place pos on.

        Afterwards `acceleration`, `band` and `still` hold this block.
        """
        work, acceleration, other = self._work, self.acceleration, self._other
        load(counts, at, n, work, self.still, self._loading)
        if not self._is_settled:
            self._no_gravity.settle(work)
            self._is_settled = True
        self._no_gravity.run(work, acceleration, n)
        self._band_low.run(acceleration, work, n)
        self._band_high.run(work, self.band, n)
        peaks(acceleration, 0, 3, n, self.acceleration_ring, pos)
        self._velocity.run(acceleration, work, n)
        peaks(work, 0, 3, n, self.velocity_ring, pos)
        self._displacement.run(work, other, n)
        peaks(other, 2, 1, n, self.displacement_ring, pos)

    def settle(self) -> None:
        """Take the next sample as the level at rest: after a gap, an offset is no motion."""
        self._is_settled = False

    def clipped(self) -> int:
        """Return how many samples reached the end of the range so far, modulo 2**30."""
        self._loading[5] &= (1 << 30) - 1
        return self._loading[5]

    def um_s2(self, peak: int) -> int:
        return peak * self.unit_pm_s2 // 1000000

    def nm_s(self, peak: int) -> int:
        up, down = self._velocity_scale
        return peak * self.unit_pm_s2 * up // (1000 * down)

    def nm(self, peak: int) -> int:
        up, down = self._velocity_scale
        up_2, down_2 = self._displacement_scale
        return peak * self.unit_pm_s2 * up * up_2 // (1000 * down * down_2)

"""Short-term over long-term average of the energy, recursively (Allen 1978; Withers et al. 1998).

    sta += (e - sta) / n_sta          lta += (e - lta) / n_lta

for the vertical (e = z^2) and the horizontal (e = x^2 + y^2), in integers. The remainder of each
division is carried to the next sample, so that a small signal is not lost in rounding. While it
warms up the long-term average is the plain mean of what was heard. A frozen one stays as it is.

Range: samples are shifted right until the long-term RMS is below 256 and clamped to 4095, so an
energy is at most 2**25; the shift follows the noise, and both averages follow the shift.
"""

from array import array

from groundswell.filters import integer_sqrt
from groundswell.kernel import micropython, ptr32

# places in the state
STA_Z, STA_Z_REST, LTA_Z, LTA_Z_REST = 0, 1, 2, 3
STA_H, STA_H_REST, LTA_H, LTA_H_REST = 4, 5, 6, 7
N_STA, N_LTA, N_HEARD = 8, 9, 10
IS_FROZEN, THRESHOLD_8, FLOOR, SHIFT = 11, 12, 13, 14
IS_ARMED = 15  # 2: has just triggered
_STATE_SIZE = 16


@micropython.viper
def follow(band: ptr32, still: ptr32, at: int, n: int, s: ptr32, ring: ptr32, pos: int) -> int:
    """Take samples at..n-1 until one exceeds the threshold while armed; return how many remain.

    band: x, y, z interleaved; still[i] = 1: no information, skip sample i
    ring: its first place holds its length - 1 (length a power of two); sample i leaves
    16 * (vertical e/lta + horizontal e/lta) at 1 + (pos + i) % length
    """
    mask = ring[0]
    now = at  # no argument that may be in a register: tests/firmware/test_viper_registers.py
    while now < n:
        shift = s[14]
        x = band[3 * now] >> shift
        y = band[3 * now + 1] >> shift
        z = band[3 * now + 2] >> shift
        if x > 4095:
            x = 4095
        if x < -4095:
            x = -4095
        if y > 4095:
            y = 4095
        if y < -4095:
            y = -4095
        if z > 4095:
            z = 4095
        if z < -4095:
            z = -4095
        ez = z * z
        eh = x * x + y * y
        floor = s[13] >> (2 * shift)
        if floor < 1:
            floor = 1
        if still[now] == 0:
            d = ez - s[0] + s[1]
            q = d // s[8]
            s[0] = s[0] + q
            s[1] = d - q * s[8]
            d = eh - s[4] + s[5]
            q = d // s[8]
            s[4] = s[4] + q
            s[5] = d - q * s[8]
            if s[11] == 0:
                if s[10] < s[9]:
                    s[10] = s[10] + 1
                d = ez - s[2] + s[3]
                q = d // s[10]
                s[2] = s[2] + q
                s[3] = d - q * s[10]
                d = eh - s[6] + s[7]
                q = d // s[10]
                s[6] = s[6] + q
                s[7] = d - q * s[10]
                if s[2] > 65536 or s[6] > 65536:
                    s[14] = shift + 1
                    for i in range(8):
                        s[i] = s[i] >> 2
                elif shift > 0 and s[2] < 1024 and s[6] < 1024:
                    s[14] = shift - 1
                    for i in range(8):
                        s[i] = s[i] << 2
        lz = s[2]
        if lz < floor:
            lz = floor
        lh = s[6]
        if lh < floor:
            lh = floor
        ring[1 + ((pos + now) & mask)] = (ez << 4) // lz + (eh << 4) // lh
        now += 1
        if s[15] == 1 and ((s[0] << 3) > s[12] * lz or (s[4] << 3) > s[12] * lh):
            s[15] = 2
            return n - now
    return 0


class StaLta:
    """Both averages of both energies, and the state between blocks."""

    def __init__(self, n_sta: int, n_lta: int, threshold_8: int, floor_counts: int) -> None:
        """threshold_8: eight times the ratio that triggers; floor_counts: least noise RMS."""
        self.state = array("i", (0,) * _STATE_SIZE)
        self.state[N_STA] = n_sta
        self.state[N_LTA] = n_lta
        self.state[THRESHOLD_8] = threshold_8
        self.state[FLOOR] = floor_counts * floor_counts

    def freeze(self, yes: bool) -> None:
        self.state[IS_FROZEN] = 1 if yes else 0

    def arm(self, yes: bool) -> None:
        self.state[IS_ARMED] = 1 if yes else 0

    def has_triggered(self) -> bool:
        return self.state[IS_ARMED] == 2

    def forget(self) -> None:
        """Begin the long-term average anew, from the short-term one's samples on."""
        self.state[N_HEARD] = self.state[N_STA]
        self.state[LTA_Z] = self.state[STA_Z]
        self.state[LTA_H] = self.state[STA_H]

    def heard(self) -> int:
        """Return how many samples the long-term average knows, at most its length."""
        return self.state[N_HEARD]

    def ratio_milli(self) -> int:
        """Return the larger of the two ratios now, times 1000."""
        state = self.state
        floor = max(1, state[FLOOR] >> (2 * state[SHIFT]))
        vertical = _milli(state[STA_Z], max(floor, state[LTA_Z]))
        return max(vertical, _milli(state[STA_H], max(floor, state[LTA_H])))

    def noise_counts(self) -> int:
        """Return the long-term RMS of the vertical, in counts."""
        return integer_sqrt(max(0, self.state[LTA_Z]) << (2 * self.state[SHIFT]))


def _milli(numerator: int, denominator: int) -> int:
    """Return 1000 * numerator // denominator; no number on the way needs more than 31 bits."""
    whole = numerator // denominator
    return 1000 * whole + 1000 * (numerator - whole * denominator) // denominator

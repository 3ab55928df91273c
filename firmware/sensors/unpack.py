"""Bytes of a FIFO to counts: kernels that several chips share (groundswell.kernel says how)."""

from groundswell.kernel import micropython, ptr32

TYPE_CHECKING = False
if TYPE_CHECKING:
    ptr8 = bytearray
else:
    ptr8 = int


@micropython.viper
def unpack_16(
    raw: ptr8, at: int, n: int, low_first: int, shift: int, counts: ptr32, to: int
) -> int:
    """Write n triplets of two-byte numbers from raw[at] on to triplet `to` of counts; return n.

    low_first: 1 if the low byte comes first, else 0; shift: empty bits on the right
    """
    k = 0
    while k < 3 * n:
        p = at + 2 * k
        count = (raw[p + low_first] << 8) | raw[p + 1 - low_first]
        count = (count ^ 32768) - 32768
        counts[3 * to + k] = count >> shift
        k += 1
    return n


@micropython.viper
def same_run(counts: ptr32, n: int, last: ptr32) -> int:
    """Return how many triplets up to the latest were equal to the one before.

    last: x, y, z and that number, of the blocks before
    """
    k = 0
    while k < n:
        x = counts[3 * k]
        y = counts[3 * k + 1]
        z = counts[3 * k + 2]
        if x == last[0] and y == last[1] and z == last[2]:
            last[3] = last[3] + 1
        else:
            last[3] = 0
            last[0] = x
            last[1] = y
            last[2] = z
        k += 1
    return last[3]

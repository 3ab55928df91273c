"""The last seconds of raw counts, and packets of them after a detection.

Holds at least KEPT_S seconds, on a small device LEAST_S and as much more as it has room for
(assembly.py); the oldest are overwritten, and a packet that was not fetched in
time is skipped and counted. A count takes three bytes, clamped to 24 bits (no chip has more than
20), and lies on pages of half a kB, because a device's heap has no 9 kB in one piece. One packet
is PACKET_MS long, so that coding it on a device (some 20 ms in bytecode) fits between two blocks.
"""

from array import array

from groundswell.kernel import micropython, ptr32

ptr8 = ptr32  # to type checkers and CPython; viper goes by the spelling

KEPT_S = 8
LEAST_S = 4  # what comes with a detection, and as long again to fetch it
PACKET_MS = 500
BEFORE_ONSET_MS = 2000  # what comes with a detection: its background, for whoever looks later
PAGE = 64  # triplets
TRIPLET_BYTES = 9


@micropython.viper
def store(counts: ptr32, at: int, n: int, page: ptr8, place: int) -> int:
    """Put n triplets from sample `at` of counts on a page, from a place on."""
    i = 3 * at
    end = i + 3 * n
    to = 9 * place
    while i < end:
        v = counts[i]
        if v > 8388607:
            v = 8388607
        if v < -8388608:
            v = -8388608
        page[to] = v & 255
        page[to + 1] = (v >> 8) & 255
        page[to + 2] = (v >> 16) & 255
        to += 3
        i += 1
    return 0


@micropython.viper
def read(page: ptr8, place: int, n: int, axis: int, counts: ptr32, to: int) -> int:
    """Put one component of n triplets of a page into counts, from number `to` on."""
    k = 9 * place + 3 * axis
    end = to + n
    while to < end:
        v = page[k] + (page[k + 1] << 8) + (page[k + 2] << 16)
        if v > 8388607:
            v -= 16777216
        counts[to] = v
        k += 9
        to += 1
    return 0


def pages_of(rate_mhz: int, seconds: int) -> int:
    samples = (seconds * rate_mhz + 999) // 1000
    return (samples + PAGE - 1) // PAGE


class Recorder:
    """A ring of raw triplets with a reading place in it, if somebody wants them."""

    def __init__(self, rate_mhz: int, kept_s: int = KEPT_S) -> None:
        self._pages: "list[array[int]]" = []
        self._length = 0
        self.lengthen(pages_of(rate_mhz, kept_s))
        self.packet_samples = max(1, PACKET_MS * rate_mhz // 1000000)
        self._before = BEFORE_ONSET_MS * rate_mhz // 1000000
        self._written = 0
        self._next = -1  # sample number of the next packet; -1: nobody wants one
        self.skipped = 0  # samples

    def lengthen(self, pages: int) -> None:
        """Hold so many pages more. Only before the first sample comes."""
        for _ in range(pages):
            self._pages.append(array("B", bytes(PAGE * TRIPLET_BYTES)))
        self._length = len(self._pages) * PAGE

    def keep(self, counts: "array[int]", at: int, n: int) -> None:
        while n > 0:
            pos = self._written
            place = pos % PAGE
            part = min(n, PAGE - place)
            store(counts, at, part, self._pages[pos // PAGE % len(self._pages)], place)
            self._written = pos + part
            at += part
            n -= part

    def start(self, onset: int) -> None:
        """Packets from two seconds before sample number `onset` on; goes on where it reads now."""
        if self._next < 0:
            self._next = max(0, onset - self._before)

    @property
    def is_wanted(self) -> bool:
        return self._next >= 0

    def stop(self) -> None:
        self._next = -1

    def fetch(self) -> "tuple[int, list[array[int]]] | None":
        """Return (sample number of the first, three components), or None if none is full."""
        if self._next < 0:
            return None
        oldest = self._written - self._length
        if self._next < oldest:
            self.skipped += oldest - self._next
            self._next = oldest
        first = self._next
        if first + self.packet_samples > self._written:
            return None
        self._next = first + self.packet_samples
        return first, self.packet(first, self.packet_samples)

    @property
    def oldest(self) -> int:
        """Number of the first sample that is still here."""
        return max(0, self._written - self._length)

    def packet(self, first: int, count: int) -> "list[array[int]]":
        """Return three components of samples that are here."""
        return [self._component(first, count, axis) for axis in range(3)]

    def _component(self, first: int, count: int, axis: int) -> "array[int]":
        samples = array("i", bytes(4 * count))
        done = 0
        while done < count:
            pos = first + done
            place = pos % PAGE
            part = min(count - done, PAGE - place)
            page = self._pages[pos // PAGE % len(self._pages)]
            read(page, place, part, axis, samples, done)
            done += part
        return samples

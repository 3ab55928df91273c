"""The last seconds of raw counts, and packets of them after a detection.

Holds at least KEPT_S seconds; the oldest are overwritten, and a packet that was not fetched in
time is skipped and counted. One packet is PACKET_MS long, so that coding it on a device (some
20 ms in bytecode) fits between two blocks.
"""

from array import array

from groundswell.kernel import micropython, ptr32, zeros

KEPT_S = 8
PACKET_MS = 500
BEFORE_ONSET_MS = 2000  # what comes with a detection: its background, for whoever looks later


@micropython.viper
def store(counts: ptr32, at: int, n: int, ring: ptr32, pos: int) -> int:
    """Copy n triplets from sample `at` of counts into the ring from place pos on."""
    mask = ring[0]
    i = 0
    while i < n:
        to = 1 + 3 * ((pos + i) & mask)
        source = 3 * (at + i)
        ring[to] = counts[source]
        ring[to + 1] = counts[source + 1]
        ring[to + 2] = counts[source + 2]
        i += 1
    return 0


class Recorder:
    """A ring of raw triplets with a reading place in it, if somebody wants them."""

    def __init__(self, rate_mhz: int) -> None:
        length = 64
        while length * 1000 < KEPT_S * rate_mhz:
            length *= 2
        self._length = length
        self._ring = zeros(1 + 3 * length)
        self._ring[0] = length - 1
        self.packet_samples = max(1, PACKET_MS * rate_mhz // 1000000)
        self._before = BEFORE_ONSET_MS * rate_mhz // 1000000
        self._written = 0
        self._next = -1  # sample number of the next packet; -1: nobody wants one
        self.skipped = 0  # samples

    def keep(self, counts: "array[int]", at: int, n: int) -> None:
        store(counts, at, n, self._ring, self._written)
        self._written += n

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
        ring, mask = self._ring, self._length - 1
        samples = [ring[1 + axis + 3 * ((first + i) & mask)] for i in range(count)]
        return array("i", samples)

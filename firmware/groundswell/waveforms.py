"""Packets of raw counts as messages: what follows a detection, and what somebody asks for later.

The past reaches back as far as the recorder's ring, and not beyond the last gap, before which the
time of a sample is not known well enough.
"""

from groundswell import wire
from groundswell.recorder import KEPT_S, Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from groundswell.clock import Clock
    from groundswell.reporter import Identity
    from groundswell.timeline import Timeline


class Waveforms:
    """recorder: keeps what comes; whoever detects something starts and stops it."""

    def __init__(
        self,
        identity: "Identity",
        rate_mhz: int,
        lsb_nm_s2: int,
        clock: "Clock",
        time: "Timeline",
        next_seq: "Callable[[], int]",
        kept_s: int = KEPT_S,
    ) -> None:
        self._identity = identity
        self._rate_mhz = rate_mhz
        self._lsb_nm_s2 = lsb_nm_s2
        self._clock = clock
        self._time = time
        self._next_seq = next_seq
        self._past = -1  # sample number of the next packet of the past; -1: nobody asked
        self._past_end = 0
        self.recorder = Recorder(rate_mhz, kept_s)
        self.is_wanted = True  # False: no packets after detections, only what is asked for

    def fetch(self, flags: int) -> "wire.Waveform | None":
        """Return the next packet after a detection, or None if none is full."""
        packet = self.recorder.fetch() if self.is_wanted else None
        return None if packet is None else self._message(packet[0], packet[1], flags)

    def ask(self, from_us: int, to_us: int) -> "tuple[int, int, int] | None":
        """Prepare to give the past between two times (Unix us).

        Return how many packets there are of it, and when they begin and end; None if nothing of
        it is here. Replaces what was asked for before.
        """
        oldest = max(self.recorder.oldest, self._time.steady_from)
        first = max(oldest, self._sample_at(from_us))
        end = min(self._time.samples, self._sample_at(to_us) + 1)
        size = self.recorder.packet_samples
        packets = (end - first + size - 1) // size if end > first else 0
        if packets == 0:
            self._past = -1
            return None
        self._past, self._past_end = first, end
        return packets, self._utc_us(first), self._utc_us(end - 1)

    @property
    def has_past(self) -> bool:
        """True while something that was asked for is not fetched yet."""
        return self._past >= 0

    def fetch_past(self, flags: int) -> "wire.Waveform | None":
        """Return the next packet of the past, marked late; what was overwritten is left out."""
        if self._past < 0:
            return None
        first = max(self._past, self.recorder.oldest, self._time.steady_from)
        count = min(self.recorder.packet_samples, self._past_end - first)
        if count <= 0:
            self._past = -1
            return None
        self._past = first + count if first + count < self._past_end else -1
        return self._message(first, self.recorder.packet(first, count), flags | wire.FLAG_LATE)

    def _message(self, first: int, components: "list[array[int]]", flags: int) -> "wire.Waveform":
        from groundswell import codec  # only nodes that send waveforms need its memory

        return wire.Waveform(
            self._identity.node_id,
            self._identity.boot_id,
            self._next_seq(),
            flags,
            self._utc_us(first),
            self._rate_mhz,
            self._lsb_nm_s2,
            len(components[0]),
            codec.encode(components),
        )

    def _utc_us(self, sample: int) -> int:
        return self._clock.utc_us(self._time.ticks_us(sample))

    def _sample_at(self, utc_us: int) -> int:
        """Return the number of the sample at this time; drift within the ring does not matter."""
        time = self._time
        before_us = self._clock.utc_us(time.end_ticks_us) - utc_us
        return time.samples - 1 - before_us * self._rate_mhz // 1000000000

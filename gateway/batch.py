"""Packs node frames into a gateway's batches: triggers alone and raw, everything else together.

Pure: frames and times in, encoded wire.Batch frames out. What a frame says is not read here.
"""

import itertools
from collections import deque
from collections.abc import Iterator

import zstandard
from groundswell import wire

# A quarter of a second: 12 nodes' shaking reports become one message, and no human or vote notices
# (shaking describes a whole second, statuses come every 30 s).
MAX_AGE_US = 250_000
# Half of what a batch may hold when it does not compress at all (wire.MAX_PAYLOAD_BYTES).
MAX_BATCH_BYTES = 131_072
# What waits while the upstream broker is away: 40 minutes of 100 quiet nodes (120 bytes each in
# 30 s), or 15 s of 100 nodes that all send waveforms (500 bytes/s each) and shaking.
MAX_PENDING_BYTES = 1_048_576

_ENTRY_BYTES = 12  # what wire.pack_entries adds to a frame
_SEQ_MASK = 0xFFFFFFFF
_ZSTD_LEVEL = 3  # level 19 takes 50 ms a batch for 3 % (reference measurements, 100 packets)


class Batcher:
    """Collects frames until they are old or many enough to go.

    Holds MAX_PENDING_BYTES; drops the oldest frame; counts drops. `sequence` numbers the batches:
    give the same one to everything that a gateway publishes, so that a gap shows loss.
    """

    def __init__(
        self,
        gateway_id: int,
        boot_id: int,
        sequence: Iterator[int] | None = None,
        max_age_us: int = MAX_AGE_US,
        max_pending_bytes: int = MAX_PENDING_BYTES,
    ) -> None:
        self.drops = 0
        self._gateway_id = gateway_id
        self._boot_id = boot_id
        self._sequence = itertools.count() if sequence is None else sequence
        self._max_age_us = max_age_us
        self._max_pending_bytes = max_pending_bytes
        self._pending: deque[tuple[int, bytes]] = deque()
        self._pending_bytes = 0
        self._compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, frame: bytes, received_us: int) -> None:
        if len(frame) + _ENTRY_BYTES > MAX_BATCH_BYTES:
            self.drops += 1
            return
        self._pending.append((received_us, frame))
        self._pending_bytes += len(frame) + _ENTRY_BYTES
        while self._pending_bytes > self._max_pending_bytes:
            self._pop_oldest()
            self.drops += 1

    def is_due(self, now_us: int) -> bool:
        if not self._pending:
            return False
        is_full = (
            len(self._pending) >= wire.MAX_BATCH_FRAMES or self._pending_bytes >= MAX_BATCH_BYTES
        )
        waited_us = now_us - self._pending[0][0]
        return is_full or not 0 <= waited_us < self._max_age_us  # below 0: the clock was set back

    def take(self, now_us: int) -> list[bytes]:
        """Return everything collected as encoded batches, and start empty."""
        batches = []
        while self._pending:
            entries = self._next_entries()
            packed = wire.pack_entries(entries)
            squeezed = self._compressor.compress(packed)
            encoding = wire.ENCODING_RAW
            if len(squeezed) < len(packed):
                encoding, packed = wire.ENCODING_ZSTD, squeezed
            batch = wire.Batch(
                gateway_id=self._gateway_id,
                boot_id=self._boot_id,
                seq=next(self._sequence) & _SEQ_MASK,
                encoding=encoding,
                frame_count=len(entries),
                sent_us=now_us,
                payload=packed,
            )
            batches.append(wire.encode(batch))
        return batches

    def _next_entries(self) -> list[tuple[int, bytes]]:
        entries: list[tuple[int, bytes]] = []
        size = 0
        while self._pending and len(entries) < wire.MAX_BATCH_FRAMES:
            size += len(self._pending[0][1]) + _ENTRY_BYTES
            if size > MAX_BATCH_BYTES:
                break
            entries.append(self._pop_oldest())
        return entries

    def _pop_oldest(self) -> tuple[int, bytes]:
        entry = self._pending.popleft()
        self._pending_bytes -= len(entry[1]) + _ENTRY_BYTES
        return entry


def prompt(
    gateway_id: int,
    boot_id: int,
    seq: int,
    frame: bytes,
    now_us: int,
    received_us: int | None = None,
) -> bytes:
    """Return the encoded batch of one frame, raw: what cannot wait. Received now if not said."""
    entries = [(now_us if received_us is None else received_us, frame)]
    batch = wire.Batch(
        gateway_id=gateway_id,
        boot_id=boot_id,
        seq=seq & _SEQ_MASK,
        encoding=wire.ENCODING_RAW,
        frame_count=1,
        sent_us=now_us,
        payload=wire.pack_entries(entries),
    )
    return wire.encode(batch)

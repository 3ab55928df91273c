"""A frame's seal: who holds the node's key said exactly this.

A sealed frame is the frame and the first TAG_BYTES of its HMAC-SHA256 (RFC 2104) under the node's
own key. 64 bits, because a forger has to send 2**63 frames to a broker for one hit, and a trigger
travels in 80 bytes. The frame holds boot_id and seq already (wire.py), so the tag covers them; who
repeats one is found out where it is counted (aggregator/ingest.py).
"""

import hashlib

from groundswell import wire
from groundswell.wire import TAG_BYTES

KEY_BYTES = 32
_BLOCK_BYTES = 64  # of SHA-256


class SealError(ValueError):
    """This frame is not what the holder of the key said."""


class Seal:
    """
    key   KEY_BYTES bytes that only the node and the network know
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        padded = key + bytes(_BLOCK_BYTES - len(key))
        self._inner = bytes([byte ^ 0x36 for byte in padded])
        self._outer = bytes([byte ^ 0x5C for byte in padded])

    def tag(self, frame: bytes) -> bytes:
        inner = hashlib.sha256(self._inner)
        inner.update(frame)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()[:TAG_BYTES]

    def seal(self, frame: bytes) -> bytes:
        return frame + self.tag(frame)

    def encode(self, message: "wire.Message") -> bytes:
        """As wire.encode, sealed."""
        return self.seal(wire.encode(message))

    def open(self, sealed: bytes) -> bytes:
        """Return the frame within. Raises SealError."""
        frame, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        difference = len(tag) ^ TAG_BYTES
        # all bytes are looked at: how long it takes says nothing of how many are right
        for mine, theirs in zip(self.tag(frame), tag):
            difference |= mine ^ theirs
        if difference:
            raise SealError(f"the seal of {len(sealed)} bytes is wrong")
        return frame

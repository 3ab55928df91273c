"""A frame's seal: who holds the node's key said exactly this, and says it once.

A sealed frame is the frame and the first TAG_BYTES of its HMAC-SHA256 (RFC 2104) under the node's
own key. 64 bits, because a forger has to send 2**63 frames to a broker for one hit, and a trigger
travels in 80 bytes. The frame holds boot_id and seq already (wire.py), so the tag covers them; a
repeated one is recognised by Freshness. Not sealed yet: nobody distributes keys.
"""

import hashlib

TAG_BYTES = 8
KEY_BYTES = 32
WINDOW = 64  # frames that may overtake each other on the way
BOOTS_KEPT = 16
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


class Freshness:
    """Whether a node's frame comes for the first time.

    Within the running boot the last WINDOW numbers are remembered one by one, all before are old.
    A boot_id that was followed by another is over; BOOTS_KEPT of them are remembered, which frame
    repeated from before those is recognised by its time only.
    """

    def __init__(self) -> None:
        self._boot_id: "int | None" = None
        self._newest = 0
        self._seen = 0  # bit n: number newest - n has come
        self._over: "list[int]" = []

    def is_first(self, boot_id: int, seq: int) -> bool:
        """Remember the frame; return whether it is new. Only for frames whose seal is right."""
        if boot_id != self._boot_id:
            if boot_id in self._over:
                return False
            if self._boot_id is not None:
                self._over.append(self._boot_id)
                if len(self._over) > BOOTS_KEPT:
                    self._over.pop(0)
            self._boot_id, self._newest, self._seen = boot_id, seq, 1
            return True
        ahead = seq - self._newest
        if ahead > 0:
            self._seen = (self._seen << min(ahead, WINDOW) | 1) & ((1 << WINDOW) - 1)
            self._newest = seq
            return True
        bit = 1 << -ahead if -ahead < WINDOW else 0
        is_new = bit != 0 and not self._seen & bit
        self._seen |= bit
        return is_new

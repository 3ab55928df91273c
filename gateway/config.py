"""The gateway's settings. `python -m gateway --print-config` prints them as a file."""

import socket
import zlib
from dataclasses import dataclass

from gateway import batch
from link.configuration import setting
from link.mqtt import parse_address
from link.tls import context_of


@dataclass(frozen=True)
class Config:
    local: str = setting("127.0.0.1:1883", "The broker that the nodes of this site talk to.")
    upstream: str = setting(
        "127.0.0.1:1883", "The broker that the engine listens to; it may be the same one."
    )
    local_tls: str = setting(
        "",
        "FOLDER/NAME of this gateway's certificate for the nodes' broker: FOLDER/ca.pem, NAME.pem"
        " and NAME.key, as `groundswell certificates` writes them. Empty: no TLS.",
    )
    upstream_tls: str = setting("", "The same for the engine's broker.")
    gateway_id: str = setting(
        "", "Eight hexadecimal digits, one of its own for each gateway. Empty: from the host name."
    )
    batch_age_ms: int = setting(
        batch.MAX_AGE_US // 1000,
        "What is no trigger waits this long for company. 250 ms makes one message of the shaking"
        " reports (1/s a node) of a whole site; the vote gets its evidence by triggers.",
    )
    pending_bytes: int = setting(
        batch.MAX_PENDING_BYTES,
        "What may wait while the upstream broker is away, triggers not counted; then the oldest"
        " is dropped and counted.",
    )
    pending_triggers: int = setting(
        1000, "How many triggers may wait for the upstream broker; then the oldest is dropped."
    )
    late_after_ms: int = setting(
        5000,
        "A trigger that waited longer goes to the late topic, where it may confirm an alert and"
        " never start one. A broker is back within 3 s; in 5 s an S wave travels 17 km.",
    )
    trigger_ttl_s: int = setting(
        60, "A trigger that waited longer is dropped and counted: the waves have passed by then."
    )

    def __post_init__(self) -> None:
        parse_address(self.local)
        parse_address(self.upstream)
        for identity in (self.local_tls, self.upstream_tls):
            if identity:
                context_of(identity)
        if self.gateway_id and not _is_id(self.gateway_id):
            raise ValueError(f"gateway_id {self.gateway_id!r} is not eight hexadecimal digits")
        for name in ("batch_age_ms", "pending_bytes", "pending_triggers", "trigger_ttl_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0")
        if not 0 < self.late_after_ms <= self.trigger_ttl_s * 1000:
            raise ValueError("late_after_ms must be more than 0 and not more than trigger_ttl_s")

    @property
    def number(self) -> int:
        """The gateway's number on the wire."""
        if self.gateway_id:
            return int(self.gateway_id, 16)
        return zlib.crc32(socket.gethostname().encode())


def _is_id(text: str) -> bool:
    return len(text) == 8 and all(c in "0123456789abcdefABCDEF" for c in text)

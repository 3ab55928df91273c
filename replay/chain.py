"""Everything between a node's uplink and an alert, on one virtual timeline, by the real code.

    publish(message) -> wire frame -> gateway.batch -> aggregator.ingest -> vote.decision -> alerts

Time is whatever `publish` and `advance` say; nothing here reads a clock, opens a socket or sleeps.
What a real system adds on the way is added as the constants below.
"""

import heapq
import itertools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from groundswell import topics, wire

from aggregator.ingest import Ingest
from gateway.batch import MAX_AGE_US, Batcher, prompt
from vote.alert import Alert
from vote.decision import Decider
from vote.ground.shaking import Area

# What one frame takes in a gateway: decoding, packing, publishing (0.1 ms here, times 20 for a
# Raspberry Pi under load). What it takes in the engine: the 99th percentile of processor time from
# a frame to its decision, 15 ms over the 15,000 frames of 40 recorded events (8 to 17 with 13 to
# 103 stations; median 0.1, largest 35; a 2-core machine at load 5), rounded up.
GATEWAY_PROCESSING_US = 2_000
ENGINE_PROCESSING_US = 20_000
TICK_US = 100_000  # how often the engine looks at its hypotheses while nothing arrives
# When nothing was heard for so long every event is final: the timeline then jumps ahead to what
# comes next. Twice the 60 s for which the gateway's and the engine's own limits keep a message.
IDLE_US = 120_000_000

SENDER = "replay"
CATEGORY = "live"
_GATEWAY_ID = 1
_BOOT_ID = 1

_AT_GATEWAY, _BATCH_DUE, _HEARD_BY_ENGINE = range(3)


@dataclass(frozen=True)
class Uplink:
    """How frames fare between a node and the engine."""

    latency_us: int = 50_000
    drop_share: float = 0.0
    seed: int = 0

    def loses(self, message: Any) -> bool:
        """The same frames are lost at the same seed, in whatever order they are asked for."""
        name = f"{self.seed}/{message.node_id}/{message.boot_id}/{message.seq}"
        return zlib.crc32(name.encode()) < self.drop_share * (1 << 32)


class Chain:
    """One gateway and one engine. Holds the frames on their way: all that were published and
    not yet advanced over."""

    def __init__(self, areas: Sequence[Area], uplink: Uplink | None = None) -> None:
        self.lost_frames = 0
        self._uplink = Uplink() if uplink is None else uplink
        self._sequence = itertools.count()
        self._batcher = Batcher(_GATEWAY_ID, _BOOT_ID, self._sequence)
        self._ingest = Ingest()
        self._decider = Decider(SENDER, category=CATEGORY, areas=areas)
        self._order = itertools.count()  # equal times keep the order of publication
        self._coming: list[tuple[int, int, int, str, bytes]] = []
        self._next_tick_us: int | None = None
        self._heard_us = 0

    @property
    def ingest(self) -> Ingest:
        return self._ingest

    def publish(self, message: Any, at_us: int) -> None:
        """A node hands a message to its uplink."""
        if self._uplink.loses(message):
            self.lost_frames += 1
            return
        topic = topics.of_message(message)
        self._schedule(at_us + self._uplink.latency_us, _AT_GATEWAY, topic, wire.encode(message))

    def advance(self, until_us: int) -> list[Alert]:
        """Let everything happen that is due by then; return the alerts in their order."""
        alerts: list[Alert] = []
        while True:
            next_us = self._coming[0][0] if self._coming else None
            tick_us = self._tick_before(next_us)
            if tick_us is not None and tick_us <= until_us:
                alerts += self._decider.tick(tick_us)
                self._next_tick_us = tick_us + TICK_US
            elif next_us is not None and next_us <= until_us:
                alerts += self._happen()
            else:
                return alerts

    def _tick_before(self, next_us: int | None) -> int | None:
        """Return the time of the next tick if it comes before the next arrival."""
        tick_us = self._next_tick_us
        if tick_us is None or tick_us > self._heard_us + IDLE_US:
            return None
        return tick_us if next_us is None or tick_us < next_us else None

    def _schedule(self, due_us: int, what: int, topic: str, payload: bytes) -> None:
        heapq.heappush(self._coming, (due_us, next(self._order), what, topic, payload))

    def _happen(self) -> list[Alert]:
        now_us, _, what, topic, payload = heapq.heappop(self._coming)
        if what == _HEARD_BY_ENGINE:
            return self._hear(topic, payload, now_us)
        if what == _AT_GATEWAY and topic.endswith(("/trigger", "/" + topics.LATE)):
            batch = prompt(_GATEWAY_ID, _BOOT_ID, next(self._sequence), payload, now_us)
            channel = topics.PROMPT if topic.endswith("/trigger") else topics.LATE
            self._forward(channel, batch, now_us)
        elif what == _AT_GATEWAY:
            self._collect(payload, now_us)
        elif self._batcher.is_due(now_us):
            for batch in self._batcher.take(now_us):
                self._forward(topics.BATCH, batch, now_us)
        return []

    def _collect(self, frame: bytes, now_us: int) -> None:
        self._batcher.add(frame, now_us)
        due_us = now_us if self._batcher.is_due(now_us) else now_us + MAX_AGE_US
        self._schedule(due_us, _BATCH_DUE, "", b"")

    def _forward(self, channel: str, batch: bytes, now_us: int) -> None:
        topic = topics.of_gateway(_GATEWAY_ID, channel)
        done_us = now_us + GATEWAY_PROCESSING_US + ENGINE_PROCESSING_US
        self._schedule(done_us, _HEARD_BY_ENGINE, topic, batch)

    def _hear(self, topic: str, payload: bytes, now_us: int) -> list[Alert]:
        self._heard_us = now_us
        for heard in self._ingest.open(topic, payload, now_us - ENGINE_PROCESSING_US):
            self._decider.hear(heard.message, heard.received_us, heard.is_late)
        self._next_tick_us = now_us + TICK_US
        return self._decider.tick(now_us)

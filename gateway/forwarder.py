"""Decides what a gateway does with each frame: at once, together, late, or not at all.

Pure: the shell (bridge.py) says what arrived and when, and lends a `publish` that answers whether
the message was taken. Triggers that were not taken wait; so does everything else, in batches.
"""

import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from groundswell import topics, wire

from gateway.batch import Batcher, prompt
from gateway.config import Config

Publish = Callable[[str, bytes, int], bool]  # topic, payload, QoS -> was it taken?

# What a node may say, and where. Commands go the other way: nothing upstream sends any yet.
SUBSCRIPTIONS = [
    topics.ALL_NODES + name
    for name in ("trigger", "shaking", "status", "waveform", "reply", topics.LATE)
]
_AT_ONCE = 1  # QoS: sent again if the connection breaks before the broker has it
_BATCHED = 0  # QoS: the next status comes in 30 s, the next shaking report in 1 s
# A detection makes some 40 messages in its first minute; a node with more waiting has gone mad.
TRIGGERS_OF_ONE_NODE = 100


@dataclass
class Counters:
    """What came and what became of it, since the start."""

    frames: int = 0
    malformed: int = 0
    prompt: int = 0  # triggers sent at once
    late: int = 0  # triggers sent to the late topic because they had to wait
    batches: int = 0
    expired: int = 0  # triggers that waited longer than their time to live
    overflow: int = 0  # triggers dropped because too many waited, of their node or of all
    lost_batches: int = 0  # taken from the batcher and then not taken by the link


class Forwarder:
    """Holds config.pending_triggers triggers, TRIGGERS_OF_ONE_NODE of each node, and
    config.pending_bytes of the rest, and the same again of what nodes sent late; drops the oldest
    of each; counts drops."""

    def __init__(self, config: Config, boot_id: int) -> None:
        self.counters = Counters()
        self.last_refusal = ""
        self._config = config
        self._gateway_id = config.number
        self._boot_id = boot_id
        self._sequence = itertools.count()
        self._triggers: deque[tuple[int, bytes, int]] = deque()  # received_us, frame, node
        self._waiting: Counter[int] = Counter()  # triggers of each node
        self._batched = self._new_batcher()
        self._late = self._new_batcher()

    @property
    def drops(self) -> int:
        """Frames dropped for want of room or time; batches that the link lost count as one."""
        counted = self.counters
        held = self._batched.drops + self._late.drops
        return held + counted.expired + counted.overflow + counted.lost_batches

    def hear(self, topic: str, frame: bytes, received_us: int, is_retained: bool = False) -> None:
        """Take a node's frame. is_retained: the broker kept it, nobody knows for how long."""
        self.counters.frames += 1
        try:
            message = wire.decode(frame)
            _check_topic(topic, message)
        except wire.WireError as error:
            self.counters.malformed += 1
            self.last_refusal = f"{topic[:80]!a}: {error}"
            return
        if topic.endswith("/" + topics.LATE) or (is_retained and not _is_will(message)):
            self._late.add(frame, received_us)
        elif isinstance(message, wire.Trigger):
            self._keep_trigger(received_us, frame, message.node_id)
        else:
            self._batched.add(frame, received_us)

    def send(self, publish: Publish, now_us: int) -> None:
        """Publish what is due: triggers first, and what is not taken keeps waiting."""
        if self._send_triggers(publish, now_us):
            self._send_batches(publish, self._batched, topics.BATCH, now_us)
            self._send_batches(publish, self._late, topics.LATE, now_us)

    def _keep_trigger(self, received_us: int, frame: bytes, node_id: int) -> None:
        self._triggers.append((received_us, frame, node_id))
        self._waiting[node_id] += 1
        if self._waiting[node_id] > TRIGGERS_OF_ONE_NODE:
            # its own oldest: who floods us must not cost the others their triggers
            index = next(i for i, (_, _, whose) in enumerate(self._triggers) if whose == node_id)
            self._forget_trigger(index)
            self.counters.overflow += 1
        elif len(self._triggers) > self._config.pending_triggers:
            self._forget_trigger(0)
            self.counters.overflow += 1

    def _forget_trigger(self, index: int) -> None:
        node_id = self._triggers[index][2]
        del self._triggers[index]
        self._waiting[node_id] -= 1
        if not self._waiting[node_id]:
            del self._waiting[node_id]

    def _send_triggers(self, publish: Publish, now_us: int) -> bool:
        while self._triggers:
            received_us, frame, _ = self._triggers[0]
            waited_us = now_us - received_us
            if waited_us > self._config.trigger_ttl_s * 1_000_000:
                self.counters.expired += 1
                self._forget_trigger(0)
                continue
            is_late = waited_us > self._config.late_after_ms * 1000
            channel = topics.LATE if is_late else topics.PROMPT
            payload = prompt(
                self._gateway_id, self._boot_id, next(self._sequence), frame, now_us, received_us
            )
            if not publish(topics.of_gateway(self._gateway_id, channel), payload, _AT_ONCE):
                return False
            self._forget_trigger(0)
            self.counters.late += is_late
            self.counters.prompt += not is_late
        return True

    def _send_batches(self, publish: Publish, batcher: Batcher, channel: str, now_us: int) -> None:
        if not batcher.is_due(now_us):
            return
        for payload in batcher.take(now_us):
            if publish(topics.of_gateway(self._gateway_id, channel), payload, _BATCHED):
                self.counters.batches += 1
            else:
                self.counters.lost_batches += 1

    def _new_batcher(self) -> Batcher:
        return Batcher(
            self._gateway_id,
            self._boot_id,
            self._sequence,
            self._config.batch_age_ms * 1000,
            self._config.pending_bytes,
        )


def _is_will(message: "wire.Message") -> bool:
    return isinstance(message, wire.Status) and message.state == wire.STATE_OFFLINE


def _check_topic(topic: str, message: "wire.Message") -> None:
    """A node speaks on its own topics only: the broker's rules bind it to them (one day)."""
    if isinstance(message, (wire.Command, wire.Chunk, wire.Batch)):
        raise wire.WireError("no node says a " + type(message).__name__)
    is_late = topic == topics.of_node(message.node_id, topics.LATE)
    if not is_late and topic != topics.of_message(message):
        raise wire.WireError(f"{type(message).__name__} of node {message.node_id:08x}")

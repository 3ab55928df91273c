"""Opens what gateways send, and lets through what may be believed: once, in time, well formed.

Pure: a topic, bytes and the time of arrival in, messages out. Rule: nothing that arrives here can
do anything but be passed on or be counted and dropped, with the reason in `last_refusal`.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import zstandard
from groundswell import topics, wire
from groundswell.seal import Seal, SealError

# Prompt or batched and still older than this: the gateway's own limit, and about what an S wave
# needs for 200 km: nobody is left to be warned.
MAX_AGE_US = 60_000_000
# On the late topic: a gateway's backlog after a week without its uplink is still worth keeping.
MAX_LATE_AGE_US = 7 * 86_400_000_000
# A message that needed longer than this may confirm an alert and never start one. A broker's
# restart takes 1 to 3 s; in 5 s an S wave travels 17 km.
LATE_AFTER_US = 5_000_000
# Clocks of node, gateway and engine may differ by this much and be called synchronised.
MAX_AHEAD_US = 5_000_000
# One entry for each start of a node: 10,000 nodes and as many restarts, about 12 MB.
MAX_RUNS = 20_000
# Frames of one run of a node that may arrive out of order: half an hour of 1/s reports.
SEQ_WINDOW = 2_048

if TYPE_CHECKING:
    Spoken = wire.Trigger | wire.Shaking | wire.Status | wire.Waveform | wire.Reply


class Heard(NamedTuple):
    """A node's message and the times at which it passed the stations on its way."""

    message: "Spoken"
    gateway_id: int
    gateway_received_us: int
    gateway_sent_us: int
    received_us: int
    is_late: bool
    is_sealed: bool = False


@dataclass
class Counters:
    """What came and what became of it, since the start."""

    batches: int = 0
    messages: int = 0  # passed on
    malformed: int = 0  # batches or frames in them that are not what they should be
    duplicates: int = 0
    too_old: int = 0
    from_future: int = 0
    forged: int = 0  # without a seal that must be there, or with a wrong one


class Ingest:
    """Remembers which frames it has passed on: MAX_RUNS runs of nodes, the longest silent
    forgotten first, SEQ_WINDOW sequence numbers each."""

    def __init__(
        self,
        late_after_us: int = LATE_AFTER_US,
        max_age_us: int = MAX_AGE_US,
        keys: Mapping[int, bytes] | None = None,
        sealed_only: bool = False,
    ) -> None:
        """keys: by node; what a node with a key says must bear its seal.
        sealed_only: nobody else is heard."""
        self.counters = Counters()
        self.last_refusal = ""
        self._late_after_us = late_after_us
        self._max_age_us = max_age_us
        self._runs: OrderedDict[tuple[int, int], _Run] = OrderedDict()
        self._boots: OrderedDict[int, int] = OrderedDict()  # node_id -> boot_id heard last
        self._sealed_only = sealed_only
        self._seals = {node_id: Seal(key) for node_id, key in (keys or {}).items()}
        self._decompressor = zstandard.ZstdDecompressor()

    def open(self, topic: str, payload: bytes, received_us: int) -> list[Heard]:
        """Return the messages in a gateway's publication that are new, in its order."""
        self.counters.batches += 1
        try:
            batch, channel = _open_batch(topic, payload)
            entries = wire.unpack_entries(self._unpacked(batch), batch.frame_count)
        except wire.WireError as error:
            self._refuse(f"{topic[:80]!a}: {error}")
            return []
        heard = []
        for arrived_us, frame in entries:
            try:
                message = _decode_nodes_frame(frame)
            except wire.WireError as error:
                self._refuse(f"{topic}: {error}")
                continue
            if not self._is_sealed(message.node_id, frame):
                self.counters.forged += 1
                self.last_refusal = f"{topic}: node {message.node_id:08x} did not seal this"
                continue
            is_backlog = channel == topics.LATE
            if not self._is_acceptable(message, received_us, is_backlog):
                continue
            waited_us = batch.sent_us - arrived_us
            is_late = is_backlog or self._is_late(message, received_us, waited_us)
            stations = (batch.gateway_id, arrived_us, batch.sent_us, received_us)
            is_sealed = message.node_id in self._seals
            heard.append(Heard(message, *stations, is_late, is_sealed))
        self.counters.messages += len(heard)
        return heard

    def would_hear(self, node_id: int, was_sealed: bool) -> bool:
        """Tell whether what a node said before today's rules would be heard by them."""
        return was_sealed if node_id in self._seals else not self._sealed_only

    def _unpacked(self, batch: wire.Batch) -> bytes:
        payload: bytes = batch.payload
        if batch.encoding == wire.ENCODING_RAW:
            return payload
        try:
            # asked first: decompress() allocates whatever size the frame announces
            announced = zstandard.get_frame_parameters(payload).content_size
            if announced > wire.MAX_ENTRIES_BYTES:  # also CONTENTSIZE_UNKNOWN, which is 2^64 - 1
                raise wire.WireError(f"batch unpacks to {announced} bytes")
            return self._decompressor.decompress(payload)
        except zstandard.ZstdError as error:
            raise wire.WireError(f"not zstd: {error}") from error

    def _is_sealed(self, node_id: int, frame: bytes) -> bool:
        """Whether the node said this, as far as its key is known."""
        seal = self._seals.get(node_id)
        if seal is None:
            return not self._sealed_only
        try:
            seal.open(frame)
        except SealError:
            return False
        return True

    def _is_late(self, message: "Spoken", received_us: int, waited_us: int) -> bool:
        if getattr(message, "flags", 0) & wire.FLAG_LATE or waited_us > self._late_after_us:
            return True
        spoken_us = _evidence_us(message)
        return spoken_us is not None and received_us - spoken_us > self._late_after_us

    def _is_acceptable(self, message: "Spoken", received_us: int, is_backlog: bool) -> bool:
        if _is_will(message):
            return self._is_current_will(message)
        spoken_us = _evidence_us(message)
        if spoken_us is not None:
            max_age_us = MAX_LATE_AGE_US if is_backlog else self._max_age_us
            if received_us - spoken_us > max_age_us:
                self.counters.too_old += 1
                return False
            if spoken_us - received_us > MAX_AHEAD_US:
                self.counters.from_future += 1
                return False
        if not self._run_of(message).is_new(message.seq, is_backlog):
            self.counters.duplicates += 1
            return False
        if not is_backlog:
            self._remember_boot(message)
            self._run_of(message).refute_will()
        return True

    def _is_current_will(self, status: "Spoken") -> bool:
        """A will may come twice with one number; but one of an earlier run, or one after which
        the node has spoken, is out of date: whoever overheard it may say it again."""
        is_this_run = self._boots.get(status.node_id, status.boot_id) == status.boot_id
        if is_this_run and self._run_of(status).takes_will(status.seq):
            return True
        self.counters.too_old += 1
        return False

    def _run_of(self, message: "Spoken") -> "_Run":
        key = (message.node_id, message.boot_id)
        run = self._runs.setdefault(key, _Run())
        self._runs.move_to_end(key)
        if len(self._runs) > MAX_RUNS:
            self._runs.popitem(last=False)
        return run

    def _remember_boot(self, message: "Spoken") -> None:
        self._boots[message.node_id] = message.boot_id
        self._boots.move_to_end(message.node_id)
        if len(self._boots) > MAX_RUNS:
            self._boots.popitem(last=False)

    def _refuse(self, reason: str) -> None:
        self.counters.malformed += 1
        self.last_refusal = reason


class _Run:
    """Which sequence numbers of one run of a node were heard: bit i is `newest - i`."""

    __slots__ = ("heard", "newest", "refuted", "will")

    def __init__(self) -> None:
        self.newest: int | None = None
        self.heard = 0
        self.will = -1  # the newest one heard
        self.refuted = -1  # up to this one the node has spoken afterwards

    def takes_will(self, seq: int) -> bool:
        self.will = max(self.will, seq)
        return seq > self.refuted

    def refute_will(self) -> None:
        self.refuted = self.will

    def is_new(self, seq: int, is_backlog: bool) -> bool:
        if self.newest is None or seq - self.newest >= SEQ_WINDOW:
            self.newest, self.heard = seq, 1
            return True
        if seq > self.newest:
            self.heard = (self.heard << (seq - self.newest) | 1) & ((1 << SEQ_WINDOW) - 1)
            self.newest = seq
            return True
        if self.newest - seq >= SEQ_WINDOW:
            # too long ago to know: of a backlog it is kept (the store knows it if it is old)
            return is_backlog
        bit = 1 << (self.newest - seq)
        is_new = not self.heard & bit
        self.heard |= bit
        return is_new


def _open_batch(topic: str, payload: bytes) -> tuple[wire.Batch, str]:
    batch = wire.decode(payload)
    if not isinstance(batch, wire.Batch):
        raise wire.WireError("a gateway sends batches")
    for channel in (topics.PROMPT, topics.BATCH, topics.LATE):
        if topic == topics.of_gateway(batch.gateway_id, channel):
            return batch, channel
    raise wire.WireError(f"a batch of gateway {batch.gateway_id:08x} on this topic")


def _decode_nodes_frame(frame: bytes) -> "Spoken":
    message = wire.decode(frame)
    if isinstance(message, (wire.Command, wire.Chunk, wire.Batch)):
        raise wire.WireError("no node says a " + type(message).__name__)
    return message


def _is_will(message: "Spoken") -> bool:
    return isinstance(message, wire.Status) and message.state == wire.STATE_OFFLINE


def _evidence_us(message: "Spoken") -> int | None:
    """Return when the node saw what it tells, by its own clock; None where that is not known or
    does not matter: a status shows a wrong clock to those who must see it, and a waveform that
    was asked for may be of any age."""
    if isinstance(message, wire.Trigger):
        moment_us: int = message.sent_us
    elif isinstance(message, wire.Shaking):
        moment_us = message.end_us
    else:
        return None
    return None if message.flags & wire.FLAG_UNSYNCHRONISED else moment_us

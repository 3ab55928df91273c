"""One owner of ingest and vote: what a gateway's publication does, step by step, in order.

No thread and no clock of its own: engine.py says what came and lends its clock. An alert leaves
before anything is recorded or shown, and whatever becomes of the broker, it is recorded.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from groundswell import topics, wire

from aggregator import views
from aggregator.cap import CapSeries
from aggregator.ingest import Heard, Ingest
from aggregator.store import Health
from aggregator.unsent import Publish, Unsent
from link.pace import Pace
from vote.alert import Alert
from vote.nodes.fleet import LIVE_FOR_US, Fleet

HEARTBEAT_EVERY_S = 5.0
NODES_EVERY_S = 1.0
NODES_AT_MOST_EVERY_S = 0.1  # changes in one instant are one message
MAX_UNSENT_ALERTS = 200  # while the broker is away; the oldest is dropped and counted

_log = logging.getLogger(__name__)


class Judge(Protocol):
    """vote.decision.Decider, as far as it is used here."""

    fleet: Fleet

    def hear(self, message: object, received_us: int, is_late: bool = False) -> None: ...

    def tick(self, now_us: int) -> list[Alert]: ...

    def refusals(self) -> dict[str, int]: ...


class Record(Protocol):
    """aggregator.store.Store, as far as it is used here."""

    def put(self, heard: Heard) -> None: ...

    def put_alert(self, document: dict[str, Any], line: str) -> None: ...

    def health(self) -> Health: ...


class Desk:
    """Holds MAX_UNSENT_ALERTS alerts that the broker did not take, and as many CAP messages; sends
    them when it does, if they have not expired; counts those that have."""

    def __init__(
        self,
        judge: Judge,
        record: Record,
        publish: Publish,
        clock: Callable[[], int],
        identity: dict[str, str],
        seal_keys: Mapping[int, bytes] | None = None,
        sealed_only: bool = False,
    ) -> None:
        """clock: Unix time in microseconds. identity: sender, category, version.

        seal_keys: by node, and sealed_only: see ingest.py"""
        self.ingest = Ingest(keys=seal_keys, sealed_only=sealed_only)
        self.alerts = 0
        self._judge = judge
        self._record = record
        self._publish = publish
        self._clock = clock
        self._identity = identity
        self._cap = CapSeries()
        self._unsent = Unsent(publish, MAX_UNSENT_ALERTS)
        self._unsent_cap = Unsent(publish, MAX_UNSENT_ALERTS)
        self._last_heard: Heard | None = None
        self._has_changed = False
        self._heartbeat = Pace(HEARTBEAT_EVERY_S)
        self._nodes = Pace(NODES_EVERY_S)
        self._changes = Pace(NODES_AT_MOST_EVERY_S)

    @property
    def expired_alerts(self) -> int:
        return self._unsent.expired

    def resume(self, told: Sequence[Sequence[Alert]]) -> None:
        """Name in what follows what was told of these earthquakes before this process started."""
        for alerts in told:
            for alert in alerts:
                self._cap.next(alert)

    def hear(self, topic: str, payload: bytes, received_us: int) -> None:
        """Take a gateway's publication through ingest and vote, then into the record."""
        received_us = min(received_us, self._clock())  # set back while this waited
        for heard in self.ingest.open(topic, payload, received_us):
            self._hear_one(heard)
            self._record.put(heard)

    def tick(self) -> None:
        """Decide, and say what the broker did not take. Call at least ten times a second."""
        self._decide()
        now_us = self._clock()
        self._unsent.send_waiting(now_us)
        self._unsent_cap.send_waiting(now_us)

    def show(self) -> None:
        """Publish heartbeat and views if they are due: when no message waits to be judged."""
        now_us = self._clock()
        now_s = now_us / 1e6
        if self._heartbeat.is_due(now_s):
            beat = views.heartbeat(
                self._identity,
                self._judge.fleet,
                self.ingest.counters,
                self._judge.refusals(),
                self._record.health(),
                now_us,
            )
            if not self._publish(topics.HEARTBEAT, beat, 0):
                self._heartbeat.hurry()  # the first sign of life as soon as the broker is there
        is_due = self._nodes.is_due(now_s)
        if is_due or (self._has_changed and self._changes.is_due(now_s)):
            self._has_changed = False
            self._publish(topics.of_view("nodes"), views.nodes(self._judge.fleet, now_us), 0)

    def _hear_one(self, heard: Heard) -> None:
        message = heard.message
        if isinstance(message, wire.Status):
            self._hear_status(message, heard)
        elif isinstance(message, (wire.Trigger, wire.Shaking)):
            self._judge.hear(message, heard.received_us, heard.is_late)
            if isinstance(message, wire.Trigger):
                self._last_heard = heard
                self._has_changed = True
                self._decide()

    def _hear_status(self, status: wire.Status, heard: Heard) -> None:
        """What was retained tells that the node lived when it spoke, not that it lives now."""
        now_us, heard_us = self._clock(), heard.received_us
        if heard.is_late and status.state != wire.STATE_OFFLINE:
            heard_us = min(status.sent_us, now_us)
            if now_us - heard_us > LIVE_FOR_US or status.flags & wire.FLAG_UNSYNCHRONISED:
                return
        before = self._state_of(status.node_id, now_us)
        self._judge.hear(status, heard_us)
        self._has_changed |= before != self._state_of(status.node_id, now_us)

    def _decide(self) -> None:
        for alert in self._judge.tick(self._clock()):
            self._say(alert)

    def _say(self, alert: Alert) -> None:
        line = alert.as_json()
        self._unsent.send(alert.expires_us, topics.of_alert(alert.category), line.encode())
        said_us = self._clock()
        document = self._cap.next(alert)
        if document is not None:
            self._unsent_cap.send(alert.expires_us, topics.of_cap(alert.category), document)
        self.alerts += 1
        self._record.put_alert(alert.as_dict(), line)
        if alert.type == "new" and self._last_heard is not None:
            stamps = views.delays(alert, self._last_heard, said_us)
            self._publish(topics.of_view("delays"), stamps, 0)
        self._has_changed = True
        _log.info(
            "%s %s version %d: magnitude %.1f, level %s",
            alert.type, alert.event_id, alert.version, alert.magnitude, alert.level,
        )  # fmt: skip

    def _state_of(self, node_id: int, now_us: int) -> str | None:
        node = self._judge.fleet.get(node_id)
        return None if node is None else self._judge.fleet.state_of(node, now_us)

"""The gateway's shell: two links, one inbox, one loop that owns the forwarder."""

import logging
import secrets
import time
from dataclasses import asdict

from gateway.config import Config
from gateway.forwarder import SUBSCRIPTIONS, Forwarder
from link.inbox import Inbox
from link.mqtt import MqttLink
from link.pace import Pace

MAX_QUEUED = 20_000  # frames that the loop has not seen yet
STATISTICS_EVERY_S = 60.0
REFUSALS_LOGGED_EVERY_S = 10.0
_IDLE_S = 0.05  # how late a batch may go: a fifth of its age
_AT_A_TIME = 200  # frames between two looks at what is due
_TRIGGER = "/trigger"

_log = logging.getLogger(__name__)


def now_us() -> int:
    return time.time_ns() // 1000


class Bridge:
    """Carries frames from the local broker to the upstream one until stop()."""

    def __init__(self, config: Config) -> None:
        self.forwarder = Forwarder(config, secrets.randbits(32))
        self._is_stopping = False
        self._inbox: Inbox[tuple[str, bytes, int, bool]] = Inbox(MAX_QUEUED)
        # drawn: two gateways of one number must not throw each other off the broker
        name = f"gateway-{config.number:08x}-{secrets.token_hex(4)}"
        self._local = MqttLink(
            config.local,
            name + "-local",
            SUBSCRIPTIONS,
            lambda topic, frame, at_us: self._heard(topic, frame, at_us, False),
            on_retained=lambda topic, frame, at_us: self._heard(topic, frame, at_us, True),
            tls=config.local_tls,
        )
        self._upstream = MqttLink(config.upstream, name + "-upstream", [], tls=config.upstream_tls)
        self._statistics = Pace(STATISTICS_EVERY_S)
        self._refusals = Pace(REFUSALS_LOGGED_EVERY_S)
        self._refused = 0

    def run(self) -> None:
        # upstream first: what the local broker retains should find its way open
        self._upstream.start()
        self._local.start()
        try:
            while not self._is_stopping:
                self._take(_IDLE_S)
                if self._upstream.is_connected:
                    self.forwarder.send(self._upstream.publish, now_us())
                self._report(time.monotonic())
                self._local.raise_failure()
        finally:
            self._local.stop()
            self._upstream.stop()

    def stop(self) -> None:
        """End the loop soon. May be called from a signal handler or another thread."""
        self._is_stopping = True

    def _heard(self, topic: str, frame: bytes, received_us: int, is_retained: bool) -> None:
        item = (topic, frame, received_us, is_retained)
        self._inbox.put(item, len(frame), topic.endswith(_TRIGGER))

    def _take(self, patience_s: float) -> None:
        """Wait for a frame, then hear what else is there: not for ever, so that batches go."""
        for _ in range(_AT_A_TIME):
            item = self._inbox.take(patience_s)
            if item is None:
                return
            self.forwarder.hear(*item)
            patience_s = 0.0
            if item[0].endswith(_TRIGGER):
                return  # it must not wait for the others

    def _report(self, monotonic_s: float) -> None:
        malformed = self.forwarder.counters.malformed
        if malformed > self._refused and self._refusals.is_due(monotonic_s):
            _log.warning(
                "%d malformed frames dropped, the last on %s",
                malformed - self._refused,
                self.forwarder.last_refusal,
            )
            self._refused = malformed
        if self._statistics.is_due(monotonic_s):
            counted = " ".join(f"{k}={v}" for k, v in asdict(self.forwarder.counters).items())
            _log.info("%s drops=%d inbox_drops=%d local_connects=%d upstream_connects=%d",
                counted, self.forwarder.drops, self._inbox.drops,
                self._local.counters.connects, self._upstream.counters.connects,
            )  # fmt: skip

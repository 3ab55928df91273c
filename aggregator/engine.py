"""The engine's process: one link, one inbox, one thread that owns the desk, one that writes."""

import importlib.metadata
import logging
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from groundswell import topics

from aggregator.config import Config
from aggregator.desk import Desk
from aggregator.reader import Reader
from aggregator.recall import document_of, recall
from aggregator.store import Store
from aggregator.without_vote import WithoutVoteFile
from link.inbox import Inbox
from link.mqtt import MqttLink
from link.pace import Pace
from vote.decision import Decider
from vote.ground.shaking import Area
from vote.nodes.site_terms import SiteTerms

TICK_S = 0.05  # an alert that time alone completes is at most this late
SHOW_AT_LEAST_EVERY_S = 1.0  # also when messages never stop
MAX_QUEUED = 20_000  # publications: prompt ones, and again of the rest
STATISTICS_EVERY_S = 60.0
KEEPS_LEARNT_EVERY_S = 60.0
REFUSALS_LOGGED_EVERY_S = 10.0
LOOKS_AT_FILE_EVERY_S = 5.0

_PROMPT = "/" + topics.PROMPT
_log = logging.getLogger(__name__)


def now_us() -> int:
    return time.time_ns() // 1000


class Engine:
    """Hears every gateway of its broker and publishes alerts there until stop().

    areas: the places that alerts speak of, instead of the cells around each earthquake.
    targets: registered places, which every alert lists too.
    site_terms: by node, what is known of its ground.
    seal_keys: by node; what such a node says must bear its seal."""

    def __init__(
        self,
        config: Config,
        category: str,
        areas: Sequence[Area] | None = None,
        targets: Sequence[Area] = (),
        site_terms: SiteTerms | None = None,
        seal_keys: Mapping[int, bytes] | None = None,
    ) -> None:
        self._is_stopping = False
        self._inbox: Inbox[tuple[str, bytes, int]] = Inbox(MAX_QUEUED)
        self._database = Path(config.database)
        self._store = Store(self._database)
        # drawn: two engines of one name must not throw each other off the broker
        client_id = f"engine-{config.sender}-{secrets.token_hex(4)}"
        self._link = MqttLink(
            config.broker, client_id, [topics.ALL_GATEWAYS], self._arrived, tls=config.tls
        )
        identity = {
            "sender": config.sender,
            "category": category,
            "version": importlib.metadata.version("groundswell"),
        }
        decider = Decider(config.sender, category, areas, config.settings(), targets, site_terms)
        self.desk = Desk(
            decider,
            self._store,
            self._link.publish,
            now_us,
            identity,
            seal_keys,
            config.sealed_only,
        )
        self._decider = decider
        self._without_vote = Path(config.without_vote) if config.without_vote else None
        self._looks = Pace(LOOKS_AT_FILE_EVERY_S)
        self._showing = Pace(SHOW_AT_LEAST_EVERY_S)
        self._ticking = Pace(TICK_S)
        self._statistics = Pace(STATISTICS_EVERY_S)
        self._learning = Pace(KEEPS_LEARNT_EVERY_S)
        self._refusals = Pace(REFUSALS_LOGGED_EVERY_S)
        self._refused = 0
        if category == "live":
            _log.warning("category LIVE: what this engine says is meant for people and machines")
        else:
            _log.info("category %s: no alert is real", category)

    def run(self) -> None:
        """Work until stop(). Raises SchemaError where a newer program wrote the database,
        WithoutVoteError for a file that cannot be read."""
        path = self._without_vote
        doubted = None if path is None else WithoutVoteFile(path, self._decider.fleet.doubt)
        self._store.start()
        self._link.start()  # what comes now waits in the inbox
        try:
            self._restore()
            while not self._is_stopping:
                self._turn()
                if doubted is not None and self._looks.is_due(time.monotonic()):
                    doubted.look()
        finally:
            self._link.stop()
            self._store.stop()

    def stop(self) -> None:
        """End the loop soon. May be called from a signal handler or another thread."""
        self._is_stopping = True

    def _turn(self) -> None:
        arrived = self._inbox.take(TICK_S)
        if arrived is not None:
            self.desk.hear(*arrived)
        monotonic_s = time.monotonic()
        if self._ticking.is_due(monotonic_s):
            self.desk.tick()
        if arrived is None or self._showing.is_due(monotonic_s):
            self.desk.show()
            self._report(monotonic_s)
            self._link.raise_failure()
            self._store.raise_failure()

    def _arrived(self, topic: str, payload: bytes, received_us: int) -> None:
        self._inbox.put((topic, payload, received_us), len(payload), topic.endswith(_PROMPT))

    def _restore(self) -> None:
        """Know at once which nodes lived before a restart, instead of within 30 s, what they have
        taught, and what earthquakes run: a new one under an old name would be taken for one that
        is over."""
        try:
            rule = self.desk.ingest.would_hear
            known = recall(Reader(self._database), self._decider, now_us(), rule)
        except sqlite3.Error as error:
            _log.warning("nothing is known from before: %s", error)
            return
        except Exception:  # noqa: BLE001  a bug of ours must not end every start
            _log.exception("not all is known from before")
            return
        self.desk.resume(known.told)
        running = sum(not event.is_over for event in self._decider.known.events)
        _log.info(
            "%d nodes known from before, and the names of %d earthquakes; %d run, by %d triggers",
            known.nodes,
            known.names,
            running,
            known.triggers,
        )

    def _report(self, monotonic_s: float) -> None:
        ingest = self.desk.ingest
        refused = ingest.counters.malformed + ingest.counters.forged
        if refused > self._refused and self._refusals.is_due(monotonic_s):
            _log.warning(
                "%d malformed or forged messages dropped, the last on %s",
                refused - self._refused,
                ingest.last_refusal,
            )
            self._refused = refused
        if self._learning.is_due(monotonic_s):
            self._store.put_learnt(document_of(self._decider.fleet.learnt(now_us())))
        if self._statistics.is_due(monotonic_s):
            counted = asdict(ingest.counters) | {
                "alerts": self.desk.alerts,
                "expired_alerts": self.desk.expired_alerts,
                "inbox_drops": self._inbox.drops,
                "connects": self._link.counters.connects,
                "stored": self._store.health().written,
                "store_drops": self._store.health().drops,
            }
            _log.info(" ".join(f"{name}={number}" for name, number in counted.items()))

"""The record: nodes, triggers, events and alerts in one SQLite file.

Written by a thread of its own, so that nobody waits for a disk: what is put here is queued within
a microsecond or dropped and counted. A full disk or a locked file is tried again for ever; the
alert path only ever sees `health()`.
"""

import logging
import sqlite3
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundswell import wire

from aggregator import rows, schema
from aggregator.ingest import Heard
from aggregator.reader import BUSY_TIMEOUT_S
from aggregator.rows import Row
from link.pace import Pace

MAX_QUEUED = 20_000  # rows other than alerts: about 10 MB
MAX_QUEUED_ALERTS = 10_000  # an event makes some twenty
ROWS_A_COMMIT = 2_000
GATHER_S = 0.25  # rows wait this long for company; an alert is written at once
RETRY_S = 1.0
STOP_WITHIN_S = 5.0
PRUNE_EVERY_S = 60.0

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # an alert that was committed survives a power cut; commits are at most a few a second
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 67108864",
)

_log = logging.getLogger(__name__)

# What a bug of ours raises; everything else that SQLite says is about the world.
_NOT_THE_DISK = (
    sqlite3.ProgrammingError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
)


@dataclass(frozen=True)
class Health:
    """What the console and the heartbeat tell about the record."""

    is_writing: bool = False
    problem: str = ""
    written: int = 0
    failures: int = 0  # transactions that did not succeed
    drops: int = 0


class Store:
    """Holds MAX_QUEUED rows and MAX_QUEUED_ALERTS alerts; drops the newest; counts drops."""

    def __init__(self, path: Path, steps: list[str] | None = None) -> None:
        self.path = path
        self._steps = schema.sections() if steps is None else steps
        self._health = Health()
        self._alerts: deque[Row] = deque()
        self._rows: deque[Row] = deque()
        self._wake = threading.Condition()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._pruning = Pace(PRUNE_EVERY_S)
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)

    def start(self) -> None:
        """Open the file and begin to write. Raises SchemaError; a busy or full disk is retried."""
        try:
            _connect(self.path, self._steps).close()
            self._succeeded(0)
        except sqlite3.Error as error:
            self._failed(error)
        self._thread.start()

    def stop(self) -> None:
        """Write what is queued, within STOP_WITHIN_S, and end the thread."""
        self._stopping.set()
        with self._wake:
            self._wake.notify()
        self._thread.join(STOP_WITHIN_S)

    def health(self) -> Health:
        return self._health

    def put_alert(self, document: dict[str, Any], line: str) -> None:
        """document: the alert of contracts.md section 4; line: the same as it was published."""
        with self._wake:
            if len(self._alerts) + 2 > MAX_QUEUED_ALERTS:
                self._dropped(1)
                return
            self._alerts.append(rows.of_alert(document, line))
            self._alerts.append(rows.of_event(document))
            self._wake.notify()

    def put(self, heard: Heard) -> None:
        """Keep a status or a trigger; other messages have no table yet."""
        if isinstance(heard.message, wire.Status):
            row = rows.of_status(heard, heard.message)
        elif isinstance(heard.message, wire.Trigger):
            row = rows.of_trigger(heard, heard.message)
        else:
            return
        self._put_row(row)

    def put_learnt(self, document: str) -> None:
        """Keep what the vote has learnt of its nodes, in place of what it knew before."""
        self._put_row(rows.of_learnt(document))

    def raise_failure(self) -> None:
        """Raise what ended the writer's thread, if anything did: a bug, never the disk."""
        if self._failure is not None:
            raise self._failure

    def _put_row(self, row: Row) -> None:
        with self._wake:  # the writer looks by itself every GATHER_S
            if len(self._rows) >= MAX_QUEUED:
                self._dropped(1)
            else:
                self._rows.append(row)

    # Below: the writer's thread.

    def _run(self) -> None:
        try:
            self._write_for_ever()
        except BaseException as error:
            self._failure = error
            raise

    def _write_for_ever(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            batch = self._next_batch()
            try:
                if connection is None:
                    connection = _connect(self.path, self._steps)
                _write(connection, batch)
                self._succeeded(len(batch))
            except _NOT_THE_DISK:
                raise
            except sqlite3.Error as error:
                if connection is not None:
                    connection.close()
                connection = None
                self._failed(error)
                self._put_back(batch)
                if self._stopping.wait(RETRY_S):
                    return
            if self._stopping.is_set() and not self._alerts and not self._rows:
                break
        if connection is not None:
            connection.close()

    def _next_batch(self) -> list[Row]:
        """Return the alerts if there are any, and with them what they rest on: an engine that
        dies now goes on with both (recall.py)."""
        with self._wake:
            if not self._alerts and not self._stopping.is_set():
                self._wake.wait(GATHER_S)
            batch: list[Row] = []
            for queue in (self._alerts, self._rows):
                room = ROWS_A_COMMIT - len(batch)
                batch += [queue.popleft() for _ in range(min(len(queue), room))]
        if self._pruning.is_due(time.monotonic()):
            batch += rows.prunes(time.time_ns() // 1000)
        return batch

    def _put_back(self, batch: list[Row]) -> None:
        """Alerts wait for the disk for ever; the rest gives way when the queue is full."""
        alerts = [row for row in batch if rows.is_of_alert(row)]
        others = [row for row in batch if not rows.is_of_alert(row)]
        with self._wake:
            self._alerts.extendleft(reversed(alerts))
            room = MAX_QUEUED - len(self._rows)
            self._rows.extendleft(reversed(others[:room]))
            self._dropped(len(others[room:]))

    def _succeeded(self, count: int) -> None:
        if not self._health.is_writing:
            _log.info("store %s is open", self.path)
        with self._wake:
            self._health = replace(
                self._health, is_writing=True, problem="", written=self._health.written + count
            )

    def _failed(self, error: sqlite3.Error) -> None:
        if self._health.problem != str(error):
            _log.error("store %s: %s; trying on", self.path, error)
        with self._wake:
            self._health = replace(
                self._health,
                is_writing=False,
                problem=str(error),
                failures=self._health.failures + 1,
            )

    def _dropped(self, count: int) -> None:
        self._health = replace(self._health, drops=self._health.drops + count)


def _connect(path: Path, steps: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        had = schema.upgrade(connection, steps)
        if had < len(steps):
            _log.info("store %s: schema %d is now %d", path, had, len(steps))
    except BaseException:
        connection.close()
        raise
    return connection


def _write(connection: sqlite3.Connection, batch: list[Row]) -> None:
    if not batch:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement, parameters in batch:
            connection.execute(statement, parameters)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

"""The feed with its readers: one writer at a time, any number of pages that follow.

Pages share one ring of encoded events; each holds only its position. A page that is too slow, so
that the ring has passed it, is let go and connects again: it then begins with the whole state.
Bounds: RING_EVENTS events and RING_BYTES bytes (the oldest go first), MAX_STREAMS pages.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from aggregator.console.border import Document
from aggregator.console.feed import Event, Feed

RING_EVENTS = 600  # five minutes of a quiet network: nodes and system once a second each
RING_BYTES = 16_777_216
MAX_STREAMS = 3000  # infrastructure.md section 6: one worker served 3,000 at a p99 of 166 ms
COMMENT_AFTER_S = 15.0  # below the idle limits of usual proxies (nginx: 60 s)
RETRY_MS = 2000  # so does a browser try again after this time


class Entry(NamedTuple):
    number: int
    text: bytes


class Live:
    """Thread-safe. `now_us` is the console's clock; `epoch` names this run of it in event ids."""

    def __init__(
        self,
        feed: Feed,
        now_us: Callable[[], int],
        epoch: str,
        comment_after_s: float = COMMENT_AFTER_S,
        ring_bytes: int = RING_BYTES,
    ) -> None:
        self._feed = feed
        self._now_us = now_us
        self._epoch = epoch
        self._comment_after_s = comment_after_s
        self._ring_bytes_limit = ring_bytes
        self._ring: deque[Entry] = deque()
        self._ring_bytes = 0
        self._last_number = 0
        self._streams = 0
        self._is_ending = False
        self._content: str | None = None  # feed.content() as JSON, until that changes
        self._changed = threading.Condition()

    def hear(self, topic: str, payload: bytes, received_us: int) -> None:
        with self._changed:
            self._publish(self._feed.hear(topic, payload, received_us))

    def refuse_retained(self, topic: str, payload: bytes, received_us: int) -> None:
        """Alerts, heartbeats and views are never retained (topics.py): this is none of ours."""
        with self._changed:
            self._feed.counts["retained"] += 1

    def tick(self, is_connected: bool) -> None:
        with self._changed:
            self._publish(self._feed.tick(self._now_us(), is_connected))

    def recall(self, alerts: Iterable[bytes]) -> None:
        with self._changed:
            self._publish(self._feed.recall(alerts, self._now_us()))

    def state(self) -> str:
        """Return everything that a page needs to begin with, as JSON."""
        with self._changed:
            return self._state()

    def health(self) -> Document:
        with self._changed:
            now_us = self._now_us()
            system = self._feed.system(now_us)
            return {
                "is_stale": self._feed.is_stale(now_us),
                "is_connected": system["link"]["is_connected"],
                "heartbeat": system["heartbeat"],
                "streams": self._streams,
                "counts": system["counts"],
            }

    def is_full(self) -> bool:
        return self._streams >= MAX_STREAMS

    def stream(self, last_event_id: str) -> Iterator[bytes]:
        """Yield server-sent events from the one after last_event_id, or from the state of now."""
        with self._changed:
            self._streams += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            yield from self._follow(last_event_id)
        finally:
            with self._changed:
                self._streams -= 1
                if self._is_ending:
                    self._changed.notify_all()

    def end_streams(self, patience_s: float) -> None:
        """End every stream, after what it has still to say, and return when none is left.

        A browser connects again by itself. Who reads nothing keeps us for patience_s only."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._streams == 0, patience_s)

    def _follow(self, last_event_id: str) -> Iterator[bytes]:
        with self._changed:
            position = self._position(last_event_id)
            if position is None:
                position = self._last_number
                first = [Entry(position, self._encode("state", self._state(), position))]
            else:
                first = []
        yield from (entry.text for entry in first)
        while True:
            with self._changed:
                self._wait_for_more_than(position)
                entries = self._entries_after(position)
                is_too_slow = self._last_number - position > len(entries)
                is_over = self._is_ending and not entries
            if is_too_slow or is_over:
                return
            yield b"".join(entry.text for entry in entries) or b": still here\n\n"
            position = entries[-1].number if entries else position

    def _wait_for_more_than(self, position: int) -> None:
        self._changed.wait_for(
            lambda: self._last_number > position or self._is_ending, self._comment_after_s
        )

    def _entries_after(self, position: int) -> list[Entry]:
        # from the new end: a page that keeps up looks at one or two, not at the whole ring
        newer = takewhile(lambda entry: entry.number > position, reversed(self._ring))
        return list(newer)[::-1]

    def _position(self, last_event_id: str) -> int | None:
        """Return the number of an event that the ring can go on from, or None."""
        epoch, _, number = last_event_id.partition(".")
        if epoch != self._epoch or not number.isdecimal() or len(number) > 15:
            return None
        oldest = self._ring[0].number if self._ring else self._last_number + 1
        return int(number) if oldest - 1 <= int(number) <= self._last_number else None

    def _publish(self, events: list[Event]) -> None:
        for event in events:
            self._last_number += 1
            text = self._encode(event.name, _json(event.document), self._last_number)
            self._ring.append(Entry(self._last_number, text))
            if event.name != "system":
                self._content = None
            self._ring_bytes += len(self._ring[-1].text)
        if not events:
            return
        while len(self._ring) > RING_EVENTS or self._ring_bytes > self._ring_bytes_limit:
            self._ring_bytes -= len(self._ring.popleft().text)
        self._changed.notify_all()

    def _state(self) -> str:
        """Encode the content once for all who ask between two changes: after a restart every
        page asks at once. What time it is, and how we are, is said anew each time."""
        if self._content is None:
            self._content = _json(self._feed.content())
        return f'{{"system":{_json(self._feed.system(self._now_us()))},{self._content[1:]}'

    def _encode(self, name: str, document: str, number: int) -> bytes:
        return f"id: {self._epoch}.{number}\nevent: {name}\ndata: {document}\n\n".encode()


def _json(document: Document) -> str:
    """Return ASCII only, one line: no string from the wire can end an event or begin a field."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)

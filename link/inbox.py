"""The queue between a link's thread and the one thread that owns a service's state."""

import threading
from collections import deque
from typing import Generic, TypeVar

_Item = TypeVar("_Item")

MAX_BYTES = 67_108_864  # of each kind; a broker hands over single messages of up to a megabyte


class Inbox(Generic[_Item]):
    """What is urgent comes out first, however much else waits.

    Holds max_items and MAX_BYTES of the urgent and again of the rest; drops the oldest of its
    kind; counts drops.
    """

    def __init__(self, max_items: int) -> None:
        self.drops = 0
        self._arrived = threading.Condition()
        self._urgent = _Bounded[_Item](max_items)
        self._rest = _Bounded[_Item](max_items)

    def __len__(self) -> int:
        return len(self._urgent.items) + len(self._rest.items)

    def put(self, item: _Item, size_bytes: int, is_urgent: bool) -> None:
        with self._arrived:
            queue = self._urgent if is_urgent else self._rest
            self.drops += queue.put(item, size_bytes)
            self._arrived.notify()

    def take(self, patience_s: float) -> _Item | None:
        """Return the next item, or None if there was none for that long."""
        with self._arrived:
            if not len(self):
                self._arrived.wait(patience_s)
            queue = self._urgent if self._urgent.items else self._rest
            return queue.take() if queue.items else None


class _Bounded(Generic[_Item]):
    def __init__(self, max_items: int) -> None:
        self.items: deque[tuple[_Item, int]] = deque()
        self._max_items = max_items
        self._bytes = 0

    def put(self, item: _Item, size_bytes: int) -> int:
        """Return how many of the oldest had to go."""
        self.items.append((item, size_bytes))
        self._bytes += size_bytes
        drops = 0
        while len(self.items) > self._max_items or self._bytes > MAX_BYTES:
            self.take()
            drops += 1
        return drops

    def take(self) -> _Item:
        item, size_bytes = self.items.popleft()
        self._bytes -= size_bytes
        return item

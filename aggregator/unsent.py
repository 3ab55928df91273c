"""Messages with a deadline that wait for the broker, in their order."""

from collections import deque
from collections.abc import Callable

Publish = Callable[[str, bytes, int], bool]  # topic, payload, QoS -> was it taken?


class Unsent:
    """Holds `most` messages; drops the oldest, and what has expired; counts both."""

    def __init__(self, publish: Publish, most: int) -> None:
        self.expired = 0
        self._publish = publish
        self._most = most
        self._waiting: deque[tuple[int, str, bytes]] = deque()

    def send(self, expires_us: int, topic: str, payload: bytes) -> None:
        """Publish at QoS 1, after what still waits."""
        if not self._waiting and self._publish(topic, payload, 1):
            return
        self._waiting.append((expires_us, topic, payload))
        if len(self._waiting) > self._most:
            self._waiting.popleft()
            self.expired += 1

    def send_waiting(self, now_us: int) -> None:
        while self._waiting:
            expires_us, topic, payload = self._waiting[0]
            if expires_us < now_us:
                self.expired += 1
            elif not self._publish(topic, payload, 1):
                return
            self._waiting.popleft()

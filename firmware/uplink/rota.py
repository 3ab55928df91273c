"""Which broker to call, and when: the preferred one, else the next of the list, later and later.

Pure. A call that comes to nothing moves on to the next broker; a round through all of them without
success doubles the pause. A line that stood and broke is called again at the same place first: a
restart takes a broker three seconds, and Wi-Fi that flaps is not the broker's fault. Whoever
stands at another than the preferred one goes back when that answers again.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

BACKOFF_FIRST_US = 1000000
BACKOFF_LONGEST_US = 60000000  # 1,000 nodes after a power cut: 17 connects/s at most
# A line that breaks sooner than this after it stood forgives nothing: a broker that welcomes and
# throws out again is otherwise called, and greeted with a TLS handshake, every second for ever.
STEADY_US = 30000000
RETURN_FIRST_US = 600000000  # between looks at the preferred broker: a socket and some packets
RETURN_LONGEST_US = 7200000000  # where it answers and does not keep us


class Rota:
    """random_bits(16) spreads the calls of many nodes."""

    def __init__(self, brokers: int, random_bits: "Callable[[int], int]") -> None:
        self._brokers = brokers
        self._random_bits = random_bits
        self._failures = 0  # in a row
        self._stands_since_us: "int | None" = None
        self._return_after_us = RETURN_FIRST_US
        self._return_at_us = 0
        self.index = 0  # of the broker to call
        self.call_at_us = 0

    def stands(self, now_us: int) -> None:
        """We are online at broker `index`."""
        self._stands_since_us = now_us
        self.look_later(now_us)

    def ended(self, now_us: int) -> None:
        """A line broke, or a call came to nothing."""
        since_us, self._stands_since_us = self._stands_since_us, None
        has_stood = since_us is not None and now_us - since_us >= STEADY_US
        if has_stood:
            self._failures = 0
            if self.index == 0:
                self._return_after_us = RETURN_FIRST_US
        rounds = self._failures // self._brokers
        pause_us = min(BACKOFF_FIRST_US << min(rounds, 10), BACKOFF_LONGEST_US)
        self.call_at_us = now_us + self._spread(pause_us)
        self._failures += 1
        if not has_stood:
            self.index = (self.index + 1) % self._brokers

    def is_look_due(self, now_us: int) -> bool:
        """Return whether to look if the preferred broker is back."""
        return self.index > 0 and now_us >= self._return_at_us

    def look_later(self, now_us: int) -> None:
        self._return_at_us = now_us + self._spread(self._return_after_us)

    def go_back(self, now_us: int) -> None:
        """The preferred broker answers: call it at once. If it fails us, look less often."""
        self._stands_since_us = None
        self._failures = 0
        self._return_after_us = min(2 * self._return_after_us, RETURN_LONGEST_US)
        self.index = 0
        self.call_at_us = now_us

    def hurry(self, now_us: int) -> None:
        """The network is back: that it was away was no broker's fault."""
        self._failures = 0
        self.call_at_us = min(self.call_at_us, now_us + self._spread(BACKOFF_FIRST_US))

    def _spread(self, longest_us: int) -> int:
        # half fixed, half random: full jitter would let some nodes come back at once
        return longest_us // 2 + longest_us * self._random_bits(16) // 131072

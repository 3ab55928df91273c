"""Says when it is time again: for log lines and heartbeats that come at most so often."""


class Pace:
    """`is_due(now)` is true at the first call, and then once in every period.

    Any clock will do, but always the same one; when it is set back, that is due too.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next_s: float | None = None

    def is_due(self, now_s: float) -> bool:
        if self._next_s is not None and 0 < self._next_s - now_s <= self._every_s:
            return False
        self._next_s = now_s + self._every_s
        return True

    def hurry(self) -> None:
        """Be due at the next call: what was due could not be done."""
        self._next_s = None

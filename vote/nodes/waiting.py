"""Triggers that wait to be judged: a few of each node, so one that floods costs nobody else."""

from collections import deque
from collections.abc import Sequence

from vote.nodes.picks import Pick

MAX_PENDING = 256  # more is a storm, dropped and counted
MAX_PENDING_A_NODE = 4


class Waiting:
    """Holds MAX_PENDING picks, the oldest first; drops what is too much, and counts it."""

    def __init__(self) -> None:
        self.dropped = 0
        self._picks: deque[Pick] = deque()

    def add(self, pick: Pick) -> None:
        own = sum(other.node is pick.node for other in self._picks)
        if len(self._picks) >= MAX_PENDING or own >= MAX_PENDING_A_NODE:
            self.dropped += 1
            return
        self._picks.append(pick)

    def discard(self, pick: Pick) -> None:
        if pick in self._picks:
            self._picks.remove(pick)

    def begin(self, picks: Sequence[Pick]) -> None:
        """Let these wait and no others; picks: oldest first, of which the newest find room."""
        self._picks = deque(picks[-MAX_PENDING:])

    def take(self, most: int) -> list[Pick]:
        """Return the oldest, so many at most: no longer waiting."""
        return [self._picks.popleft() for _ in range(min(len(self._picks), most))]

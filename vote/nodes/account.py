"""A node's account of false triggers: how often it cries when there is nothing.

Triggers of a Poisson process seen through an exponential window of live hours, with a quarter of a
trigger in two hours as what we believe of a stranger (today's node in the quiet of the recordings:
1 in 8.8 h; OpenEEW's own STA/LTA: 0.31 to 0.62 / h).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

PRIOR_COUNT = 0.25
PRIOR_H = 2.0
MEMORY_H = 12.0
WORTH_US = 172_800_000_000  # of four such times nothing is left
FLOOR_H = 0.02
CAP_H = 20.0  # a node that chatters more than this is in quarantine ...
RELEASED_H = 10.0  # ... until it is down to this: no vote, and its silence says nothing


@dataclass(slots=True)
class Account:
    """false_count triggers in false_hours of life, both as of counted_us."""

    false_count: float = 0.0
    false_hours: float = 0.0
    counted_us: int = 0
    quarantined_us: int | None = None  # since when it chatters

    @property
    def rate_h(self) -> float:
        """The learnt false triggers per live hour, between floor and cap."""
        return min(max(self._rate_h(), FLOOR_H), CAP_H)

    def add(self, triggers: float) -> None:
        """Write a trigger down (+1), or take it back: it was an earthquake (-1)."""
        self.false_count = max(0.0, self.false_count + triggers)

    def age(self, now_us: int, longest_us: int) -> None:
        """Let the time pass; a silence longer than longest_us is no life and no credit."""
        since_us = now_us - self.counted_us
        self.counted_us = now_us
        if since_us <= 0:
            return
        keep = math.exp(-since_us / 3.6e9 / MEMORY_H)
        self.false_count *= keep
        alive_us = since_us if since_us <= longest_us else 0
        self.false_hours = self.false_hours * keep + alive_us / 3.6e9

    def is_quarantined(self, now_us: int) -> bool:
        """Tell whether it chatters so much that it is not listened to, and note since when."""
        if self.quarantined_us is None and self._rate_h() > CAP_H:
            self.quarantined_us = now_us
        elif self.quarantined_us is not None and self._rate_h() < RELEASED_H:
            self.quarantined_us = None
        return self.quarantined_us is not None

    def _rate_h(self) -> float:
        return (PRIOR_COUNT + self.false_count) / (PRIOR_H + self.false_hours)


class Learnt(NamedTuple):
    """What a long life of the network has taught: worth more than the process that knows it."""

    false_mark: float
    accounts: dict[int, Account]  # by node

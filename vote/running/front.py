"""A wave from far away that was told and taken back: it goes on explaining its own triggers.

It sweeps a network for half a minute after it was seen through. As a plane it says when it passes
each node, and what comes then is no news: neither an earthquake, nor chance, nor the node's error.
It says so only where its own error is no larger than a pick's, so it grows from node to node with
the triggers that lie on it; of what is several times as strong, or early or late, it says nothing.
When its last trigger is a minute old none can start anything, and it is forgotten. It is not on
record: an engine that starts again within that minute may tell it once more, and take it back.
"""

import bisect
import math
from collections.abc import Iterable, Sequence

import numpy as np

from vote.judge import far
from vote.nodes.picks import KEEP_US, Pick, by_site
from vote.running.aftermath import AT_PHASE_PER_S, S_OVER_P, SLACK_SIGMAS, amplitude_mps2
from vote.waves import travel
from vote.waves.plane import Plane
from vote.waves.travel import Array

MOST_PICKS = 256
SMALLEST = 1e-6  # sites in one line tell nothing across it: its error there is large, not infinite


class Front:
    def __init__(self, votes: Sequence[Pick], heard: Iterable[Pick]) -> None:
        """votes: of what was told; never none. heard: what else was said of late."""
        first = votes[0]
        self._plane = Plane(first.node.lat_deg, first.node.lon_deg)
        self._reference_us = first.onset_us
        self._begin(by_site(votes))
        for pick in sorted(heard, key=lambda pick: pick.onset_us):
            self.take(pick)

    def is_over(self, now_us: int) -> bool:
        """Tell whether all its triggers are too old, or too few are left."""
        last_us = max((pick.onset_us for pick in self._picks.values()), default=0)
        return len(self._picks) < far.KEPT_SITES or now_us - last_us > KEEP_US

    def take(self, pick: Pick) -> None:
        """Let a trigger that lies on it, the first of its site, tell where it has come to."""
        if pick.node.site in self._picks or len(self._picks) >= MOST_PICKS or not self.has(pick):
            return
        self._add(pick)
        self._fit()

    def forget(self, key: tuple[int, int, int]) -> None:
        """Drop a withdrawn trigger."""
        kept = [pick for pick in self._picks.values() if pick.key != key]
        if len(kept) < len(self._picks):
            self._begin(kept)

    def has(self, pick: Pick) -> bool:
        """Tell whether a trigger lies on it and is no stronger than it may be."""
        return self._off_sigmas(pick) <= SLACK_SIGMAS and self._may_be(pick) > 0.5

    def explain_per_s(self, pick: Pick) -> float:
        """Return how often it makes that node trigger so strongly around that time."""
        off = self._off_sigmas(pick)
        if off > SLACK_SIGMAS:
            return 0.0
        return AT_PHASE_PER_S * math.exp(-0.5 * off * off) * self._may_be(pick)

    def is_what(self, votes: Sequence[Pick], place: tuple[float, float, float]) -> bool:
        """Tell whether half of these votes for an earthquake at a place are this wave, and what
        lies on it is no earthquake after all."""
        own = [pick for pick in votes if self.has(pick)]
        if 2 * len(own) < len(votes):
            return False
        return not far.is_surely_near([*self._picks.values(), *own], place)

    def _begin(self, picks: Iterable[Pick]) -> None:
        self._picks: dict[int, Pick] = {}  # by site
        self._square, self._right = SMALLEST * np.eye(3), np.zeros(3)  # normal equations
        self._strong_mps2: list[float] = []  # sorted
        for pick in picks:
            self._add(pick)
        self._fit()

    def _add(self, pick: Pick) -> None:
        terms = self._terms(pick)
        self._picks[pick.node.site] = pick
        self._square += np.outer(terms, terms)
        self._right += self._after_s(pick) * terms
        bisect.insort(self._strong_mps2, amplitude_mps2(pick))

    def _fit(self) -> None:
        """Find when it passes, seconds after the reference: least squares, and its errors."""
        self._inverse = np.linalg.inv(self._square)
        self._passes_s = self._inverse @ self._right

    def _off_sigmas(self, pick: Pick) -> float:
        """Return how far off it a trigger is; without end where it is not known as well."""
        terms = self._terms(pick)
        own = float(terms @ self._inverse @ terms)  # variance, in that of a pick
        if own > 1:
            return math.inf
        sigma_s = math.hypot(travel.PICK_SIGMA_S * math.sqrt(1 + own), pick.clock_sigma_s)
        return abs(self._after_s(pick) - float(terms @ self._passes_s)) / sigma_s

    def _may_be(self, pick: Pick) -> float:
        """Return whether it can be so strong there, 0 to 1: it is about the same everywhere."""
        usual_mps2 = self._strong_mps2[len(self._strong_mps2) // 2] if self._picks else 0.0
        ratio = amplitude_mps2(pick) / max(S_OVER_P * usual_mps2, 1e-9)
        return 1 / (1 + ratio * ratio)

    def _terms(self, pick: Pick) -> Array:
        east_km, north_km = self._plane.lay(pick.node.lat_deg, pick.node.lon_deg)
        return np.array([1.0, float(east_km), float(north_km)])

    def _after_s(self, pick: Pick) -> float:
        return (pick.onset_us - self._reference_us) / 1e6

"""How deaf nodes still are from an earlier earthquake, as those who trigger now find it.

A peak leaves a node deaf for a while, as fleet.py assumes it; each trigger tells the noise just
before it. Where nodes trigger in ground that should shake, and is calm, the others around them
are not deaf either: their silence counts. Else a third of the nodes, by people or chatter soon
after an earthquake, make another one, because nobody is left to contradict.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vote.nodes.fleet import CREST, Fleet
from vote.nodes.picks import Pick
from vote.waves.travel import Array

LEAST_TELL = 3  # as many as an earthquake needs: one alone may stand where it does not shake
CLEARLY = 3.0  # times a node's quiet noise: less coda than that nobody can tell from none


def deafened_mps2(
    picks: Sequence[Pick], fleet: Fleet, now_us: int, rows: NDArray[np.int64]
) -> Array:
    """Return these rows' noise, RMS: their own, or what is left of the shaking before.

    Those who have shaken since the first of the picks, did so after what these tell."""
    deaf = fleet.deafened_mps2(now_us, rows)
    share = left(picks)
    if share >= 1.0:
        return deaf
    is_old = fleet.shaken_us[rows] < min(pick.onset_us for pick in picks)
    return np.where(is_old, np.maximum(fleet.noise_mps2[rows], share * deaf), deaf)


def left(picks: Sequence[Pick]) -> float:
    """Return which share of the expected coda is there, at most: 1 if too few can tell.

    The most that one of them finds, because those who trigger are those who hear best."""
    shares = [
        CREST * pick.noise_mps2 / pick.coda_mps2
        for pick in picks
        if pick.coda_mps2 > CLEARLY * CREST * pick.quiet_mps2
    ]
    return min(max(shares), 1.0) if len(shares) >= LEAST_TELL else 1.0

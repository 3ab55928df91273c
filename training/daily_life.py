"""What people, traffic and the weather do beside a node in an hour, and what a trigger is of.

How often things happen is assumed, not measured: HAPPENINGS_PER_HOUR.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from training import nuisances
from training.disturbances import Thunder
from training.ground_motion import Samples
from training.rays import KM_PER_DEG
from training.wavefield import Motion, generator, index_at

RATE_HZ = 125.0
HOUR_S = 3600
# A house in which people live, day and night together. Guessed: nobody has counted.
HAPPENINGS_PER_HOUR = {"footsteps": 4.0, "door": 2.0, "knock": 0.5, "traffic": 4.0}
THUNDER_PER_HOUR = 1 / 24  # a front of this many strikes, within some km
STRIKES, FRONT_S, FARTHEST_KM = 20, 600.0, 8.0
LASTS_S = 25.0
AFTERWARDS_S = 10.0  # a trigger so long after something is still its own
STRENGTH_LN_SIGMA = 0.8  # as in study_set
QUIET = "nothing simulated"


@dataclass(frozen=True)
class Span:
    """Something that happened, in seconds of the node-hour."""

    kind: str
    begin_s: float
    end_s: float


def happen(samples: Samples, seed: int, name: str) -> list[Span]:
    """Add what people and the weather do in an hour to (3, n); return what it was."""
    rng = generator(seed, "day", name)
    spans = []
    for kind, per_hour in HAPPENINGS_PER_HOUR.items():
        for _ in range(int(rng.poisson(per_hour))):
            begin_s = float(rng.uniform(0, HOUR_S - LASTS_S))
            strength = float(np.exp(STRENGTH_LN_SIGMA * rng.standard_normal()))
            made = nuisances.KINDS[kind](rng, RATE_HZ, LASTS_S, strength)
            Motion(RATE_HZ, int(begin_s * RATE_HZ), made).add_to(samples, 0)
            spans.append(Span(kind, begin_s, begin_s + LASTS_S + AFTERWARDS_S))
    if rng.random() < THUNDER_PER_HOUR:
        begin_s = float(rng.uniform(0, HOUR_S - FRONT_S))
        away_deg = float(rng.uniform(0.5, FARTHEST_KM)) / KM_PER_DEG
        front = Thunder(name, round(begin_s * 1e6), away_deg, 0.0, STRIKES, FRONT_S, front_km=5.0)
        motion = front.motion_at(name, 0.0, 0.0, RATE_HZ, seed)
        if motion is not None:
            motion.add_to(samples, index_at(0, RATE_HZ))
            last = motion.first_index + motion.acceleration_mps2.shape[1]
            end_s = last / RATE_HZ + AFTERWARDS_S
            spans.append(Span("thunder", motion.first_index / RATE_HZ, end_s))
    return spans


def span_at(time_s: float, spans: Sequence[Span]) -> Span | None:
    """Return what a trigger belongs to: the latest begun; None: to nothing that was simulated."""
    around = [span for span in spans if span.begin_s <= time_s <= span.end_s]
    return max(around, key=lambda span: span.begin_s, default=None)


def kind_at(time_s: float, spans: Sequence[Span]) -> str:
    span = span_at(time_s, spans)
    return QUIET if span is None else span.kind


def kinds_of(times_s: Iterable[float], spans: Sequence[Span]) -> dict[str, int]:
    """Return how many triggers came during each kind of happening."""
    return dict(Counter(kind_at(time_s, spans) for time_s in times_s))


def woken_by(times_s: Iterable[float], spans: Sequence[Span]) -> dict[str, int]:
    """Return how many happenings of each kind have a trigger, one or more."""
    found = {span_at(time_s, spans) for time_s in times_s}
    return dict(Counter(span.kind for span in found if span is not None))

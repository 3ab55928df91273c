"""95 % intervals: what a few can and cannot say. Exact methods, standard library only."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

TAIL = 0.025  # of a two-sided 95 % interval
_HALVINGS = 60  # of the interval in a bisection: beyond double precision


@dataclass(frozen=True)
class Share:
    """`hits` of `trials`, with the Clopper-Pearson interval."""

    hits: int
    trials: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Clopper and Pearson 1934, Biometrika 26, 404-413; None of no trials."""
        if self.trials == 0:
            return None
        low, high = 0.0, 1.0
        if self.hits > 0:
            low = _bisect(lambda p: 1 - _binomial_cdf(self.hits - 1, self.trials, p) > TAIL)
        if self.hits < self.trials:
            high = _bisect(lambda p: _binomial_cdf(self.hits, self.trials, p) < TAIL)
        return low, high

    def as_dict(self) -> dict[str, object]:
        share = self.hits / self.trials if self.trials else None
        return {"hits": self.hits, "trials": self.trials, "share": share, "ci95": self.interval}


@dataclass(frozen=True)
class Rate:
    """`count` in `hours`, with the exact Poisson interval."""

    count: int
    hours: float

    @property
    def interval(self) -> tuple[float, float] | None:
        """Garwood 1936, Biometrika 28, 437-442; None of no time."""
        if self.hours <= 0:
            return None
        top = 10.0 + 3.0 * self.count  # above the upper limit of every count
        low = 0.0
        if self.count > 0:
            low = top * _bisect(lambda x: 1 - _poisson_cdf(self.count - 1, x * top) > TAIL)
        high = top * _bisect(lambda x: _poisson_cdf(self.count, x * top) < TAIL)
        return low / self.hours, high / self.hours

    def as_dict(self) -> dict[str, object]:
        rate = self.count / self.hours if self.hours > 0 else None
        return {
            "count": self.count,
            "hours": self.hours,
            "per_hour": rate,
            "ci95_per_hour": self.interval,
        }


@dataclass(frozen=True)
class Quantile:
    """One quantile of a sample, with the distribution-free interval of two order statistics."""

    value: float | None
    interval: tuple[float, float] | None  # None where the sample is too small to give one
    count: int

    def as_dict(self) -> dict[str, object]:
        return {"value": self.value, "ci95": self.interval, "count": self.count}


def quantile(sample: Sequence[float], level: float) -> Quantile:
    """Return a quantile by linear interpolation and its interval (Conover 1999, section 3.2)."""
    ordered = sorted(sample)
    count = len(ordered)
    if count == 0:
        return Quantile(None, None, 0)
    position = level * (count - 1)
    below = math.floor(position)
    above = min(below + 1, count - 1)
    value = ordered[below] + (position - below) * (ordered[above] - ordered[below])
    return Quantile(value, _order_interval(ordered, level), count)


def _order_interval(ordered: Sequence[float], level: float) -> tuple[float, float] | None:
    low, high = _ranks(len(ordered), level)
    if low is None or high is None:
        return None
    return ordered[low], ordered[high]


@lru_cache(maxsize=256)
def _ranks(count: int, level: float) -> tuple[int | None, int | None]:
    """Return the two order statistics, None where a sample is too small to have one.

    The count of values below the true quantile is binomial: cut at most TAIL at either end.
    """
    at_most = [_binomial_cdf(rank, count, level) for rank in range(count)]
    low = [rank for rank in range(count) if at_most[rank] <= TAIL]
    high = [rank for rank in range(count) if 1 - at_most[rank] <= TAIL]
    return low[-1] if low else None, high[0] if high else None


def _binomial_cdf(k: int, n: int, p: float) -> float:
    if k < 0:
        return 0.0
    if k >= n or p <= 0.0:
        return 1.0
    if p >= 1.0:
        return 0.0
    terms = (
        math.lgamma(n + 1)
        - math.lgamma(i + 1)
        - math.lgamma(n - i + 1)
        + i * math.log(p)
        + (n - i) * math.log1p(-p)
        for i in range(k + 1)
    )
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def _poisson_cdf(k: int, mean: float) -> float:
    if mean <= 0:
        return 1.0
    terms = (i * math.log(mean) - mean - math.lgamma(i + 1) for i in range(k + 1))
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def _bisect(is_beyond: Callable[[float], bool]) -> float:
    """Return where a claim about a number in 0..1 turns from false to true."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if is_beyond(middle):
            high = middle
        else:
            low = middle
    return (low + high) / 2

"""When an earthquake began, were it at a place, and what each onset's residual is worth then.

A re-weighted mean: it stays near to where it starts. From all triggers together it goes astray
when half of them are late ones, of Pg, S or another earthquake. Those that a running earthquake
had as votes know better: early onsets explain later ones as Pg or S, not the other way round. But
the first votes may be the wrong ones; so both are tried, and the likelier one counts.
"""

import numpy as np
from numpy.typing import NDArray

from vote.search import shape
from vote.waves.tables import Single

TAIL_SHARE = 0.15  # onsets that belong to the P wave but come late: emergent, in noise
TAIL_S = 3.0
ROUNDS = 4  # of the mean
SAME_S = 0.01  # two that are one
_ROOT_2_PI = float(np.sqrt(2 * np.pi))

# The trigger that must belong to the earthquake; or the rows of its votes so far; None: the
# majority of all decides
Start = int | NDArray[np.intp] | None


def best(implied_s: Single, sigma_s: Single, ln_gain: Single, start: Start) -> Single:
    """Return the origin time of each place (c,) from those that each onset implies there (c, i):
    where it is not the same from the start and from all, the likelier one."""
    if isinstance(start, int):
        return _refined(implied_s[:, start], implied_s, sigma_s)
    of_all = _refined(_shortest_half(implied_s), implied_s, sigma_s)
    if start is None or len(start) == implied_s.shape[1]:
        return of_all
    found = _refined(_shortest_half(implied_s[:, start]), implied_s, sigma_s)
    apart = np.flatnonzero(np.abs(of_all - found) > SAME_S)
    if len(apart):
        both = found[apart], of_all[apart]
        held, others = (
            _worth(ln_gain, implied_s[apart] - tried[:, None], sigma_s[apart]) for tried in both
        )
        found[apart] = np.where(others > held, both[1], both[0])
    return found


def _worth(ln_gain: Single, residual_s: Single, sigma_s: Single) -> Single:
    """Return what triggers say of an origin time, were they all to be expected: (c,)."""
    each = residual_density(residual_s, sigma_s) * np.exp(ln_gain)
    each += 1
    return shape.summed(np.log(each, out=each))


def _refined(origin: Single, implied_s: Single, sigma_s: Single) -> Single:
    """Return better origin times: a re-weighted mean that gives outliers no say."""
    own = np.asarray(1 / np.square(sigma_s), dtype=np.float32)
    quarter, weight = own * np.float32(0.25), np.empty_like(own)
    ones = np.ones(own.shape[1], dtype=np.float32)  # a product adds short rows ten times faster
    with np.errstate(invalid="ignore"):  # as in shape.weighed, at once for all
        for _ in range(ROUNDS):
            np.subtract(implied_s, origin[:, None], out=weight)
            np.square(weight, out=weight)
            weight *= quarter
            weight += 1
            np.square(weight, out=weight)
            np.divide(own, weight, out=weight)
            total = weight @ ones
            weight *= implied_s
            origin = np.asarray(weight @ ones / total, dtype=np.float32)
    return np.asarray(origin)


def _shortest_half(values: Single) -> Single:
    """Return the middle of the narrowest half of each row (Rousseeuw 1984): unlike the median it
    stays with the P waves when as many onsets are late ones, of Pg or S."""
    ordered = np.sort(values, axis=1)
    ends = ordered[:, (values.shape[1] - 1) // 2 :]
    starts = ordered[:, : ends.shape[1]]
    narrowest = np.argmin(ends - starts, axis=1)
    rows = np.arange(len(ordered))
    return np.asarray((starts[rows, narrowest] + ends[rows, narrowest]) / 2)


def residual_density(residual_s: Single, sigma_s: Single) -> Single:
    """Return the density of an onset's residual: a Gaussian and a tail of late picks."""
    core = residual_s / sigma_s
    np.square(core, out=core)
    core *= -0.5
    np.exp(core, out=core)
    core /= sigma_s * _ROOT_2_PI
    core *= 1 - TAIL_SHARE
    late = np.maximum(residual_s, 0.0)
    np.negative(late, out=late)
    late /= TAIL_S
    np.exp(late, out=late)
    late /= TAIL_S
    late *= residual_s > 0
    late *= TAIL_SHARE
    core += late
    core += 1e-12
    return np.asarray(core)

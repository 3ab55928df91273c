"""How strongly a set of triggers, and the silence of the others, speaks for one earthquake.

Detections at a node are a Poisson process: false ones at the node's own learnt rate, and, if there
was an earthquake at x at time t, one more at the P arrival. The likelihood ratio of a hypothesis
(cell, depth, origin time, magnitude) is then a product over nodes:

    triggered   1 + p_detect f(residual) g(p_quake) / rate
    silent      1 - p_detect F(time since the arrival)          only nodes known to be alive
    dead        1

f is the density of the residual (pick, crust and clock errors, with a late tail because weak P
waves are picked late), g what the node itself thinks of its trigger. After Faulkner et al. (2011)
and the not-yet-arrived data of Rydelek & Pujol (2004); seismology.md section 4, R1.

In 32-bit floats, on a plane around the search, by tables: a search looks at a thousand cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vote.search import origin, shape
from vote.search.laid import Laid, Silent, Told
from vote.waves import hearing, tables, travel
from vote.waves.tables import MAGNITUDES, Single
from vote.waves.travel import Array

# Gutenberg-Richter, b = 1
_MAGNITUDE_LN_PRIOR = (-np.log(10.0) * (MAGNITUDES - MAGNITUDES[0])).astype(np.float32)

SILENT_GRACE_S = 1.0  # STA/LTA needs a moment, the message travels
SILENT_LN_MIN = -2.0  # the most that one silent node can say
_SILENT_MIN = np.float32(np.exp(SILENT_LN_MIN))
# The magnitude that displacements of the first seconds stand for errs by 0.8 and more
# (magnitude.py); 1.0 to 1.6 give the same first places. With more triggers than this its weight
# is small, and large earthquakes seem too small by it
SIZE_SIGMA, SIZE_BELOW = 1.2, 6
_SIZES = MAGNITUDES.astype(np.float32)[:, None]


@dataclass(frozen=True, slots=True)
class Cells:
    """Places of a search, on the plane."""

    east_km: Single  # (c,)
    north_km: Single
    depth_row: NDArray[np.int32]  # of tables.DEPTHS_KM
    smear_s: Single  # what half a cell means in time
    variance_km2: Single  # of a place anywhere in the cell, along one axis


@dataclass(frozen=True, slots=True)
class Fit:
    """How the onsets fit each place: what a trigger is worth and who is silent change nothing."""

    origin_s: Single  # (c,) that suits best
    residual_s: Single  # (c, i)
    sigma_s: Single  # (c, i)
    ln_density: Single  # (c, i)
    detected: Single  # (m, c, i)
    time_s: Single  # (c, i) of travel
    distance_log10: Single  # (c, i) hypocentral


@dataclass(frozen=True, slots=True)
class Heard:
    """What the triggers say of each place, the silent nodes apart."""

    ln_fit: Single  # (c, i)
    totals: Single  # (m, c) with the magnitudes' prior


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each cell."""

    ln_ratio: Single  # (c,)
    magnitude: Array  # (c,) the trial magnitude that explains who triggered
    fit: Fit
    ln_fit: Single  # (c, i)
    ln_by_magnitude: Single  # (m, c)


def score(laid: Told, cells: Cells, start: origin.Start) -> Scores:
    """Return the likelihood ratio of each cell, with the origin time that suits it best."""
    fits = fit(laid, cells, start)
    return judge(fits, heard(laid, fits), silence(laid.silent, cells, fits.origin_s))


def fit(laid: Told, cells: Cells, start: origin.Start) -> Fit:
    """Return how the onsets fit each cell."""
    where = _where(cells, laid.east_km, laid.north_km)
    time = tables.taken(tables.P_TIME_S, where)
    sigma = laid.variance_s2 + np.square(np.float32(travel.CRUST_SIGMA_SHARE) * time)
    sigma += np.square(cells.smear_s)[:, None]
    np.sqrt(sigma, out=sigma)
    implied = laid.onset_s - time
    origin_s = origin.best(implied, sigma, laid.ln_gain, start)
    implied -= origin_s[:, None]
    density = origin.residual_density(implied, sigma)
    return Fit(
        origin_s, implied, sigma, np.log(density, out=density), _detected(where, laid.deafness),
        time, tables.taken(tables.HYPOCENTRAL_LOG10, where),
    )  # fmt: skip


def silence(silent: Silent | None, cells: Cells, origin_s: Single) -> Single | None:
    """Return what those say who say nothing: (m, c), not above 0."""
    if silent is None:
        return None
    where = _where(cells, silent.east_km, silent.north_km)
    each = _detected(where, silent.deafness)
    each *= _overdue(tables.taken(tables.P_TIME_S, where), origin_s, silent)
    np.subtract(1, each, out=each)
    np.maximum(each, _SILENT_MIN, out=each)
    np.log(each, out=each)
    return shape.weighed(each, silent.share)


def heard(laid: Told, fits: Fit) -> Heard:
    """Return what the triggers say of cells whose fit is known."""
    ln_fit = laid.ln_gain + fits.ln_density
    totals = _triggered(ln_fit, fits.detected, laid.site_starts)
    totals += _MAGNITUDE_LN_PRIOR[:, None]
    return Heard(ln_fit, totals)


def judge(fits: Fit, heard: Heard, silent: Single | None) -> Scores:
    """Return the scores of cells of which the triggers, and the silence, are known."""
    totals = heard.totals if silent is None else heard.totals + silent
    best = np.argmax(totals, axis=0)
    ln_ratio = totals[best, np.arange(len(best))]
    return Scores(ln_ratio, MAGNITUDES[best], fits, heard.ln_fit, totals)


def ln_place(laid: Laid, scores: Scores) -> Single:
    """Return how likely each place is, with what amplitudes say of it, for choosing only: (c,)."""
    belongs = np.clip(scores.ln_fit, -50, 50)
    np.exp(np.negative(belongs, out=belongs), out=belongs)
    belongs += 1
    np.divide(1, belongs, out=belongs)
    sizes = laid.fall.sizes(scores.fit.distance_log10)
    ln = laid.fall.ln(sizes, belongs)
    jump = shape.jump_ln(scores.fit.time_s, laid.growth, laid.grown_until_s)
    if jump is not None:
        ln += shape.pooled(belongs * jump)
    return ln + _of_size(laid, scores, sizes, belongs)


def _of_size(laid: Laid, scores: Scores, sizes: Single, belongs: Single) -> Single:
    """Return the likelihood ratio of each place by the magnitude that amplitudes have there.

    Who triggered does not tell it: the smallest that explains them is the likeliest, and by it a
    place far from few nodes would be ten times less likely for each magnitude that it needs more.
    """
    if len(laid.onset_s) >= SIZE_BELOW or not laid.fall.weight.any():
        return scores.ln_ratio
    weight = (belongs + np.float32(1e-3)) * laid.fall.weight
    size = (weight * sizes).sum(axis=1) / weight.sum(axis=1)
    each = scores.ln_by_magnitude - np.square(_SIZES - size) * np.float32(0.5 / SIZE_SIGMA**2)
    most = each.max(axis=0)
    each -= most  # in a third of the time of np.logaddexp
    return np.asarray(most + np.log(np.exp(each, out=each).sum(axis=0)))


def _where(cells: Cells, east_km: Single, north_km: Single) -> NDArray[np.intp]:
    """Return where the tables hold each node, seen from each cell."""
    distance = cells.east_km[:, None] - east_km
    np.square(distance, out=distance)
    north = cells.north_km[:, None] - north_km
    distance += np.square(north, out=north)
    return tables.at(np.sqrt(distance, out=distance), cells.depth_row[:, None])


def _detected(where: NDArray[np.intp], deafness: Single) -> Single:
    """Return how probably each node triggers: (m, c, node)."""
    missed = tables.taken(tables.MISSED, where)
    everywhere = np.empty(where.shape, dtype=np.float32)
    everywhere[:] = deafness  # numpy multiplies long rows faster than short ones
    missed *= everywhere
    missed += 1
    return np.asarray(np.divide(np.float32(hearing.AVAILABILITY), missed, out=missed))


def _triggered(ln_fit: Single, detected: Single, site_starts: np.ndarray) -> Single:
    likelier = np.minimum(ln_fit, 50.0)
    each = detected * np.exp(likelier, out=likelier)
    each += 1
    np.log(each, out=each)
    if len(site_starts) < each.shape[2]:
        each = np.maximum.reduceat(each, site_starts, axis=2)
    return shape.summed(each)


def _overdue(time_s: Single, origin_s: Single, silent: Silent) -> Single:
    """Return how surely the P wave has passed each silent node, 0 to 1."""
    sigma = np.square(np.float32(travel.CRUST_SIGMA_SHARE) * time_s)
    sigma += np.float32(travel.PICK_SIGMA_S**2)
    np.sqrt(sigma, out=sigma)
    arrival = origin_s[:, None] + time_s
    heeded: NDArray[np.bool_] | int = 1
    if origin_s.min() <= silent.since_s.max():  # else all have listened since before
        heeded = arrival > silent.since_s
    arrival -= np.float32(silent.now_s - SILENT_GRACE_S)
    arrival /= sigma
    np.clip(arrival, -20, 20, out=arrival)
    arrival *= tables.LOGISTIC
    np.exp(arrival, out=arrival)
    arrival += 1
    return np.asarray(np.divide(heeded, arrival, out=arrival))

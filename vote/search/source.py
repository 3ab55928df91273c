"""Where and when: a grid, coarse to fine, over what triggered and what has not yet.

Pure search; what a cell is worth is in voting.py. It starts on rings around the first nodes that
triggered, because the earthquake is nearer to them than to any other live node, and goes on with
grids that are turned and stretched as what is left of the posterior.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from vote.search import ellipse, grid, laid, origin, voting
from vote.search.ellipse import Ellipse
from vote.search.grid import FAR_KM, RINGS, Grid
from vote.search.laid import Evidence, Laid
from vote.waves import tables, travel
from vote.waves.plane import Plane
from vote.waves.tables import Single
from vote.waves.travel import Array

AT_EDGE = 0.6  # of the radius: the posterior may go on outside
COARSE_SLACK_LN = 3.0  # for depth and silent nodes between the coarse cells
BLURRED_MOST = 5  # sites: where more fit at all, they say enough on the rings already
WIDEST_KM = (60.0, 30.0)  # of a window: first at one depth, then at all
# With so many triggers the middle of the squared posterior: final errors of the 14 recorded events
# 4.6 km instead of 6.6, of 70 random parts of their networks 8.5 and 8.6
SURE_FROM = 6
MEDIAN_ROUNDS, MEDIAN_FLOOR_KM = 20, 1.0  # of Weiszfeld's iteration
SIGMA_FLOOR_S = 0.2
# The errors that the search assumes are rather too large, and cells blur
JUDGED_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Source:
    lat_deg: float
    lon_deg: float
    depth_km: float
    origin_s: float  # after the evidence's common moment
    sigma_km: float  # of one axis, in the search's own eyes: what the judgement goes by
    origin_sigma_s: float
    ellipse: Ellipse  # what is stated
    ln_ratio: float
    trial_magnitude: float
    residual_s: Single  # (i,) of each trigger, at the best cell
    residual_sigma_s: Single
    best: tuple[float, float, int]  # the best cell alone: latitude, longitude, depth row
    ln_by_magnitude: Single  # (m,) at the source: ln_ratio for each of tables.MAGNITUDES


class Search:
    """One search, as far as it has come: first whether it is worth the while, then where.

    What is worked out for the rings serves again when silence is heeded, and when the triggers
    are worth something else.
    """

    def __init__(
        self, evidence: Evidence, centre: tuple[float, float], start: origin.Start = None
    ) -> None:
        self._laid = laid.lay(evidence, Plane(*centre))
        self._start = start
        self._fit = voting.fit(self._laid, RINGS.cells, start)
        self._heard = voting.heard(self._laid, self._fit)
        self._silent: Single | None = None
        self._heed()

    def heed_silence(self, evidence: Evidence) -> None:
        """Go on with the same triggers, and with those who are silent."""
        silent = laid.lay_silent(evidence, self._laid.plane)
        self._laid = replace(self._laid, silent=silent)
        self._heed()

    def weigh(self, ln_gain: Array) -> None:
        """Go on with triggers that are worth this."""
        self._laid = replace(self._laid, ln_gain=ln_gain.astype(np.float32))
        self._heard = voting.heard(self._laid, self._fit)

    def may_reach(self, least_ln: float) -> bool:
        """Tell whether a closer look could find so large a likelihood ratio: the rings show that,
        which spares most searches the rest."""
        scores = voting.judge(self._fit, self._heard, self._silent)
        most = scores.ln_ratio + _BLUR * min(len(self._laid.site_starts), BLURRED_MOST)
        if float(most.max()) + COARSE_SLACK_LN >= least_ln:
            return True
        spot = _level(self._laid, RINGS, scores)
        return math.hypot(spot.east_km, spot.north_km) > AT_EDGE * FAR_KM

    def narrow(self) -> "Posterior":
        """Look closer, twice."""
        scores = voting.judge(self._fit, self._heard, self._silent)
        return _narrow(self._laid, self._start, _level(self._laid, RINGS, scores))

    def _heed(self) -> None:
        self._silent = voting.silence(self._laid.silent, RINGS.cells, self._fit.origin_s)


def locate(evidence: Evidence, centre: tuple[float, float], start: origin.Start = None) -> Source:
    """Search around a place (latitude, longitude)."""
    return Search(evidence, centre, start).narrow().source()


def judged_by(found: Source, evidence: Evidence, start: origin.Start) -> Source:
    """Return the same place judged by other evidence: all triggers, where some located it."""
    lat_deg, lon_deg, row = found.best
    there = laid.lay_told(evidence, Plane(lat_deg, lon_deg))
    scores = voting.score(there, grid.points(np.zeros((1, 2)), [row]), start)
    return replace(
        found,
        ln_ratio=float(scores.ln_ratio[0]),
        residual_s=scores.fit.residual_s[0],
        residual_sigma_s=scores.fit.sigma_s[0],
    )


def once_more(found: Source, evidence: Evidence, start: origin.Start) -> Source:
    """Return a source where it was found before, in the light of other evidence; its times are
    after that evidence's common moment."""
    here = laid.lay_told(evidence, Plane(found.lat_deg, found.lon_deg))
    row = int(np.argmin(np.abs(tables.DEPTHS_KM - found.depth_km)))
    there = voting.score(here, grid.points(np.zeros((1, 2)), [row]), start)
    origin_s, magnitude = float(there.fit.origin_s[0]), float(there.magnitude[0])
    return replace(judged_by(found, evidence, start), origin_s=origin_s, trial_magnitude=magnitude)


@dataclass(frozen=True, slots=True)
class _Level:
    """A grid with its scores, and what is left of the posterior within it."""

    grid: Grid
    scores: voting.Scores
    ln_post: np.ndarray  # of each whole cell
    east_km: float  # mean
    north_km: float
    covariance_km2: np.ndarray  # east, north

    @property
    def top(self) -> int:
        return int(np.argmax(self.ln_post))


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is left of it in the end."""

    _known: Laid
    _start: origin.Start
    _last: _Level
    _weight: np.ndarray  # of the whole, all levels: (c,)
    _middle_km: np.ndarray
    _sigmas: float  # that hold its share
    sigma_km: float  # of one axis, in the search's own eyes

    def source(self) -> Source:
        """Return its middle, with what that is worth.

        Neither the best cell nor the mean: a one-sided network leaves a long ridge of equally good
        places, and its geometric median is wrong by the least distance that can be expected.
        """
        known, last, middle = self._known, self._last, self._middle_km
        top, cells, origin_s = last.top, last.grid.cells, last.scores.fit.origin_s
        inside = self._weight[-len(origin_s) :]
        by_row = np.bincount(cells.depth_row, weights=inside)
        share = np.asarray(by_row / by_row.sum(), dtype=np.float64)
        places = np.array([[cells.east_km[top], cells.north_km[top]], middle])
        rows = [int(cells.depth_row[top]), int(np.argmax(share))]
        best = voting.score(known, grid.points(places, rows), self._start)
        lat_deg, lon_deg = known.plane.lift(places[:, 0], places[:, 1])
        here = np.array([*middle, tables.DEPTHS_KM[rows[0]]])
        error_km2 = ellipse.with_true_errors(
            last.covariance_km2, known, last.scores.fit, top, here, share
        )
        inside = inside / inside.sum()
        mean_s = float(inside @ origin_s)
        return Source(
            float(lat_deg[1]), float(lon_deg[1]), float(tables.DEPTHS_KM[rows[1]]),
            float(best.fit.origin_s[1]),
            self.sigma_km,
            max(float(np.sqrt(inside @ (origin_s - mean_s) ** 2)), SIGMA_FLOOR_S),
            ellipse.ellipse_of(self._sigmas, error_km2),
            float(best.ln_ratio[0]), float(best.magnitude[0]),
            best.fit.residual_s[0], best.fit.sigma_s[0],
            (float(lat_deg[0]), float(lon_deg[0]), rows[0]),
            best.ln_by_magnitude[:, 1],
        )  # fmt: skip


def _narrow(known: Laid, start: origin.Start, rings: _Level) -> Posterior:
    levels = [rings]
    for widest_km, has_depths in zip(WIDEST_KM, (False, True)):
        level = levels[-1]
        middle_km = level.east_km, level.north_km
        window = grid.around(middle_km, level.covariance_km2, widest_km, has_depths)
        levels.append(_level(known, window, voting.score(known, window.cells, start)))
    last = levels[-1]
    weight, all_km = _whole(levels)
    if len(known.onset_s) >= SURE_FROM:
        middle = np.array([last.east_km, last.north_km])
    else:
        middle = _median(weight, all_km)
    sigmas = ellipse.sigmas_of(last.covariance_km2, weight, all_km - middle[:, None])
    judged = ellipse.ellipse_of(sigmas, last.covariance_km2)
    return Posterior(known, start, last, weight, middle, sigmas, JUDGED_SHARE * judged.sigma_km)


def _whole(levels: list[_Level]) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole posterior, each place from the finest level that has it: weights, and
    where, east and north."""
    ln_post, places = [], []
    for level, finer in zip(levels, [*levels[1:], None]):
        if finer is None:
            ln_post.append(level.ln_post)
            places.append(level.grid.places_km)
        else:
            own = ~finer.grid.holds(level.grid.cells)
            ln_post.append(level.ln_post[own])
            places.append(level.grid.places_km.compress(own, axis=1))
    all_ln = np.concatenate(ln_post)
    weight = np.exp(all_ln - all_ln.max())
    return weight / weight.sum(), np.concatenate(places, axis=1)


def _median(weight: np.ndarray, places_km: np.ndarray) -> np.ndarray:
    """Return the place with the least mean distance to all: Weiszfeld's iteration."""
    middle = places_km @ weight
    for _ in range(MEDIAN_ROUNDS):
        pull = weight / (np.hypot(*(places_km - middle[:, None])) + MEDIAN_FLOOR_KM)
        middle = places_km @ pull / pull.sum()
    return np.asarray(middle)


def _level(known: Laid, looked: Grid, scores: voting.Scores) -> _Level:
    """Find the posterior's mean place and its spread within a grid."""
    ln_post = voting.ln_place(known, scores) + looked.ln_prior + looked.ln_area
    weight = np.exp(ln_post - ln_post.max())
    weight /= weight.sum()
    pull = weight
    if len(known.onset_s) >= SURE_FROM:
        pull = weight**2
        pull /= pull.sum()
    places = looked.places_km
    mean = places @ pull
    off = places - mean[:, None]
    spread = float(weight @ looked.cells.variance_km2) * np.eye(2)
    covariance = (weight * off) @ off.T + spread
    return _Level(looked, scores, ln_post, float(mean[0]), float(mean[1]), np.asarray(covariance))


# What the width of a ring's cell takes from one site's likelihood
_BLUR = np.log(np.hypot(travel.PICK_SIGMA_S, RINGS.cells.smear_s) / travel.PICK_SIGMA_S)

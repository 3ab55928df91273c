"""What else could it be? One cause, no earthquake, that makes several nodes trigger.

The odds of an earthquake are against chance only: nodes that err each by themselves. Two common
causes are its rivals, with a likelihood of the same kind over all triggers of the last minute,
those among them that the earthquake leaves to chance:

    crowd   a goal, a siren's test, a message to all telephones: a share of all nodes around,
            wherever they stand, within seconds
    sound   thunder, an explosion: at 0.34 km/s from one place, as far as it is heard

    odds = earthquake / (chance + (crowd + sound) * people / earthquake's strength)

The last factor: how strongly it shook where it was noticed (strength.py).
How often they come is assumed. Of 2,773 simulated crowds (3 to 15 % of all nodes, sigma 1.5 s) 22
were declared with three crowds a year, each share as often, and without that factor, and 5 now;
of 2,827 others 6. Of 3,000 storm fronts 13, and 8 now. Of 119 simulated earthquakes 53 are told
earlier and 7 later, one of them by 7 s; 0.21 s earlier in the mean. Of 14 recorded ones one 0.15 s
earlier, and one 0.8 s later: its first three nodes trigger within 0.6 s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.search import voting
from vote.waves import tables
from vote.waves.plane import Plane
from vote.waves.travel import Array

CROWD_KM = 400.0  # what people hear of, they hear of everywhere
CROWD_SIGMA_S = (1.0, 2.0, 3.0)  # all jump at one moment, but not all hear of it at one
# Of nodes, on walls; so many of each a year: twice as large, half as often
CROWD_SHARE = (0.03, 0.06, 0.12, 0.25)
CROWDS_PER_S = np.array([10.7, 5.3, 2.7, 1.3]) / 3.16e7
STARTS = np.arange(-6, 7)[:, None] / 2  # sigmas around the votes

SOUND_KM_S = 0.34
SOUND_KM = 15.0  # as far as thunder is heard
# What is less changes no digit of the 1 that it is added to, and numbers too small for a 64-bit
# float's full precision (below 1e-308) cost a hundred times as much
LEAST_LN = -100.0
UNHEARD_KM = 2.0 * SOUND_KM  # heard with 1e-111
# Silent ones change no digit where they hear it with 1e-48, or with 1e-9 when 1e-22 has come
SILENT_KM, SILENT_BEFORE_KM = 1.8 * SOUND_KM, 1.47 * SOUND_KM
SOUND_SIGMA_S = 0.5  # echoes, wind, a channel of some length
LATE_MOST = 30.0  # sigmas: more say no more
SOUND_SHARE = 0.7  # of nodes so near
SOUNDS_PER_KM2_S = 5 / 3.16e7 / (np.pi * SOUND_KM**2)  # so many a year shake a node's wall
SOUND_AROUND_KM, SOUND_STEPS_KM = 30.0, (3.0, 0.5)
LOOKED_INTO = 16  # coarse cells
MOST_TRIGGERS = 24  # votes and the newest others
ROOT_2_PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class _Heard:
    """Nodes on a plane around the votes; times in seconds. Triggered nodes first."""

    east_km: Array
    north_km: Array
    onset_s: Array  # (i,)
    sigma_s: Array  # (i,)
    per_s: Array  # (i,) how often each triggers without any cause
    silent_since_s: Array  # (k,)
    now_s: float


def ln_odds(
    votes: Sequence[Pick],
    pool: Sequence[Pick],
    explains_per_s: Callable[[Pick], float],
    chance_per_s: float,
    strength_ln: float,
    fleet: Fleet,
    now_us: int,
) -> float:
    """Return the logarithm of (chance + rivals) / chance: what an earthquake's odds lose.

    pool: triggers of the last minute, the votes first. strength_ln: how much rather an earthquake
    than people shakes the nodes so strongly.
    """
    heard = _gather(votes, pool, explains_per_s, chance_per_s, fleet, now_us)
    middle_s = float(np.median([(pick.onset_us - now_us) / 1e6 for pick in votes]))
    people = np.logaddexp(_crowd(heard, middle_s), _sound(heard)) - strength_ln
    return float(np.logaddexp(0.0, people))


def _gather(
    votes: Sequence[Pick],
    pool: Sequence[Pick],
    explains_per_s: Callable[[Pick], float],
    chance_per_s: float,
    fleet: Fleet,
    now_us: int,
) -> _Heard:
    lat = np.array([pick.node.lat_deg for pick in votes])
    lon = np.array([pick.node.lon_deg for pick in votes])
    plane = Plane(float(lat.mean()), float(lon.mean()))
    first: dict[int, Pick] = {}
    for pick in pool:
        first.setdefault(pick.node.site, pick)
    spoken = list(first)
    picks = list(first.values())[:MOST_TRIGGERS]
    own = np.array([max(pick.false_rate_h / 3600, chance_per_s) for pick in picks])
    live = np.flatnonzero(fleet.live(now_us))
    _, one_each = np.unique(fleet.site[live], return_index=True)
    live = live[one_each]
    live = live[~np.isin(fleet.site[live], spoken)]
    east, north = plane.lay(
        np.concatenate([[p.node.lat_deg for p in picks], fleet.lat_deg[live]]),
        np.concatenate([[p.node.lon_deg for p in picks], fleet.lon_deg[live]]),
    )
    return _Heard(
        east, north,
        np.array([(pick.onset_us - now_us) / 1e6 for pick in picks]),
        np.array([pick.clock_sigma_s for pick in picks]),
        own + [explains_per_s(pick) for pick in picks],
        (fleet.armed_since_us[live] - now_us) / 1e6,
        -voting.SILENT_GRACE_S,
    )  # fmt: skip


def _crowd(heard: _Heard, middle_s: float) -> float:
    """Return the logarithm of crowd over chance, its time taken over all that may be."""
    near = np.hypot(heard.east_km, heard.north_km) <= CROWD_KM
    n = len(heard.onset_s)
    share = np.array(CROWD_SHARE)[:, None, None]
    parts = []
    for sigma_s in CROWD_SIGMA_S:
        width = np.hypot(sigma_s, heard.sigma_s)
        start = middle_s + sigma_s * STARTS
        rate = np.exp(-0.5 * np.square((heard.onset_s - start) / width)) / (width * ROOT_2_PI)
        each = np.log1p(share * rate / heard.per_s)  # (shares, starts, i)
        passed = 1 / (1 + np.exp(-tables.LOGISTIC * (heard.now_s - start) / sigma_s))
        silent = np.log1p(-share * passed) * (heard.silent_since_s < start)
        ln = each @ near[:n] + silent @ near[n:]
        ln += np.log(CROWDS_PER_S / len(CROWD_SIGMA_S))[:, None]
        parts.append(np.log(sigma_s / 2) + np.logaddexp.reduce(ln.ravel()))
    return float(np.logaddexp.reduce(parts))


def _sound(heard: _Heard) -> float:
    """Return the logarithm of sound over chance, its place and time taken over all that may be."""
    heard = _within(heard, SOUND_AROUND_KM + UNHEARD_KM)
    coarse, fine = SOUND_STEPS_KM
    ticks = np.arange(-SOUND_AROUND_KM, SOUND_AROUND_KM + 0.1, coarse)
    east, north = (axis.ravel() for axis in np.meshgrid(ticks, ticks))
    ln = _sound_ln(heard, east, north, coarse)
    best = np.argsort(-ln)[:LOOKED_INTO]
    rest = np.delete(ln, best)
    inner = (np.arange(round(coarse / fine)) + 0.5) * fine - coarse / 2
    off_east, off_north = (axis.ravel() for axis in np.meshgrid(inner, inner))
    closer = _sound_ln(
        heard, (east[best, None] + off_east).ravel(), (north[best, None] + off_north).ravel(), fine
    )
    return float(np.logaddexp.reduce([*rest, *closer]) + np.log(SOUNDS_PER_KM2_S))


def _within(heard: _Heard, most_km: float) -> _Heard:
    """Leave out silent nodes further east, west, north or south: of a thousand nodes most."""
    n = len(heard.onset_s)
    near = np.maximum(np.abs(heard.east_km), np.abs(heard.north_km)) <= most_km
    near[:n] = True
    return replace(
        heard,
        east_km=heard.east_km[near],
        north_km=heard.north_km[near],
        silent_since_s=heard.silent_since_s[near[n:]],
    )


def _sound_ln(heard: _Heard, east_km: Array, north_km: Array, step_km: float) -> Array:
    """Return the likelihood over that of chance, times km^2 and seconds, of each place."""
    n = len(heard.onset_s)
    east, north = east_km[:, None] - heard.east_km, north_km[:, None] - heard.north_km
    apart = np.hypot(east[:, :n], north[:, :n])
    smear_s = step_km / (np.sqrt(6) * SOUND_KM_S)
    sigma = np.sqrt(SOUND_SIGMA_S**2 + smear_s**2 + np.square(heard.sigma_s))
    start = heard.onset_s - apart / SOUND_KM_S  # (c, i) when it must have begun
    # The one that fits the most of the others tells the time
    each = _fits(heard, start, sigma, np.where(apart < UNHEARD_KM, _hears(apart), 0.0))
    top = np.argmax(each, axis=1)
    rows = np.arange(len(top))
    began = start[rows, top]
    silent = _silent(heard, east[:, n:], north[:, n:], began)
    rate = _rate(began[:, None] - start, sigma)
    many = np.maximum((rate * sigma).sum(axis=1) * ROOT_2_PI, 1.0)
    width_s = SOUND_SIGMA_S * ROOT_2_PI / np.sqrt(many)
    return np.asarray(each[rows, top] + silent.sum(axis=1) + np.log(width_s * step_km**2))


def _silent(heard: _Heard, east_km: Array, north_km: Array, began_s: Array) -> Array:
    """Return what each silent node says of a sound that began at each place then: (c, k).

    Left out are those of whom no digit of the sum changes.
    """
    place, node = np.nonzero((np.abs(east_km) < SILENT_KM) & (np.abs(north_km) < SILENT_KM))
    away_km, began_s = np.hypot(east_km[place, node], north_km[place, node]), began_s[place]
    late = (heard.now_s - (began_s + away_km / SOUND_KM_S)) / SOUND_SIGMA_S
    has_come = (away_km < SILENT_KM) & (late > -LATE_MOST)
    speaks = np.flatnonzero(has_come | (away_km < SILENT_BEFORE_KM))
    place, node, began_s, late = place[speaks], node[speaks], began_s[speaks], late[speaks]
    passed = 1 / (1 + np.exp(-tables.LOGISTIC * np.clip(late, -LATE_MOST, LATE_MOST)))
    was_up = heard.silent_since_s[node] < began_s
    silent = np.zeros(east_km.shape)
    silent[place, node] = np.log1p(-_hears(away_km[speaks]) * passed * was_up)
    return silent


def _hears(apart_km: Array) -> Array:
    """Return how probably a node at this distance hears a sound."""
    return np.asarray(SOUND_SHARE * np.exp(-((apart_km / SOUND_KM) ** 8)))


def _fits(heard: _Heard, start: Array, sigma: Array, hears: Array) -> Array:
    """Return what all triggers say of a sound that began when one of them has it: (c, i).

    As the logarithm of a product, which stays below 1e121: MOST_TRIGGERS of 1e5 each, what one
    trigger says at most with the least false rate that a node can have.
    """
    began = np.ascontiguousarray(start.T)  # numpy is three times faster along the places
    worth = (hears / (sigma * ROOT_2_PI * heard.per_s)).T
    product = np.ones_like(began)
    for own, width, most in zip(began, sigma, worth):
        if not most.any():
            continue  # too far from all places to be heard
        each = np.square(began - own)
        each *= -0.5 / width**2
        np.maximum(each, LEAST_LN, out=each)
        np.exp(each, out=each)
        each *= most
        each += 1
        product *= each
    return np.asarray(np.log(product, out=product).T)


def _rate(off_s: Array, sigma_s: Array) -> Array:
    rate = off_s / sigma_s
    np.square(rate, out=rate)
    rate *= -0.5
    np.maximum(rate, LEAST_LN, out=rate)
    np.exp(rate, out=rate)
    rate /= sigma_s * ROOT_2_PI
    return np.asarray(rate)

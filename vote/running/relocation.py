"""Where a running earthquake is, now that more is known of it, and whether it is upheld there."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from vote.judge import quorum
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.running.event import Event
from vote.running.known import Known
from vote.search import evidence, origin, source
from vote.search.laid import Evidence
from vote.search.source import Source
from vote.settings import Settings
from vote.waves import tables, travel

LOCATE_WITH = 24  # the earliest triggers; later ones are far away and add little
MANY_EVERY_US = 1_000_000  # so the next one waits, when there are more: it may become a vote
# What is moved so far away must not be 55 times likelier where it was: a recorded one that was
# moved rightly (ci38443183) was 14 times likelier there
MOVED_FAR_KM, MUCH_WORSE_LN = 60.0, 4.0
# Of the nodes so many trigger by S waves instead of by P, where it was. Of 73 simulated ones below
# a town, where half of them do, 21 end more than 100 km off; with 0.03, 0.1, 0.3 here 14, 11, 8
BY_S = 0.3
# The most that a path errs by itself, here and there; the rest is common to nodes so far away.
# With a pick's error 0.8 s, the RMS of recorded P times beyond 12 s. With 0.5 and 0.7 two of those
# 73 end so far off, with 1.0 and 1.4 three
OWN_MOST_S = 0.7
_SITE, _ONSET_US = attrgetter("node.site"), attrgetter("onset_us")


@dataclass(frozen=True, slots=True)
class _Now:
    """What is known at a moment."""

    picks: Sequence[Pick]
    facts: Evidence
    fleet: Fleet
    known: Known
    now_us: int


def relocate(event: Event, fleet: Fleet, known: Known, settings: Settings, now_us: int) -> None:
    """Locate it anew, with the votes that it has there; with many triggers once a second.

    The search tells the middle of what is left, not what fits best, and one that has gone astray
    must take back nothing: what was told stays where it was while that place is still upheld."""
    if len(event.related) > LOCATE_WITH and now_us - event.located_us < MANY_EVERY_US:
        return
    event.needs_source = event.needs_look = False
    event.located_us = now_us
    if not event.related:
        event.votes = {}
        return
    picks = sorted(sorted(event.related, key=_ONSET_US), key=_SITE)
    are_all_early = len(picks) <= LOCATE_WITH
    gain = evidence.ln_gain(picks, known.others_explain_per_s(event, picks))
    facts = evidence.gather(picks, gain, fleet, now_us, event.origin_us, are_all_early)
    some, early = facts, picks
    if not are_all_early:
        some, early = evidence.earliest(facts, picks, LOCATE_WITH, fleet, now_us)
    now = _Now(picks, facts, fleet, known, now_us)
    before, start = event.found, _voted(picks, event)
    place = source.locate(some, quorum.centre_of(early), _voted(early, event))
    found = source.judged_by(place, facts, start)
    _move(event, found, now)
    if event.last is None or before is None:
        event.home = found
        return
    event.home = home = event.home or before
    votes, live = list(event.votes.values()), event.nodes_live_nearby
    if quorum.why_unsupported(votes, live, event.ln_odds, settings):
        _move(event, source.once_more(before, facts, start), now)
    elif _apart_km(home, found) >= MOVED_FAR_KM:
        _stay_if_likelier(event, before, found, now, start)


def _stay_if_likelier(
    event: Event, before: Source, found: Source, now: _Now, start: origin.Start
) -> None:
    """Leave it where it was just before, where all that was heard fits much worse far away than
    at its home; where it fits as well there, that is its home from now on.

    A search weighs areas, and there is much room far away: there P waves and S waves of one
    below a town pass for P waves, late ones among them. Where it was, each may be what it is.
    Asked against the place just before, small steps of one that creeps away would all pass."""
    home = source.once_more(event.home or before, now.facts, start)
    at_home, there = (p.ln_ratio + _by_neighbours_ln(p, now.facts) for p in (home, found))
    if at_home > there + MUCH_WORSE_LN:
        _move(event, source.once_more(before, now.facts, start), now)
    elif there >= at_home:
        event.home = found


def _apart_km(one: Source, other: Source) -> float:
    return travel.one_km(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)


def _by_neighbours_ln(found: Source, facts: Evidence) -> float:
    """Return what a place gains where some nodes trigger by S waves instead of by P, and loses
    where what a long path errs is common to neighbours."""
    lat_deg, lon_deg, row = found.best
    apart = travel.distance_km(facts.lat_deg, facts.lon_deg, lat_deg, lon_deg)
    p_s = travel.p_time_s(apart, float(tables.DEPTHS_KM[row]))
    all_s, after_p_s = found.residual_sigma_s, found.residual_s
    common_s2 = np.maximum(np.square(travel.CRUST_SIGMA_SHARE * p_s) - OWN_MOST_S**2, 0.0)
    own_s = np.sqrt(np.square(all_s) - common_s2)
    sigma_s, s_after_p_s = travel.VP_OVER_VS * own_s, (travel.VP_OVER_VS - 1) * p_s
    as_s = np.exp(-0.5 * np.square((after_p_s - s_after_p_s) / sigma_s)) / sigma_s
    as_p = origin.residual_density(after_p_s, own_s)
    worth = np.exp(facts.ln_gain)
    by_neighbours, alone = (
        np.maximum.reduceat(np.log1p(worth * density), facts.site_starts).sum()
        for density in (as_p + BY_S * as_s, origin.residual_density(after_p_s, all_s))
    )
    return float(by_neighbours - alone)


def _move(event: Event, found: Source, now: _Now) -> None:
    reference_us = now.facts.reference_us
    votes = quorum.fitting(now.picks, found, now.facts.ln_gain)
    event.move(found, reference_us, votes)
    place = event.lat_deg, event.lon_deg
    follows = now.known.may_be_followed(place, event.origin_us, event)
    event.ln_odds = found.ln_ratio + quorum.ln_prior(follows)
    event.nodes_live_nearby = quorum.live_inside(found, votes, now.fleet, now.now_us, reference_us)


def _voted(picks: Sequence[Pick], event: Event) -> NDArray[np.intp] | None:
    """Return which of these are its votes so far, if any: the origin time starts from them. What
    came later may be Pg, S or another earthquake, and comes in great numbers."""
    rows = [k for k, pick in enumerate(picks) if event.votes.get(pick.node.node_id) is pick]
    return np.array(rows, dtype=np.intp) if rows else None

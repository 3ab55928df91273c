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
from vote.search import evidence, source
from vote.search.laid import Evidence
from vote.search.source import Source
from vote.settings import Settings

LOCATE_WITH = 24  # the earliest triggers; later ones are far away and add little
MANY_EVERY_US = 1_000_000  # so the next one waits, when there are more: it may become a vote
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
    found = source.locate(some, quorum.centre_of(early), _voted(early, event))
    _move(event, source.judged_by(found, facts, start), now)
    votes, live = list(event.votes.values()), event.nodes_live_nearby
    if event.last and before and quorum.why_unsupported(votes, live, event.ln_odds, settings):
        _move(event, source.once_more(before, facts, start), now)


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

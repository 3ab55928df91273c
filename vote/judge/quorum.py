"""Do these triggers make an earthquake? The likelihood first, then the guards that no number may
overrule: distinct nodes and sites, a share of the living, a front that moves."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from vote.judge import far, rivals, strength
from vote.nodes import account, coda
from vote.nodes.fleet import Fleet
from vote.nodes.picks import KEEP_US, Pick, Picks
from vote.search import evidence, origin, source, voting
from vote.search.source import Source
from vote.settings import Settings
from vote.waves import hearing, travel

if TYPE_CHECKING:
    from vote.running.known import Known

# Earthquakes of M 3.5 and more: about 30 a year on 300 x 300 km of an active margin; the
# posterior of a few nodes covers about 300 km^2 and a second.
PRIOR_PER_S_KM2 = 30 / 3.16e7 / 9e4
LN_PRIOR = float(np.log(PRIOR_PER_S_KM2 * 300))
# In the zone of one that was told others follow, mostly 3e3 to 3e6 times as often for ten minutes
# (Omori, Baath). The odds grow by this only, because what an earthquake leaves behind troubles
# nodes too
LIKELIER = 3000.0
BELIEVED_PER_S = account.PRIOR_COUNT / account.PRIOR_H / 3600  # weighs as one trigger seen
MOST_OTHERS = 100
MAX_TRIGGERS = 20  # that start an event: the nearest to the newest
MOST_SIGMA_KM = 30.0  # a place known no better helps nobody: wait for the next trigger
INSTANT_S = 0.3  # a common cause (mains, thunder, network) is one instant for all
INSTANT_KM = 6.0  # a P wave needs a second for so far, but for the few places in line
INSTANT_LEAST, INSTANT_SHARE = 3, 0.7  # sites
FAR_AWAY = "Withdrawn: a wave from far away."


@dataclass(frozen=True, slots=True)
class Verdict:
    source: Source
    reference_us: int
    votes: tuple[Pick, ...]
    ln_odds: float
    nodes_live_nearby: int  # sites that the P wave must have passed, alive
    is_known: bool = False  # a running earthquake, or one of its aftershocks


def judge(
    newest: Pick,
    pool: Picks,
    known: "Known",
    fleet: Fleet,
    settings: Settings,
    now_us: int,
) -> Verdict | None:
    """Return the earthquake that the newest trigger completes, or None."""
    picks = pool.joined(newest, MAX_TRIGGERS)
    if not _enough(picks, settings) or known.have_all(picks):
        return None
    picks.sort(key=lambda pick: (pick.node.site, pick.onset_us))
    rates = [known.explains_per_s(pick) for pick in picks]
    least_ln = settings.ln_odds_needed - ln_prior(known.may_be_followed(None, newest.onset_us))
    gain = evidence.ln_gain(picks, rates)
    if _ceiling(picks, gain) < least_ln:
        return None
    reference_us = newest.onset_us
    facts = evidence.of_triggers(picks, gain, now_us, reference_us)
    search = source.Search(facts, centre_of(picks), picks.index(newest))
    if not search.may_reach(least_ln):
        return None
    search.heed_silence(evidence.with_silence(facts, picks, fleet, now_us))
    if not search.may_reach(least_ln):
        return None
    chance = _chance_per_s(newest, picks, pool.newest_first(), known, fleet, now_us)
    gain = evidence.ln_gain(picks, rates, chance)
    search.weigh(gain)
    posterior = search.narrow()
    if posterior.sigma_km > MOST_SIGMA_KM:
        return None
    found = posterior.source()
    votes = fitting(picks, found, gain)
    origin_us = reference_us + round(found.origin_s * 1e6)
    ln_odds = found.ln_ratio + ln_prior(
        known.may_be_followed((found.lat_deg, found.lon_deg), origin_us)
    )
    if newest not in votes or not _enough(votes, settings):
        return None
    if ln_odds < settings.ln_odds_needed:
        return None
    place = found.lat_deg, found.lon_deg, found.depth_km
    if settings.guards_moveout and (_is_one_instant(votes, picks) or far.is_flat(votes, place)):
        return None
    live = live_inside(found, votes, fleet, now_us, reference_us)
    if len({pick.node.site for pick in votes}) < settings.live_share * live:
        return None
    verdict = Verdict(found, reference_us, tuple(votes), ln_odds, live)
    if known.has(verdict):
        return replace(verdict, is_known=True)  # nobody is told: it may have any rivals
    if settings.heeds_rivals:
        since_us = newest.onset_us - KEEP_US
        others = (p for p in pool.newest_first() if p not in votes and p.onset_us > since_us)
        around = [*votes, *itertools.islice(others, MOST_OTHERS)]
        looks = strength.ln_ratio(votes, found)
        explains = known.explains_per_s
        ln_odds -= rivals.ln_odds(votes, around, explains, chance, looks, fleet, now_us)
    return replace(verdict, ln_odds=ln_odds) if ln_odds >= settings.ln_odds_needed else None


def ln_prior(follows: bool) -> float:
    """Return the logarithm of how probable an earthquake was before any node spoke."""
    return LN_PRIOR + (math.log(LIKELIER) if follows else 0.0)


def why_withdrawn(
    votes: Sequence[Pick],
    place: tuple[float, float, float],
    nodes_live_nearby: int,
    ln_odds: float,
    settings: Settings,
) -> str:
    """Return why an earthquake with these votes cannot be upheld, or nothing.

    place: latitude, longitude, depth.
    """
    reason = why_unsupported(votes, nodes_live_nearby, ln_odds, settings)
    if not reason and far.is_surely_flat(votes, place):
        return FAR_AWAY
    return reason


def why_unsupported(
    votes: Sequence[Pick], nodes_live_nearby: int, ln_odds: float, settings: Settings
) -> str:
    """Return why these votes do not speak for an earthquake at its place, or nothing."""
    if not _enough(votes, settings):
        return "Withdrawn: too few nodes uphold it."
    sites = len({pick.node.site for pick in votes})
    share = sites / max(nodes_live_nearby, 1)
    if ln_odds < 0 or share < settings.live_share_kept:
        return "Withdrawn: nodes that should have noticed it did not."
    return ""


def fitting(picks: Sequence[Pick], found: Source, ln_gain: travel.Array) -> list[Pick]:
    """Return the triggers that the source explains better than noise does."""
    fit = np.log(origin.residual_density(found.residual_s, found.residual_sigma_s))
    late = found.residual_s <= 3 * found.residual_sigma_s + 1.0
    early = found.residual_s >= -3 * found.residual_sigma_s
    good = (fit + ln_gain > 0) & late & early
    return [pick for pick, yes in zip(picks, good) if yes]


def centre_of(picks: Sequence[Pick]) -> tuple[float, float]:
    """Return where to search: the middle of the first three; one wrong place does no harm."""
    first = sorted(picks, key=lambda pick: pick.onset_us)[:3]
    lat = median(pick.node.lat_deg for pick in first)
    east = [(pick.node.lon_deg - first[0].node.lon_deg + 180) % 360 - 180 for pick in first]
    lon = first[0].node.lon_deg + median(east)
    return lat, (lon + 180) % 360 - 180


def by_node(votes: Sequence[Pick]) -> dict[int, Pick]:
    """Return the first vote of each node: one node, one vote."""
    first: dict[int, Pick] = {}
    for pick in sorted(votes, key=lambda pick: pick.onset_us):
        first.setdefault(pick.node.node_id, pick)
    return first


def live_inside(
    found: Source, votes: Sequence[Pick], fleet: Fleet, now_us: int, reference_us: int
) -> int:
    """Return how many live sites the P wave has passed, no further than the farthest vote."""
    if not votes:
        return 0
    live = fleet.live(now_us)
    n = len(live)
    apart = travel.distance_km(
        fleet.lat_deg[:n], fleet.lon_deg[:n],
        found.lat_deg, found.lon_deg,
    )  # fmt: skip
    rows = [pick.node.index for pick in votes]
    near = np.flatnonzero(live & (apart <= apart[rows].max() + 0.1))
    arrival = found.origin_s + travel.p_time_s(apart[near], found.depth_km)
    is_past = arrival + voting.SILENT_GRACE_S < (now_us - reference_us) / 1e6
    is_past &= arrival > (fleet.armed_since_us[near] - reference_us) / 1e6
    near = near[is_past]
    reach = np.hypot(apart[near], found.depth_km)
    noise = coda.deafened_mps2(votes, fleet, now_us, near)
    heard = hearing.detection(found.trial_magnitude, reach, noise) > hearing.AVAILABILITY / 2
    return len({*fleet.site[near[heard]].tolist(), *(pick.node.site for pick in votes)})


def _chance_per_s(
    newest: Pick,
    picks: Sequence[Pick],
    pool: Iterable[Pick],
    known: "Known",
    fleet: Fleet,
    now_us: int,
) -> float:
    """Return how often a node around triggers at present for no known reason: thunder, a storm,
    traffic. From the others of the last minute, not from what is judged now."""
    own = {id(pick) for pick in picks}
    since_us = newest.onset_us - KEEP_US
    others = (p for p in pool if id(p) not in own and since_us < p.onset_us < newest.onset_us)
    # A mark that noise earns as easily as an earthquake is worth nothing: weighed accordingly.
    # An explanation holds unless it would leave that minute without such a trigger, as at P or S
    # it never would: where more aftershocks are felt than Omori's law has, their number is a fact
    unknown = sum(
        max(1.0, pick.mark) * math.exp(-known.explains_per_s(pick) * KEEP_US / 1e6)
        for pick in itertools.islice(others, MOST_OTHERS)
    )
    node_s = KEEP_US / 1e6 * max(int(fleet.live(now_us).sum()), 1)
    return (1 + unknown) / (1 / BELIEVED_PER_S + node_s)


def _enough(picks: Sequence[Pick], settings: Settings) -> bool:
    nodes = {pick.node.node_id for pick in picks}
    sites = {pick.node.site for pick in picks}
    return len(nodes) >= settings.min_nodes and len(sites) >= settings.min_sites


def _ceiling(picks: Sequence[Pick], ln_gain: travel.Array) -> float:
    """Return what these triggers could say at the very best: mostly spares the search."""
    each = np.log1p(hearing.AVAILABILITY * np.exp(ln_gain + np.log(1 / travel.PICK_SIGMA_S)))
    starts = evidence.site_starts(picks)
    return float(np.maximum.reduceat(each, starts).sum())


def _is_one_instant(votes: Sequence[Pick], picks: Sequence[Pick]) -> bool:
    """Tell a common cause from a wave: most triggers in one instant, over tens of kilometres."""
    sites = len({pick.node.site for pick in votes})
    most = max(INSTANT_LEAST, INSTANT_SHARE * sites)
    in_order = sorted(picks, key=lambda pick: pick.onset_us)
    for k, start in enumerate(in_order):
        group = [p for p in in_order[k:] if p.onset_us - start.onset_us <= INSTANT_S * 1e6]
        if len({pick.node.site for pick in group}) >= most and _spans(group, INSTANT_KM):
            return True
    return False


def _spans(picks: Sequence[Pick], km: float) -> bool:
    """Tell whether two of them stand further apart than so."""
    lat = np.array([pick.node.lat_deg for pick in picks])
    lon = np.array([pick.node.lon_deg for pick in picks])
    if float(travel.distance_km(lat[0], lon[0], lat, lon).max()) > km:
        return True  # mostly, and it spares the matrix
    return float(travel.distance_km(lat[:, None], lon[:, None], lat, lon).max()) > km

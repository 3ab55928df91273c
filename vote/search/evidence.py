"""From picks and the fleet to the arrays that voting.py scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vote.nodes import coda
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick
from vote.search import shape
from vote.search.laid import Evidence
from vote.waves import travel
from vote.waves.travel import Array

SILENT_KM = 250.0  # a live node further away says next to nothing about a local earthquake
MAX_SILENT = 48  # the nearest ones decide

_NOTHING = np.zeros(0)


def gather(
    picks: Sequence[Pick],
    gain: Array,
    fleet: Fleet,
    now_us: int,
    reference_us: int,
    has_shape: bool = True,
) -> Evidence:
    """Return the evidence at a moment. picks must be sorted by site; times are after reference_us.

    gain: what ln_gain says of each. has_shape: amplitudes too, which choose between places only.
    """
    heard = of_triggers(picks, gain, now_us, reference_us, has_shape)
    return with_silence(heard, picks, fleet, now_us)


def of_triggers(
    picks: Sequence[Pick], gain: Array, now_us: int, reference_us: int, has_shape: bool = True
) -> Evidence:
    """Return the same without silence: then the likelihood is an upper bound, for a third of the
    work."""
    return Evidence(
        np.array([pick.node.lat_deg for pick in picks]),
        np.array([pick.node.lon_deg for pick in picks]),
        np.array([(pick.onset_us - reference_us) / 1e6 for pick in picks]),
        np.array([pick.clock_sigma_s for pick in picks]),
        gain,
        np.array([pick.noise_mps2 for pick in picks]),
        site_starts(picks),
        _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING,
        (now_us - reference_us) / 1e6,
        *(shape.of(picks) if has_shape else shape.unknown(len(picks))),
        reference_us,
    )  # fmt: skip


def earliest(
    evidence: Evidence, picks: Sequence[Pick], most: int, fleet: Fleet, now_us: int
) -> tuple[Evidence, list[Pick]]:
    """Return the evidence of the earliest of these picks, so many, with their amplitudes, and with
    the live nodes around that are not among them; and these picks."""
    rows = np.sort(np.argsort(evidence.onset_s, kind="stable")[:most])
    early = [picks[row] for row in rows.tolist()]
    growth, grown_until_s, pd_m, pd_window_s = shape.of(early)
    heard = replace(
        evidence,
        lat_deg=evidence.lat_deg[rows],
        lon_deg=evidence.lon_deg[rows],
        onset_s=evidence.onset_s[rows],
        clock_sigma_s=evidence.clock_sigma_s[rows],
        ln_gain=evidence.ln_gain[rows],
        noise_mps2=evidence.noise_mps2[rows],
        site_starts=site_starts(early),
        growth=growth,
        grown_until_s=grown_until_s,
        pd_m=pd_m,
        pd_window_s=pd_window_s,
    )
    return with_silence(heard, early, fleet, now_us), early


def with_silence(evidence: Evidence, picks: Sequence[Pick], fleet: Fleet, now_us: int) -> Evidence:
    """Return the evidence of these picks with the live nodes around that have not triggered."""
    rows = _silent_rows(picks, evidence.lat_deg, evidence.lon_deg, fleet, now_us)
    return replace(
        evidence,
        silent_lat_deg=fleet.lat_deg[rows],
        silent_lon_deg=fleet.lon_deg[rows],
        silent_noise_mps2=coda.deafened_mps2(picks, fleet, now_us, rows),
        silent_share=_shares(fleet.site[rows]),
        silent_since_s=(fleet.armed_since_us[rows] - evidence.reference_us) / 1e6,
    )


def ln_gain(
    picks: Sequence[Pick], explained_per_s: Sequence[float], chance_per_s: float = 0.0
) -> Array:
    """Return the logarithm of what each trigger's mark says, over how often it comes by itself.

    explained_per_s: how often the earthquakes already known would make such a pick.
    chance_per_s: how often nodes around trigger at present for no known reason.
    """
    marks = np.array([pick.mark for pick in picks])
    false_per_s = np.maximum([pick.false_rate_h / 3600 for pick in picks], chance_per_s)
    # A mark tells an earthquake from noise, but not one earthquake from another
    rate = false_per_s / marks + np.array(explained_per_s)
    return np.asarray(-np.log(rate))


def site_starts(picks: Sequence[Pick]) -> np.ndarray:
    """Return the first row of each site; picks must be sorted by site."""
    sites = np.array([pick.node.site for pick in picks])
    return np.flatnonzero(np.concatenate([[True], sites[1:] != sites[:-1]]))


def _silent_rows(
    picks: Sequence[Pick], lat: Array, lon: Array, fleet: Fleet, now_us: int
) -> np.ndarray:
    """Return the rows of live nodes nearby that have not triggered, nearest first, bounded."""
    live = np.flatnonzero(fleet.live(now_us))
    apart = travel.distance_km(fleet.lat_deg[live], fleet.lon_deg[live], lat.mean(), lon.mean())
    most = min(MAX_SILENT + len(picks), len(live))
    near = np.argpartition(apart, most - 1)[:most] if most else live
    near = near[np.argsort(apart[near], kind="stable")]
    near = near[apart[near] <= SILENT_KM]
    rows = live[near]
    triggered = {pick.node.site for pick in picks}
    is_silent = [site not in triggered for site in fleet.site[rows].tolist()]
    return np.asarray(rows.compress(is_silent)[:MAX_SILENT])


def _shares(sites: np.ndarray) -> Array:
    names = sites.tolist()
    count = Counter(names)
    return np.array([1.0 / count[name] for name in names])

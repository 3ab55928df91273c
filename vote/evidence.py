"""From picks and the fleet to the arrays that voting.py scores."""

from collections.abc import Sequence

import numpy as np

from vote import shape, travel
from vote.fleet import Fleet
from vote.picks import Pick
from vote.travel import Array
from vote.voting import Evidence

SILENT_KM = 250.0  # a live node further away says next to nothing about a local earthquake
MAX_SILENT = 48  # the nearest ones decide


_NOBODY = np.zeros(0, dtype=np.int64)


def gather(
    picks: Sequence[Pick],
    gain: Array,
    fleet: Fleet,
    now_us: int,
    reference_us: int,
    heeds_silence: bool = True,
) -> Evidence:
    """Return the evidence at a moment. picks must be sorted by site; times are after reference_us.

    gain: what ln_gain says of each.
    heeds_silence: without it the likelihood is an upper bound, for a third of the work.
    """
    lat = np.array([pick.node.lat_deg for pick in picks])
    lon = np.array([pick.node.lon_deg for pick in picks])
    silent = _silent_rows(picks, lat, lon, fleet, now_us) if heeds_silence else _NOBODY
    return Evidence(
        lat, lon,
        np.array([(pick.onset_us - reference_us) / 1e6 for pick in picks]),
        np.array([pick.clock_sigma_s for pick in picks]),
        gain,
        np.array([pick.noise_mps2 for pick in picks]),
        site_starts(picks),
        fleet.lat_deg[silent], fleet.lon_deg[silent], fleet.deafened_mps2(now_us)[silent],
        _shares(fleet.site[silent]),
        (fleet.armed_since_us[silent] - reference_us) / 1e6,
        (now_us - reference_us) / 1e6,
        *shape.of(picks),
    )  # fmt: skip


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
    return np.flatnonzero(np.diff(sites, prepend=sites[0] - 1))


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
    sites = fleet.site[live[near]]
    triggered = np.isin(sites, [pick.node.site for pick in picks])
    return np.asarray(live[near[~triggered][:MAX_SILENT]])


def _shares(sites: np.ndarray) -> Array:
    _, which, count = np.unique(sites, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[which], dtype=np.float64)

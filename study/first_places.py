"""`python -m study.first_places DATA_DIR --alerts FILE --out FILE`: what bounds the first place.

For each earthquake that must be declared: how far off the first alert was; how far off least
squares are with the measured P times of the same number of sites, the first ones, and the depth as
known; and what is possible at all, the Cramer-Rao bound of those sites' geometry (km, the root of
both axes' variances together): with onsets right within 0.1 s, depth and crust known; with the
depth unknown; with another crust than is assumed, by the vote's own share of the travel time; and
the same where each node whose S wave has come tells that too, within 0.3 s (no node does today).
"""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from failure import Failure, reason_of
from replay.catalogue import Catalogue, EventTruth, distance_km, read_catalogue
from replay.network_score import MATCH_KM, MATCH_S, NEAR_KM, SITE_KM, score_event
from vote.waves import travel
from vote.waves.plane import Plane
from vote.waves.travel import Array

ONSET_SIGMA_S = 0.1
# An analyst's S, and as much of it as a picker must see before it can tell
S_SIGMA_S, S_SEEN_S = 0.3, 0.5
DEPTH_KM, DEPTH_SIGMA_KM = 15.0, 12.0  # where the catalogue knows none, and as far as it is free
PRIOR_SIGMA_KM = 100.0  # three sites in a line bound nothing across it
HALF_KM, ACROSS, ROUNDS, FINER = 80.0, 41, 4, 5.0  # of the grids of least squares


@dataclass(frozen=True)
class Row:
    event_id: str
    sites: int
    first_km: float
    stated_sigma_km: float
    least_squares_km: float
    bound_km: float
    bound_depth_unknown_km: float
    bound_crust_unknown_km: float
    s_known: int  # sites where S could be known when the first alert came
    bound_s_known_km: float  # depth and crust unknown


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m study.first_places", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path)
    parser.add_argument("--alerts", type=Path, required=True, help="of `groundswell replay`")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args(argv)
    rows = rows_of(arguments.data_dir, _read(arguments.alerts))
    try:
        arguments.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    except OSError as error:
        raise Failure(f"cannot write {arguments.out}: {reason_of(error)}") from error
    return 0


def rows_of(data_dir: Path, alerts: Sequence[dict[str, Any]]) -> list[Row]:
    """Return one row for each earthquake that must be declared, and was."""
    catalogue = read_catalogue(data_dir)
    depths_km = {
        event["event_id"]: float(event.get("ev_depth_km") or DEPTH_KM)
        for event in _read(data_dir / "events.jsonl")
    }
    rows = []
    for event in catalogue.events.values():
        if score_event(event.event_id, [], catalogue).must_be_declared:
            first = next((alert for alert in alerts if _fits(alert, event)), None)
            if first is not None:
                rows.append(_row(event, depths_km[event.event_id], first, catalogue))
    return rows


def _row(event: EventTruth, depth_km: float, first: dict[str, Any], catalogue: Catalogue) -> Row:
    sites = list(_sites(event, catalogue))[: int(first["nodes_triggered"])]
    plane = Plane(event.lat_deg, event.lon_deg)
    east, north = plane.lay(np.array([s[1] for s in sites]), np.array([s[2] for s in sites]))
    p_s = np.array([s[0] for s in sites])
    crust_s = np.hypot(ONSET_SIGMA_S, travel.CRUST_SIGMA_SHARE * p_s)
    known_s = np.full(len(sites), ONSET_SIGMA_S)
    s_s = travel.s_time_s(np.hypot(east, north), depth_km)
    told_s = (first["issued_us"] - event.origin_us) / 1e6
    has_s = s_s + S_SEEN_S <= told_s
    phase = np.concatenate([np.ones(len(sites)), np.full(int(has_s.sum()), travel.VP_OVER_VS)])
    own_s = np.hypot(S_SIGMA_S, travel.CRUST_SIGMA_SHARE * s_s[has_s])
    return Row(
        event.event_id, len(sites),
        distance_km(first["lat_deg"], first["lon_deg"], event.lat_deg, event.lon_deg),
        first["location_sigma_km"],
        math.hypot(*least_squares(east, north, p_s, crust_s, depth_km)),
        bound_km(east, north, depth_km, known_s, is_depth_known=True),
        bound_km(east, north, depth_km, known_s, is_depth_known=False),
        bound_km(east, north, depth_km, crust_s, is_depth_known=False),
        int(has_s.sum()),
        bound_km(
            np.concatenate([east, east[has_s]]), np.concatenate([north, north[has_s]]), depth_km,
            np.concatenate([crust_s, own_s]), is_depth_known=False, slower=phase,
        ),
    )  # fmt: skip


def bound_km(
    east_km: Array,
    north_km: Array,
    depth_km: float,
    sigma_s: Array,
    is_depth_known: bool,
    slower: Array | None = None,
) -> float:
    """Return the least error possible of an epicentre at the origin of the plane.

    slower: of each onset, how much slower than P its wave is; None: all are P.
    """
    apart_km = np.hypot(east_km, north_km)
    further = (_p_s(apart_km + 1, depth_km) - _p_s(apart_km - 1, depth_km)) / 2
    deeper = (_p_s(apart_km, depth_km + 1) - _p_s(apart_km, depth_km - 1)) / 2
    if slower is not None:
        further, deeper = further * slower, deeper * slower
    away = np.maximum(apart_km, 0.1)
    terms = np.stack([-further * east_km / away, -further * north_km / away, np.ones_like(away)])
    prior = [PRIOR_SIGMA_KM**-2, PRIOR_SIGMA_KM**-2, 0.0]
    if not is_depth_known:
        terms, prior = np.vstack([terms, deeper]), [*prior, DEPTH_SIGMA_KM**-2]
    information = (terms / sigma_s**2) @ terms.T + np.diag(prior)
    variance = np.linalg.inv(information)
    return math.sqrt(float(variance[0, 0] + variance[1, 1]))


def least_squares(
    east_km: Array, north_km: Array, p_s: Array, sigma_s: Array, depth_km: float
) -> tuple[float, float]:
    """Return the place, east and north, that fits the onsets best, with any origin time."""
    at = float(east_km.mean()), float(north_km.mean())
    half_km, weight = HALF_KM, sigma_s**-2 / (sigma_s**-2).sum()
    for _ in range(ROUNDS):
        ticks = np.linspace(-half_km, half_km, ACROSS)
        east, north = (axis.ravel() for axis in np.meshgrid(at[0] + ticks, at[1] + ticks))
        apart_km = np.hypot(east[:, None] - east_km, north[:, None] - north_km)
        late_s = p_s - _p_s(apart_km, depth_km)
        misfit = np.square(late_s - (late_s @ weight)[:, None]) @ weight
        best = int(np.argmin(misfit))
        at, half_km = (float(east[best]), float(north[best])), half_km / FINER
    return at


def _p_s(apart_km: Array, depth_km: float) -> Array:
    return travel.p_time_s(np.abs(apart_km), depth_km)


def _sites(event: EventTruth, catalogue: Catalogue) -> Iterator[tuple[float, float, float]]:
    """Yield measured P (s after the origin), latitude and longitude of each site, the first P
    first."""
    found: list[tuple[float, float, float]] = []
    for record in catalogue.records_of(event.event_id):
        p, lat, lon = record.arrival, record.lat_deg, record.lon_deg
        is_near = record.distance_km is not None and record.distance_km <= NEAR_KM
        if not (record.has_absolute_time and is_near) or lat is None or lon is None:
            continue
        if p is not None and p.is_measured:
            found.append(((record.after_start_us(p.p_s) - event.origin_us) / 1e6, lat, lon))
    known: list[tuple[float, float]] = []
    for after_s, lat, lon in sorted(found):
        if all(distance_km(lat, lon, *other) > SITE_KM for other in known):
            known.append((lat, lon))
            yield after_s, lat, lon


def _fits(alert: dict[str, Any], event: EventTruth) -> bool:
    if alert.get("event_replayed") != event.event_id or "version" not in alert:
        return False
    apart_km = distance_km(alert["lat_deg"], alert["lon_deg"], event.lat_deg, event.lon_deg)
    is_then = abs(alert["origin_us"] - event.origin_us) <= MATCH_S * 1e6
    return alert["type"] != "cancel" and is_then and apart_km <= MATCH_KM


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error


if __name__ == "__main__":
    raise SystemExit(main())

"""Believable messages for the console: 12 nodes on the coast of Guerrero, an M6 offshore."""

import json
import math
from typing import Any

import h3
import numpy as np

from vote.waves.travel import distance_km, s_time_s

PLACES = (
    ("Acapulco", 16.863, -99.882),
    ("Coyuca de Benítez", 17.008, -100.089),
    ("Atoyac", 17.211, -100.431),
    ("Tecpan", 17.219, -100.631),
    ("Petatlán", 17.538, -101.271),
    ("Zihuatanejo", 17.641, -101.552),
    ("Chilpancingo", 17.551, -99.505),
    ("San Marcos", 16.797, -99.385),
    ("Mexico City", 19.433, -99.133),
)
NODE_PLACES = (
    (16.86, -99.88), (17.01, -100.09), (17.21, -100.43), (17.22, -100.63), (17.40, -101.00),
    (17.54, -101.27), (17.64, -101.55), (17.55, -99.50), (16.80, -99.38), (17.35, -99.75),
    (17.12, -99.85), (17.05, -100.27),
)  # fmt: skip
EPICENTRE = (16.95, -100.55)
DEPTH_KM = 18.0


def to_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def heartbeat(now_us: int, category: str = "exercise") -> bytes:
    return to_json(
        {
            "sender": "engine-1",
            "sent_us": now_us,
            "category": category,
            "nodes_live": 11,
            "nodes_known": 12,
            "version": "0.1.0",
        }
    )


def node(number: int, now_us: int, **changes: Any) -> dict[str, Any]:
    lat_deg, lon_deg = NODE_PLACES[number % len(NODE_PLACES)]
    return {
        "node_id": f"{0x2A + number:08x}",
        "lat_deg": lat_deg,
        "lon_deg": lon_deg,
        "state": "alive",
        "last_heard_us": now_us - 1_300_000 * (number + 1),
        "triggered_us": None,
        "noise_um_s2": 350 + 40 * number,
        "clock_error_us": 900 + 350 * number,
        "pga_um_s2": None,
        "faults": "",
    } | changes


def nodes(now_us: int, triggered: int = 0) -> bytes:
    """The nodes nearest to the epicentre have triggered; one each is late, offline, mute."""
    found = [node(n, now_us) for n in range(12)]
    near = sorted(found, key=lambda each: _km(each["lat_deg"], each["lon_deg"]))
    for each in near[:triggered]:
        each |= {"state": "triggered", "triggered_us": now_us - 4_000_000, "pga_um_s2": 210_000}
    found[8]["state"] = "late"
    found[6]["state"] = "offline"
    found[7]["state"] = "mute"
    return to_json({"sent_us": now_us, "nodes": found})


def alert(origin_us: int, **changes: Any) -> dict[str, Any]:
    magnitude = changes.get("magnitude", 6.1)
    areas = areas_of(origin_us, magnitude)
    issued_us = changes.get("issued_us", origin_us + 7_000_000)
    for area in areas:
        area["in_blind_zone"] = area["s_arrival_us"] <= issued_us
    return {
        "schema": 1,
        "event_id": "gs20261123a3f9",
        "version": 1,
        "type": "new",
        "category": "exercise",
        "issued_us": issued_us,
        "expires_us": issued_us + 120_000_000,
        "sender": "engine-1",
        "origin_us": origin_us,
        "lat_deg": EPICENTRE[0],
        "lon_deg": EPICENTRE[1],
        "depth_km": DEPTH_KM,
        "magnitude": magnitude,
        "origin_sigma_s": 0.5,
        "location_sigma_km": 9.0,
        "magnitude_sigma": 0.3,
        "likelihood": 0.999,
        "source_is_assumed": False,
        "nodes_triggered": 5,
        "nodes_live_nearby": 7,
        "max_mmi": max(area["mmi"] for area in areas),
        "level": "take_action",
        "reason": "5 nodes at 5 sites agree",
        "areas": areas,
    } | changes


def cancel(origin_us: int, **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "event_id": "gs20261123a3f9",
        "version": 2,
        "type": "cancel",
        "category": "exercise",
        "issued_us": origin_us + 12_000_000,
        "sender": "engine-1",
        "reason": "Live nodes nearby stayed silent",
    } | changes


def delays(origin_us: int, **changes_us: int) -> bytes:
    steps_us = {"sample_us": 0, "node_sent_us": 41_000, "gateway_received_us": 58_500}
    steps_us |= {"gateway_sent_us": 58_900, "engine_received_us": 60_700, "alert_us": 74_000}
    stamps = {name: origin_us + 6_900_000 + us for name, us in (steps_us | changes_us).items()}
    return to_json({"event_id": "gs20261123a3f9"} | stamps)


def areas_of(origin_us: int, magnitude: float) -> list[dict[str, Any]]:
    """H3 cells around the epicentre, and three registered targets by name."""
    centre = h3.latlng_to_cell(*EPICENTRE, 5)
    cells = [(cell, *h3.cell_to_latlng(cell)) for cell in h3.grid_disk(centre, 8)]
    targets = [place for place in PLACES if place[0] in ("Acapulco", "Mexico City", "Atoyac")]
    areas = [_area(*place, origin_us, magnitude) for place in (*cells, *targets)]
    return [area for area in areas if area["mmi"] >= 2.0]


def s_arrivals_s() -> dict[str, float]:
    """By place: S there, in seconds after the origin."""
    return {name: _s_arrival_s(_km(lat_deg, lon_deg)) for name, lat_deg, lon_deg in PLACES}


def _s_arrival_s(km: float) -> float:
    return float(s_time_s(np.asarray(km), np.asarray(DEPTH_KM)))


def _area(
    area_id: str, lat_deg: float, lon_deg: float, origin_us: int, magnitude: float
) -> dict[str, Any]:
    km = _km(lat_deg, lon_deg)
    mmi = 3.3 + 1.35 * magnitude - 3.6 * math.log10(math.hypot(km, DEPTH_KM) + 6)
    return {
        "id": area_id,
        "lat_deg": lat_deg,
        "lon_deg": lon_deg,
        "mmi": round(mmi, 2),
        "mmi_sigma": 0.6,
        "s_arrival_us": origin_us + round(_s_arrival_s(km) * 1e6),
        "in_blind_zone": False,
        "level": "take_action" if mmi >= 5 else "be_aware" if mmi >= 3.5 else "none",
        "name": "" if h3.is_valid_cell(area_id) else area_id,
    }


def _km(lat_deg: float, lon_deg: float) -> float:
    return float(
        distance_km(np.float64(lat_deg), np.float64(lon_deg), *map(np.float64, EPICENTRE))
    )

"""A small synthetic network, so that the tests of the chain need no recordings."""

import csv
import datetime
import json
import math
from pathlib import Path

import numpy as np

from training.wavefield import Earthquake, index_at, motion_at

EVENT_ID = "synthetic1"
ORIGIN_US = 1_700_000_000_000_000
RATE_HZ = 100.0
DURATION_S = 70.0
QUIET_S = 30.0  # before the origin
EPICENTRE = (17.0, -100.0)
# (station, km east, km north): a grid of about 20 km around the epicentre
PLACES = tuple(
    (f"S{number}", east_km, north_km)
    for number, (east_km, north_km) in enumerate(
        ((-5, 8), (12, -3), (-14, -11), (9, 21), (25, 6), (-24, 14), (3, -26), (-8, 33))
    )
)
DEPTH_KM, VP_KM_S, VS_KM_S = 10.0, 6.2, 3.5
SHOCK = Earthquake(EVENT_ID, ORIGIN_US, *EPICENTRE, DEPTH_KM, 5.5)
KM_PER_DEG = 111.2


def place_deg(east_km: float, north_km: float) -> tuple[float, float]:
    lat_deg = EPICENTRE[0] + north_km / KM_PER_DEG
    return lat_deg, EPICENTRE[1] + east_km / (KM_PER_DEG * math.cos(math.radians(EPICENTRE[0])))


def motion(east_km: float, north_km: float, seed: int, rate_hz: float = RATE_HZ) -> np.ndarray:
    """Return (3, n) m/s^2, vertical last: noise, and an earthquake of M 5.5."""
    lat_deg, lon_deg = place_deg(east_km, north_km)
    shaking = motion_at(SHOCK, f"S{seed}", lat_deg, lon_deg, rate_hz, seed=1)
    count = round(DURATION_S * rate_hz)
    samples = 4e-4 * np.random.default_rng(seed).standard_normal((3, count))
    shaking.add_to(samples, index_at(ORIGIN_US - round(QUIET_S * 1e6), rate_hz))
    return samples


def iso(time_us: int) -> str:
    moment = datetime.datetime.fromtimestamp(time_us / 1e6, datetime.UTC)
    return moment.isoformat().replace("+00:00", "Z")


def index_rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, east_km, north_km in PLACES:
        lat_deg, lon_deg = place_deg(east_km, north_km)
        hypocentral_km = math.hypot(east_km, north_km, DEPTH_KM)
        samples = motion(east_km, north_km, seed=len(rows))
        rows.append(
            {
                "record_id": f"{EVENT_ID}__XX_{name}",
                "event_id": EVENT_ID,
                "origin_time": iso(ORIGIN_US),
                "ev_lat": EPICENTRE[0],
                "ev_lon": EPICENTRE[1],
                "magnitude": 5.5,
                "event_source": "synthetic",
                "network": "XX",
                "station": name,
                "location": "",
                "sta_lat": round(lat_deg, 5),
                "sta_lon": round(lon_deg, 5),
                "sta_elev_m": 0,
                "start_time": iso(ORIGIN_US - round(QUIET_S * 1e6)),
                "time_quality": "absolute",
                "sampling_rate_hz": RATE_HZ,
                "duration_s": DURATION_S,
                "components": "E,N,Z",
                "units": "m/s^2",
                "sensor_class": "force-balance",
                "p_label_s": QUIET_S + hypocentral_km / VP_KM_S,
                "s_label_s": QUIET_S + hypocentral_km / VS_KM_S,
                "pga_ms2": float(np.abs(samples).max()),
                "pre_event_quiet_s": QUIET_S - 10,
                "file": f"eq/{EVENT_ID}/{EVENT_ID}__XX_{name}.npz",
            }
        )
    return rows


def write_index(data_dir: Path, rows: list[dict[str, object]]) -> None:
    with (data_dir / "eq_index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_folder(data_dir: Path) -> Path:
    """Write a data folder with one event at eight stations."""
    (data_dir / "eq" / EVENT_ID).mkdir(parents=True)
    rows = index_rows()
    for number, (row, (_, east_km, north_km)) in enumerate(zip(rows, PLACES)):
        samples = motion(east_km, north_km, seed=number).astype(np.float32)
        np.savez(data_dir / str(row["file"]), data=samples, fs=RATE_HZ)
    write_index(data_dir, rows)
    event = {
        "event_id": EVENT_ID,
        "name": "Eight stations",
        "origin_time": iso(ORIGIN_US),
        "ev_lat": EPICENTRE[0],
        "ev_lon": EPICENTRE[1],
        "magnitude": 5.5,
    }
    (data_dir / "events.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    return data_dir

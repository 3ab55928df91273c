"""Writes a scenario as a data folder, in the format of the recorded ones (contracts.md section 5).

Each happening becomes one event: a record of every node from lead_s before it until tail_s after
its S waves, with everything that happens in that time, noise and clock error included. What is no
earthquake has no origin, no magnitude and no arrivals: nothing of it may be declared. Arrivals
are the true ones of the simulated motion, in the columns of labels and of predictions alike.

The same scenario gives the same bytes: seeds are fixed, and npz files carry no date.
"""

import csv
import datetime
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from replay.sensors import CHIPS
from training.noise import Background
from training.scenario import Happening, Place, Scenario
from training.wavefield import Earthquake, Motion, distance_km, index_at, time_of

NETWORK = "SIM"
TIME_QUALITY = "absolute (simulated)"
LONGEST_DISTURBANCE_S = 300.0
COLUMNS = (
    "record_id", "event_id", "origin_time", "origin_precision", "ev_lat", "ev_lon", "ev_depth_km",
    "magnitude", "mag_type", "event_source", "network", "station", "location", "sta_lat",
    "sta_lon", "sta_elev_m", "start_time", "time_quality", "sampling_rate_hz", "n_samples",
    "duration_s", "components", "azimuths", "units", "sensor_class", "sensor", "processing",
    "source_repo", "original_path", "licence", "redistributable", "notes", "p_label_s",
    "s_label_s", "longest_flat_s", "dc_offset_ms2", "pga_ms2", "pga_h_ms2", "epi_dist_km",
    "hypo_dist_km", "p_ak135_s", "s_ak135_s", "p_auto_s", "p_auto_snr", "pre_event_quiet_s",
    "file", "pick_residual_s", "quality_flags",
)  # fmt: skip  # the order of the recorded folder's own index


def record_count(scenario: Scenario) -> int:
    return len(scenario.nodes) * len(scenario.happenings)


def write_folder(scenario: Scenario, out: Path) -> Iterator[int]:
    """Write the folder; yield how many records are done, after each."""
    rows: list[dict[str, Any]] = []
    for place in scenario.nodes:
        motions = [scenario.motion_of(happening, place) for happening in scenario.happenings]
        background = scenario.background_of(place)
        for happening, motion in zip(scenario.happenings, motions):
            rows.append(
                _write_record(scenario, place, happening, motion, motions, background, out)
            )
            yield len(rows)
    order = [happening.event_id for happening in scenario.happenings]
    rows.sort(key=lambda row: order.index(row["event_id"]))  # stable: nodes stay in order
    (out / "eq_index.csv").write_bytes(_csv(rows))
    lines = [json.dumps(_event(scenario, happening)) for happening in scenario.happenings]
    (out / "events.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _write_record(
    scenario: Scenario,
    place: Place,
    happening: Happening,
    motion: Motion | None,
    motions: list[Motion | None],
    background: Background,
    out: Path,
) -> dict[str, Any]:
    """Write one npz file; return its row of the index."""
    rate_hz = scenario.rate_hz
    begin_us, end_us = _span_us(scenario, happening, place)
    first_index = index_at(begin_us, rate_hz)
    start_us = time_of(first_index, rate_hz)
    n = index_at(end_us, rate_hz) - first_index
    true_mps2 = np.zeros((3, n), dtype=np.float32)
    for other in motions:
        if other is not None:
            other.add_to(true_mps2, first_index)
    lsb_mps2 = CHIPS[place.sensor].lsb_nm_s2 * 1e-9
    counts = np.rint((true_mps2 + background.window(first_index, n)) / lsb_mps2)
    limit = CHIPS[place.sensor].limit_counts
    samples = (np.clip(counts, -limit, limit) * lsb_mps2).astype(np.float32)
    missing = scenario.gaps_of(place).blank(samples, first_index, rate_hz)
    row = _row(scenario, place, happening, start_us, samples.shape[1])
    row["notes"] += f"; gaps {100 * missing:.1f}% set to 0" if missing else ""
    row["pga_ms2"] = _rounded(float(np.abs(true_mps2).max()), 6)
    row["pga_h_ms2"] = _rounded(float(np.abs(true_mps2[:2]).max()), 6)
    row["dc_offset_ms2"] = [_rounded(float(mean), 8) for mean in samples.mean(axis=1)]
    row |= _arrivals(motion, start_us)
    path = out / row["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        data=samples,
        fs=np.float64(rate_hz),
        components=np.array(["E", "N", "Z"]),
        start_time=np.array(row["start_time"]),
    )
    return row


def _arrivals(motion: Motion | None, start_us: int) -> dict[str, float]:
    """Return the first motion of each phase at the node: what an analyst would pick without noise
    is what physics predicts."""
    if motion is None or motion.p_us is None or motion.s_us is None:
        return {}
    p_s, s_s = (motion.p_us - start_us) / 1e6, (motion.s_us - start_us) / 1e6
    return {
        "p_label_s": _rounded(p_s, 3),
        "s_label_s": _rounded(s_s, 3),
        "p_ak135_s": _rounded(p_s, 3),
        "s_ak135_s": _rounded(s_s, 3),
        "pre_event_quiet_s": _rounded(p_s - 10, 1),
    }


def _span_us(scenario: Scenario, happening: Happening, place: Place) -> tuple[int, int]:
    """Return from when to when the record of a place runs."""
    lead_us, tail_us = round(scenario.lead_s * 1e6), round(scenario.tail_s * 1e6)
    if isinstance(happening, Earthquake):
        away_km = math.hypot(
            distance_km(happening.lat_deg, happening.lon_deg, place.lat_deg, place.lon_deg),
            happening.depth_km,
        )
        begin_us = happening.origin_us
        end_us = begin_us + round(away_km / 3.0 * 1e6)  # slower than any S
    else:
        begin_us = happening.start_us
        end_us = begin_us + round(LONGEST_DISTURBANCE_S * 1e6)
    return begin_us - lead_us, end_us + tail_us


def _row(
    scenario: Scenario, place: Place, happening: Happening, start_us: int, n: int
) -> dict[str, Any]:
    record_id = f"{happening.event_id}__{NETWORK}_{place.code}"
    shown_us = start_us + scenario.clock_error_us(place)
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row |= {
        "record_id": record_id,
        "event_id": happening.event_id,
        "event_source": f"simulated: {scenario.name}, seed {scenario.seed}",
        "network": NETWORK,
        "station": place.code,
        "sta_lat": place.lat_deg,
        "sta_lon": place.lon_deg,
        "sta_elev_m": place.elevation_m,
        "start_time": text_of(shown_us),
        "time_quality": TIME_QUALITY,
        "sampling_rate_hz": scenario.rate_hz,
        "n_samples": n,
        "duration_s": _rounded(n / scenario.rate_hz, 3),
        "components": "E,N,Z",
        "azimuths": "90,0",
        "units": "m/s^2",
        "sensor_class": "MEMS",
        "sensor": f"{place.sensor} (simulated)",
        "processing": "simulated; gravity removed",
        "source_repo": "groundswell simulate",
        "licence": "CC0-1.0",
        "redistributable": "yes",
        "notes": f"mounted {_mounted(scenario, place)}; clock ahead by "
        f"{scenario.clock_error_us(place)} us; arrivals are true ones, peaks are those of the "
        "ground without noise",
        "file": f"eq/{happening.event_id}/{record_id}.npz",
    }
    if isinstance(happening, Earthquake):
        row |= _origin(happening)
        away_km = distance_km(happening.lat_deg, happening.lon_deg, place.lat_deg, place.lon_deg)
        row["epi_dist_km"] = _rounded(away_km, 2)
        row["hypo_dist_km"] = _rounded(math.hypot(away_km, happening.depth_km), 2)
    return row


def _mounted(scenario: Scenario, place: Place) -> str:
    mounting = scenario.mounting_of(place)
    return f"{mounting.tilt_deg:.1f} deg off level, turned by {mounting.rotation_deg:.1f}"


def _event(scenario: Scenario, happening: Happening) -> dict[str, Any]:
    event: dict[str, Any] = {"event_id": happening.event_id}
    if isinstance(happening, Earthquake):
        event |= _origin(happening)
        away_km = [
            distance_km(happening.lat_deg, happening.lon_deg, place.lat_deg, place.lon_deg)
            for place in scenario.nodes
        ]
        event["n_within_200km_abs_time"] = sum(km <= 200 for km in away_km)
    event["event_source"] = f"simulated: {scenario.name}, seed {scenario.seed}"
    event["name"] = type(happening).__name__
    event["n_stations"] = len(scenario.nodes)
    return event


def _origin(earthquake: Earthquake) -> dict[str, Any]:
    return {
        "origin_time": text_of(earthquake.origin_us),
        "origin_precision": "us",
        "ev_lat": earthquake.lat_deg,
        "ev_lon": earthquake.lon_deg,
        "ev_depth_km": earthquake.depth_km,
        "magnitude": earthquake.magnitude,
        "mag_type": "mw",
    }


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def text_of(time_us: int) -> str:
    seconds, micros = divmod(time_us, 1_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"


def _rounded(number: float, digits: int) -> float:
    return round(number, digits) + 0.0  # no -0.0

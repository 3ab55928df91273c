"""Writes recordings as a data folder: one npz a record, the two indices, the events.

The columns are those of the recorded folder; what an archive does not say stays empty. Arrivals
are predicted with ak135 (ObsPy's TauP), as in the recorded folder.
"""

import csv
import io
import json
import math
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from obspy.signal.filter import highpass
from obspy.taup import TauPyModel

from training.formats.recording import ABSOLUTE, MOST_NAME, Event, Recording
from training.rays import EARTH_KM, great_circle_km
from training.simulate import COLUMNS, text_of
from training.study_set import COLUMNS as NOISE_COLUMNS

PEAK_ABOVE_HZ = 0.1  # data/README: peaks are taken after this high-pass
SHORTEST_S = 5.0
QUIET_BEFORE_P_S = 10.0


class Folder:
    """A folder that grows by one record at a time; `close` writes its indices."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._rows: list[dict[str, Any]] = []
        self._noise: list[dict[str, Any]] = []
        self._events: dict[str, Event] = {}
        self._names: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return len(self._rows) + len(self._noise)

    def add(self, recording: Recording) -> None:
        is_noise = recording.event is None
        name = self._name_of(recording)
        kind = "archive" if recording.event is None else recording.event.event_id
        path = Path("noise" if is_noise else "eq") / kind / f"{name}.npz"
        (self._out / path).parent.mkdir(parents=True, exist_ok=True)
        start = "" if recording.start_us is None else text_of(recording.start_us)
        np.savez(
            self._out / path,
            data=recording.samples,
            fs=np.float64(recording.rate_hz),
            components=np.array(recording.components.split(",")),
            start_time=np.array(start),
        )
        row = _common(recording, name, str(path), start)
        if recording.event is None:
            self._noise.append(dict.fromkeys(NOISE_COLUMNS, "") | _noise_row(recording, row))
        else:
            self._events[recording.event.event_id] = recording.event
            self._rows.append(dict.fromkeys(COLUMNS, "") | row | _event_row(recording))

    def close(self) -> None:
        for name, columns, rows in (
            ("eq_index.csv", COLUMNS, self._rows),
            ("noise_index.csv", NOISE_COLUMNS, self._noise),
        ):
            text = io.StringIO()
            writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
            (self._out / name).write_bytes(text.getvalue().encode(errors="replace"))
        stations = Counter(row["event_id"] for row in self._rows)
        lines = [
            json.dumps({**_origin(event), "event_id": key, "n_stations": stations[key]})
            for key, event in self._events.items()
        ]
        (self._out / "events.jsonl").write_text("".join(line + "\n" for line in lines))

    def _name_of(self, recording: Recording) -> str:
        """Return an id that is a file name and that no other record has."""
        parts = [recording.network, recording.station, recording.location]
        place = "_".join(_plain(part) for part in parts if part)
        event_id = recording.event.event_id if recording.event else "noise"
        name = f"{_plain(event_id)}__{place}"
        self._names[name] += 1
        # no part has two underscores in a row, so no other name is like this one
        return name if self._names[name] == 1 else f"{name}__{self._names[name]}"


def _common(recording: Recording, name: str, path: str, start: str) -> dict[str, Any]:
    n = recording.samples.shape[1]
    moving = recording.samples.astype(np.float64)
    return {
        "record_id": name,
        "network": recording.network,
        "station": recording.station,
        "location": recording.location,
        "sta_lat": _shown(recording.lat_deg, 6),
        "sta_lon": _shown(recording.lon_deg, 6),
        "sta_elev_m": _shown(recording.elevation_m, 1),
        "start_time": start,
        "time_quality": ABSOLUTE if start else "none",
        "sampling_rate_hz": recording.rate_hz,
        "n_samples": n,
        "duration_s": round(n / recording.rate_hz, 3),
        "components": recording.components,
        "azimuths": recording.azimuths,
        "units": recording.units,
        "sensor_class": recording.sensor_class,
        "sensor": recording.sensor,
        "original_path": recording.origin,
        "redistributable": "see the archive",
        "notes": recording.notes,
        "longest_flat_s": round(_longest_flat(moving) / recording.rate_hz, 2),
        "dc_offset_ms2": [round(float(mean), 8) for mean in moving.mean(axis=1)],
        "file": path,
    }


def _event_row(recording: Recording) -> dict[str, Any]:
    event = recording.event
    assert event is not None
    row: dict[str, Any] = _origin(event)
    if recording.units == "m/s^2" and recording.samples.shape[1] > SHORTEST_S * recording.rate_hz:
        peaks = np.abs(_high_passed(recording)).max(axis=1)
        row["pga_ms2"] = round(float(peaks.max()), 6)
        row["pga_h_ms2"] = round(float(peaks[:2].max()), 6)
    p_s, s_s = recording.p_label_s, recording.s_label_s
    row |= {"p_label_s": _shown(p_s, 3), "s_label_s": _shown(s_s, 3)}
    if recording.lat_deg is not None and recording.lon_deg is not None:
        where = event.lat_deg, event.lon_deg, recording.lat_deg, recording.lon_deg
        away_km = float(great_circle_km(*where))
        row["epi_dist_km"] = round(away_km, 2)
        row["hypo_dist_km"] = round(math.hypot(away_km, event.depth_km), 2)
        if recording.start_us is not None:
            after_s = (event.origin_us - recording.start_us) / 1e6
            for phase, travel_s in zip("ps", _ak135_s(round(away_km, 0), round(event.depth_km))):
                row[f"{phase}_ak135_s"] = _shown(travel_s and after_s + travel_s, 2)
    first_s = p_s if p_s is not None else row.get("p_ak135_s")
    if isinstance(first_s, float):
        row["pre_event_quiet_s"] = round(max(0.0, first_s - QUIET_BEFORE_P_S), 1)
    return row


def _noise_row(recording: Recording, row: dict[str, Any]) -> dict[str, Any]:
    moving = recording.samples - recording.samples.mean(axis=1, keepdims=True)
    return row | {
        "category": "archive",
        "label": recording.station,
        "gravity": "removed",
        "max_abs_dynamic_ms2": round(float(np.abs(moving).max()), 6),
        "rms_dynamic_ms2": round(float(moving.std()), 6),
    }


def _origin(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "origin_time": text_of(event.origin_us),
        "ev_lat": event.lat_deg,
        "ev_lon": event.lon_deg,
        "ev_depth_km": event.depth_km,
        "magnitude": "" if event.magnitude is None else event.magnitude,
        "mag_type": event.magnitude_type,
        "event_source": event.source,
    }


@lru_cache(maxsize=1)
def _model() -> Any:
    return TauPyModel("ak135")


@lru_cache(maxsize=65536)
def _ak135_s(away_km: float, depth_km: float) -> tuple[float | None, float | None]:
    """Return the first P and S of ak135 at this distance; to a kilometre, 0.2 s."""
    degrees = math.degrees(away_km / EARTH_KM)
    arrivals = _model().get_travel_times(max(0.0, depth_km), degrees, ["p", "P", "s", "S"])
    found: dict[str, float] = {}
    for arrival in arrivals:
        phase = arrival.name[0].upper()
        found[phase] = min(arrival.time, found.get(phase, math.inf))
    return found.get("P"), found.get("S")


def _high_passed(recording: Recording) -> NDArray[np.float64]:
    moving = recording.samples.astype(np.float64)
    moving -= moving.mean(axis=1, keepdims=True)
    filtered = [highpass(axis, PEAK_ABOVE_HZ, recording.rate_hz, corners=2) for axis in moving]
    return np.array(filtered)


def _longest_flat(samples: NDArray[np.float64]) -> int:
    """Return the longest run of samples at which no component changes."""
    still = (np.diff(samples, axis=1) == 0).all(axis=0)
    edges = np.flatnonzero(np.diff(np.r_[False, still, False].astype(int)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", text)[:MOST_NAME] or "x"


def _shown(number: float | None, digits: int) -> float | str:
    return "" if number is None else round(float(number), digits)

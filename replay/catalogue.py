"""What is known about recordings after the fact: origins, arrivals, picks, peak accelerations.

This is the answer sheet. Only `score` (and the summary that `replay` prints when it has finished)
reads it; nothing that detects, votes or alerts may import this module. tests/replay checks it.
"""

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from failure import Failure, reason_of
from replay.iso_time import unix_us

EARTH_RADIUS_KM = 6371.0
PICK_TO_AK135_S = 3.5  # contracts.md section 6, like the four numbers below
GOOD_SNR, GOOD_RESIDUAL_S = 5.0, 2.0
FAIR_SNR, FAIR_RESIDUAL_S = 3.0, 1.0
ABSOLUTE = "absolute"  # what a usable time_quality starts with
SYNTHETIC_WORDS = ("simulat", "synthetic")  # in any of the columns that say where data came from
ORIGIN_COLUMNS = ("event_source", "sensor_class", "sensor", "processing", "source_repo")


@dataclass(frozen=True)
class Arrival:
    """A P reference: an analyst's label, an accepted automatic pick, or ak135's prediction."""

    p_s: float  # after the record's first sample
    kind: str  # "label", "pick" or "ak135"

    @property
    def is_measured(self) -> bool:
        return self.kind != "ak135"


@dataclass(frozen=True)
class RecordTruth:
    record_id: str
    event_id: str  # "" for noise
    place: str  # NETWORK.STATION
    lat_deg: float | None
    lon_deg: float | None
    start_us: int | None
    has_absolute_time: bool
    is_mems: bool
    is_synthetic: bool
    duration_s: float
    distance_km: float | None  # epicentral
    pga_mps2: float | None
    arrival: Arrival | None
    s_s: float | None
    quiet_s: float  # seconds of background at the record's start

    def after_start_us(self, offset_s: float) -> int:
        if self.start_us is None:
            raise ValueError(f"{self.record_id} has no absolute time")
        return self.start_us + round(offset_s * 1e6)


@dataclass(frozen=True)
class EventTruth:
    event_id: str
    name: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    magnitude: float


@dataclass(frozen=True)
class Catalogue:
    records: Mapping[str, RecordTruth]  # by record_id; earthquakes and noise
    events: Mapping[str, EventTruth]  # only those with an origin

    def records_of(self, event_id: str) -> list[RecordTruth]:
        return [record for record in self.records.values() if record.event_id == event_id]


def read_catalogue(data_dir: Path) -> Catalogue:
    """Read the indices of a data folder. Raises Failure for a folder that holds none."""
    if not data_dir.is_dir():
        raise Failure(f"no such folder: {data_dir}")
    rows = _read_rows(data_dir / "eq_index.csv")
    noise = _read_rows(data_dir / "noise_index.csv")
    if not rows and not noise:
        raise Failure(f"neither eq_index.csv nor noise_index.csv in {data_dir}")
    medians = _median_of_picks(rows)
    records = [_record_of(row, medians) for row in rows] + [_noise_of(row) for row in noise]
    return Catalogue(
        {record.record_id: record for record in records},
        _events_of(data_dir / "events.jsonl", rows),
    )


def distance_km(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float:
    """Return the great-circle distance (haversine)."""
    phi1, phi2 = math.radians(lat1_deg), math.radians(lat2_deg)
    half_lat, half_lon = (phi2 - phi1) / 2, math.radians(lon2_deg - lon1_deg) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def _read_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error, AttributeError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    if rows and "record_id" not in rows[0]:
        raise Failure(f"{path} has no column record_id")
    return rows


def _number(row: Mapping[str, object], column: str) -> float | None:
    text = row.get(column)
    if text is None or text == "":
        return None
    try:
        number = float(str(text))
    except ValueError as error:
        where = row.get("record_id") or row.get("event_id")
        raise Failure(f"{where}: {column} is no number: {text!r}") from error
    return number if math.isfinite(number) else None


def _record_of(row: dict[str, str], medians: Mapping[str, float]) -> RecordTruth:
    quality = row.get("time_quality", "")
    start_us = unix_us(row.get("start_time", ""))
    lat_deg, lon_deg = _number(row, "sta_lat"), _number(row, "sta_lon")
    s_s = _number(row, "s_label_s")
    return RecordTruth(
        record_id=row["record_id"],
        event_id=row.get("event_id", ""),
        place=f"{row.get('network', '')}.{row.get('station', '')}",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        start_us=start_us,
        has_absolute_time=quality.startswith(ABSOLUTE) and start_us is not None,
        is_mems=row.get("sensor_class") == "MEMS",
        is_synthetic=_is_synthetic(row),
        duration_s=_number(row, "duration_s") or 0.0,
        distance_km=_distance_of(row, lat_deg, lon_deg),
        pga_mps2=_number(row, "pga_ms2"),
        arrival=_arrival_of(row, medians),
        s_s=_number(row, "s_ak135_s") if s_s is None else s_s,
        quiet_s=_number(row, "pre_event_quiet_s") or 0.0,
    )


def _distance_of(
    row: dict[str, str], lat_deg: float | None, lon_deg: float | None
) -> float | None:
    given_km = _number(row, "epi_dist_km")
    ev_lat_deg, ev_lon_deg = _number(row, "ev_lat"), _number(row, "ev_lon")
    if given_km is not None:
        return given_km
    if lat_deg is None or lon_deg is None or ev_lat_deg is None or ev_lon_deg is None:
        return None
    return distance_km(lat_deg, lon_deg, ev_lat_deg, ev_lon_deg)


def _is_synthetic(row: dict[str, str]) -> bool:
    text = " ".join(row.get(column, "") for column in ORIGIN_COLUMNS).lower()
    return any(word in text for word in SYNTHETIC_WORDS)


def _arrival_of(row: dict[str, str], medians: Mapping[str, float]) -> Arrival | None:
    label_s, ak135_s = _number(row, "p_label_s"), _number(row, "p_ak135_s")
    if label_s is not None:
        return Arrival(label_s, "label")
    if ak135_s is None:
        return None
    pick_s = _number(row, "p_auto_s")
    if pick_s is not None and _is_accepted(row, pick_s - ak135_s, medians):
        return Arrival(pick_s, "pick")
    return Arrival(ak135_s, "ak135")


def _is_accepted(row: dict[str, str], misfit_s: float, medians: Mapping[str, float]) -> bool:
    """Where the index gives no residual (fewer than five picks) it is taken to their median."""
    residual_s = _number(row, "pick_residual_s")
    if residual_s is None:
        residual_s = misfit_s - medians[row.get("event_id", "")]
    snr = _number(row, "p_auto_snr") or 0.0
    is_good = snr >= GOOD_SNR and abs(residual_s) <= GOOD_RESIDUAL_S
    is_fair = snr >= FAIR_SNR and abs(residual_s) <= FAIR_RESIDUAL_S
    return abs(misfit_s) <= PICK_TO_AK135_S and (is_good or is_fair)


def _median_of_picks(rows: Iterable[dict[str, str]]) -> dict[str, float]:
    """Return each event's median of automatic pick minus ak135, in s."""
    misfits: dict[str, list[float]] = {}
    for row in rows:
        pick_s, ak135_s = _number(row, "p_auto_s"), _number(row, "p_ak135_s")
        if pick_s is not None and ak135_s is not None:
            misfits.setdefault(row.get("event_id", ""), []).append(pick_s - ak135_s)
    return {event_id: median(values) for event_id, values in misfits.items()}


def _noise_of(row: dict[str, str]) -> RecordTruth:
    return RecordTruth(
        record_id=row["record_id"],
        event_id="",
        place="",
        lat_deg=None,
        lon_deg=None,
        start_us=None,
        has_absolute_time=False,
        is_mems=True,
        is_synthetic=_is_synthetic(row),
        duration_s=_number(row, "duration_s") or 0.0,
        distance_km=None,
        pga_mps2=None,
        arrival=None,
        s_s=None,
        quiet_s=0.0,
    )


def _events_of(path: Path, rows: list[dict[str, str]]) -> dict[str, EventTruth]:
    """events.jsonl says it; where it does not (or is missing), the rows of the index do."""
    known: dict[str, Mapping[str, object]] = {}
    for row in rows:
        known.setdefault(row.get("event_id", ""), row)
    for entry in _read_entries(path):
        event_id = str(entry.get("event_id", ""))
        if entry.get("origin_time") or event_id not in known:
            known[event_id] = entry
    events = (_event_of(event_id, fields) for event_id, fields in known.items() if event_id)
    return {event.event_id: event for event in events if event is not None}


def _read_entries(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    try:
        entries = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    except (OSError, ValueError, RecursionError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return [entry for entry in entries if isinstance(entry, dict)]


def _event_of(event_id: str, fields: Mapping[str, object]) -> EventTruth | None:
    origin_us = unix_us(str(fields.get("origin_time") or ""))
    lat_deg, lon_deg = _number(fields, "ev_lat"), _number(fields, "ev_lon")
    magnitude = _number(fields, "magnitude")
    if origin_us is None or lat_deg is None or lon_deg is None or magnitude is None:
        return None
    name = str(fields.get("name") or event_id)
    return EventTruth(event_id, name, origin_us, lat_deg, lon_deg, magnitude)

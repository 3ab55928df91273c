"""A record as the index describes one; tests change the field that they are about."""

from pathlib import Path

from replay.records import Record

RECORD = Record(
    record_id="r",
    event_id="e",
    network="XX",
    station="A",
    location="",
    lat_deg=17.0,
    lon_deg=-100.0,
    elevation_m=0.0,
    has_place=True,
    start_us=1_600_000_000_000_000,
    rate_hz=100.0,
    has_absolute_time=True,
    clock_error_us=10_000,
    sensor_class="force-balance",
    path=Path("r.npz"),
)

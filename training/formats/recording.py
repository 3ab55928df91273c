"""One recording as every format gives it, and the checks that all of them share."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABSOLUTE = "absolute"
LEAST_RATE_HZ, MOST_RATE_HZ = 1.0, 4000.0
MOST_SAMPLES = 22_000_000  # a day at 250 Hz, and what `detect` reads (replay/records.py)
MOST_NAME = 60  # characters of what becomes a part of a file name
DEEPEST_KM = 800.0  # ak135 has no earthquakes below, nor has the Earth


class Unreadable(ValueError):  # noqa: N818 - it is a finding, not a fault of ours
    """This recording cannot be used, and why, in one line."""


@dataclass(frozen=True)
class Event:
    event_id: str
    origin_us: int
    lat_deg: float
    lon_deg: float
    depth_km: float
    magnitude: float | None
    magnitude_type: str = ""
    source: str = ""


@dataclass(frozen=True)
class Recording:
    """Three components with what is known about them. Times with _s are after the first sample."""

    station: str
    samples: NDArray[np.float32]  # (3, n): east, north, vertical, or two horizontals first
    rate_hz: float
    units: str  # "m/s^2" or "counts"
    event: Event | None  # None: noise
    network: str = ""
    location: str = ""
    lat_deg: float | None = None
    lon_deg: float | None = None
    elevation_m: float | None = None
    start_us: int | None = None
    components: str = "E,N,Z"
    azimuths: str = "90,0"
    sensor: str = ""
    sensor_class: str = ""
    origin: str = ""  # the file and the place in it
    p_label_s: float | None = None
    s_label_s: float | None = None
    notes: str = ""


def checked(recording: Recording) -> Recording:
    """Return it if it can be used. Raises Unreadable."""
    samples = recording.samples
    if samples.ndim != 2 or samples.shape[0] != 3:
        raise Unreadable(f"samples of shape {samples.shape}, not (3, n)")
    if not 0 < samples.shape[1] <= MOST_SAMPLES:
        raise Unreadable(f"{samples.shape[1]} samples")
    if not LEAST_RATE_HZ <= recording.rate_hz <= MOST_RATE_HZ:
        raise Unreadable(f"{recording.rate_hz} Hz")
    if not np.isfinite(samples).all():
        raise Unreadable("samples are not all finite")
    if not samples.any():
        raise Unreadable("all samples are zero")
    if recording.lat_deg is not None and recording.lon_deg is not None:
        _check_place("its station", recording.lat_deg, recording.lon_deg)
    if recording.event is not None:
        _check_place("its earthquake", recording.event.lat_deg, recording.event.lon_deg)
        if not -10.0 <= recording.event.depth_km <= DEEPEST_KM:
            raise Unreadable(f"its earthquake is {recording.event.depth_km:g} km deep")
    return recording


def _check_place(whose: str, lat_deg: float, lon_deg: float) -> None:
    if not (abs(lat_deg) <= 90.0 and abs(lon_deg) <= 360.0):
        raise Unreadable(f"{whose} lies at {lat_deg:g}, {lon_deg:g}")


def unix_us(moment: datetime.datetime) -> int:
    """Return the time of a moment; one without a zone is UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def number_of(value: Any) -> float | None:
    """Return a finite number of what a header or a table holds, or None."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None

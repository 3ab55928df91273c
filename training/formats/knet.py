"""K-NET and KiK-net ASCII: three files a record, named STATION + time + .EW .NS .UD.

NIED, "Strong-motion data format" (kyoshin.bosai.go.jp): 17 lines of header, then counts in eight
columns. Times are in Japan Standard Time; Record Time is 15 s later than the first sample. KiK-net
has a 1 after the direction for the borehole and a 2 for the surface.
"""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.formats.recording import (
    MOST_SAMPLES,
    Event,
    Recording,
    Unreadable,
    checked,
    number_of,
    unix_us,
)

JST = datetime.timezone(datetime.timedelta(hours=9))
RECORD_TIME_LATE_S = 15
HEADER_LINES = 17
DIRECTIONS = ("EW", "NS", "UD")
MOST_BYTES = 10 * MOST_SAMPLES  # nine columns a sample
FIELDS = {
    *("Origin Time", "Lat.", "Long.", "Depth. (km)", "Mag.", "Station Code", "Station Lat."),
    *("Station Long.", "Station Height(m)", "Record Time", "Sampling Freq(Hz)", "Scale Factor"),
}
_NUMBER = r"[0-9]+(?:\.[0-9]*)?"
_SCALE = re.compile(rf"({_NUMBER})\s*\(gal\)\s*/\s*({_NUMBER})")


def sources(folder: Path) -> list[Path]:
    """Return the east component of every record of a folder."""
    return sorted(path for path in folder.rglob("*") if re.fullmatch(r"\.EW[12]?", path.suffix))


def read(path: Path) -> Iterator[Recording]:
    """Yield the record whose east component this is. Raises Unreadable."""
    place = path.suffix[3:]
    parts = [_component(path.with_suffix(f".{name}{place}")) for name in DIRECTIONS]
    headers = [header for header, _ in parts]
    for key in ("Station Code", "Record Time", "Sampling Freq(Hz)"):
        if len({header[key] for header in headers}) > 1:
            raise Unreadable(f"{key} differs between components")
    n = min(len(counts) for _, counts in parts)
    header = headers[0]
    start_us = _time_us(header["Record Time"]) - RECORD_TIME_LATE_S * 1_000_000
    depth = {"1": "borehole", "2": "surface"}.get(place, "surface")
    yield checked(
        Recording(
            station=header["Station Code"],
            samples=np.stack([counts[:n] for _, counts in parts]).astype(np.float32),
            rate_hz=_number(header["Sampling Freq(Hz)"].removesuffix("Hz"), "Sampling Freq"),
            units="m/s^2",
            event=_event(header),
            network="KIK" if place else "KNET",
            location=place,
            lat_deg=_number(header["Station Lat."], "Station Lat."),
            lon_deg=_number(header["Station Long."], "Station Long."),
            elevation_m=number_of(header["Station Height(m)"]),
            start_us=start_us,
            sensor=f"NIED strong-motion seismograph, {depth}",
            sensor_class="force-balance",
            origin=path.name,
            notes="JST and 15 s of delay taken off the record time",
        )
    )


def _component(path: Path) -> tuple[dict[str, str], NDArray[np.float64]]:
    """Return the header and the acceleration, m/s^2, of one file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path.name} has more than {MOST_BYTES} bytes")
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError as error:
        raise Unreadable(f"{path.name} is missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"cannot read {path.name}") from error
    if len(lines) <= HEADER_LINES:
        raise Unreadable(f"{path.name} ends within its header")
    # the name of a field has 18 columns; "Memo." may be empty
    header = {line[:18].strip(): line[18:].strip() for line in lines[:HEADER_LINES]}
    missing = FIELDS - header.keys()
    if missing:
        raise Unreadable(f"{path.name} has no {', '.join(sorted(missing))}")
    scale = _SCALE.match(header["Scale Factor"])
    if scale is None or float(scale[2]) == 0:
        raise Unreadable(f"{path.name}: Scale Factor {header['Scale Factor']!r}")
    try:
        counts = np.array(" ".join(lines[HEADER_LINES:]).split(), dtype=np.float64)
    except ValueError as error:
        raise Unreadable(f"{path.name}: samples that are no numbers") from error
    return header, counts * (float(scale[1]) / float(scale[2]) / 100.0)


def _event(header: dict[str, str]) -> Event:
    origin_us = _time_us(header["Origin Time"])
    moment = datetime.datetime.fromtimestamp(origin_us // 1_000_000, datetime.UTC)
    return Event(
        event_id=f"jp{moment:%Y%m%d%H%M%S}",
        origin_us=origin_us,
        lat_deg=_number(header["Lat."], "Lat."),
        lon_deg=_number(header["Long."], "Long."),
        depth_km=_number(header["Depth. (km)"], "Depth"),
        magnitude=number_of(header["Mag."]),
        magnitude_type="mjma",
        source="header of the K-NET file (JMA)",
    )


def _time_us(text: str) -> int:
    try:
        moment = datetime.datetime.strptime(text, "%Y/%m/%d %H:%M:%S")
    except ValueError as error:
        raise Unreadable(f"time {text!r}") from error
    return unix_us(moment.replace(tzinfo=JST))


def _number(text: str, name: str) -> float:
    number = number_of(text)
    if number is None:
        raise Unreadable(f"{name} {text!r} is no number")
    return number

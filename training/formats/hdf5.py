"""SeisBench data sets and STEAD's own HDF5 file, with the analysts' P and S as labels.

SeisBench: `metadata*.csv` beside `waveforms*.hdf5`; a trace is `data/BUCKET` and a slice of it,
written "bucket$12,:3,:6000" (seisbench.readthedocs.io, Data format). STEAD: `data/TRACE`, (6000,
3) east, north, vertical, with attributes (Mousavi et al. 2019, IEEE Access 7:179464). Both hold
counts unless they say otherwise: --counts-per-mps2 gives them a unit.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from replay.iso_time import unix_us
from training.formats.recording import Event, Recording, Unreadable, checked, number_of

FOLDED = ("E", "N", "Z")


def sources(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.hdf5"), *folder.rglob("*.h5")])


def read(path: Path, counts_per_mps2: float | None) -> Iterator[Recording | Unreadable]:
    """Yield each trace, or why it cannot be used. Raises Unreadable for the file as a whole."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise Unreadable(f"no HDF5: {error}") from error
    with file:
        if not isinstance(file.get("data"), h5py.Group):
            raise Unreadable("it has no group `data`")
        table = path.with_name(path.name.replace("waveforms", "metadata")).with_suffix(".csv")
        is_seisbench = "data_format" in file or "waveforms" in path.name
        traces = _seisbench(file, table) if is_seisbench else _stead(file)
        for name, row, samples in traces:
            try:
                yield _recording(f"{path.name} {name}", row, samples, counts_per_mps2)
            except Unreadable as reason:
                yield Unreadable(f"{name}: {reason}")


Traces = Iterator[tuple[str, Mapping[str, Any], NDArray[Any] | Unreadable]]


def _stead(file: Any) -> Traces:
    for name, data in file["data"].items():
        row = {"trace_sampling_rate_hz": 100.0, **{k: _plain(v) for k, v in data.attrs.items()}}
        row["station_code"] = row.get("receiver_code", "")
        row["station_network_code"] = row.get("network_code", "")
        for axis in ("latitude", "longitude", "elevation_m"):
            row[f"station_{axis}"] = row.get(f"receiver_{axis}")
        for phase in "ps":
            row[f"trace_{phase}_arrival_sample"] = row.get(f"{phase}_arrival_sample")
        row["source_latitude_deg"] = row.get("source_latitude")
        row["source_longitude_deg"] = row.get("source_longitude")
        yield name, row, np.asarray(data).T if data.ndim == 2 else Unreadable("no matrix")


def _seisbench(file: Any, table: Path) -> Traces:
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"its {table.name} cannot be read") from error
    shape = {k: _plain(v[()]) for k, v in file.get("data_format", {}).items()}
    for row in rows:
        name = row.get("trace_name", "")
        merged = {"trace_sampling_rate_hz": shape.get("sampling_rate"), **_renamed(row)}
        yield name, merged, _slice(file, name, shape, row)


def _slice(
    file: Any, name: str, shape: Mapping[str, Any], row: Mapping[str, str]
) -> NDArray[Any] | Unreadable:
    """Return (3, n) of what a trace name points to, components in our order."""
    bucket, _, where = name.partition("$")
    data = file["data"].get(bucket)
    if not isinstance(data, h5py.Dataset):
        return Unreadable("its samples are not in the file")
    index: list[Any] = []
    for part in where.split(",") if where else []:
        low, _, high = part.partition(":")
        if not all(text == "" or text.isdecimal() for text in (low, high)):
            return Unreadable(f"its slice {where!r} cannot be read")
        index.append(
            slice(int(low or 0), int(high) if high else None) if ":" in part else int(low)
        )
    if len(index) > data.ndim:
        return Unreadable(f"its slice {where!r} has too many axes")
    try:
        samples = np.asarray(data[tuple(index)])
    except (IndexError, ValueError, TypeError, OSError) as error:
        return Unreadable(f"its slice {where!r} cannot be read: {error}")
    order = row.get("trace_component_order") or shape.get("component_order") or "ZNE"
    if samples.ndim != 2 or len(order) != 3 or set(order) != set(FOLDED):
        return Unreadable(f"shape {samples.shape}, components {order!r}: not three of E, N, Z")
    if str(shape.get("dimension_order", "CW")).endswith("WC"):
        samples = samples.T
    return samples[[order.index(code) for code in FOLDED]] if len(samples) == 3 else samples


def _renamed(row: Mapping[str, str]) -> dict[str, Any]:
    """SeisBench has several names for an arrival; ours is the plain one."""
    found: dict[str, Any] = {key: value for key, value in row.items() if value != ""}
    for phase in "PS":
        names = [f"trace_{phase}{end}_arrival_sample" for end in ("", "g", "n", "1")]
        found[f"trace_{phase.lower()}_arrival_sample"] = next(
            (found[name] for name in names if name in found), None
        )
    return found


def _recording(
    origin: str,
    row: Mapping[str, Any],
    samples: NDArray[Any] | Unreadable,
    counts_per_mps2: float | None,
) -> Recording:
    if isinstance(samples, Unreadable):
        raise samples
    rate_hz = number_of(row.get("trace_sampling_rate_hz"))
    if rate_hz is None or rate_hz <= 0:
        raise Unreadable("no sampling rate")
    units = "m/s^2" if "mps2" in str(row.get("trace_unit", "")).replace("m/s**2", "mps2") else ""
    if counts_per_mps2 is not None:
        samples, units = samples / counts_per_mps2, "m/s^2"
    p, s = (number_of(row.get(f"trace_{phase}_arrival_sample")) for phase in "ps")
    start = row.get("trace_start_time")
    return checked(
        Recording(
            station=str(row.get("station_code", "")) or "unknown",
            network=str(row.get("station_network_code", "")),
            location=str(row.get("station_location_code", "")),
            samples=np.asarray(samples, dtype=np.float32), rate_hz=rate_hz,
            units=units or "counts", event=_event(row),
            lat_deg=number_of(row.get("station_latitude_deg", row.get("station_latitude"))),
            lon_deg=number_of(row.get("station_longitude_deg", row.get("station_longitude"))),
            elevation_m=number_of(row.get("station_elevation_m")),
            start_us=None if not start else unix_us(str(start)), origin=origin,
            p_label_s=None if p is None else p / rate_hz,
            s_label_s=None if s is None else s / rate_hz,
            notes="counts, not calibrated" if units == "" else "",
        )
    )  # fmt: skip


def _event(row: Mapping[str, Any]) -> Event | None:
    category = str(row.get("trace_category", "")).lower()
    origin = row.get("source_origin_time")
    lat_deg = number_of(row.get("source_latitude_deg"))
    lon_deg = number_of(row.get("source_longitude_deg"))
    origin_us = unix_us(str(origin)) if origin else None
    if "noise" in category or origin_us is None or lat_deg is None or lon_deg is None:
        return None
    name = "".join(sign for sign in str(row.get("source_id", "")) if sign.isalnum())
    return Event(
        event_id=name or f"ev{origin_us}", origin_us=origin_us, lat_deg=lat_deg, lon_deg=lon_deg,
        depth_km=number_of(row.get("source_depth_km")) or 0.0,
        magnitude=number_of(row.get("source_magnitude")),
        magnitude_type=str(row.get("source_magnitude_type", "")).lower(), source="data set",
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.item() if isinstance(value, np.generic) else value

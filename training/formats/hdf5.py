"""SeisBench data sets and STEAD's own HDF5 file, with the analysts' P and S as labels.

SeisBench: `metadata*.csv` beside `waveforms*.hdf5`; a trace is `data/BUCKET` and a slice of it,
written "bucket$12,:3,:6000" (seisbench.readthedocs.io, Data format). STEAD: `data/TRACE`, (6000,
3) east, north, vertical, with attributes (Mousavi et al. 2019, IEEE Access 7:179464). Both hold
counts unless they say otherwise, of accelerometers and of seismometers: a Scale gives them a unit.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from replay.iso_time import unix_us
from training.formats.recording import (
    MOST_NAME,
    MOST_SAMPLES,
    Event,
    Recording,
    Unreadable,
    checked,
    number_of,
)
from training.formats.scale import Scale, accelerations

FOLDED = ("E", "N", "Z")
MOST_DIGITS = 12  # of a number in a slice
# what h5py raises on what is not as it should be
BAD_ENTRY = (OSError, ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError)


def sources(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.hdf5"), *folder.rglob("*.h5")])


def read(path: Path, scale: Scale) -> Iterator[Recording | Unreadable]:
    """Yield each trace, or why it cannot be used. Raises Unreadable for the file as a whole."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise Unreadable(f"no HDF5: {error}") from error
    with file:
        if not isinstance(_entry(file, "data"), h5py.Group):
            raise Unreadable("it has no group `data`")
        table = path.with_name(path.name.replace("waveforms", "metadata")).with_suffix(".csv")
        is_seisbench = _entry(file, "data_format") is not None or "waveforms" in path.name
        traces = _seisbench(file, table) if is_seisbench else _stead(file)
        for name, row, samples in traces:
            try:
                yield _recording(f"{path.name} {name}", row, samples, scale)
            except Unreadable as reason:
                yield Unreadable(f"{name}: {reason}")


Samples = NDArray[Any] | Unreadable
Traces = Iterator[tuple[str, Mapping[str, Any], Samples]]


def _entry(group: Any, name: str) -> Any:
    """Return what a group holds under a name, or None: links may lead nowhere."""
    try:
        return group.get(name)
    except BAD_ENTRY:
        return None


def _stead(file: Any) -> Traces:
    try:
        names = list(file["data"])
    except BAD_ENTRY as error:
        raise Unreadable(f"its traces cannot be listed: {error}") from error
    for name in names:
        data = _entry(file["data"], name)
        try:
            row = {key: _plain(value) for key, value in data.attrs.items()}
        except BAD_ENTRY:
            yield _plain(name), {}, Unreadable("its attributes cannot be read")
            continue
        row = {"trace_sampling_rate_hz": 100.0, **row}
        row["station_code"] = row.get("receiver_code")
        row["station_network_code"] = row.get("network_code")
        row["trace_channel"] = row.get("receiver_type")
        for axis in ("latitude", "longitude", "elevation_m"):
            row[f"station_{axis}"] = row.get(f"receiver_{axis}")
        for phase in "ps":
            row[f"trace_{phase}_arrival_sample"] = row.get(f"{phase}_arrival_sample")
        row["source_latitude_deg"] = row.get("source_latitude")
        row["source_longitude_deg"] = row.get("source_longitude")
        samples = _read(data, ())
        yield _plain(name), row, samples if isinstance(samples, Unreadable) else samples.T


def _seisbench(file: Any, table: Path) -> Traces:
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"its {table.name} cannot be read") from error
    shape = _format(file)
    for row in rows:
        name = row.get("trace_name") or ""
        merged = {"trace_sampling_rate_hz": shape.get("sampling_rate"), **_renamed(row)}
        yield name, merged, _slice(file, name, shape, row)


def _format(file: Any) -> dict[str, Any]:
    try:
        return {key: _plain(value[()]) for key, value in file.get("data_format", {}).items()}
    except BAD_ENTRY as error:
        raise Unreadable("its data_format cannot be read") from error


def _slice(file: Any, name: str, shape: Mapping[str, Any], row: Mapping[str, str]) -> Samples:
    """Return (3, n) of what a trace name points to, components in our order."""
    bucket, _, where = name.partition("$")
    index: list[int | slice] = []
    for part in where.split(",") if where else []:
        low, colon, high = part.partition(":")
        are_numbers = all(text == "" or text.isdecimal() for text in (low, high))
        if not are_numbers or len(part) > MOST_DIGITS or part == "":
            return Unreadable(f"its slice {where!r} cannot be read")
        index.append(slice(int(low or 0), int(high) if high else None) if colon else int(low))
    samples = _read(_entry(file["data"], bucket), tuple(index))
    if isinstance(samples, Unreadable):
        return samples
    order = str(row.get("trace_component_order") or shape.get("component_order") or "ZNE")
    if len(order) != 3 or set(order) != set(FOLDED):
        return Unreadable(f"components {order!r}: not three of E, N, Z")
    if str(shape.get("dimension_order", "CW")).endswith("WC"):
        samples = samples.T
    return samples[[order.index(code) for code in FOLDED]] if len(samples) == 3 else samples


def _read(data: Any, index: tuple[int | slice, ...]) -> Samples:
    """Return a part of a data set; its type and size are looked at before anything is read."""
    if not isinstance(data, h5py.Dataset) or data.shape is None:
        return Unreadable("its samples are not in the file")
    try:
        kind = data.dtype.kind
    except BAD_ENTRY as error:
        return Unreadable(f"samples of no known type: {error}")
    if kind not in "fiu":
        return Unreadable(f"samples of type {data.dtype}")
    if len(index) > data.ndim:
        return Unreadable(f"a slice of {len(index)} axes, and there are {data.ndim}")
    sizes = list(data.shape)
    for axis, part in enumerate(index):
        sizes[axis] = len(range(*part.indices(sizes[axis]))) if isinstance(part, slice) else 1
    if data.ndim - sum(isinstance(part, int) for part in index) != 2:
        return Unreadable(f"shape {data.shape}: no matrix")
    if math.prod(sizes) > 3 * MOST_SAMPLES:
        return Unreadable(f"{math.prod(sizes)} samples, more than {3 * MOST_SAMPLES}")
    try:
        return np.asarray(data[index])
    except BAD_ENTRY as error:
        return Unreadable(f"its samples cannot be read: {error}")


def _renamed(row: Mapping[str, str]) -> dict[str, Any]:
    """SeisBench has several names for an arrival; ours is the plain one."""
    found: dict[str, Any] = {key: value for key, value in row.items() if value != ""}
    for phase in "PS":
        names = [f"trace_{phase}{end}_arrival_sample" for end in ("", "g", "n", "1")]
        found[f"trace_{phase.lower()}_arrival_sample"] = next(
            (found[name] for name in names if name in found), None
        )
    return found


def _recording(origin: str, row: Mapping[str, Any], samples: Samples, scale: Scale) -> Recording:
    if isinstance(samples, Unreadable):
        raise samples
    rate_hz = number_of(row.get("trace_sampling_rate_hz"))
    if rate_hz is None or rate_hz <= 0:
        raise Unreadable("no sampling rate")
    if samples.shape[0] != 3:
        raise Unreadable(f"samples of shape {samples.shape}, not (3, n)")
    unit, channel = _text(row, "trace_unit"), _text(row, "trace_channel")
    moving, units, notes = accelerations(
        np.asarray(samples, dtype=np.float64), rate_hz, unit, channel, scale
    )
    p_s, s_s = (_label_s(row, phase, rate_hz, samples.shape[1]) for phase in "ps")
    return checked(
        Recording(
            station=_text(row, "station_code") or "unknown",
            network=_text(row, "station_network_code"),
            location=_text(row, "station_location_code"),
            samples=np.asarray(moving, dtype=np.float32), rate_hz=rate_hz,
            units=units, event=_event(row),
            lat_deg=number_of(row.get("station_latitude_deg", row.get("station_latitude"))),
            lon_deg=number_of(row.get("station_longitude_deg", row.get("station_longitude"))),
            elevation_m=number_of(row.get("station_elevation_m")),
            start_us=unix_us(_text(row, "trace_start_time")), origin=origin,
            p_label_s=p_s, s_label_s=s_s, notes=notes,
        )
    )  # fmt: skip


def _label_s(row: Mapping[str, Any], phase: str, rate_hz: float, n: int) -> float | None:
    """Return when a phase comes, if it does within the n samples."""
    sample = number_of(row.get(f"trace_{phase}_arrival_sample"))
    return None if sample is None or not 0 <= sample < n else sample / rate_hz


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value)


def _event(row: Mapping[str, Any]) -> Event | None:
    category = _text(row, "trace_category").lower()
    lat_deg = number_of(row.get("source_latitude_deg"))
    lon_deg = number_of(row.get("source_longitude_deg"))
    origin_us = unix_us(_text(row, "source_origin_time"))
    if "noise" in category or origin_us is None or lat_deg is None or lon_deg is None:
        return None
    name = "".join(sign for sign in _text(row, "source_id") if sign.isalnum())[:MOST_NAME]
    return Event(
        event_id=name or f"ev{origin_us}", origin_us=origin_us, lat_deg=lat_deg, lon_deg=lon_deg,
        depth_km=number_of(row.get("source_depth_km")) or 0.0,
        magnitude=number_of(row.get("source_magnitude")),
        magnitude_type=_text(row, "source_magnitude_type").lower(), source="data set",
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a text or a number that can be written down, None for what is neither."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):  # a name that is no UTF-8 has come through as half of surrogates
        return value.encode("utf-8", "replace").decode()
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (int, float)) else None

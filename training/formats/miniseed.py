"""miniSEED with StationXML and QuakeML, read by ObsPy: a folder with all three somewhere in it.

Waveforms are scaled by the sensitivity of their StationXML (m/s is differentiated) and turned to
east, north, vertical where the orientations are known. In gaps nothing moves: all of a record with
gaps is taken to its median, and they are filled with zeros. A record belongs to the earthquake
whose origin lies in it or up to five minutes before; picks of it at the station are labels.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import obspy

from training.formats.recording import (
    MOST_NAME,
    MOST_SAMPLES,
    Event,
    Recording,
    Unreadable,
    checked,
    number_of,
)

BEFORE_RECORD_US = 300_000_000
WAVEFORMS = (".mseed", ".miniseed", ".ms", ".msd", ".seed")
# what ObsPy raises on a file that is not what its name says
BAD_FILE = (
    *(OSError, ValueError, TypeError, IndexError, KeyError, NotImplementedError),
    *(AttributeError, ArithmeticError, AssertionError, MemoryError, struct.error),
)


@dataclass(frozen=True)
class Metadata:
    inventory: Any  # obspy Inventory, or None
    events: tuple[tuple[Event, Any], ...]  # ours and ObsPy's


def _is_of_the_file(error: Exception, form: str) -> bool:
    """Return whether it is the file's fault: ObsPy has errors of each format, and raises plain
    ones."""
    return type(error) is Exception or isinstance(error, BAD_FILE) or form in type(error).__name__


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in WAVEFORMS)


def read_metadata(folder: Path) -> Metadata:
    """Return all StationXML and QuakeML of a folder. Raises Unreadable for a broken file."""
    inventory, events = None, []
    for path in sorted(folder.rglob("*.xml")):
        try:
            with path.open("rb") as file:
                head = file.read(4096)
            if b"FDSNStationXML" in head:
                more = obspy.read_inventory(str(path), format="STATIONXML")
                inventory = more if inventory is None else inventory + more
            elif b"quakeml" in head.lower():
                events += list(obspy.read_events(str(path), format="QUAKEML"))
        except Exception as error:
            if not _is_of_the_file(error, "XML"):
                raise
            raise Unreadable(f"cannot read {path.name}: {error}") from error
    pairs = ((_event(event), event) for event in events)
    return Metadata(inventory, tuple((ours, event) for ours, event in pairs if ours is not None))


def read(path: Path, metadata: Metadata) -> Iterator[Recording | Unreadable]:
    """Yield a record of every instrument with three components in a file, or why it cannot be
    used. Raises Unreadable for the file as a whole."""
    try:
        stream = obspy.read(str(path), format="MSEED")
    except Exception as error:
        if not _is_of_the_file(error, "MSEED"):
            raise
        raise Unreadable(f"no miniSEED: {error}") from error
    groups: dict[tuple[str, str, str, str], Any] = {}
    for trace in stream:
        stats = trace.stats
        key = (stats.network, stats.station, stats.location, stats.channel[:2])
        groups.setdefault(key, obspy.Stream()).append(trace)
    for key, traces in sorted(groups.items(), key=lambda item: item[0]):
        try:
            yield _recording(traces, path.name, metadata)
        except Unreadable as reason:
            yield reason
        except BAD_FILE as error:
            yield Unreadable(f"{'.'.join(key)}*: {error}")


def _recording(traces: Any, name: str, metadata: Metadata) -> Recording:
    place = traces[0].id[:-1]
    if metadata.inventory is None:
        raise Unreadable(f"{place}*: no StationXML beside it, so its counts have no unit")
    gaps_s = _merge(traces, place)
    if len(traces) != 3:
        raise Unreadable(f"{place}*: {len(traces)} components, not 3")
    begin, end = max(t.stats.starttime for t in traces), min(t.stats.endtime for t in traces)
    if begin >= end:
        raise Unreadable(f"{place}*: its components do not overlap")
    traces.trim(begin, end)
    sensor, azimuths = _scale(traces, metadata.inventory)
    stats = traces[0].stats
    where = _coordinates(metadata.inventory, traces[0])
    start_us = stats.starttime.ns // 1000
    components, samples = _in_order(traces)
    event, picks = _event_of(start_us, end.ns // 1000, metadata)
    p_s, s_s = (_pick_s(picks, stats, start_us, phase) for phase in "PS")
    return checked(
        Recording(
            station=stats.station, network=stats.network, location=stats.location,
            samples=samples, rate_hz=float(stats.sampling_rate), units="m/s^2", event=event,
            lat_deg=where[0], lon_deg=where[1], elevation_m=where[2], start_us=start_us,
            components=components, azimuths="90,0" if components == "E,N,Z" else azimuths,
            sensor=sensor, sensor_class=_class_of(sensor), origin=f"{name} {place}*",
            p_label_s=p_s, s_label_s=s_s,
            notes=f"gaps of {gaps_s:.1f} s together, nothing moves there" if gaps_s else "",
        )
    )  # fmt: skip


def _merge(traces: Any, place: str) -> float:
    """Make one trace of each component; return the seconds that are missing, of the worst one.

    Raises Unreadable.
    """
    rates_hz = {trace.stats.sampling_rate for trace in traces}
    if len(rates_hz) > 1 or not min(rates_hz) > 0:
        raise Unreadable(f"{place}*: rates of {sorted(rates_hz)} Hz at once")
    (rate_hz,) = rates_hz
    begin, end = min(t.stats.starttime for t in traces), max(t.stats.endtime for t in traces)
    if (end - begin) * rate_hz > MOST_SAMPLES:
        raise Unreadable(f"{place}*: {end - begin:.0f} s from its first sample to its last")
    for trace in traces:  # ObsPy joins none of different types
        trace.data = trace.data.astype(np.float64)
    traces.merge(method=1)
    missing = 0
    for trace in traces:
        if isinstance(trace.data, np.ma.MaskedArray):
            moving = trace.data - np.median(trace.data.compressed())
            missing = max(missing, int(np.ma.getmaskarray(moving).sum()))
            trace.data = moving.filled(0.0)
    return float(missing / rate_hz)


def _scale(traces: Any, inventory: Any) -> tuple[str, str]:
    """Scale to m/s^2 and turn to east and north where that can be; return sensor and azimuths."""
    azimuths, sensor = [], ""
    for trace in traces:
        channel = _channel(inventory, trace)
        response = channel.response
        sensitivity = response.instrument_sensitivity if response else None
        if sensitivity is None or not sensitivity.value:
            raise Unreadable(f"{trace.id}: its StationXML has no sensitivity")
        units = (sensitivity.input_units or "").upper()
        if units not in ("M/S**2", "M/S/S", "M/S^2", "M/S"):
            raise Unreadable(f"{trace.id}: measures {sensitivity.input_units!r}, no acceleration")
        trace.data = trace.data.astype(np.float64) / sensitivity.value
        if units == "M/S":
            trace.differentiate()
        azimuths.append("" if channel.azimuth is None else f"{channel.azimuth:g}")
        sensor = (
            (channel.sensor.description or channel.sensor.type or "") if channel.sensor else ""
        )
    # without orientations the horizontals stay two horizontals, and say so
    with suppress(*BAD_FILE):
        traces.rotate("->ZNE", inventory=inventory)
    return sensor, ",".join(azimuths[:2])


def _channel(inventory: Any, trace: Any) -> Any:
    stats = trace.stats
    found = inventory.select(
        network=stats.network, station=stats.station, location=stats.location,
        channel=stats.channel, time=stats.starttime,
    )  # fmt: skip
    if not len(found) or not len(found[0]) or not len(found[0][0]):
        raise Unreadable(f"{trace.id}: not in the StationXML at that time")
    return found[0][0][0]


def _coordinates(inventory: Any, trace: Any) -> tuple[float, float, float]:
    stats = trace.stats
    station = inventory.select(network=stats.network, station=stats.station)[0][0]
    return float(station.latitude), float(station.longitude), float(station.elevation)


def _in_order(traces: Any) -> tuple[str, np.ndarray]:
    """Return the names and the samples, the vertical last."""
    by_code = {trace.stats.channel[-1]: trace.data for trace in traces}
    if "Z" not in by_code:
        raise Unreadable(f"{traces[0].id[:-1]}*: no vertical component")
    if set(by_code) == {"E", "N", "Z"}:
        names, order = "E,N,Z", ["E", "N", "Z"]
    else:
        names, order = "H1,H2,Z", [*sorted(set(by_code) - {"Z"}), "Z"]
    n = min(len(samples) for samples in by_code.values())  # begun a fraction of a sample apart
    return names, np.stack([by_code[code][:n] for code in order]).astype(np.float32)


def _event(event: Any) -> Event | None:
    """Return an earthquake, or None where it has no place or no time."""
    origin = event.preferred_origin() or (event.origins[0] if event.origins else None)
    if origin is None or None in (origin.time, origin.latitude, origin.longitude):
        return None
    magnitude = event.preferred_magnitude() or (event.magnitudes[0] if event.magnitudes else None)
    event_id = "".join(s for s in str(event.resource_id).split("/")[-1] if s.isalnum())[:MOST_NAME]
    return Event(
        event_id=event_id or "event",
        origin_us=origin.time.ns // 1000,
        lat_deg=float(origin.latitude),
        lon_deg=float(origin.longitude),
        depth_km=(number_of(origin.depth) or 0.0) / 1000,
        magnitude=None if magnitude is None else number_of(magnitude.mag),
        magnitude_type="" if magnitude is None else (magnitude.magnitude_type or "").lower(),
        source="QuakeML",
    )


def _event_of(begin_us: int, end_us: int, metadata: Metadata) -> tuple[Event | None, Any]:
    """Return the latest earthquake that this record can hold."""
    fitting = [
        pair
        for pair in metadata.events
        if begin_us - BEFORE_RECORD_US <= pair[0].origin_us < end_us
    ]
    return max(fitting, key=lambda pair: pair[0].origin_us, default=(None, None))


def _pick_s(event: Any, stats: Any, start_us: int, phase: str) -> float | None:
    """Return the earliest pick of a phase at a station, after the first sample."""
    if event is None:
        return None
    times = [
        (pick.time.ns // 1000 - start_us) / 1e6
        for pick in event.picks
        if pick.waveform_id is not None
        and pick.waveform_id.network_code == stats.network
        and pick.waveform_id.station_code == stats.station
        and (pick.phase_hint or "").upper().startswith(phase)
    ]
    inside = [at_s for at_s in times if 0 <= at_s * stats.sampling_rate < stats.npts]
    return min(inside, default=None)


def _class_of(sensor: str) -> str:
    words = sensor.lower()
    return "MEMS" if any(word in words for word in ("mems", "adxl", "lis3", "mpu")) else ""

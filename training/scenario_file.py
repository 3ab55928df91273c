"""A scenario file: where the nodes are, and what happens to them. Checked before anything runs.

    name = "guerrero"                  optional: seed, rate_hz, sensor, start, lead_s, tail_s
    [[node]]        name, lat_deg, lon_deg; optional: elevation_m, sensor, clock_error_ms,
                    tilt_deg, rotation_deg, gaps_per_hour
    [[earthquake]]  after_s, lat_deg, lon_deg, depth_km, magnitude;
                    optional: stress_bar, and strike_deg, dip_deg, rake_deg together
    [[thunder]]     after_s, lat_deg, lon_deg; optional: strikes, duration_s, front_km, ...
    [[train]]       after_s, lat_deg, lon_deg, to_lat_deg, to_lon_deg; optional: speed_kmh, ...
    [[power_cut]]   after_s, lat_deg, lon_deg; optional: radius_km
    [[supply_glitch]] after_s, lat_deg, lon_deg; optional: radius_km, strength
    [[door]]        after_s, node
    [[local]]       after_s, node, kind; optional: duration_s, strength

`after_s` counts from `start` (simulate) or from the moment when the system runs (run).
"""

import datetime
import tomllib
from collections import Counter
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from failure import Failure, reason_of
from replay.sensors import CHIPS
from training import nuisances
from training.disturbances import Door, Local, PowerCut, SupplyGlitch, Thunder, Train
from training.scenario import DEFAULT_START, Happening, Place, Scenario
from training.wavefield import Earthquake

MAX_NODES = 10_000  # what one machine serves
EARLIEST_YEAR, LATEST_YEAR = 1971, 2098  # what the wire can say, and room for lead_s and after_s
_KINDS: dict[str, type[Any]] = {
    "earthquake": Earthquake,
    "thunder": Thunder,
    "train": Train,
    "power_cut": PowerCut,
    "supply_glitch": SupplyGlitch,
    "door": Door,
    "local": Local,
}
_RANGES = {
    "lat_deg": (-90.0, 90.0),
    "lon_deg": (-180.0, 180.0),
    "to_lat_deg": (-90.0, 90.0),
    "to_lon_deg": (-180.0, 180.0),
    "depth_km": (0.0, 100.0),  # deeper rays turn in the mantle, which this field does not know
    "magnitude": (2.0, 8.0),
    "stress_bar": (1.0, 2000.0),
    "strike_deg": (-360.0, 360.0),
    "dip_deg": (1.0, 90.0),
    "rake_deg": (-180.0, 180.0),
    "after_s": (0.0, 1e6),
    "rate_hz": (25.0, 500.0),
    "elevation_m": (-500.0, 9000.0),
    "clock_error_ms": (-1e7, 1e7),
    "lead_s": (0.0, 3600.0),
    "tail_s": (1.0, 3600.0),
    "strikes": (1, 1000),
    "duration_s": (1.0, 7200.0),
    "front_km": (0.1, 500.0),
    "speed_kmh": (1.0, 400.0),
    "heading_deg": (-360.0, 360.0),
    "length_km": (0.01, 5.0),
    "radius_km": (0.1, 1000.0),
    "strength": (0.01, 100.0),
    "tilt_deg": (0.0, 180.0),
    "rotation_deg": (-360.0, 360.0),
    "gaps_per_hour": (0.0, 60.0),
    "seed": (0, 2**32 - 1),
}


def read_scenario(path: Path, start_us: int | None = None) -> Scenario:
    """Return the scenario of a file. start_us replaces the file's own start. Raises Failure."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"cannot read the scenario {path}: {reason_of(error)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Failure(f"{path} is not TOML: {error}") from error
    reader = _Reader(str(path))
    known = {"name", "seed", "rate_hz", "sensor", "start", "lead_s", "tail_s", "node", *_KINDS}
    reader.refuse_unknown("the file", tables, known)
    seed = int(reader.number("the file", tables, "seed", 1))
    sensor = reader.sensor("the file", tables.get("sensor", "adxl355"))
    begin_us = (
        reader.start_us(tables.get("start", DEFAULT_START)) if start_us is None else start_us
    )
    nodes = tuple(reader.nodes(reader.rows(tables, "node"), sensor))
    return Scenario(
        name=reader.text("the file", tables, "name", path.stem),
        nodes=nodes,
        happenings=tuple(reader.happenings(tables, begin_us, seed, {n.name for n in nodes})),
        seed=seed,
        rate_hz=float(reader.number("the file", tables, "rate_hz", 125.0)),
        start_us=begin_us,
        lead_s=float(reader.number("the file", tables, "lead_s", 60.0)),
        tail_s=float(reader.number("the file", tables, "tail_s", 60.0)),
    )


class _Reader:
    """Turns tables into values; every complaint names the file, the table and the key."""

    def __init__(self, path: str) -> None:
        self._path = path

    def fail(self, where: str, what: str) -> Failure:
        return Failure(f"{self._path}: {where}: {what}")

    def refuse_unknown(self, where: str, table: dict[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                raise self.fail(where, f"unknown key {key!r} (known: {', '.join(sorted(known))})")

    def rows(self, tables: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        rows = tables.get(kind, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.fail(kind, f"write [[{kind}]], with two brackets")
        return rows

    def number(self, where: str, table: dict[str, Any], key: str, default: Any) -> float | int:
        number = table.get(key, default)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self.fail(where, f"{key} must be a number, not {number!r}")
        low, high = _RANGES[key]
        if not low <= number <= high:
            raise self.fail(where, f"{key} = {number} is not between {low:g} and {high:g}")
        return number

    def text(self, where: str, table: dict[str, Any], key: str, default: Any = None) -> str:
        text = table.get(key, default)
        if not isinstance(text, str) or not text:
            raise self.fail(where, f"{key} must be a text, not {text!r}")
        return text

    def sensor(self, where: str, name: Any) -> str:
        if name not in CHIPS:
            raise self.fail(where, f"sensor {name!r} is not one of {', '.join(CHIPS)}")
        return str(name)

    def start_us(self, start: Any) -> int:
        if not isinstance(start, datetime.datetime) or start.tzinfo is None:
            raise self.fail("the file", "start must be like 2026-01-01T00:00:00Z")
        if not EARLIEST_YEAR <= start.year <= LATEST_YEAR:
            raise self.fail("the file", f"start must lie in {EARLIEST_YEAR} to {LATEST_YEAR}")
        return round(start.timestamp() * 1_000_000)

    def nodes(self, rows: list[dict[str, Any]], sensor: str) -> list[Place]:
        if not rows:
            raise self.fail("the file", "a scenario needs at least one [[node]]")
        if len(rows) > MAX_NODES:
            raise self.fail("the file", f"{len(rows)} nodes are more than {MAX_NODES}")
        places = []
        for row, where in self._numbered(rows, "node"):
            self.sensor(where, row.get("sensor", sensor))
            places.append(self._built(Place, where, {"sensor": sensor, **row}, {}))
        codes = [place.code for place in places]
        twice = next((code for code, count in Counter(codes).items() if count > 1), None)
        if twice is not None:
            raise self.fail("node", f"two nodes are named {twice!r}, or differ in signs only")
        if "" in codes:
            raise self.fail("node", "a name needs at least one letter or digit of ASCII")
        return places

    def happenings(
        self, tables: dict[str, Any], start_us: int, seed: int, node_names: set[str]
    ) -> list[Happening]:
        happenings: list[Happening] = []
        for kind, make in _KINDS.items():
            for row, where in self._numbered(self.rows(tables, kind), kind):
                after_s = self.number(where, row, "after_s", None)
                time_us = start_us + round(after_s * 1e6)
                event_id = f"{kind}{where.split()[-1]}"
                given: dict[str, Any] = {"event_id": event_id}
                given["origin_us" if make is Earthquake else "start_us"] = time_us
                table = {key: row[key] for key in row if key != "after_s"}
                happenings.append(self._built(make, where, table, given))
                heard_by = row.get("node")
                if make in (Door, Local) and heard_by not in node_names:
                    raise self.fail(where, f"there is no node {heard_by!r}")
                if make is Local and row["kind"] not in nuisances.KINDS:
                    known = ", ".join(nuisances.KINDS)
                    raise self.fail(where, f"kind {row['kind']!r} is not one of {known}")
        return happenings

    def _numbered(self, rows: list[dict[str, Any]], kind: str) -> list[tuple[dict[str, Any], str]]:
        return [(row, f"{kind} {number}") for number, row in enumerate(rows, 1)]

    def _built(
        self, make: type[Any], where: str, table: dict[str, Any], given: dict[str, Any]
    ) -> Any:
        """Return make(**table, **given), every key known, there, of its type and in range."""
        wanted = {field.name: field for field in fields(make) if field.name not in given}
        self.refuse_unknown(where, table, set(wanted))
        for name, field in wanted.items():
            if name not in table:
                if field.default is MISSING:
                    raise self.fail(where, f"{name} is missing")
            elif name in _RANGES:
                self.number(where, table, name, None)
            else:
                self.text(where, table, name)
        return make(**table, **given)

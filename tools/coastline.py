"""`python -m tools.coastline LAND_JSON OUT`: the coastline of the console's map.

LAND_JSON: land-10m.json of the npm package world-atlas 2.0.2, TopoJSON of Natural Earth's land at
1:10,000,000, which is in the public domain. OUT: what static/coast.js reads, for each ring the
number of its points and then longitude and latitude of each in STEP_DEG, as differences to the
point before, zigzag, 7 bits a byte with the lowest first.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP_DEG = 0.004  # 0.4 km, as finely as the source is stored; static/coast.js has it too
AWAY_DEG = 0.006  # a point is left out where the line without it passes so near
LEAST_DEG = 0.02  # an island of 2 km across is the smallest that is drawn

Line = NDArray[np.float64]  # (points, 2): longitude, latitude in degrees


def rings_of(topology: Any) -> Iterator[Line]:
    """Yield the outlines of all land and lakes, closed."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for ring in polygon:
                parts = [arcs[k] if k >= 0 else arcs[~k][::-1] for k in ring]
                yield np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def on_a_map(ring: Line) -> Iterator[Line]:
    """Yield an outline as a flat map has it: where it crosses the date line it goes on beyond 180
    degrees, on either side of the map; around a pole it goes along the map's edge."""
    line = ring.copy()
    line[:, 0] = np.unwrap(ring[:, 0], period=360)
    if abs(line[-1, 0] - line[0, 0]) > 180:
        pole_deg = math.copysign(90.0, line[:, 1].mean())
        line = np.concatenate([line, [[line[-1, 0], pole_deg], [line[0, 0], pole_deg]], line[:1]])
    for turn_deg in (-360.0, 0.0, 360.0):
        if (line[:, 0] + turn_deg).max() > -180 and (line[:, 0] + turn_deg).min() < 180:
            yield line + np.array([turn_deg, 0.0])


def thinned(line: Line) -> Line:
    """Leave out what is nearer than AWAY_DEG to the line without it (Douglas and Peucker 1973)."""
    east = np.cos(np.radians(line[:, 1].mean()))
    flat = line * [east, 1.0]
    kept = np.zeros(len(line), dtype=bool)
    kept[[0, len(line) // 2, -1]] = True  # a ring ends where it begins: its half keeps it open
    parts = [(0, len(line) // 2), (len(line) // 2, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        inner = flat[first + 1 : last] - flat[first]
        along = flat[last] - flat[first]
        share = np.clip(inner @ along / max(along @ along, 1e-18), 0.0, 1.0)
        away = np.hypot(*(inner - share[:, None] * along).T)
        furthest = int(away.argmax())
        if away[furthest] > AWAY_DEG:
            middle = first + 1 + furthest
            kept[middle] = True
            parts += [(first, middle), (middle, last)]
    return line[kept]


def encoded(rings: Iterable[Line]) -> bytes:
    found = bytearray()
    for ring in rings:
        steps = np.rint(ring / STEP_DEG).astype(int)
        moves = np.diff(steps, axis=0, prepend=[[0, 0]])
        is_new = (moves != 0).any(axis=1)
        is_new[0] = True
        moves = moves[is_new]
        found += _varint(len(moves))
        for move in moves.ravel().tolist():
            found += _varint(2 * move if move >= 0 else -2 * move - 1)
    return bytes(found)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(128 | number & 127)
        number >>= 7
    return bytes([*found, number])


def main() -> None:
    source, out = map(Path, sys.argv[1:3])
    topology = json.loads(source.read_text(encoding="utf-8"))
    all_rings = [line for ring in rings_of(topology) for line in on_a_map(ring)]
    rings = [thinned(line) for line in all_rings if np.ptp(line, axis=0).max() >= LEAST_DEG]
    out.write_bytes(encoded(rings))
    print(f"{len(rings)} rings, {sum(map(len, rings))} points, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Simple network rules to compare ours with, as others run them (seismology.md, section 4).

Each hears triggers or peaks in the order of time and says when and where it would have alerted.
No latency, no clock errors, no loss: what they reach here is the best they could.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from replay.catalogue import distance_km

EARLIER_US = 60_000_000  # how far back triggers are put together: P over 400 km
SPLIT_US, SPLIT_KM = 15_000_000, 90.0  # EPIC's guard against declaring one event twice


@dataclass(frozen=True)
class Station:
    place: str
    lat_deg: float
    lon_deg: float
    start_us: int
    end_us: int  # of its record: live between the two


@dataclass(frozen=True)
class Mark:
    """A station has triggered, or its acceleration has passed a level."""

    station: Station
    time_us: int


@dataclass(frozen=True)
class Declared:
    issued_us: int
    origin_us: int
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True)
class TravelTimeRule:
    """Triggers that fit one origin, and enough of the live stations nearer than the farthest."""

    name: str
    stations_needed: int
    rms_s: float
    live_share: float
    depth_km: float
    vp_km_s: float = 6.5

    def declare(self, marks: Sequence[Mark], stations: Sequence[Station]) -> list[Declared]:
        declared: list[Declared] = []
        for index, mark in enumerate(marks):
            recent = [m for m in marks[: index + 1] if mark.time_us - m.time_us <= EARLIER_US]
            found = self._associate(recent, stations)
            if found is not None and not _is_known(found, declared):
                declared.append(found)
        return declared

    def _associate(self, marks: list[Mark], stations: Sequence[Station]) -> Declared | None:
        """Drop the trigger that fits worst until the rest fits or is too few."""
        now_us = marks[-1].time_us
        chosen = list({mark.station.place: mark for mark in marks}.values())
        while len(chosen) >= self.stations_needed:
            lat_deg, lon_deg, origin_us, misfits_s = self._locate(chosen)
            if math.sqrt(float(np.mean(np.square(misfits_s)))) < self.rms_s:
                found = Declared(now_us, origin_us, lat_deg, lon_deg)
                return found if self._is_shared(found, chosen, stations) else None
            del chosen[int(np.argmax(np.abs(misfits_s)))]
        return None

    def _locate(self, marks: list[Mark]) -> tuple[float, float, int, np.ndarray]:
        """Search a grid of 0.1 degree, 2 degrees around the first station."""
        first = min(marks, key=lambda mark: mark.time_us)
        offsets = np.arange(-20, 21) * 0.1
        lat = first.station.lat_deg + offsets[:, None, None]
        lon = first.station.lon_deg + offsets[None, :, None]
        km_north = (lat - np.array([m.station.lat_deg for m in marks])) * 111.19
        km_east = (lon - np.array([m.station.lon_deg for m in marks])) * 111.19
        km_east = km_east * math.cos(math.radians(first.station.lat_deg))
        travel_s = np.sqrt(km_north**2 + km_east**2 + self.depth_km**2) / self.vp_km_s
        arrival_s = np.array([(m.time_us - first.time_us) / 1e6 for m in marks])
        origin_s = np.mean(arrival_s - travel_s, axis=2)
        misfit_s = arrival_s - travel_s - origin_s[:, :, None]
        best = np.unravel_index(np.argmin(np.sum(misfit_s**2, axis=2)), origin_s.shape)
        north, east = int(best[0]), int(best[1])
        return (
            float(lat[north, 0, 0]),
            float(lon[0, east, 0]),
            first.time_us + round(float(origin_s[north, east]) * 1e6),
            misfit_s[north, east],
        )

    def _is_shared(self, found: Declared, chosen: list[Mark], stations: Sequence[Station]) -> bool:
        far_km = max(_apart_km(found, mark.station) for mark in chosen)
        live = [s for s in stations if s.start_us <= found.issued_us <= s.end_us]
        near = {s.place for s in live if _apart_km(found, s) <= far_km}
        return len(near & {mark.station.place for mark in chosen}) >= self.live_share * len(near)


@dataclass(frozen=True)
class NeighbourRule:
    """So many stations near each other, and so large a share of the live ones there."""

    name: str
    stations_needed: int
    radius_km: float
    live_share: float
    window_us: int

    def declare(self, marks: Sequence[Mark], stations: Sequence[Station]) -> list[Declared]:
        declared: list[Declared] = []
        for index, mark in enumerate(marks):
            near = [
                m
                for m in marks[: index + 1]
                if mark.time_us - m.time_us <= self.window_us and self._is_near(m, mark)
            ]
            places = {m.station.place for m in near}
            live = [s for s in stations if s.start_us <= mark.time_us <= s.end_us]
            around = [s for s in live if _between_km(s, mark.station) <= self.radius_km]
            enough = max(self.stations_needed, self.live_share * len(around))
            first = min(near, key=lambda m: m.time_us)
            found = Declared(
                mark.time_us, first.time_us, first.station.lat_deg, first.station.lon_deg
            )
            if len(places) >= enough and not _is_known(found, declared):
                declared.append(found)
        return declared

    def _is_near(self, one: Mark, other: Mark) -> bool:
        return _between_km(one.station, other.station) <= self.radius_km


# Where the numbers are from: seismology.md sections 2 and 4 (R2, R3, R4) and peers.md b1.
TRIGGER_RULES = (
    TravelTimeRule("EPIC-like: 4, rms 1 s, 40 %", 4, 1.0, 0.4, 8.0),
    TravelTimeRule("OpenEEW: 4, rms 1 s", 4, 1.0, 0.0, 20.0),
    NeighbourRule("MyShake: 4 and 60 % in 10 km", 4, 10.0, 0.6, 20_000_000),
)
# "4 neighbouring stations": no radius is published; 100 km spans four of OpenEEW's spacing
ASTUTI = NeighbourRule("ASTUTI: 4 above 6 gal in 100 km", 4, 100.0, 0.0, 60_000_000)
ASTUTI_LEVEL_MPS2 = 0.06


def _is_known(found: Declared, declared: Sequence[Declared]) -> bool:
    """A rule that has alerted stays with it for a minute, as all of them do in some way."""
    for earlier in declared:
        apart_km = distance_km(found.lat_deg, found.lon_deg, earlier.lat_deg, earlier.lon_deg)
        if abs(found.origin_us - earlier.origin_us) <= SPLIT_US and apart_km <= SPLIT_KM:
            return True
        if found.issued_us - earlier.issued_us <= EARLIER_US:
            return True
    return False


def _apart_km(found: Declared, station: Station) -> float:
    return distance_km(found.lat_deg, found.lon_deg, station.lat_deg, station.lon_deg)


def _between_km(one: Station, other: Station) -> float:
    return distance_km(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)

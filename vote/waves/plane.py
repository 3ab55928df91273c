"""A piece of the sphere made flat: kilometres east and north of a place, and back.

Azimuthal equidistant (Snyder 1987, USGS Professional Paper 1395, pp. 191-202): distances from the
middle are exact, those between places 300 km from it within 0.1 %. It knows no date line.
"""

from dataclasses import dataclass

import numpy as np

from vote.waves.travel import EARTH_KM, Array, Some


@dataclass(frozen=True, slots=True)
class Plane:
    lat_deg: float
    lon_deg: float

    def lay(self, lat_deg: Some, lon_deg: Some) -> tuple[Array, Array]:
        """Return kilometres east and north."""
        middle, lat = np.radians(self.lat_deg), np.radians(lat_deg)
        along = np.radians(lon_deg - self.lon_deg)
        sin, cos = np.sin(lat), np.cos(lat)
        away = np.sin(middle) * sin + np.cos(middle) * cos * np.cos(along)
        angle = np.arccos(np.clip(away, -1.0, 1.0))
        scale = EARTH_KM * np.where(angle > 1e-7, angle / np.maximum(np.sin(angle), 1e-12), 1.0)
        north = np.cos(middle) * sin - np.sin(middle) * cos * np.cos(along)
        return np.asarray(scale * cos * np.sin(along)), np.asarray(scale * north)

    def lift(self, east_km: Some, north_km: Some) -> tuple[Array, Array]:
        """Return latitude and longitude in degrees."""
        middle = np.radians(self.lat_deg)
        away_km = np.hypot(east_km, north_km)
        angle = away_km / EARTH_KM
        share = np.sin(angle) / np.maximum(away_km, 1e-9)
        sin = np.cos(angle) * np.sin(middle) + north_km * share * np.cos(middle)
        across = np.cos(middle) * np.cos(angle) - north_km * share * np.sin(middle)
        lon = self.lon_deg + np.degrees(np.arctan2(east_km * share, across))
        lat = np.degrees(np.arcsin(np.clip(sin, -1.0, 1.0)))
        return np.asarray(lat), np.asarray((lon + 180.0) % 360.0 - 180.0)

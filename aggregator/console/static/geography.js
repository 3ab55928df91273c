// Distances and directions on a sphere. Angles in degrees, lengths in km.

export const EARTH_KM = 6371;
const RAD = Math.PI / 180;
const POINTS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

export function distanceKm(a, b) {
  const dLat = (b.lat_deg - a.lat_deg) * RAD;
  const dLon = (b.lon_deg - a.lon_deg) * RAD;
  const h = Math.sin(dLat / 2) ** 2
    + Math.cos(a.lat_deg * RAD) * Math.cos(b.lat_deg * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The direction from a to b, clockwise from north. */
export function bearingDeg(a, b) {
  const dLon = (b.lon_deg - a.lon_deg) * RAD;
  const y = Math.sin(dLon) * Math.cos(b.lat_deg * RAD);
  const x = Math.cos(a.lat_deg * RAD) * Math.sin(b.lat_deg * RAD)
    - Math.sin(a.lat_deg * RAD) * Math.cos(b.lat_deg * RAD) * Math.cos(dLon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

export function nearest(point, others) {
  let best = null;
  for (const other of others) {
    const km = distanceKm(point, other);
    if (best === null || km < best.km) best = { other, km };
  }
  return best;
}

/** Whether a point lies within an outline of [latitude, longitude]: even and odd crossings of its parallel. */
export function isWithin({ lat_deg, lon_deg }, outline_deg) {
  const corners = outline_deg.map(([lat, lon]) => [lat, eastOf(lon, lon_deg)]);
  let isInside = false;
  corners.forEach(([lat, lon], n) => {
    const [beforeLat, beforeLon] = corners.at(n - 1);
    if (lat > lat_deg === beforeLat > lat_deg) return;
    if (lon + ((lat_deg - lat) / (beforeLat - lat)) * (beforeLon - lon) > 0) isInside = !isInside;
  });
  return isInside;
}

/** How far a meridian is east of another one, -180 to 180: outlines may cross the date line. */
function eastOf(lon_deg, of_deg) {
  return ((lon_deg - of_deg + 540) % 360) - 180;
}

/** "18 km north-west of Atoyac"; coordinates where there is no place to speak of. */
export function inWords(point, places) {
  const found = nearest(point, places);
  if (found === null || found.km > 1000) return coordinates(point);
  if (found.km < 3) return `at ${found.other.name}`;
  const direction = POINTS[Math.round(bearingDeg(found.other, point) / 45) % 8];
  return `${Math.round(found.km)} km ${direction} of ${found.other.name}`;
}

export function coordinates({ lat_deg, lon_deg }) {
  const part = (deg, positive, negative) =>
    `${Math.abs(deg).toFixed(2)}° ${deg < 0 ? negative : positive}`;
  return `${part(lat_deg, "N", "S")}, ${part(lon_deg, "E", "W")}`;
}

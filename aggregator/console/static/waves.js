// How far P and S waves have come, and when S reaches a place. The same crust as vote/travel.py,
// so that the circle on the map meets a place as its countdown ends; a test compares the two.
import { distanceKm } from "./geography.js";

const CRUST_P_KM_S = 6.1;
const MANTLE_P_KM_S = 8.0;
const MOHO_KM = 33.0;
const VP_OVER_VS = 1.74;
const LEG_S_PER_KM = Math.sqrt(1 / CRUST_P_KM_S ** 2 - 1 / MANTLE_P_KM_S ** 2);
const FURTHEST_KM = 20_000;

/** The first P arrival: direct through the crust, or refracted along the Moho. */
export function pTimeS(km, depthKm) {
  const below = Math.max(depthKm - MOHO_KM, 0);
  const direct = Math.hypot(km, depthKm) / (CRUST_P_KM_S + 0.02 * below);
  if (depthKm >= MOHO_KM) return direct;
  return Math.min(direct, km / MANTLE_P_KM_S + (2 * MOHO_KM - depthKm) * LEG_S_PER_KM);
}

export function sTimeS(km, depthKm) {
  return VP_OVER_VS * pTimeS(km, depthKm);
}

/** Radii at the surface, or null for a wave that has not come up yet. */
export function frontsKm(event, nowMs) {
  const travelS = (nowMs - event.origin_us / 1000) / 1000;
  return {
    p: reachKm(travelS, event.depth_km),
    s: reachKm(travelS / VP_OVER_VS, event.depth_km),
  };
}

export function sArrivalMs(event, place) {
  return event.origin_us / 1000 + 1000 * sTimeS(distanceKm(event, place), event.depth_km);
}

/** The distance at which P arrives after a time: travel times grow with distance, so bisect. */
function reachKm(travelS, depthKm) {
  if (travelS <= pTimeS(0, depthKm)) return null;
  let low = 0;
  let high = FURTHEST_KM;
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (pTimeS(middle, depthKm) < travelS) low = middle;
    else high = middle;
  }
  return low;
}

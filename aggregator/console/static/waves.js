// How far P and S waves have come, and when S reaches a place: read from the table of travel times
// that the server sends with each event. The physics is the engine's own, vote/waves/travel.py.
import { distanceKm } from "./geography.js";

/** Radii at the surface; null for a wave that has not come up yet or has left the table. */
export function frontsKm(event, nowMs) {
  if (!event.travel) return { p: null, s: null };
  const travelS = (nowMs - event.origin_us / 1000) / 1000;
  const { km, p_s, s_s } = event.travel;
  return { p: interpolate(travelS, p_s, km), s: interpolate(travelS, s_s, km) };
}

/** Whether S is still within the table. */
export function isTravelling(event, nowMs) {
  return Boolean(event.travel) && nowMs - event.origin_us / 1000 < 1000 * event.travel.s_s.at(-1);
}

/** Null for a place beyond the table. */
export function sArrivalMs(event, place) {
  if (!event.travel) return null;
  const seconds = interpolate(distanceKm(event, place), event.travel.km, event.travel.s_s);
  return seconds === null ? null : event.origin_us / 1000 + 1000 * seconds;
}

/** Between the two points of a rising table that a number lies between, or null outside. */
function interpolate(x, xs, ys) {
  const above = xs.findIndex((each) => each >= x);
  if (above === -1 || x < xs[0]) return null;
  if (above === 0) return ys[0];
  const share = (x - xs[above - 1]) / (xs[above] - xs[above - 1]);
  return ys[above - 1] + share * (ys[above] - ys[above - 1]);
}

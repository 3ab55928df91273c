// Numbers and times in words.

export function ago(ms) {
  if (ms < 1000) return "just now";
  return `${duration(ms)} ago`;
}

export function duration(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 100) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}

export function utcTime(ms) {
  return new Date(ms).toISOString().slice(11, 19);
}

/** The reader's own time of day, on 24 hours: what every clock on the wall says. */
export function localTime(ms) {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

export function localDay(ms) {
  const date = new Date(ms);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join("-");
}

export function isInUtc(ms) {
  return new Date(ms).getTimezoneOffset() === 0;
}

/** "02:14:00 (08:14:00 UTC)": the reader's time, and the one that all of the network shares. */
export function bothTimes(ms) {
  return isInUtc(ms) ? `${utcTime(ms)} UTC` : `${localTime(ms)} (${utcTime(ms)} UTC)`;
}

/** Microseconds with a unit that suits them. */
export function shortTime(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${significant(us / 1000)} ms`;
  return `${significant(us / 1e6)} s`;
}

/** A ground acceleration, given in µm/s². */
export function acceleration(um_s2) {
  if (um_s2 < 1000) return `${significant(um_s2)} µm/s²`;
  if (um_s2 < 1e6) return `${significant(um_s2 / 1000)} mm/s²`;
  return `${significant(um_s2 / 1e6)} m/s²`;
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}

function significant(number) {
  return number >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(2)));
}

// An event on the map: areas by intensity, epicentre with its uncertainty, the two wave fronts.
import { classOf } from "./intensity.js";
import { boxAround, isFree } from "./labels.js";
import { frontsKm } from "./waves.js";

const FELT_MMI = 1.5; // below it nothing is coloured
const NUMERAL_FROM_PX = 34; // a hexagon that is narrower holds no numeral
const NUMERAL_ALPHA = 0.5; // there to be looked up, not to be read over the nodes
const AREA_ALPHA = 0.86; // the graticule shows through
const AREA_CIRCLE_KM = 6; // an area that is no H3 cell

/** Several events at once: each area as the strongest of them shakes it. taken: boxes of names. */
export function drawAreas(ctx, view, events, taken, colours) {
  ctx.save();
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const area of strongest(events)) drawArea(ctx, view, area, taken, colours);
  ctx.restore();
}

function strongest(events) {
  const found = new Map();
  for (const area of events.flatMap((event) => event.areas)) {
    if (area.mmi >= (found.get(area.id)?.mmi ?? FELT_MMI)) found.set(area.id, area);
  }
  return found.values();
}

function drawArea(ctx, view, area, taken, colours) {
  const { degree, numeral } = classOf(area.mmi);
  const width = tracePath(ctx, view, area);
  ctx.globalAlpha = AREA_ALPHA;
  ctx.fillStyle = colours.mmi[degree].fill;
  ctx.fill();
  ctx.strokeStyle = colours.ground;
  ctx.lineWidth = 1;
  ctx.stroke();
  if (width < NUMERAL_FROM_PX || !area.outline_deg) return;
  const { x, y } = view.toScreen(area);
  const heightPx = Math.min(15, width * 0.26);
  ctx.font = `600 ${heightPx}px Georgia, "Liberation Serif", serif`;
  if (!isFree(boxAround(x, y, ctx.measureText(numeral).width, heightPx), taken)) return;
  ctx.globalAlpha = NUMERAL_ALPHA;
  ctx.fillStyle = colours.mmi[degree].ink;
  ctx.fillText(numeral, x, y);
}

/** Begin the area's path; return its width in pixels. */
function tracePath(ctx, view, area) {
  ctx.beginPath();
  if (!area.outline_deg) {
    const { x, y } = view.toScreen(area);
    const radius = AREA_CIRCLE_KM * view.pixelsPerKm(area.lat_deg);
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    return 2 * radius;
  }
  const corners = area.outline_deg.map(([lat_deg, lon_deg]) => view.toScreen({ lat_deg, lon_deg }));
  for (const { x, y } of corners) ctx.lineTo(x, y);
  ctx.closePath();
  const xs = corners.map((corner) => corner.x);
  return Math.max(...xs) - Math.min(...xs);
}

export function drawFronts(ctx, view, event, nowMs, colours) {
  const { p, s } = frontsKm(event, nowMs);
  const looks = {
    p: { name: "P", colour: colours.wave_p, dashes: [7, 6], width: 2 },
    s: { name: "S", colour: colours.wave_s, dashes: [], width: 3.5 },
  };
  if (p !== null) front(ctx, view, event, p, looks.p, colours);
  if (s !== null) front(ctx, view, event, s, looks.s, colours);
}

function front(ctx, view, event, km, { name, colour, dashes, width }, colours) {
  const { x, y } = view.toScreen(event);
  const radius = km * view.pixelsPerKm(event.lat_deg);
  ctx.save();
  ctx.setLineDash(dashes);
  for (const [strokeStyle, lineWidth, alpha] of [[colours.ground, width + 3, 0.6], [colour, width, 1]]) {
    ctx.strokeStyle = strokeStyle;
    ctx.lineWidth = lineWidth;
    ctx.globalAlpha = alpha;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
  if (radius > 24) badge(ctx, x + radius * Math.SQRT1_2, y - radius * Math.SQRT1_2, name, colour, colours.ground);
}

function badge(ctx, x, y, name, colour, ink) {
  ctx.save();
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, y, 10, 0, 2 * Math.PI);
  ctx.fill();
  ctx.fillStyle = ink;
  ctx.font = "700 12px sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(name, x, y + 0.5);
  ctx.restore();
}

export function drawEpicentre(ctx, view, event, colours) {
  const { x, y } = view.toScreen(event);
  const isOut = event.type === "cancel";
  ctx.save();
  ctx.strokeStyle = colours.ink;
  const [majorKm, minorKm, fromEast] = errorOf(event);
  if (majorKm !== null) {
    const scale = view.pixelsPerKm(event.lat_deg);
    ctx.setLineDash([2, 4]);
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    ctx.ellipse(x, y, majorKm * scale, minorKm * scale, fromEast, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  star(ctx, x, y, 13, isOut ? colours.offline : colours.ink, colours.ground);
  if (isOut) strike(ctx, x, y, colours);
  ctx.restore();
}

/** Half axes in km and the longer one's angle, clockwise from east: the ellipse of 68 %, else a circle of one sigma. */
function errorOf({ ellipse_major_km, ellipse_minor_km, ellipse_azimuth_deg, location_sigma_km }) {
  if ([ellipse_major_km, ellipse_minor_km, ellipse_azimuth_deg].some((each) => each == null)) {
    return [location_sigma_km, location_sigma_km, 0];
  }
  return [ellipse_major_km, ellipse_minor_km, ((ellipse_azimuth_deg - 90) * Math.PI) / 180];
}

function star(ctx, x, y, radius, fill, edge) {
  ctx.beginPath();
  for (let n = 0; n < 10; n++) {
    const r = n % 2 === 0 ? radius : radius * 0.42;
    const angle = (n * Math.PI) / 5;
    ctx.lineTo(x + r * Math.sin(angle), y - r * Math.cos(angle));
  }
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.strokeStyle = edge;
  ctx.lineWidth = 2;
  ctx.fill();
  ctx.stroke();
}

function strike(ctx, x, y, colours) {
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 3;
  ctx.beginPath();
  ctx.moveTo(x - 16, y + 12);
  ctx.lineTo(x + 16, y - 12);
  ctx.stroke();
}

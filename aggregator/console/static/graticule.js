// Meridians and parallels with their labels, and the scale bar.

const STEPS_DEG = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const WIDEST_PX = 260;
const BAR_PX = 120;

/** The lines. They lie below everything. */
export function drawGraticule(ctx, view, colours) {
  const { meridians, parallels } = findLines(view);
  ctx.strokeStyle = colours.line;
  ctx.lineWidth = 1;
  for (const { at } of meridians) line(ctx, at, 0, at, view.height);
  for (const { at } of parallels) line(ctx, 0, at, view.width, at);
}

/** Their labels. They lie above the areas. */
export function drawDegrees(ctx, view, colours) {
  const { meridians, parallels } = findLines(view);
  ctx.font = `11px ${colours.font}`;
  ctx.textAlign = "left";
  for (const { at, text } of meridians) label(ctx, text, at + 5, 14, colours);
  // not where the labels of the meridians are
  for (const { at, text } of parallels) if (at > 34) label(ctx, text, 6, at - 5, colours);
}

/** Where meridians and parallels cross the screen, in pixels, and what they are called. */
function findLines(view) {
  const topLeft = view.toGround({ x: 0, y: 0 });
  const bottomRight = view.toGround({ x: view.width, y: view.height });
  const pixelsPerDeg = view.width / (bottomRight.lon_deg - topLeft.lon_deg);
  const step = STEPS_DEG.find((deg) => deg * pixelsPerDeg <= WIDEST_PX) ?? STEPS_DEG.at(-1);
  const meridians = multiples(topLeft.lon_deg, bottomRight.lon_deg, step).map((lon_deg) => ({
    at: Math.round(view.toScreen({ lat_deg: 0, lon_deg }).x) + 0.5,
    text: meridian(lon_deg, step),
  }));
  const parallels = multiples(bottomRight.lat_deg, topLeft.lat_deg, step).map((lat_deg) => ({
    at: Math.round(view.toScreen({ lat_deg, lon_deg: 0 }).y) + 0.5,
    text: degrees(lat_deg, step, "N", "S"),
  }));
  return { meridians, parallels };
}

/** Text with a rim in the ground's colour: it can be read on anything. */
export function label(ctx, text, x, y, colours, colour = colours.faint) {
  ctx.lineJoin = "round";
  ctx.strokeStyle = colours.ground;
  ctx.lineWidth = 3.5;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

export function drawScaleBar(ctx, view, colours) {
  const { lat_deg } = view.toGround({ x: view.width / 2, y: view.height / 2 });
  const pixelsPerKm = view.pixelsPerKm(lat_deg);
  const km = roundDown(BAR_PX / pixelsPerKm);
  const length = km * pixelsPerKm;
  const right = view.width - 18;
  const y = view.height - 18;
  ctx.strokeStyle = colours.muted;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(right - length, y - 5);
  ctx.lineTo(right - length, y);
  ctx.lineTo(right, y);
  ctx.lineTo(right, y - 5);
  ctx.stroke();
  ctx.font = `11px ${colours.font}`;
  ctx.textAlign = "center";
  const text = km >= 1 ? `${km} km` : `${Math.round(km * 1000)} m`;
  label(ctx, text, right - length / 2, y - 7, colours, colours.muted);
  ctx.textAlign = "left";
}

/** The largest of 1, 2, 5 times a power of ten that is not above a number. */
export function roundDown(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return [5, 2, 1].find((digit) => digit * power <= number) * power;
}

function multiples(from, to, step) {
  const found = [];
  for (let n = Math.ceil(from / step); n * step <= to && found.length < 400; n++) found.push(n * step);
  return found;
}

/** The name of a meridian, also of one that a map across the date line has beyond 180 degrees. */
export function meridian(lon_deg, step) {
  const turned = lon_deg - 360 * Math.round(lon_deg / 360);
  const isDateLine = Math.abs(turned) > 180 - step / 2;
  return isDateLine ? degrees(180, step, "", "").trim() : degrees(turned, step, "E", "W");
}

function degrees(deg, step, positive, negative) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const side = Math.abs(deg) < step / 2 ? "" : ` ${deg < 0 ? negative : positive}`;
  return `${Math.abs(deg).toFixed(digits)}°${side}`;
}

function line(ctx, x1, y1, x2, y2) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

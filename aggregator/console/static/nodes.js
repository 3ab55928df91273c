// How a node looks: each state has a shape of its own, and a colour that also differs in brightness
// (Okabe and Ito's palette, made for colour-blind readers).

const RADIUS = { alive: 5.5, mute: 5.5, late: 6.5, offline: 6, triggered: 9 };
export const STATES = [
  ["triggered", "Triggered"],
  ["alive", "Alive"],
  ["mute", "No vote"],
  ["late", "Late"],
  ["offline", "Offline"],
];

/** Draw a node's mark. pulse: 0 to 1, the age of a ring around a triggered node, or null. */
export function drawMark(ctx, state, x, y, colours, pulse = null) {
  const r = RADIUS[state];
  ctx.lineWidth = 2;
  ctx.fillStyle = ctx.strokeStyle = colours[state];
  if (state === "alive") disc(ctx, x, y, r, colours);
  else if (state === "mute") hollow(ctx, x, y, r, colours);
  else if (state === "late") diamond(ctx, x, y, r, colours);
  else if (state === "offline") cross(ctx, x, y, r, colours);
  else triangle(ctx, x, y, r, colours);
  if (state === "triggered" && pulse !== null) ring(ctx, x, y, r + 4 + 18 * pulse, 1 - pulse);
}

export function drawSelection(ctx, x, y, colours) {
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 2;
  circle(ctx, x, y, 15);
  ctx.stroke();
}

function disc(ctx, x, y, r, colours) {
  circle(ctx, x, y, r);
  ctx.fill();
  outline(ctx, colours);
}

/** It lives, but has no say: it starts, is in fault, its clock is wrong. */
function hollow(ctx, x, y, r, colours) {
  circle(ctx, x, y, r);
  ctx.fillStyle = colours.ground;
  ctx.fill();
  ctx.lineWidth = 2.6;
  ctx.stroke();
}

function diamond(ctx, x, y, r, colours) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.closePath();
  ctx.fillStyle = colours.ground;
  ctx.fill();
  ctx.lineWidth = 2.6;
  ctx.stroke();
}

function cross(ctx, x, y, r, colours) {
  const d = r * 0.75;
  for (const [colour, width] of [[colours.ground, 6], [colours.offline, 2.8]]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x - d, y - d);
    ctx.lineTo(x + d, y + d);
    ctx.moveTo(x + d, y - d);
    ctx.lineTo(x - d, y + d);
    ctx.stroke();
  }
}

function triangle(ctx, x, y, r, colours) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r * 0.95, y + r * 0.7);
  ctx.lineTo(x - r * 0.95, y + r * 0.7);
  ctx.closePath();
  ctx.fill();
  outline(ctx, colours);
}

/** A line in the ground's colour: marks stay apart where they overlap, and on any hexagon. */
function outline(ctx, colours) {
  ctx.strokeStyle = colours.ground;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

function ring(ctx, x, y, r, strength) {
  ctx.save();
  ctx.globalAlpha = strength * 0.8;
  ctx.strokeStyle = ctx.fillStyle;
  ctx.lineWidth = 2;
  circle(ctx, x, y, r);
  ctx.stroke();
  ctx.restore();
}

function circle(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

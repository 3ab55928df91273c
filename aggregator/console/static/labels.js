// Names on the map, put where they cover neither each other nor a mark; left out where there is no
// room. Those that come first are placed first.
import { label } from "./graticule.js";

const MARK_PX = 9; // half the side of what a mark needs
const DEGREES_PX = 18; // the upper edge, where the meridians are labelled

/**
 * Find room. names: [{ text, x, y, font, heightPx, colour }]; marks: [{ x, y }]. In pixels.
 * Return those names that have a place, with their box, and all boxes that are taken then.
 */
export function placeNames(ctx, view, names, marks) {
  const taken = [{ left: 0, right: view.width, top: 0, bottom: DEGREES_PX }];
  taken.push(...marks.map(({ x, y }) => boxAround(x, y, 2 * MARK_PX, 2 * MARK_PX)));
  const placed = [];
  for (const name of names) {
    ctx.font = name.font;
    const boxes = candidates(name.x, name.y, ctx.measureText(name.text).width, name.heightPx);
    const box = boxes.find((each) => isInside(each, view) && isFree(each, taken));
    if (box === undefined) continue;
    taken.push(box);
    placed.push({ ...name, box });
  }
  return { placed, taken };
}

export function drawNames(ctx, placed, colours) {
  for (const { text, font, colour, box } of placed) {
    ctx.font = font;
    label(ctx, text, box.left, box.bottom - 3, colours, colour);
  }
}

/** A small square for a place, unless a node's mark is there already. */
export function drawPlaces(ctx, places, marks, colours) {
  ctx.fillStyle = colours.muted;
  for (const place of places) {
    const isCovered = marks.some(({ x, y }) => Math.hypot(x - place.x, y - place.y) < MARK_PX);
    if (!isCovered) ctx.fillRect(place.x - 2.5, place.y - 2.5, 5, 5);
  }
}

/** Right, left, above, below: where a reader looks for a name. */
function candidates(x, y, width, height) {
  const middle = y - height / 2;
  return [
    [x + 10, middle], [x - 10 - width, middle], [x - width / 2, y - 10 - height], [x - width / 2, y + 10],
  ].map(([left, top]) => ({ left, right: left + width, top, bottom: top + height }));
}

export function boxAround(x, y, width, height) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

export function isFree(box, taken) {
  return taken.every((other) =>
    box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
}

function isInside(box, view) {
  return box.left >= 2 && box.right <= view.width - 2;
}

// Names on the map, put where they cover neither each other nor a mark; left out where there is no
// room. Those that come first are placed first.
import { label } from "./graticule.js";

const MARK_PX = 9; // half the side of what a mark needs

/** names: [{ text, x, y, font, heightPx, colour }]; marks: [{ x, y }]. In pixels. */
export function drawNames(ctx, view, names, marks, colours) {
  const taken = marks.map(({ x, y }) => ({ left: x - MARK_PX, right: x + MARK_PX, top: y - MARK_PX, bottom: y + MARK_PX }));
  for (const { text, x, y, font, heightPx, colour } of names) {
    ctx.font = font;
    const boxes = candidates(x, y, ctx.measureText(text).width, heightPx);
    const box = boxes.find((each) => isFree(each, taken, view));
    if (box === undefined) continue;
    taken.push(box);
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

function isFree(box, taken, view) {
  if (box.left < 2 || box.right > view.width - 2) return false;
  return taken.every((other) =>
    box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
}

// Names of places, put where they cover neither each other nor a mark; left out where there is no
// room. Those that come first are placed first.
import { label } from "./graticule.js";

const HEIGHT_PX = 15;
const MARK_PX = 9; // half the side of what a mark needs

export function drawNames(ctx, view, places, marks, colours) {
  ctx.font = `600 13px ${colours.font}`;
  const taken = marks.map(({ x, y }) => ({ left: x - MARK_PX, right: x + MARK_PX, top: y - MARK_PX, bottom: y + MARK_PX }));
  for (const place of places) {
    const at = view.toScreen(place);
    if (!marks.some(({ x, y }) => Math.hypot(x - at.x, y - at.y) < MARK_PX)) {
      ctx.fillStyle = colours.muted;
      ctx.fillRect(at.x - 2.5, at.y - 2.5, 5, 5);
    }
    const box = candidates(at, ctx.measureText(place.name).width).find((each) => isFree(each, taken, view));
    if (box === undefined) continue;
    taken.push(box);
    label(ctx, place.name, box.left, box.bottom - 3, colours, colours.muted);
  }
}

/** Right, left, above, below: where a reader looks for a name. */
function candidates({ x, y }, width) {
  const middle = y - HEIGHT_PX / 2;
  return [
    [x + 10, middle], [x - 10 - width, middle], [x - width / 2, y - 12 - HEIGHT_PX], [x - width / 2, y + 12],
  ].map(([left, top]) => ({ left, right: left + width, top, bottom: top + HEIGHT_PX }));
}

function isFree(box, taken, view) {
  if (box.left < 2 || box.right > view.width - 2) return false;
  return taken.every((other) =>
    box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
}

// Land and sea, from coast.bin (tools/coastline.py; Natural Earth 1:10,000,000, in the public domain).
// Without the file, or before it has come, all is land: nothing else on the map needs it.
import { EDGE_PX, mercator } from "./view.js";

const STEP_DEG = 0.004;

export class Coast {
  #rings = []; // { points: Float64Array of x, y in radians of Mercator, box }
  #path = null;
  #key = "";

  constructor(onLoad) {
    fetch("/static/coast.bin")
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.status))))
      .then((buffer) => {
        this.#rings = decode(new Uint8Array(buffer));
        onLoad();
      })
      .catch(() => {}); // as above
  }

  get isLoaded() {
    return this.#rings.length > 0;
  }

  /** The sea, and the land on it. It lies below everything. */
  drawLand(ctx, view, colours) {
    ctx.fillStyle = this.isLoaded ? colours.sea : colours.ground;
    ctx.fillRect(0, 0, view.width, view.height);
    ctx.fillStyle = colours.ground;
    ctx.fill(this.pathIn(view), "evenodd");
  }

  /** The line between them, above the areas of an earthquake. */
  drawLine(ctx, view, colours) {
    ctx.strokeStyle = colours.coast;
    ctx.lineWidth = 1.2;
    ctx.stroke(this.pathIn(view));
  }

  /** What a view shows of it; the same path until the view moves. */
  pathIn(view) {
    const key = [view.x, view.y, view.scale, view.width, view.height, this.#rings.length].join();
    if (key === this.#key) return this.#path;
    this.#key = key;
    this.#path = new Path2D();
    const seen = view.box(EDGE_PX);
    for (const ring of this.#rings) if (isInSight(ring.box, seen)) trace(this.#path, ring.points, view);
    return this.#path;
  }
}

/** Of points in a row beyond the same edge only the first and the last matter. */
function trace(path, points, view) {
  let before = 0;
  let waiting = null;
  for (let n = 0; n < points.length; n += 2) {
    const { x, y } = view.place(points[n], points[n + 1]);
    const side = sideOf(x, y, view);
    if (n > 0 && side & before) {
      waiting = [x, y];
      before &= side;
      continue;
    }
    if (waiting !== null) path.lineTo(...waiting);
    waiting = null;
    before = side;
    if (n === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
  if (waiting !== null) path.lineTo(...waiting);
  path.closePath();
}

/** Beyond which edges a point lies: a bit each (Cohen and Sutherland). */
function sideOf(x, y, { width, height }) {
  return (x < -EDGE_PX ? 1 : 0) | (x > width + EDGE_PX ? 2 : 0) | (y < -EDGE_PX ? 4 : 0) | (y > height + EDGE_PX ? 8 : 0);
}

function isInSight(box, seen) {
  return box.west < seen.east && box.east > seen.west && box.south < seen.north && box.north > seen.south;
}

/** What tools/coastline.py wrote, as rings of points on Mercator's plane. */
export function decode(bytes) {
  let at = 0;
  const number = () => {
    let found = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      found |= (byte & 127) << shift;
      if (!(byte > 127)) return found; // the end of a file that was cut off, too
    }
  };
  const move = () => {
    const coded = number();
    return coded & 1 ? -((coded + 1) >> 1) : coded >> 1;
  };
  const rings = [];
  while (at < bytes.length) rings.push(ring(number(), move));
  return rings;
}

function ring(length, move) {
  const points = new Float64Array(2 * length);
  const box = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  let [lon, lat] = [0, 0];
  for (let n = 0; n < points.length; n += 2) {
    lon += move();
    lat += move();
    const { x, y } = mercator({ lat_deg: lat * STEP_DEG, lon_deg: lon * STEP_DEG });
    [points[n], points[n + 1]] = [x, y];
    box.west = Math.min(box.west, x);
    box.east = Math.max(box.east, x);
    box.south = Math.min(box.south, y);
    box.north = Math.max(box.north, y);
  }
  return { points, box };
}

// Mouse, touch and keyboard on the map, as pan, zoom, hover, click and fit.

const CLICK_PX = 6; // a press that moves further is a drag
const KEY_PAN_PX = 60;
const KEY_ZOOM = 1.4;

export function handle(canvas, map) {
  const pointers = new Map();
  let travelledPx = 0;

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    if (pointers.size === 1) travelledPx = 0;
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      map.hover(at(event));
      return;
    }
    const now = at(event);
    travelledPx += Math.hypot(now.x - before.x, now.y - before.y);
    if (pointers.size === 2) pinch(map, pointers, event.pointerId, now);
    else if (travelledPx > CLICK_PX) map.pan(now.x - before.x, now.y - before.y);
    pointers.set(event.pointerId, now);
  });

  const release = (event) => {
    const wasDown = pointers.delete(event.pointerId);
    if (event.type === "pointerup" && wasDown && travelledPx <= CLICK_PX) map.click(at(event));
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => map.hover(null));

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    map.zoom(Math.exp(-event.deltaY * lines * 0.0015), at(event));
  }, { passive: false });

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = KEYS[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action(map);
  });
}

const KEYS = {
  ArrowLeft: (map) => map.pan(KEY_PAN_PX, 0),
  ArrowRight: (map) => map.pan(-KEY_PAN_PX, 0),
  ArrowUp: (map) => map.pan(0, KEY_PAN_PX),
  ArrowDown: (map) => map.pan(0, -KEY_PAN_PX),
  "+": (map) => map.zoom(KEY_ZOOM),
  "=": (map) => map.zoom(KEY_ZOOM),
  "-": (map) => map.zoom(1 / KEY_ZOOM),
  0: (map) => map.fit(),
  n: (map) => map.selectNext(1),
  p: (map) => map.selectNext(-1),
  Escape: (map) => map.select(null),
};

function pinch(map, pointers, movedId, now) {
  const [other] = [...pointers].filter(([id]) => id !== movedId).map(([, point]) => point);
  const before = pointers.get(movedId);
  const length = (point) => Math.max(10, Math.hypot(point.x - other.x, point.y - other.y));
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  map.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  map.zoom(length(now) / length(before), middle);
}

function at(event) {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

// The map: what is drawn in which order, and how a hand moves it.
import { Coast } from "./coast.js";
import { drawAreas, drawEpicentre, drawFronts } from "./earthquake.js";
import { drawDegrees, drawGraticule, drawScaleBar } from "./graticule.js";
import { drawNames, drawPlaces, placeNames } from "./labels.js";
import { nearest } from "./geography.js";
import { drawMark, drawSelection } from "./nodes.js";
import { handle } from "./gestures.js";
import { View } from "./view.js";
import { isTravelling } from "./waves.js";

const PICK_PX = 18; // how near a pointer must come to a node
const MAX_NAMED_NODES = 200; // each name looks for room among all others
const PULSE_MS = 1600;
// for the controls and the legend
const MARGIN = { left: 60, right: 120, top: 60, bottom: 90 };
const NARROW_MARGIN = { left: 24, right: 84, top: 40, bottom: 110 };
const NARROW_PX = 600;
const NEAR_KM = 60; // a place that is further from all nodes does not widen the view
const CALM_FRAME_MS = 1000; // where motion is not wanted, fronts step once a second

export class NetworkMap {
  #wanted = false;
  #isFollowing = true; // the view fits itself to the network until a hand moves it
  #fitted = null;

  constructor(canvas, model, clock, onSelect) {
    this.canvas = canvas;
    this.model = model;
    this.clock = clock;
    this.onSelect = onSelect;
    this.view = new View();
    this.hovered = null;
    this.selected = null;
    this.colours = readColours();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.coast = new Coast(() => this.draw());
    handle(canvas, this);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    document.addEventListener("themechange", () => {
      this.colours = readColours();
      this.draw();
    });
  }

  /** Ask for a new frame; many asks make one. */
  draw() {
    if (this.#wanted) return;
    this.#wanted = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      this.#paint();
    });
  }

  pan(dx, dy) {
    this.#isFollowing = false;
    this.view.pan(dx, dy);
    this.draw();
  }

  zoom(factor, point) {
    this.#isFollowing = false;
    this.view.zoom(factor, point);
    this.draw();
  }

  /** Show the whole network, and keep it in view from now on. */
  fit() {
    this.#isFollowing = true;
    this.#fitted = null;
    this.draw();
  }

  hover(point) {
    const found = point === null ? null : this.#nodeAt(point);
    if (found === this.hovered) return;
    this.hovered = found;
    this.canvas.classList.toggle("over-node", found !== null);
    this.onSelect();
    this.draw();
  }

  click(point) {
    this.select(this.#nodeAt(point));
  }

  select(id) {
    this.selected = id;
    this.onSelect();
    this.draw();
  }

  selectNext(step) {
    const ids = [...this.model.nodes.keys()].sort();
    if (ids.length === 0) return;
    const at = ids.indexOf(this.selected);
    this.select(ids[(at + step + ids.length) % ids.length]);
  }

  /** Whether an element over the map hides a node, or comes nearer to it than a gap. */
  isUnder(element, node, gapPx) {
    const map = this.canvas.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const { x, y } = this.view.toScreen(node);
    const isBeside = x + map.left < box.left - gapPx || x + map.left > box.right + gapPx;
    return !isBeside && y + map.top > box.top - gapPx && y + map.top < box.bottom + gapPx;
  }

  get shownNode() {
    return this.model.nodes.get(this.hovered ?? this.selected) ?? null;
  }

  #follow() {
    const nodes = [...this.model.nodes.values()];
    const events = this.#events();
    const key = [nodes.length, ...events.map((event) => `${event.event_id} ${event.version}`)].join();
    if (key === this.#fitted) return;
    this.#fitted = key;
    // without a node the places are all that there is
    const isNear = (place) => nodes.length === 0 || nearest(place, nodes).km < NEAR_KM;
    const margin = this.view.width < NARROW_PX ? NARROW_MARGIN : MARGIN;
    this.view.fit([...nodes, ...events, ...this.model.places.filter(isNear)], margin);
  }

  #events() {
    return this.model.shown(this.clock.nowMs()).filter((event) => event.lat_deg !== null);
  }

  #nodeAt(point) {
    let best = null;
    let bestPx = PICK_PX;
    for (const node of this.model.nodes.values()) {
      const { x, y } = this.view.toScreen(node);
      const px = Math.hypot(x - point.x, y - point.y);
      if (px < bestPx) [best, bestPx] = [node.node_id, px];
    }
    return best;
  }

  #resize() {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.#fitted = null;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.view.resize(width, height);
    this.draw();
  }

  #paint() {
    const nowMs = this.clock.nowMs();
    if (this.#isFollowing) this.#follow();
    const ctx = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.coast.drawLand(ctx, this.view, this.colours);
    const events = this.#events().reverse(); // the most important on top
    drawGraticule(ctx, this.view, this.colours);
    const shaking = leading(events);
    const nodes = this.#onScreen(this.model.nodes.values());
    const places = this.#onScreen(this.model.places);
    const marks = [...nodes, ...this.#onScreen(events)];
    const { placed, taken } = placeNames(ctx, this.view, this.#names(places, nodes), marks);
    drawAreas(ctx, this.view, shaking, taken, this.colours);
    this.coast.drawLine(ctx, this.view, this.colours);
    drawDegrees(ctx, this.view, this.colours);
    drawPlaces(ctx, places, nodes, this.colours);
    this.#paintNodes(ctx, nodes, nowMs);
    drawNames(ctx, placed, this.colours);
    for (const event of shaking.filter((each) => isTravelling(each, nowMs))) {
      drawFronts(ctx, this.view, event, nowMs, this.colours);
    }
    for (const event of events) drawEpicentre(ctx, this.view, event, this.colours);
    drawScaleBar(ctx, this.view, this.colours);
    this.#goOn(events, nowMs);
  }

  #onScreen(things) {
    return [...things].map((thing) => ({ ...thing, ...this.view.toScreen(thing) }));
  }

  #paintNodes(ctx, nodes, nowMs) {
    const pulse = this.calm.matches ? null : (nowMs % PULSE_MS) / PULSE_MS;
    // triggered ones last, so that nothing lies on them
    nodes.sort((a, b) => (a.state === "triggered") - (b.state === "triggered"));
    for (const { state, x, y, node_id } of nodes) {
      drawMark(ctx, state, x, y, this.colours, pulse);
      if (node_id === this.selected) drawSelection(ctx, x, y, this.colours);
    }
  }

  #names(places, nodes) {
    const { font, mono, muted, faint } = this.colours;
    const town = { font: `600 13px ${font}`, heightPx: 15, colour: muted };
    const node = { font: `10.5px ${mono}`, heightPx: 12, colour: faint };
    const named = nodes.length <= MAX_NAMED_NODES ? nodes : [];
    return [
      ...places.map(({ name, x, y }) => ({ text: name, x, y, ...town })),
      ...named.map(({ node_id, x, y }) => ({ text: shortId(node_id), x, y, ...node })),
    ];
  }

  /** Keep drawing while something moves. */
  #goOn(events, nowMs) {
    const isMoving = events.some((event) => isTravelling(event, nowMs))
      || [...this.model.nodes.values()].some((node) => node.state === "triggered");
    if (!isMoving) return;
    if (this.calm.matches) setTimeout(() => this.draw(), CALM_FRAME_MS);
    else this.draw();
  }
}

/** The events whose waves are drawn: never an exercise together with the real thing. */
function leading(events) {
  const category = events.findLast((event) => event.type !== "cancel")?.category;
  return events.filter((event) => event.category === category);
}

function shortId(id) {
  return id.length > 6 ? `…${id.slice(-4)}` : id;
}

/** The style sheet holds all colours, for light and for dark. */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: read("ground"), sea: read("sea"), coast: read("coast"), line: read("map-line"), ink: read("ink"), muted: read("muted"),
    faint: read("faint"), alive: read("alive"), mute: read("mute"), late: read("late"), offline: read("offline"),
    triggered: read("triggered"), wave_p: read("wave-p"), wave_s: read("wave-s"),
    font: read("font"), mono: read("mono"), mmi: readIntensities(read),
  };
}

function readIntensities(read) {
  const colours = {};
  for (let degree = 1; degree <= 10; degree++) {
    colours[degree] = { fill: read(`mmi-${degree}`), ink: read(`mmi-${degree}-ink`) };
  }
  return colours;
}

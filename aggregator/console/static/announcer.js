// What a screen reader is told of alerts. Versions come once a second: one that only moves the last digit
// would cut off the one before in the middle of a word, so it is told what changes what people do.
import { CATEGORIES, LEVELS, STRANGE } from "./banner.js";
import { targetsOf } from "./countdown.js";
import { setText } from "./dom.js";
import { inWords } from "./geography.js";
import { classOf } from "./intensity.js";
import { TOLD_MMI } from "./model.js";

const MAX_EVENTS = 8;

export class Announcer {
  #said = new Map(); // event id -> what was told of it

  constructor(element, model) {
    this.element = element;
    this.model = model;
  }

  hear(event, nowMs) {
    const gist = gistOf(event);
    if (this.#said.get(event.event_id) === gist) return;
    this.#said.delete(event.event_id);
    this.#said.set(event.event_id, gist);
    if (this.#said.size > MAX_EVENTS) this.#said.delete(this.#said.keys().next().value);
    setText(this.element, this.#words(event, nowMs));
  }

  #words(event, nowMs) {
    const { word, line } = CATEGORIES[event.category];
    if (event.type === "cancel") return `${word}. Cancelled: ${event.reason ?? "no reason given"}.`;
    const size = `Magnitude ${event.magnitude.toFixed(1)}, ${inWords(event, this.model.places)}`;
    const end = event.type === "final" ? " Final report." : "";
    return `${word}, ${event.is_strange ? STRANGE : line}. ${LEVELS[event.level]}. ${size}.${this.#next(event, nowMs)}${end}`;
  }

  /** The next place that will be shaken, and in how long. */
  #next(event, nowMs) {
    const targets = targetsOf(event, this.model.places, this.model.firstIssuedMs(event));
    const next = targets.find(({ arrivalMs, mmi }) => arrivalMs > nowMs && (mmi ?? 0) >= TOLD_MMI);
    if (next === undefined) return "";
    const left_s = Math.ceil((next.arrivalMs - nowMs) / 1000);
    return ` S waves reach ${next.name} in ${left_s} second${left_s === 1 ? "" : "s"}.`;
  }
}

/** What is told again when it changes: what to do, how strong it gets, whether it is over. */
function gistOf({ category, level, type, is_strange, max_mmi }) {
  const end = type === "cancel" || type === "final" ? type : "";
  return [category, is_strange, level, max_mmi === null ? "" : classOf(max_mmi).degree, end].join();
}

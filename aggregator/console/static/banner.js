// One banner an earthquake: what to do, what it is, how big, where, how sure, how old. The category is
// told by word, colour and border, so that an exercise is never taken for the real thing, nor the other
// way. What to do is the largest: it has to be seen in a second, from across the room.
import { byId, make, setText } from "./dom.js";
import { ago, bothTimes } from "./format.js";
import { coordinates, inWords } from "./geography.js";
import { classOf } from "./intensity.js";
import { isOver, statusOf } from "./model.js";

const MAX_BANNERS = 3;
export const CATEGORIES = {
  live: { word: "LIVE", line: "Real alert" },
  exercise: { word: "EXERCISE", line: "Not a real earthquake" },
  test: { word: "TEST", line: "Test of the system" },
};
export const STRANGE = "From no engine that is heard here"; // no heartbeat of that sender and category
export const LEVELS = {
  take_action: "Take action",
  be_aware: "Be aware",
  none: "No action",
};
const STATUSES = {
  active: "Under way",
  final: "Final report",
  cancelled: "Cancelled",
  lapsed: "No final report came",
};
// What stands in place of what to do once it is over: nobody is to act on it any more.
const OVER = { final: "Passed", lapsed: "Expired" };

export class Banners {
  #drawn = new Map(); // event id -> { key, element, age }

  constructor(model, onDismiss) {
    this.model = model;
    this.onDismiss = onDismiss;
  }

  update(nowMs) {
    const events = this.model.shown(nowMs).slice(0, MAX_BANNERS);
    const wanted = new Map(events.map((event) => [event.event_id, this.#banner(event, nowMs)]));
    const elements = [...wanted.values()].map((drawn) => drawn.element);
    const frame = byId("events");
    if (elements.length !== frame.children.length || elements.some((e, n) => frame.children[n] !== e)) {
      frame.replaceChildren(...elements);
    }
    this.#drawn = wanted;
    for (const event of events) setText(wanted.get(event.event_id).age, ageOf(event, nowMs));
  }

  #banner(event, nowMs) {
    const status = statusOf(event, nowMs);
    const isPast = isOver(event, nowMs);
    const key = `${event.version} ${status} ${isPast} ${this.model.places.length}`;
    const drawn = this.#drawn.get(event.event_id);
    if (drawn?.key === key) return drawn;
    const age = make("span", { class: "age" });
    const element = this.#make(event, status, isPast, age);
    if (drawn === undefined) element.classList.add("arriving"); // a new version stands still
    return { key, age, element };
  }

  #make(event, status, isPast, age) {
    const category = CATEGORIES[event.category];
    return make(
      "article",
      { class: "banner", "data-category": event.category, "data-status": status, "data-event": event.event_id },
      make("div", { class: "plate" }, make("strong", {}, category.word), make("span", {}, event.is_strange ? STRANGE : category.line)),
      status === "cancelled" ? null : action(event, status, isPast),
      magnitude(event),
      status === "active" ? null : this.#closer(event),
      make("div", { class: "story" }, make("h2", {}, headline(event, this.model.places)), story(event, status)),
      facts(event, status, age),
    );
  }

  #closer(event) {
    const button = make("button", { type: "button", class: "quiet close", "aria-label": "Put this event away" }, "×");
    button.addEventListener("click", () => this.onDismiss(event.event_id));
    return button;
  }
}

export function headline(event, places) {
  if (event.lat_deg === null) return `Event ${event.event_id}`;
  return sentence(inWords(event, places));
}

function magnitude(event) {
  if (event.magnitude === null) return make("div", { class: "magnitude" });
  const sigma = event.magnitude_sigma === null ? "" : `± ${event.magnitude_sigma.toFixed(1)}`;
  return make(
    "div",
    { class: "magnitude" },
    make("span", { class: "unit" }, "M"),
    make("b", {}, event.magnitude.toFixed(1)),
    make("span", { class: "sigma" }, sigma),
  );
}

/** What to do, as large as may be; small once it is over, and where nobody known says it. */
function action(event, status, isPast) {
  const word = LEVELS[event.level];
  if (isPast) return aside(OVER[status], `was: ${word.toLowerCase()}`);
  if (event.is_strange) return aside("Not verified", `says: ${word.toLowerCase()}`);
  return make("p", { class: "level", "data-level": event.level }, make("strong", {}, word));
}

function aside(word, line) {
  return make("p", { class: "level", "data-level": "aside" }, make("strong", {}, word), make("span", {}, line));
}

function story(event, status) {
  if (status === "cancelled") {
    return make("p", { class: "cancelled" }, make("strong", {}, "Cancelled. "), event.reason || "No reason was given.");
  }
  const parts = [];
  if (event.max_mmi !== null && event.areas.length > 0) {
    const step = classOf(event.max_mmi);
    parts.push(make("span", {}, `Up to MMI ${step.numeral}, ${step.word.toLowerCase()}`));
  }
  if (event.nodes_triggered !== null) parts.push(make("span", {}, nodesInWords(event)));
  if (event.source_is_assumed) parts.push(make("span", {}, "source is assumed"));
  return make("p", { class: "parts" }, ...parts);
}

function nodesInWords(event) {
  const near = event.nodes_live_nearby;
  const of = near === null ? "" : ` of ${near}`;
  return `${event.nodes_triggered}${of} ${near === 1 ? "node" : "nodes"} triggered`;
}

function facts(event, status, age) {
  const rows = [["Status", STATUSES[status]], ["Version", `${event.version}, ${bothTimes(event.issued_us / 1000)}`]];
  if (event.origin_us !== null) rows.push(["Origin", bothTimes(event.origin_us / 1000)]);
  if (event.lat_deg !== null) rows.push(["Place", position(event)]);
  if (event.is_strange) rows.push(["Sender", event.sender]);
  const list = make("dl", { class: "facts" });
  for (const [name, text] of rows) list.append(make("div", {}, make("dt", {}, name), make("dd", {}, text)));
  list.children[0].lastChild.append(", ", age);
  return list;
}

function position(event) {
  const sigma = event.location_sigma_km === null ? "" : ` ± ${Math.round(event.location_sigma_km)} km`;
  return `${coordinates(event)}${sigma}, ${Math.round(event.depth_km)} km deep`;
}

function ageOf(event, nowMs) {
  if (event.origin_us === null) return ago(nowMs - event.issued_us / 1000);
  return `began ${ago(nowMs - event.origin_us / 1000)}`;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The log of alerts: every version that was heard, newest first.
import { headline } from "./banner.js";
import { byId, make } from "./dom.js";
import { utcDay, utcTime } from "./format.js";

const TYPES = { new: "New", update: "Update", cancel: "Cancel", final: "Final" };
const LEVEL_WORDS = { take_action: "take action", be_aware: "be aware", none: "no action" };

export class Log {
  #drawn = null;

  constructor(model) {
    this.model = model;
  }

  update() {
    if (this.model.log === this.#drawn) return;
    this.#drawn = this.model.log;
    byId("log-empty").hidden = this.#drawn.length > 0;
    byId("log").replaceChildren(...this.#drawn.map((entry) => row(entry, this.model.places)));
  }
}

function row(entry, places) {
  const issuedMs = entry.issued_us / 1000;
  const size = entry.magnitude === null ? "" : `M ${entry.magnitude.toFixed(1)}`;
  return make(
    "li",
    { "data-type": entry.type, "data-category": entry.category },
    make("time", { title: `${utcDay(issuedMs)} UTC`, datetime: new Date(issuedMs).toISOString() }, utcTime(issuedMs)),
    make("span", { class: "tag" }, entry.category),
    make("span", { class: "what" }, make("b", {}, `${TYPES[entry.type]} ${size}`.trim()), ` ${headline(entry, places)}`),
    make("span", { class: "detail" }, detail(entry)),
  );
}

function detail(entry) {
  const parts = [`${entry.event_id} v${entry.version}`];
  if (entry.type !== "cancel" && entry.level !== null) parts.push(LEVEL_WORDS[entry.level]);
  if (entry.type !== "cancel" && entry.nodes_triggered !== null) parts.push(`${entry.nodes_triggered} nodes`);
  if (entry.reason) parts.push(entry.reason);
  if (entry.was_expired) parts.push("had expired when it came");
  return parts.join(" · ");
}

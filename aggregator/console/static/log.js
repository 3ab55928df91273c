// The log of alerts: every version that was heard, newest first. The newest one of an event has the
// links to take it away.
import { headline } from "./banner.js";
import { byId, make } from "./dom.js";
import { isInUtc, localDay, localTime, utcTime } from "./format.js";

const TYPES = { new: "New", update: "Update", cancel: "Cancel", final: "Final" };
const LEVEL_WORDS = { take_action: "take action", be_aware: "be aware", none: "no action" };
const KINDS = [["quakeml", "QuakeML"], ["cap", "CAP"]];

export class Log {
  #drawn = null;
  #day = null;

  constructor(model) {
    this.model = model;
  }

  update(nowMs) {
    const day = localDay(nowMs);
    if (this.model.log === this.#drawn && day === this.#day) return;
    this.#drawn = this.model.log;
    this.#day = day;
    byId("log-empty").hidden = this.#drawn.length > 0;
    const announced = new Set(this.#drawn.filter(isAnnounced).map((entry) => entry.event_id));
    const seen = new Set();
    byId("log").replaceChildren(...this.#drawn.map((entry) => {
      const kinds = seen.has(entry.event_id) ? [] : kindsOf(entry, announced);
      seen.add(entry.event_id);
      return row(entry, this.model.places, day, kinds);
    }));
  }
}

/** What can be taken away: nothing of a stranger, who is not in the record, and CAP of what called for something. */
function kindsOf(entry, announced) {
  if (entry.is_strange) return [];
  return announced.has(entry.event_id) ? KINDS : KINDS.slice(0, 1);
}

function isAnnounced({ level }) {
  return level !== null && level !== "none";
}

function row(entry, places, today, kinds) {
  const size = entry.magnitude === null ? "" : `M ${entry.magnitude.toFixed(1)}`;
  return make(
    "li",
    { "data-type": entry.type, "data-category": entry.category },
    when(entry.issued_us / 1000, today),
    make("span", { class: "tag" }, entry.category),
    make("span", { class: "what" }, make("b", {}, `${TYPES[entry.type]} ${size}`.trim()), ` ${headline(entry, places)}`),
    make("span", { class: "detail" }, detail(entry), ...downloads(entry, kinds)),
  );
}

/** The reader's time, the day above it where it was another one, UTC below. */
function when(ms, today) {
  const day = localDay(ms);
  return make(
    "time",
    { datetime: new Date(ms).toISOString() },
    day === today ? null : make("span", {}, day),
    make("span", { class: "here" }, localTime(ms)),
    make("span", {}, isInUtc(ms) ? "UTC" : `${utcTime(ms)} UTC`),
  );
}

function downloads({ event_id }, kinds) {
  const url = `/api/events/${encodeURIComponent(event_id)}`;
  return kinds.flatMap(([kind, word]) =>
    [" · ", make("a", { href: `${url}/${kind}`, title: `${word} of ${event_id}, from the record` }, word)]);
}

function detail(entry) {
  const parts = [`${entry.event_id} v${entry.version}`];
  if (entry.type !== "cancel" && entry.level !== null) parts.push(LEVEL_WORDS[entry.level]);
  if (entry.type !== "cancel" && entry.nodes_triggered !== null) parts.push(`${entry.nodes_triggered} nodes`);
  if (entry.reason) parts.push(entry.reason);
  if (entry.was_expired) parts.push("had expired when it came");
  return parts.join(" · ");
}

// What the server has said so far. Nothing is drawn here.

const MAX_EVENTS = 8;
const MAX_LOG = 200;
const READABLE_MS = 30 * 60 * 1000; // how long an earthquake that is over stays on the page
export const TOLD_MMI = 3.5; // from here on people are told (vote/settings.py)
export const SHAKING_MS = 60_000; // after this time "has begun" becomes "passed"
const RANKS = { live: 0, exercise: 1, test: 2 };

export class Model {
  constructor() {
    this.system = null;
    this.nodes = new Map();
    this.events = new Map();
    this.log = [];
    this.delays = null;
    this.places = [];
    this.dismissed = new Set();
  }

  apply(name, document) {
    this[`apply_${name}`](document);
  }

  apply_state(state) {
    this.system = state.system;
    this.nodes = new Map(state.nodes.map((node) => [node.node_id, node]));
    this.events = new Map(state.events.map((event) => [event.event_id, event]));
    this.log = state.log;
    this.delays = state.delays;
    this.places = state.places;
  }

  apply_system(system) {
    this.system = system;
  }

  apply_nodes({ changed, gone }) {
    for (const node of changed) this.nodes.set(node.node_id, node);
    for (const id of gone) this.nodes.delete(id);
  }

  apply_alert({ alert, entry }) {
    this.log = [entry, ...this.log].slice(0, MAX_LOG);
    if (alert.was_expired) return;
    this.events.delete(alert.event_id); // so that it moves to the end
    this.events.set(alert.event_id, alert);
    while (this.events.size > MAX_EVENTS) this.events.delete(this.events.keys().next().value);
  }

  apply_delays(delays) {
    this.delays = delays;
  }

  /** Events to show: those under way first, the real ones first of these, then the newest. */
  shown(nowMs) {
    const rank = (event) => (statusOf(event, nowMs) === "active" ? 0 : 10) + RANKS[event.category];
    return [...this.events.values()]
      .filter((event) => !this.dismissed.has(event.event_id))
      .filter((event) => nowMs - event.issued_us / 1000 < READABLE_MS)
      .reverse()
      .sort((a, b) => rank(a) - rank(b));
  }

  /** When an event's first version was issued, or null. */
  firstIssuedMs(event) {
    const first = this.log.find((e) => e.event_id === event.event_id && e.version === 1);
    return first === undefined ? null : first.issued_us / 1000;
  }
}

/** Whether nobody has to act on it any more: it was the last word, and where it shakes it has begun. */
export function isOver(event, nowMs) {
  const status = statusOf(event, nowMs);
  if (status !== "final") return status !== "active";
  return event.areas.every((area) => area.mmi < TOLD_MMI || nowMs > area.s_arrival_us / 1000 + SHAKING_MS);
}

/** "active", "final", "cancelled", or "lapsed" where no last word came before it expired. */
export function statusOf(event, nowMs) {
  if (event.type === "cancel") return "cancelled";
  if (event.type === "final") return "final";
  return nowMs > event.expires_us / 1000 ? "lapsed" : "active";
}

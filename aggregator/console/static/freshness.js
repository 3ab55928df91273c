// Is what the page shows still true? Three links can break; each is named, with the time since when.
import { byId, make } from "./dom.js";
import { ago, bothTimes, duration } from "./format.js";

const REASONS = {
  stream: ["No connection to the console", "This page hears nothing from its server."],
  link: ["The broker is out of reach", "The console has lost its link to the broker."],
  engine: ["The engine is silent", "Its heartbeat has stopped: no alert would come."],
};
const LINK_HEALTH = { connected: "good", connecting: "none", down: "bad", unknown: "bad" };

/** Return [{ kind, sinceMs }], empty when all is well. Times by the server's clock. */
export function findFaults(stream, system, nowMs, monotonicMs) {
  if (stream.isLost) return [{ kind: "stream", sinceMs: nowMs - (monotonicMs - stream.lostSinceMs) }];
  if (system === null) return [];
  const faults = [];
  if (linkWords(system, nowMs) === "down") faults.push({ kind: "link", sinceMs: system.link.since_us / 1000 });
  const heardMs = (system.heartbeat?.heard_us ?? system.started_us) / 1000;
  if (nowMs - heardMs > system.stale_after_us / 1000) faults.push({ kind: "engine", sinceMs: heardMs });
  return faults;
}

/** "connected", "connecting" (a console that has just started) or "down". */
export function linkWords(system, nowMs) {
  if (system.link.is_connected) return "connected";
  return nowMs - system.started_us / 1000 < system.stale_after_us / 1000 ? "connecting" : "down";
}

export class Freshness {
  #key = "";

  update(faults, nowMs, graceMs = 0) {
    const isStale = faults.length > 0 && nowMs - faults[0].sinceMs >= graceMs;
    const root = document.documentElement;
    if (isStale) root.dataset.stale = faults.map((fault) => fault.kind).join(" ");
    else delete root.dataset.stale;
    byId("stale").hidden = !isStale;
    if (isStale) this.#say(faults, nowMs);
    return isStale;
  }

  #say(faults, nowMs) {
    const key = faults.map((fault) => fault.kind + fault.sinceMs).join(" ");
    const frame = byId("stale");
    if (key !== this.#key) frame.replaceChildren(make("strong", {}, "STALE"), make("div", {}, ...faults.map(line)));
    this.#key = key;
    // only the age changes, outside what is read aloud again and again
    frame.querySelectorAll(".since").forEach((element, n) => {
      element.textContent = ` ${duration(nowMs - faults[n].sinceMs)}`;
    });
  }
}

function line({ kind, sinceMs }) {
  const [title, text] = REASONS[kind];
  return make(
    "p",
    { "data-kind": kind },
    make("b", {}, title),
    ` since ${bothTimes(sinceMs)}, for`,
    make("span", { class: "since", "aria-hidden": "true" }),
    `. ${text} What you see is not current.`,
  );
}

/** The three lights of the header. */
export function updateVitals(stream, model, nowMs) {
  const { system } = model;
  const heartbeat = system?.heartbeat ?? null;
  const age = heartbeat === null ? null : nowMs - heartbeat.heard_us / 1000;
  light("vital-engine", engineHealth(stream, system, age, nowMs), age === null ? "not heard yet" : ago(age));
  const nodes = [...model.nodes.values()];
  const alive = nodes.filter((node) => node.state === "alive" || node.state === "triggered").length;
  const health = nodes.length === 0 ? "none" : alive === nodes.length ? "good" : "fair";
  light("vital-nodes", health, nodes.length === 0 ? "none" : `${alive} of ${nodes.length}`);
  const words = system === null || stream.isLost ? "unknown" : linkWords(system, nowMs);
  light("vital-link", LINK_HEALTH[words], words);
}

function engineHealth(stream, system, age, nowMs) {
  if (system === null || stream.isLost) return "bad";
  const silentMs = age ?? nowMs - system.started_us / 1000;
  if (silentMs > system.stale_after_us / 1000) return "bad";
  return age === null ? "none" : "good";
}

function light(id, health, text) {
  const element = byId(id);
  element.dataset.health = health;
  const shown = element.querySelector("b");
  if (shown.textContent !== text) shown.textContent = text;
}

// The page: joins what is heard with what is shown.
import { Announcer } from "./announcer.js";
import { Banners, CATEGORIES, headline } from "./banner.js";
import { ServerClock } from "./clock.js";
import { Countdown } from "./countdown.js";
import { byId, setText } from "./dom.js";
import { isInUtc, localTime, utcTime } from "./format.js";
import { findFaults, Freshness, updateVitals } from "./freshness.js";
import { drawLegend } from "./legend.js";
import { Log } from "./log.js";
import { NetworkMap } from "./map.js";
import { MapWords } from "./map_words.js";
import { Model, statusOf } from "./model.js";
import { Stream } from "./stream.js";
import { SystemPanel } from "./system.js";

const TICK_MS = 200; // a countdown that is a fifth of a second late is in time for people
const STREAM_GRACE_MS = 3000; // a first connection may take this long before it counts as lost

const model = new Model();
const clock = new ServerClock();
const stream = new Stream("/events", hear);
const map = new NetworkMap(byId("canvas"), model, clock, update);
const freshness = new Freshness();
const banners = new Banners(model, dismiss);
const countdown = new Countdown(model);
const log = new Log(model);
const panel = new SystemPanel(model, clock, stream, map);
const announcer = new Announcer(byId("announcer"), model);
const mapWords = new MapWords(model, map);

function hear(name, document) {
  const system = name === "system" ? document : document.system;
  if (system !== undefined) clock.hear(system.now_us / 1000, Date.now());
  model.apply(name, document);
  if (name === "alert" && !document.alert.was_expired) announcer.hear(document.alert, clock.nowMs());
  if (name === "state") announceRunning(clock.nowMs());
  update();
}

/** What began before the page was opened, or while it was cut off. */
function announceRunning(nowMs) {
  const event = model.shown(nowMs)[0];
  if (event !== undefined && statusOf(event, nowMs) === "active") announcer.hear(event, nowMs);
}

function update() {
  const nowMs = clock.nowMs();
  const faults = findFaults(stream, model.system, nowMs, performance.now());
  const isStale = freshness.update(faults, nowMs, stream.heardMs === null ? STREAM_GRACE_MS : 0);
  updateVitals(stream, model, nowMs);
  banners.update(nowMs);
  countdown.update(nowMs);
  log.update(nowMs);
  panel.update(nowMs);
  mapWords.update(nowMs);
  showMode(nowMs, isStale);
  byId("scale").hidden = model.events.size === 0;
  byId("map-empty").hidden = model.nodes.size > 0 || model.system === null;
  map.draw();
}

function showMode(nowMs, isStale) {
  setText(byId("clock-here"), isInUtc(nowMs) ? "" : localTime(nowMs));
  setText(byId("clock-utc"), `${utcTime(nowMs)} UTC`);
  byId("clock").classList.toggle("off", clock.isOff);
  const category = model.system?.heartbeat?.category ?? null;
  const mode = byId("mode");
  mode.hidden = category === null;
  if (category !== null) {
    mode.dataset.category = category;
    setText(mode, CATEGORIES[category].word);
  }
  const title = titleOf(model.shown(nowMs)[0], isStale);
  if (document.title !== title) document.title = title;
}

function titleOf(event, isStale) {
  const parts = [];
  if (isStale) parts.push("STALE");
  if (event !== undefined) {
    parts.push(CATEGORIES[event.category].word);
    if (event.type === "cancel") parts.push("cancelled");
    else parts.push(`M ${event.magnitude.toFixed(1)} ${headline(event, model.places)}`);
  }
  return [...parts, "Groundswell"].join(" · ");
}

function dismiss(eventId) {
  model.dismissed.add(eventId);
  update();
}

drawLegend();
byId("zoom-in").addEventListener("click", () => map.zoom(1.5));
byId("zoom-out").addEventListener("click", () => map.zoom(1 / 1.5));
byId("fit").addEventListener("click", () => map.fit());
byId("nodes-details").addEventListener("toggle", update);
setInterval(update, TICK_MS);
update();

// How long each place has until S waves, which bring the strong shaking.
import { CATEGORIES } from "./banner.js";
import { byId, make, setText } from "./dom.js";
import { duration } from "./format.js";
import { distanceKm, isWithin, nearest } from "./geography.js";
import { classOf } from "./intensity.js";
import { SHAKING_MS, statusOf, TOLD_MMI } from "./model.js";
import { isTravelling, sArrivalMs } from "./waves.js";

const MAX_ROWS = 12;
const SAME_PLACE_KM = 3;
const NEAR_AREA_KM = 30; // an area further away says nothing about a place
const FELT_MMI = 2.5;
const LONG_MS = 90_000; // a bar is full when S is this far away

export class Countdown {
  #key = null;
  #rows = [];

  constructor(model) {
    this.model = model;
  }

  update(nowMs) {
    const event = this.model.shown(nowMs).find((e) => isCounting(e, nowMs));
    if (event !== undefined) this.#refresh(event, nowMs);
    byId("countdown").hidden = event === undefined || this.#isOver(event, nowMs);
  }

  #refresh(event, nowMs) {
    const key = `${event.event_id} ${event.version} ${this.model.places.length}`;
    if (key !== this.#key) this.#build(event);
    this.#key = key;
    const word = CATEGORIES[event.category].word;
    const title = `Time until S waves · ${word}${event.is_strange ? ", not verified" : ""}`;
    setText(byId("countdown-title"), title);
    for (const row of this.#rows) refresh(row, nowMs);
    const hero = heroOf(this.#rows, nowMs);
    for (const row of this.#rows) row.element.classList.toggle("hero", row === hero);
  }

  /** After a final report nobody needs to read that all waves have passed. */
  #isOver(event, nowMs) {
    const isQuiet = this.#rows.every(({ target }) => nowMs > target.arrivalMs + SHAKING_MS);
    return isQuiet && statusOf(event, nowMs) !== "active";
  }

  #build(event) {
    const targets = targetsOf(event, this.model.places, this.model.firstIssuedMs(event));
    this.#rows = targets.slice(0, MAX_ROWS).map(makeRow);
    const left = targets.length - this.#rows.length;
    byId("countdown-body").replaceChildren(
      make("ol", { class: "countdown" }, ...this.#rows.map((row) => row.element)),
      left > 0 ? make("p", { class: "empty" }, `and ${left} further away`) : "",
    );
  }
}

/** Registered targets of the alert and named places, the nearest first. */
export function targetsOf(event, places, firstIssuedMs = null) {
  const areas = event.areas.filter((area) => !area.outline_deg).map((area) => fromArea(area, event, firstIssuedMs));
  const others = places.filter((place) => !areas.some((area) => isSame(area, place)));
  const named = others.map((place) => fromPlace(place, event, firstIssuedMs));
  return [...areas, ...named].filter((target) => target.arrivalMs !== null).sort((a, b) => a.arrivalMs - b.arrivalMs);
}

/** What a row says at a time: { number, words, state }. Where little or nothing is felt, it says no more. */
export function saying(target, nowMs) {
  const leftMs = target.arrivalMs - nowMs;
  if (leftMs > 0) return { number: `${Math.ceil(leftMs / 1000)}\u202fs`, words: "until S waves", state: "coming" };
  if (target.isBlind) return { number: "–", words: "blind zone: shaken before any alert", state: "blind" };
  if (leftMs > -SHAKING_MS) {
    const isTold = (target.mmi ?? 0) >= TOLD_MMI;
    return isTold
      ? { number: "now", words: "shaking has begun", state: "shaking" }
      : { number: "now", words: "S waves are here", state: "weak" };
  }
  return { number: "–", words: `S waves passed ${duration(-leftMs)} ago`, state: "passed" };
}

function isCounting(event, nowMs) {
  const status = statusOf(event, nowMs);
  return status !== "cancelled" && isTravelling(event, nowMs);
}

// Blind is who was shaken before the first version, whatever a later one makes of it.
function fromArea(area, event, firstIssuedMs) {
  const arrivalMs = area.s_arrival_us / 1000;
  return {
    name: area.name || area.id,
    lat_deg: area.lat_deg,
    lon_deg: area.lon_deg,
    mmi: area.mmi,
    arrivalMs,
    isBlind: firstIssuedMs === null ? area.in_blind_zone : arrivalMs <= firstIssuedMs,
    km: distanceKm(event, area),
  };
}

function fromPlace(place, event, firstIssuedMs) {
  const area = areaOf(place, event.areas);
  const arrivalMs = sArrivalMs(event, place);
  return {
    ...place,
    mmi: area?.mmi ?? null,
    arrivalMs,
    isBlind: arrivalMs <= (firstIssuedMs ?? event.issued_us / 1000),
    km: distanceKm(event, place),
  };
}

/** The cell that a place lies in, else the area that is near enough to speak for it. */
function areaOf(place, areas) {
  const cell = areas.find((area) => area.outline_deg && isWithin(place, area.outline_deg));
  if (cell !== undefined) return cell;
  const area = nearest(place, areas);
  return area !== null && area.km <= NEAR_AREA_KM ? area.other : null;
}

function isSame(area, place) {
  return area.name === place.name || distanceKm(area, place) < SAME_PLACE_KM;
}

function makeRow(target) {
  const number = make("b", { class: "number" });
  const words = make("span", { class: "words" });
  const bar = make("i", { class: "bar", "aria-hidden": "true" }, make("i"));
  const element = make(
    "li",
    { class: "target" },
    make("span", { class: "name" }, target.name),
    chip(target.mmi),
    number,
    words,
    make("span", { class: "km" }, `${Math.round(target.km)} km`),
    bar,
  );
  return { target, element, number, words, fill: bar.firstChild };
}

function chip(mmi) {
  if (mmi === null) return make("span", { class: "mmi none", title: "no estimate" }, "MMI –");
  const { degree, numeral, word } = classOf(mmi);
  const attributes = { class: `mmi mmi-${degree}`, title: `${numeral}, ${word}` };
  return make("span", attributes, `MMI ${Math.max(1, mmi).toFixed(1)}`);
}

function refresh({ target, element, number, words, fill }, nowMs) {
  const { number: shown, words: said, state } = saying(target, nowMs);
  setText(number, shown);
  setText(words, said);
  element.dataset.state = state;
  const left = Math.min(1, Math.max(0, (target.arrivalMs - nowMs) / LONG_MS));
  fill.style.width = `${(100 * left).toFixed(1)}%`;
}

/** The place to look at: the next that will feel it, else the one that is shaken most. */
function heroOf(rows, nowMs) {
  const felt = rows.filter(({ target }) => (target.mmi ?? 0) >= FELT_MMI);
  const coming = felt.find(({ target }) => target.arrivalMs > nowMs);
  if (coming !== undefined) return coming;
  const shaken = felt.filter(({ target }) => ["shaking", "weak"].includes(saying(target, nowMs).state));
  return shaken.sort((a, b) => b.target.mmi - a.target.mmi)[0];
}

// The system panel: heartbeat, links, clocks, drops, and where the last alert spent its time.
import { byId, make, setText } from "./dom.js";
import { acceleration, ago, bothTimes, duration, shortTime } from "./format.js";
import { linkWords } from "./freshness.js";
import { coordinates } from "./geography.js";

const word = (state) => (state === "mute" ? "no vote" : state);
const CARD_GAP_PX = 24; // between the card and the node that it speaks of

const STAGES = [
  ["Sample to node's send", "sample_us", "node_sent_us"],
  ["Node to gateway", "node_sent_us", "gateway_received_us"],
  ["In the gateway", "gateway_received_us", "gateway_sent_us"],
  ["Gateway to engine", "gateway_sent_us", "engine_received_us"],
  ["Engine to alert", "engine_received_us", "alert_us"],
];
// A node reckons when it will have sent (reporter.py). Where the gateway had it before, they are one.
const JOINED = [["Sample to gateway", "sample_us", "gateway_received_us"], ...STAGES.slice(2)];

const DROPPED_HERE = [
  ["malformed", "malformed message", "malformed messages"],
  ["duplicate", "second copy", "second copies"],
  ["expired", "expired alert", "expired alerts"],
  ["unknown_topic", "message of unknown topic", "messages of unknown topics"],
  ["retained", "retained message", "retained messages"],
];
const DROPPED_BY_ENGINE = [
  ["malformed", "malformed message", "malformed messages"],
  ["duplicates", "second copy", "second copies"],
  ["too_old", "too old", "too old"],
  ["from_future", "from the future", "from the future"],
];

export class SystemPanel {
  #rows = new Map();
  #delays = null;

  constructor(model, clock, stream, map) {
    Object.assign(this, { model, clock, stream, map });
  }

  update(nowMs) {
    if (this.model.system === null) return;
    for (const [name, text] of Object.entries(this.#facts(nowMs))) setText(this.#cell(name), text);
    if (this.model.delays !== this.#delays) drawDelays(this.model.delays);
    this.#delays = this.model.delays;
    if (byId("nodes-details").open) this.#drawTable(nowMs);
    this.#drawCard(nowMs);
  }

  #facts(nowMs) {
    const { heartbeat, link, counts, nodes_heard_us } = this.model.system;
    return {
      "Engine heartbeat": heartbeat === null
        ? "none heard yet"
        : `${ago(nowMs - heartbeat.heard_us / 1000)}, ${heartbeat.sender} ${heartbeat.version ?? ""}`.trim(),
      "Nodes by the engine": heartbeat === null ? "–" : `${heartbeat.nodes_live} alive of ${heartbeat.nodes_known}`,
      "Node list": nodes_heard_us === null ? "none heard yet" : ago(nowMs - nodes_heard_us / 1000),
      Broker: `${linkWords(this.model.system, nowMs)} since ${bothTimes(link.since_us / 1000)}`,
      "This page": this.stream.isLost ? "connection lost" : "following live",
      "This computer's clock": clockWords(this.clock),
      "Dropped here": countWords(counts, DROPPED_HERE),
      "Dropped by the engine": heartbeat === null ? "–" : countWords(heartbeat.ingest, DROPPED_BY_ENGINE),
      Record: recordWords(heartbeat?.store),
    };
  }

  #cell(name) {
    if (!this.#rows.has(name)) {
      const cell = make("dd");
      byId("system").append(make("div", {}, make("dt", {}, name), cell));
      this.#rows.set(name, cell);
    }
    return this.#rows.get(name);
  }

  #drawTable(nowMs) {
    const head = make("tr", {}, ...["Node", "State", "Heard", "Clock", "Noise", "Faults"].map((t) => make("th", { scope: "col" }, t)));
    const rows = [...this.model.nodes.values()].map((node) => this.#tableRow(node, nowMs));
    byId("nodes-table").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }

  #tableRow(node, nowMs) {
    const cells = [word(node.state), heard(node, nowMs), clockError(node), noise(node), faultWords(node)];
    return make("tr", {}, make("th", { scope: "row" }, node.node_id), ...cells.map((text) => make("td", {}, text)));
  }

  #drawCard(nowMs) {
    const card = byId("node-card");
    const node = this.map.shownNode;
    card.hidden = node === null;
    if (node === null) return;
    const rows = [
      ["Last heard", heard(node, nowMs)],
      ["Clock error", clockError(node)],
      ["Noise", noise(node)],
      ["Peak ground acceleration", node.pga_um_s2 === null ? "–" : acceleration(node.pga_um_s2)],
      ["Triggered", node.triggered_us === null ? "no" : ago(nowMs - node.triggered_us / 1000)],
      ["Faults", faultWords(node)],
      ["Position", coordinates(node)],
    ];
    if (card.dataset.node !== node.node_id) fillCard(card, node, rows);
    delete card.dataset.side;
    if (this.map.isUnder(card, node, CARD_GAP_PX)) card.dataset.side = "other";
    setText(card.querySelector("h3 span"), word(node.state));
    card.querySelector("h3").dataset.state = node.state;
    card.querySelectorAll("dd").forEach((cell, n) => setText(cell, rows[n][1]));
  }
}

function fillCard(card, node, rows) {
  card.dataset.node = node.node_id;
  const list = rows.map(([name]) => make("div", {}, make("dt", {}, name), make("dd")));
  card.replaceChildren(
    make("h3", {}, `Node ${node.node_id} `, make("span")),
    make("dl", {}, ...list),
  );
}

function heard(node, nowMs) {
  return node.last_heard_us === null ? "never" : ago(nowMs - node.last_heard_us / 1000);
}

function clockError(node) {
  return node.clock_error_us === null ? "unknown" : `± ${shortTime(node.clock_error_us)}`;
}

function noise(node) {
  return node.noise_um_s2 === null ? "–" : acceleration(node.noise_um_s2);
}

function faultWords(node) {
  return node.faults || "none";
}

function clockWords(clock) {
  const offset = clock.offsetMs;
  if (!clock.isOff) return `agrees within ${shortTime(1000 * Math.max(10, Math.abs(offset)))}`;
  return `${duration(Math.abs(offset))} ${offset > 0 ? "behind" : "ahead"}; the server's time is used`;
}

function countWords(counts, names) {
  const parts = names.filter(([key]) => counts[key] > 0).map(([key, one, many]) =>
    `${counts[key]} ${counts[key] === 1 ? one : many}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

function recordWords(store) {
  if (!store || store.is_writing === null) return "–";
  const drops = store.drops > 0 ? `, ${store.drops} rows dropped` : "";
  return (store.is_writing ? "being written" : `not written: ${store.problem || "no reason given"}`) + drops;
}

function drawDelays(delays) {
  const frame = byId("delays");
  if (delays === null) {
    frame.replaceChildren();
    return;
  }
  const totalUs = Math.max(1, delays.alert_us - delays.sample_us);
  const stages = delays.node_sent_us > delays.gateway_received_us ? JOINED : STAGES;
  const rows = stages.map(([name, from, to], n) => stage(name, delays[to] - delays[from], totalUs, n));
  frame.replaceChildren(
    make("h3", {}, `Sample to alert in ${shortTime(totalUs)}`),
    make("p", { class: "small" }, `The message that completed the vote on ${delays.event_id}`),
    make("ol", { class: "stages" }, ...rows),
  );
}

function stage(name, us, totalUs, n) {
  const bar = make("i", { class: "bar", "aria-hidden": "true" }, make("i", { "data-stage": n }));
  bar.firstChild.style.width = `${Math.min(100, Math.max(0.8, (100 * us) / totalUs)).toFixed(1)}%`;
  return make("li", {}, make("span", {}, name), make("b", {}, us < 0 ? "clocks disagree" : shortTime(us)), bar);
}

// The map for those who cannot see it: how the network is, and the node that was chosen. The first is there
// to be asked for; only the second is read out, once, because who pressed a key wants to hear what it did.
import { headline } from "./banner.js";
import { byId, setText } from "./dom.js";
import { STATES } from "./nodes.js";

export class MapWords {
  #selected = null;

  constructor(model, map) {
    this.model = model;
    this.map = map;
  }

  update(nowMs) {
    setText(byId("map-words"), this.#summary(nowMs));
    if (this.map.selected === this.#selected) return;
    this.#selected = this.map.selected;
    const node = this.model.nodes.get(this.#selected);
    setText(byId("node-words"), node === undefined ? "" : `Node ${node.node_id}, ${wordOf(node.state)}, faults: ${node.faults || "none"}`);
  }

  #summary(nowMs) {
    const nodes = [...this.model.nodes.values()];
    const counts = STATES.map(([state, word]) => [nodes.filter((node) => node.state === state).length, word.toLowerCase()]);
    const shown = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    const events = this.model.shown(nowMs).map((event) => sizeAndPlace(event, this.model.places));
    return [`${nodes.length} nodes${shown.length > 0 ? `: ${shown.join(", ")}` : ""}.`, ...events].join(" ");
  }
}

function sizeAndPlace(event, places) {
  const size = event.magnitude === null ? "" : `, magnitude ${event.magnitude.toFixed(1)}`;
  return `${event.type === "cancel" ? "Cancelled: " : ""}${headline(event, places)}${size}.`;
}

function wordOf(state) {
  return STATES.find(([name]) => name === state)[1].toLowerCase();
}

// What the marks and the colours on the map mean.
import { byId, make } from "./dom.js";
import { LEGEND } from "./intensity.js";
import { drawMark, STATES } from "./nodes.js";

const MARK_PX = 22;

export function drawLegend() {
  const marks = STATES.map(([state, word]) => make("li", {}, sample(state), word));
  const steps = LEGEND.map(({ degree, numeral, word }) =>
    make("li", { class: `mmi-${degree}`, title: word }, numeral));
  byId("legend").replaceChildren(
    make("ul", { class: "marks" }, ...marks),
    make("div", { class: "scale", id: "scale" }, make("span", {}, "Shaking (MMI)"), make("ol", {}, ...steps)),
  );
}

function sample(state) {
  const canvas = make("canvas", { "aria-hidden": "true" });
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = MARK_PX * ratio;
  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, MARK_PX, MARK_PX);
    drawMark(ctx, state, MARK_PX / 2, MARK_PX / 2, { [state]: colour(state), offline: colour("offline"), ground: colour("panel") });
  };
  paint();
  document.addEventListener("themechange", paint);
  return canvas;
}

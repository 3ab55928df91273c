// Sets light or dark before anything is painted. A choice persists; without one the system decides.
(() => {
  "use strict";
  const KEY = "groundswell-theme";
  const ORDER = ["auto", "light", "dark"];
  const NAMES = { auto: "◐ Auto", light: "○ Light", dark: "● Dark" };
  const system = matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try {
      const choice = localStorage.getItem(KEY);
      return ORDER.includes(choice) ? choice : "auto";
    } catch {
      return "auto"; // storage is switched off: the choice lasts as long as the page
    }
  }

  function apply(choice) {
    const { dataset } = document.documentElement;
    dataset.choice = choice;
    dataset.theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    document.dispatchEvent(new Event("themechange"));
    const button = document.getElementById("theme");
    if (button === null) return;
    button.textContent = NAMES[choice];
    button.setAttribute("aria-label", `Colours: ${choice}. Press to change.`);
  }

  function next() {
    const now = document.documentElement.dataset.choice;
    const choice = ORDER[(ORDER.indexOf(now) + 1) % ORDER.length];
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // as above
    }
    apply(choice);
  }

  apply(remembered());
  system.addEventListener("change", () => apply(document.documentElement.dataset.choice));
  document.addEventListener("DOMContentLoaded", () => {
    apply(remembered());
    document.getElementById("theme").addEventListener("click", next);
  });
})();

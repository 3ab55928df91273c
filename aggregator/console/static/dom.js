// Makes elements. Strings become text nodes, whatever they hold: nothing from the wire is markup.

/** make("li", {class: "row", title: "..."}, "text", anotherElement) */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Change text only where it differs: a screen reader and a selection are then left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

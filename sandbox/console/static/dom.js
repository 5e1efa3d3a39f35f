// Small helpers. Text from callers is only ever text: no HTML is built from strings here.

/** An element with properties (or attributes, for names with a dash), event listeners under `on`, and children. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name.includes("-")) {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button that remembers by `key` who it is, so that the focus survives a redraw. */
export function button(text, key, act, className = "") {
  return el("button", { type: "button", textContent: text, className, data: { key }, on: { click: act } });
}

const drawn = new Map();

/** Redraws the element's children if `state` changed since last time; the focus and what is typed stay where they were. */
export function redraw(element, state, draw) {
  const picture = JSON.stringify(state);
  if (drawn.get(element) === picture) return;
  drawn.set(element, picture);
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const typed = new Map([...element.querySelectorAll("input[data-key]")].map((input) => [input.dataset.key, input.value]));
  element.replaceChildren(...draw());
  for (const input of element.querySelectorAll("input[data-key]")) {
    if (typed.has(input.dataset.key)) input.value = typed.get(input.dataset.key);
  }
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** What somebody typed, without the spaces and signs between the digits. */
export function digits(typed) {
  return typed.replace(/[\s()-]/g, "");
}

/** A number as people here write it: 020 555 0100, 06 1234 5678. */
export function readable(number) {
  const local = number.startsWith("31") && number.length === 11 ? "0" + number.slice(2) : number;
  if (local.startsWith("06") && local.length === 10) return `${local.slice(0, 2)} ${local.slice(2, 6)} ${local.slice(6)}`;
  if (local.length === 10) return `${local.slice(0, 3)} ${local.slice(3, 6)} ${local.slice(6)}`;
  return local;
}

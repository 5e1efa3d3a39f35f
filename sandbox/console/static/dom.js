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

/** A choice between [value, text] pairs, which a redraw leaves as it is. */
export function choice(key, pairs) {
  return el("select", { data: { key, kept: true } }, ...pairs.map(([value, text]) => new Option(text, value)));
}

const drawn = new Map();

/** What was typed, chosen or opened below the element, by the keys of those who were. */
function kept(element) {
  const typed = [...element.querySelectorAll("input[data-key]")].filter((input) => input.type !== "checkbox" && input.value !== input.defaultValue);
  const chosen = [...element.querySelectorAll("select[data-kept]")];
  return {
    values: new Map([...typed, ...chosen].map((each) => [each.dataset.key, each.value])),
    open: new Set([...element.querySelectorAll("details[open][data-key]")].map((each) => each.dataset.key)),
  };
}

/** Redraws the element's children if `state` changed since last time; the focus and what is typed stay where they were. */
export function redraw(element, state, draw) {
  const picture = JSON.stringify(state);
  if (drawn.get(element) === picture) return;
  drawn.set(element, picture);
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const { values, open } = kept(element);
  element.replaceChildren(...draw());
  for (const each of element.querySelectorAll("[data-key]")) {
    if (values.has(each.dataset.key)) each.value = values.get(each.dataset.key);
    if (open.has(each.dataset.key)) each.open = true;
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

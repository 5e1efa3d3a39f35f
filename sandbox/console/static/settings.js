// Forms made from the settings that the control API shows: a field per value, of the value's own type.

import { el } from "./dom.js";

const TITLES = { behaviour: "People and phones", delivery: "Delivery of notifications", dialect: "Readings of the document", faults: "" };

/** `choices`: what a setting may be, by its name. `change(group, values)` is called when a field was changed by hand. */
export function drawSettings(group, values, choices, change) {
  const title = TITLES[group] ? [el("h3", { textContent: TITLES[group] })] : [];
  return title.concat(Object.entries(values).map(([name, value]) => drawField(group, name, value, choices[name], change)));
}

function drawField(group, name, value, choices, change) {
  const tell = (read) => ({ change: (event) => change(group, { [name]: read(event.target) }) });
  const data = { key: `${group} ${name}` };
  const words = name.replaceAll("_", " ");
  if (choices) {
    const options = choices.map((each, index) => new Option(each === "" ? "(none)" : each, index, false, each === value));
    return el("label", {}, words, el("select", { data, on: tell((select) => choices[select.value]) }, ...options));
  }
  if (typeof value === "boolean") {
    const box = el("input", { type: "checkbox", checked: value, data, on: tell((input) => input.checked) });
    return el("label", { className: "check" }, box, words);
  }
  const read = (input) => (input.value === "" ? null : Number(input.value));
  const field = el("input", { type: "number", min: 0, step: "any", placeholder: "off", data, on: tell(read) });
  field.value = value ?? "";
  field.defaultValue = field.value;
  return el("label", {}, words, field);
}

// Notifications that the customer writes: which there are, and which are set up.

import { el } from "./dom.js";

export function drawTopics(topics) {
  return [new Option("Every one", ""), ...topics.map((each) => new Option(each, each))];
}

export function drawTemplates(templates) {
  return templates.map((each) => el("li", {}, el("span", { textContent: each.id }), el("span", { className: "soft", textContent: `${each.method} ${each.callback_url}` })));
}

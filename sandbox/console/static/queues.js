// Queues with their agents, and parked calls.

import { button, choice, el } from "./dom.js";
import { duration, named } from "./names.js";

const STATES = { logged_out: "logged out", ready: "ready", paused: "paused", wrap_up: "wraps up" };

export function drawQueues(bench) {
  return bench.state.extensions.filter((each) => each.queue).map((queue) =>
    el("article", { className: "stack", "aria-label": queue.name },
      el("header", { className: "split" }, el("h3", { textContent: queue.name }), el("span", { className: "soft", textContent: queue.number })),
      el("p", { className: "soft", textContent: describe(queue.queue.statistics) }),
      drawWaiting(bench, queue),
      ...queue.queue.agents.map((agent) => drawAgent(bench, queue, agent)),
    ),
  );
}

function describe(statistics) {
  const words = [`${statistics.waiting} waiting`];
  if (statistics.waiting) words.push(`longest ${duration(statistics.longest_wait_s)}`);
  words.push(`${statistics.answered} answered`, `${statistics.abandoned} abandoned`);
  if (statistics.answered) words.push(`${duration(statistics.average_wait_s)} on average`, `${Math.round(statistics.service_level * 100)}% in time`);
  return words.join(", ");
}

function drawWaiting(bench, queue) {
  const calls = queue.queue.waiting.map((id) => bench.state.calls.find((call) => call.id === id)).filter(Boolean);
  return calls.length ? el("ol", { className: "line-up" }, ...calls.map((call) => el("li", { textContent: named(call.from) }))) : null;
}

function drawAgent({ company, state, run }, queue, agent) {
  const person = state.extensions.find((each) => each.id === agent.extension_id);
  const does = (text, action, body) => button(text, `${queue.number} ${person.number} ${text}`, run(() => company.post(`/queues/${queue.number}/agents/${person.number}/${action}`, body)));
  const busy = agent.state === "ready" && !agent.free ? ", busy" : "";
  const code = agent.pause_code ? ` (${agent.pause_code})` : "";
  const buttons = {
    logged_out: [does("Log in", "log-in")],
    ready: [does("Pause", "pause", { code: "break" }), does("Log out", "log-out")],
    paused: [does("Go on", "resume"), does("Log out", "log-out")],
    wrap_up: [does("Ready", "resume"), does("Log out", "log-out")],
  };
  return el("div", { className: "agent" },
    el("span", {}, person.name, " ", el("span", { className: "soft", textContent: STATES[agent.state] + code + busy })),
    el("div", { className: "buttons" }, ...buttons[agent.state]),
  );
}

export function drawParked({ company, state, users, run }) {
  const parked = state.calls.filter((call) => call.parked);
  if (!parked.length) return [el("p", { className: "soft", textContent: "Nothing is parked. A phone that talks can park its call." })];
  return parked.map((call) => {
    const who = choice(`${call.parked} who`, users.map((each) => [each.number, each.name]));
    const fetch = run(() => company.post(`/parked/${call.parked}/retrieve`, { extension: who.value }));
    return el("article", { className: "leg held" },
      el("span", { className: "who", textContent: `${call.parked}: ${call.legs.filter((leg) => leg.state === "parked").map(named).join("; ")}` }),
      el("div", { className: "row two" }, el("label", {}, "Fetched by", who), button("Pick up", `${call.parked} fetch`, fetch)),
    );
  });
}

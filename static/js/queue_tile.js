// One queue on the wallboard: how many wait and how long, who is there for them, and the callers themselves.

import { duration, partyLabel } from "./format.js";
import { takeOffer } from "./live_calls.js";
import { agentState, longestWait, staffing, waitingCount } from "./queues.js";

export class QueueTile {
  #shown = "";

  /** desk: {can(account), line(account), accountName(id), act(path, body)} */
  constructor(desk) {
    this.desk = desk;
    this.element = document.getElementById("queue-tile").content.firstElementChild.cloneNode(true);
    this.agents = this.element.querySelector(".agents");
    this.callers = this.element.querySelector(".callers");
  }

  /** agents: in the order in which they are shown; waiting: the calls, the longest first */
  update(queue, agents, waiting) {
    Object.assign(this, { queue, waiting });
    const { available, loggedIn } = staffing(queue, agents, this.desk.can(queue.account_id));
    const count = waitingCount(queue, waiting);
    this.#text(".name", queue.name);
    this.#text(".where", [queue.number, this.desk.accountName(queue.account_id)].filter(Boolean).join(" · "));
    this.#text(".waiting dd", String(count));
    this.#text(".available .count", available === null ? "–" : String(available));
    this.#text(".available small", loggedIn === null ? "" : `of ${loggedIn} signed in`);
    this.element.dataset.state = count === 0 ? "quiet" : available === 0 ? "unattended" : "waiting";
    this.element.querySelector(".none").hidden = agents.length > 0;
    const shown = JSON.stringify([agents, waiting.map((call) => [call.id, call.version]), this.desk.line(queue.account_id)?.id]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.agents.replaceChildren(...agents.map((agent) => this.#agent(agent)));
    this.callers.replaceChildren(...waiting.map((call) => this.#caller(call)));
  }

  tick(now) {
    const wait = longestWait(this.queue, this.waiting, now);
    this.#text(".longest dd", wait === null ? "–" : duration(wait));
    for (const time of this.element.querySelectorAll("[data-since]")) {
      time.textContent = duration((now - Number(time.dataset.since)) / 1000);
    }
  }

  #agent(agent) {
    const item = document.createElement("li");
    const [words, kind] = agentState(agent, this.queue);
    const name = Object.assign(document.createElement("bdi"), { textContent: agent.name || agent.vendor_extension_id || "Unknown" });
    const pill = Object.assign(document.createElement("span"), { className: `pill ${kind}`, textContent: words });
    name.className = "who";
    item.append(name, pill, since(agent.since));
    return item;
  }

  #caller(call) {
    const item = document.createElement("li");
    const name = Object.assign(document.createElement("bdi"), { textContent: partyLabel(call.from) });
    const rung = call.legs.filter((leg) => leg.state === "alerting").map(partyLabel);
    const who = Object.assign(document.createElement("span"), { className: "who" });
    who.append(name);
    if (rung.length) who.append(Object.assign(document.createElement("small"), { textContent: `rings ${rung.join(", ")}` }));
    item.append(who, since(call.started_at));
    const offer = takeOffer(call, this.desk.can(call.account_id), this.desk.line(call.account_id));
    if (offer) item.append(this.#takeButton(call, offer));
    return item;
  }

  #takeButton(call, offer) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: offer.label });
    button.ariaLabel = `Take ${partyLabel(call.from)}`;
    button.addEventListener("click", async () => {
      button.disabled = true;
      this.#problem("");
      try {
        await this.desk.act(offer.path ?? `/calls/${call.id}/${offer.action}`, offer.body);
      } catch (problem) {
        button.disabled = false;
        this.#problem(problem.detail);
      }
    });
    return button;
  }

  #problem(words) {
    const problem = this.element.querySelector(".error");
    problem.textContent = words;
    problem.hidden = !words;
  }

  #text(selector, text) {
    const element = this.element.querySelector(selector);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** A clock that `tick` moves on; empty where nobody knows since when. */
function since(moment) {
  const clock = Object.assign(document.createElement("span"), { className: "since" });
  if (moment) clock.dataset.since = String(new Date(moment).valueOf());
  return clock;
}

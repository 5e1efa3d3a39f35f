// The agent's own queues: how she is in each, what she can do there, and who waits. One row for each queue and line of hers.

import { post, serverNow } from "./api.js";
import { duration } from "./format.js";
import { announce } from "./notify.js";
import { QueueFeed } from "./queue_feed.js";
import { agentIn, agentState, longestWait, queueOffers, waitingCount } from "./queues.js";

const PATIENCE_MS = 6000; // how long a button waits for the event that its click causes

export class QueueBar {
  #rows = new Map(); // "queue extension" → QueueRow

  /** desk: {extensions: Map, accounts: id → capabilities}; onProblem(problem): of a request that was refused */
  constructor(section, desk, onProblem) {
    Object.assign(this, { section, desk, onProblem });
    this.list = section.querySelector(".list");
    const lines = [...desk.extensions.values()].filter((line) => desk.accounts[line.account_id]?.queues?.includes("agents"));
    section.hidden = lines.length === 0; // no phone system of hers tells who is in which queue
    this.feed = new QueueFeed({
      queries: lines.map((line) => ({ extension: line.id })),
      can: (account) => desk.accounts[account] ?? {},
      onChange: (board) => this.#show(board),
    });
  }

  async load() {
    if (this.section.hidden) return;
    await this.feed.load();
    this.section.querySelector(".empty-line").hidden = this.#rows.size > 0;
  }

  receive(event) {
    this.feed.receive(event);
  }

  tick(now) {
    for (const row of this.#rows.values()) row.tick(now);
  }

  focus() {
    this.list.querySelector("button:not([hidden])")?.focus();
  }

  #show(board) {
    const shown = new Set();
    const queues = [...board.queues.values()].sort((a, b) => a.name.localeCompare(b.name));
    for (const queue of queues) {
      for (const line of this.desk.extensions.values()) {
        const agent = agentIn(board, queue.id, line.id);
        if (!agent) continue;
        shown.add(`${queue.id} ${line.id}`);
        this.#row(queue, line).update(queue, agent);
      }
    }
    for (const [key, row] of this.#rows) {
      if (shown.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    this.section.querySelector(".empty-line").hidden = this.#rows.size > 0;
  }

  #row(queue, line) {
    const key = `${queue.id} ${line.id}`;
    if (!this.#rows.has(key)) {
      const isOnlyLine = this.desk.extensions.size === 1;
      const row = new QueueRow({ queue, line, isOnlyLine, can: this.desk.accounts[queue.account_id], onProblem: this.onProblem });
      this.#rows.set(key, row);
      this.list.append(row.element);
    }
    return this.#rows.get(key);
  }
}

class QueueRow {
  #pending = null; // {label, state} of the click that has no event yet
  #opened = null; // the offer whose choices are shown
  #since = null;

  constructor({ queue, line, isOnlyLine, can, onProblem }) {
    Object.assign(this, { line, can: can ?? {}, onProblem });
    this.element = document.getElementById("queue-row").content.firstElementChild.cloneNode(true);
    this.element.setAttribute("aria-label", queue.name);
    this.buttons = this.element.querySelector(".actions");
    this.choices = this.element.querySelector(".choices-of");
    this.#text(".line", isOnlyLine ? "" : `on ${line.number}`);
    this.buttons.addEventListener("click", ({ target }) => this.#press(target.closest("button")?.dataset.name));
    this.choices.addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    this.choices.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
  }

  update(queue, agent) {
    const [words, kind] = agentState(agent, queue);
    const pill = this.element.querySelector(".pill");
    if (this.agent && pill.textContent !== words) announce(`${queue.name}: ${words}`);
    if (this.#pending && this.#pending.state !== agent.state) this.#pending = null;
    Object.assign(this, { queue, agent });
    this.#since = agent.since && new Date(agent.since);
    pill.className = `pill ${kind}`;
    pill.textContent = words;
    this.#text(".name", queue.name);
    this.#offer();
    this.tick(serverNow());
  }

  tick(now) {
    this.#text(".since", this.#since ? duration((now - this.#since) / 1000) : "");
    const wait = longestWait(this.queue, [], now);
    const count = this.queue.stats.waiting;
    this.element.querySelector(".waiting").hidden = count === null;
    this.element.querySelector(".waiting").classList.toggle("some", count > 0);
    this.#text(".count", String(waitingCount(this.queue)));
    this.#text(".longest", wait === null ? "" : `longest ${duration(wait)}`);
  }

  // ---- What she can do

  #offer() {
    const offers = queueOffers(this.agent, this.queue, this.can);
    if (this.#opened && !offers.some(({ name }) => name === this.#opened.name)) this.#close();
    const kept = new Map([...this.buttons.children].map((button) => [button.dataset.name, button]));
    for (const [name, button] of kept) if (!offers.some((offer) => offer.name === name)) this.#drop(button);
    offers.forEach((offer, index) => {
      const button = kept.get(offer.name) ?? Object.assign(document.createElement("button"), { type: "button" });
      if (this.buttons.children[index] !== button) this.buttons.insertBefore(button, this.buttons.children[index] ?? null);
      this.#dress(button, offer);
    });
    this.offers = offers;
  }

  /** The focus stays in the row when the button that had it goes. */
  #drop(button) {
    const hadFocus = button === document.activeElement;
    button.remove();
    if (hadFocus) queueMicrotask(() => this.buttons.querySelector("button")?.focus());
  }

  #dress(button, offer) {
    const isPending = this.#pending?.name === offer.name;
    button.dataset.name = offer.name;
    button.className = `button small ${offer.kind === "strong" ? "accent" : ""}`;
    button.ariaBusy = String(isPending);
    button.textContent = isPending ? offer.busy : offer.label;
    if (offer.choices.length) button.ariaExpanded = String(this.#opened?.name === offer.name);
    else button.removeAttribute("aria-expanded");
  }

  #press(name) {
    const offer = this.offers.find((each) => each.name === name);
    if (!offer) return;
    if (offer.choices.length === 0) this.#act(offer, {});
    else if (this.#opened?.name === name) this.#close();
    else this.#open(offer);
  }

  #open(offer) {
    this.#opened = offer;
    const all = offer.name === "pause" ? [{ code: "", name: "Without a reason" }, ...offer.choices] : offer.choices;
    const buttons = all.map(({ code, name }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: name });
      button.dataset.code = code;
      return button;
    });
    this.choices.setAttribute("aria-label", offer.name === "pause" ? "Why" : "With which skill");
    this.choices.replaceChildren(...buttons);
    this.choices.hidden = false;
    this.#offer();
    buttons[0].focus();
  }

  #close() {
    const opener = this.buttons.querySelector(`[data-name="${this.#opened?.name}"]`);
    const hadFocus = this.choices.contains(document.activeElement);
    this.#opened = null;
    this.choices.hidden = true;
    if (hadFocus) opener?.focus();
    if (opener) opener.ariaExpanded = "false";
  }

  #choose(button) {
    if (!button) return;
    const offer = this.#opened;
    const { code } = button.dataset;
    this.#close();
    this.#act(offer, code ? { [offer.field]: code } : {});
  }

  async #act(offer, body) {
    if (this.#pending) return;
    const pending = { name: offer.name, state: this.agent.state };
    this.#pending = pending;
    this.#problem("");
    this.#offer();
    try {
      await post(`/queues/${this.queue.id}/agents/${this.line.id}/${offer.action}`, body);
      setTimeout(() => this.#settle(pending), PATIENCE_MS);
    } catch (problem) {
      this.#settle(pending);
      this.#problem(problem.detail);
      this.onProblem(problem);
    }
  }

  #settle(pending) {
    if (this.#pending !== pending) return;
    this.#pending = null;
    this.#offer();
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

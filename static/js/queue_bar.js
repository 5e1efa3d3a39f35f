// The agent's own queues: how she is in each, what she can do there, and who waits. One row for each queue and line of hers.

import { post, serverNow } from "./api.js";
import { ChoiceButtons } from "./choice_buttons.js";
import { duration } from "./format.js";
import { announce } from "./notify.js";
import { QueueFeed } from "./queue_feed.js";
import { agentIn, agentState, commonOffers, longestWait, queueOffers, waitingCount } from "./queues.js";

const PATIENCE_MS = 6000; // how long a button waits for the event that its click causes

export class QueueBar {
  #rows = new Map(); // "queue extension" → QueueRow

  /** desk: {extensions: Map, accounts: id → capabilities}; onProblem(problem): of a request that was refused */
  constructor(section, desk, onProblem) {
    Object.assign(this, { section, desk, onProblem });
    this.list = section.querySelector(".list");
    this.everywhere = new ChoiceButtons(section.querySelector(".everywhere"), (offer, body) => this.#actEverywhere(offer, body));
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
    this.section.querySelector("button")?.focus();
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
    this.everywhere.show(commonOffers([...this.#rows.values()].map((row) => row.offers)));
  }

  /** In every queue where it can be done now. */
  #actEverywhere({ name }, body) {
    for (const row of this.#rows.values()) {
      const offer = row.offers.find((each) => each.name === name);
      if (offer) row.act(offer, body);
    }
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
  #pending = null; // {name, state} of the click that has no event yet
  #since = null;

  constructor({ queue, line, isOnlyLine, can, onProblem }) {
    Object.assign(this, { line, can: can ?? {}, onProblem });
    this.element = document.getElementById("queue-row").content.firstElementChild.cloneNode(true);
    this.element.setAttribute("aria-label", queue.name);
    this.buttons = new ChoiceButtons(this.element, (offer, body) => this.act(offer, body));
    this.#text(".line", isOnlyLine ? "" : `on ${line.number}`);
  }

  /** What she can do here now. */
  get offers() {
    return queueOffers(this.agent, this.queue, this.can);
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

  async act(offer, body) {
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

  #offer() {
    this.buttons.show(this.offers, this.#pending?.name);
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

// What a vendor sends, as it arrives, beside what it became. Payloads are untrusted: they only ever become text.

import { localizeTimes } from "./page.js";

const AT_MOST_EVERY_MS = 500;
const LOOK_ANYWAY_MS = 5_000; // what isn't understood, or not used, makes no event that would tell of it
const PILLS = { applied: "good", duplicate: "off", ignored: "off", waiting: "busy", unparsed: "bad" };

export class Feed {
  #rows = new Map(); // delivery id → <li>
  #isPaused = false;
  #due = null;
  #isTouched = false; // until the reader opens or closes something, the newest is open

  constructor(list) {
    this.list = list;
    this.account = list.dataset.account;
    this.pause = document.getElementById("pause");
    this.pause.addEventListener("click", () => this.#togglePause());
    list.addEventListener("click", ({ target }) => (this.#isTouched ||= Boolean(target.closest("summary"))));
    setInterval(() => !document.hidden && this.loadSoon(), LOOK_ANYWAY_MS);
  }

  loadSoon() {
    if (this.#isPaused || this.#due !== null) return;
    this.#due = setTimeout(() => {
      this.#due = null;
      this.#load();
    }, AT_MOST_EVERY_MS);
  }

  #togglePause() {
    this.#isPaused = !this.#isPaused;
    this.pause.setAttribute("aria-pressed", this.#isPaused);
    this.pause.textContent = this.#isPaused ? "Resume" : "Pause";
    this.loadSoon();
  }

  async #load() {
    const answer = await this.#ask(`/accounts/${this.account}/deliveries`);
    if (answer && !this.#isPaused) this.#show(answer.deliveries);
  }

  #show(deliveries) {
    const wasEmpty = this.#rows.size === 0;
    const shown = new Set(deliveries.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (shown.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    for (const delivery of [...deliveries].reverse()) this.#put(delivery);
    this.list.classList.toggle("fresh", !wasEmpty);
    document.getElementById("no-deliveries").hidden = deliveries.length > 0;
  }

  #put(delivery) {
    const known = this.#rows.get(delivery.id);
    const told = JSON.stringify([delivery.status, delivery.note, delivery.events.length]);
    if (known?.dataset.told === told) return;
    const row = this.#row(delivery);
    row.dataset.told = told;
    this.#rows.set(delivery.id, row);
    if (known) {
      row.querySelector("details").open = known.querySelector("details").open;
      known.replaceWith(row);
      return;
    }
    if (!this.#isTouched) this.#openAlone(row);
    this.list.prepend(row);
  }

  #openAlone(row) {
    for (const other of this.list.querySelectorAll("details[open]")) other.open = false;
    row.querySelector("details").open = true;
  }

  #row(delivery) {
    const row = document.getElementById("delivery").content.cloneNode(true).firstElementChild;
    const find = (selector) => row.querySelector(selector);
    find("time").dateTime = delivery.received_at;
    find(".pill").classList.add(PILLS[delivery.status]);
    find(".pill").textContent = delivery.status_words;
    find(".became").textContent = delivery.events.map(({ type }) => type).join(", ");
    find(".note").textContent = delivery.note;
    find(".note").hidden = !delivery.note;
    find(".payload").textContent = delivery.payload;
    find(".events").append(...this.#became(delivery));
    localizeTimes(row);
    return row;
  }

  #became(delivery) {
    if (delivery.events.length > 0) {
      return delivery.events.flatMap(({ type, sequence, body }) => [
        element("h4", `${type} · ${sequence}`),
        Object.assign(element("pre", body), { tabIndex: 0 }),
      ]);
    }
    const parts = [element("p", "No event.")];
    if (delivery.status === "unparsed" && "canReplay" in this.list.dataset) parts.push(this.#replayButton(delivery));
    return parts;
  }

  #replayButton({ id }) {
    const button = Object.assign(element("button", "Read it again"), { type: "button", className: "button small" });
    button.addEventListener("click", async () => {
      button.disabled = true;
      const delivery = await this.#ask(`/accounts/${this.account}/deliveries/${id}/replay`, { method: "POST" });
      button.disabled = false;
      if (delivery) this.#put(delivery);
      if (delivery?.status === "unparsed") this.#tell("It still can’t be read. It is kept; try again after an update.");
    });
    return button;
  }

  /** The answer's JSON; null where there is none, which the page then says. */
  async #ask(url, options = {}) {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    try {
      const response = await fetch(url, { credentials: "same-origin", headers: { "X-CSRFToken": token }, ...options });
      if (response.redirected) {
        this.#tell("You have been logged out. Reload the page to log in again.");
        return null;
      }
      const body = await response.json();
      this.#tell(response.ok ? "" : body.detail);
      return response.ok ? body : null;
    } catch {
      this.#tell("The server can’t be reached, or its answer can’t be read. Trying again.");
      return null;
    }
  }

  #tell(words) {
    const problem = document.getElementById("feed-problem");
    problem.textContent = words;
    problem.hidden = !words;
  }
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

// "My calls today": what is over, newest first, the missed ones marked.

import { outcome, otherParty, talkSeconds } from "./calls.js";
import { clock, duration, partyLabel, phone } from "./format.js";

const WORDS = {
  missed: "Missed",
  elsewhere: "Answered by a colleague",
  transferred: "Transferred",
  unanswered: "No answer",
  failed: "Failed",
  lost: "Ended (how is unknown)",
};

export function outcomeInWords(call, mine) {
  const seconds = talkSeconds(call, mine);
  return WORDS[outcome(call, mine)] ?? (seconds === null ? "Ended" : duration(seconds));
}

export class Today {
  #rows = new Map(); // call id → {version, row}
  #shown = "";

  /** onCall(call): the reader wants to call that party back. */
  constructor({ mine, icons, onCall }) {
    Object.assign(this, { mine, icons, onCall });
    this.list = document.getElementById("today");
    this.summary = document.getElementById("today-summary");
    this.empty = document.getElementById("today-empty");
    this.template = document.getElementById("today-row");
  }

  show(calls) {
    const shown = calls.map((call) => `${call.id} ${call.version}`).join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = document.activeElement;
    this.list.replaceChildren(...calls.map((call) => this.#row(call)));
    if (this.list.contains(focused)) focused.focus(); // moving the row took it away
    this.empty.hidden = calls.length > 0;
    const missed = calls.filter((call) => outcome(call, this.mine) === "missed").length;
    this.summary.textContent = calls.length ? `${calls.length} ${calls.length === 1 ? "call" : "calls"}, ${missed} missed` : "";
  }

  #row(call) {
    const known = this.#rows.get(call.id);
    if (known?.version === call.version) return known.row;
    const row = this.template.content.firstElementChild.cloneNode(true);
    const other = otherParty(call, this.mine);
    const isMissed = outcome(call, this.mine) === "missed";
    row.classList.toggle("missed", isMissed);
    row.querySelector("use").setAttribute("href", `${this.icons}#${isMissed ? "missed" : call.direction}`);
    row.querySelector(".name").textContent = partyLabel(other);
    row.querySelector(".number").textContent = other?.name ? phone(other.number) : "";
    row.querySelector(".how").textContent = `${clock(call.started_at)} · ${call.direction} · ${outcomeInWords(call, this.mine)}`;
    this.#offerCall(row.querySelector("button"), call, other);
    this.#rows.set(call.id, { version: call.version, row });
    return row;
  }

  #offerCall(button, call, other) {
    button.hidden = !other?.number;
    button.ariaLabel = `Call ${partyLabel(other)}`;
    button.addEventListener("click", () => this.onCall(other));
  }
}

// The calls that are going on, for a supervisor: who talks with whom, since when, and what she can do about it.

import { otherParty } from "./calls.js";
import { duration, partyLabel, phone } from "./format.js";

const STATES = {
  initiated: ["Dialling", "off"], alerting: ["Ringing", "warn"], connected: ["Talking", "good"],
  held: ["On hold", "busy"], queued: ["Waiting", "warn"], parked: ["Parked", "busy"],
};
const LEG_STATES = { initiated: "being called", alerting: "ringing", hold: "on hold", queued: "waiting" };
const ON_THE_CALL = new Set(["connected", "hold"]);
const SUPERVISE = [["listen", "Listen"], ["whisper", "Whisper"], ["barge", "Barge in"]];
const NOBODYS = new Set(); // seen from outside: none of the parties is the reader
const PATIENCE_MS = 6000;

/**
 * What a supervisor can do about a call: [{label, action, body, asks, path}]. Pure.
 * mine  the reader's own extension on the call's phone system, or undefined
 */
export function callOffers(call, can, mine) {
  const offers = [];
  const heard = call.legs.find((leg) => leg.extension_id && leg.role !== "supervisor" && ON_THE_CALL.has(leg.state));
  if (mine && heard && !isOn(call, mine) && call.actions.includes("supervise")) {
    const modes = SUPERVISE.filter(([mode]) => can.supervise?.includes(mode));
    offers.push(...modes.map(([mode, label]) => ({ label, action: "supervise", body: { mode, extension_id: mine.id, leg_id: heard.id } })));
  }
  const take = takeOffer(call, can, mine);
  return take ? [...offers, take] : offers;
}

function isOn(call, line) {
  return call.legs.some((leg) => leg.extension_id === line.id && !["null", "fail"].includes(leg.state));
}

/** How the reader takes a call that nobody has answered yet, or null. */
export function takeOffer(call, can, mine) {
  if (!mine || isOn(call, mine) || !["queued", "alerting"].includes(call.state)) return null;
  if (call.queue_id && can.queues?.includes("steal")) {
    return { label: "Take", path: `/queues/${call.queue_id}/calls/${call.id}/steal`, body: { to: { extension_id: mine.id } } };
  }
  return call.actions.includes("pickup") ? { label: "Take", action: "pickup", body: { extension_id: mine.id } } : null;
}

export class LiveCalls {
  #rows = new Map(); // call id → CallRow

  /** desk: {can(account), line(account): the reader's own, queueName(id), act(path, body)} */
  constructor(section, desk) {
    this.desk = desk;
    this.body = section.querySelector("tbody");
    this.table = section.querySelector(".table");
    this.empty = section.querySelector(".none");
  }

  /** calls: the live ones, newest first */
  show(calls) {
    const ids = new Set(calls.map((call) => call.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    let next = null;
    for (const call of [...calls].reverse()) {
      const row = this.#rows.get(call.id) ?? this.#add(call, next);
      row.update(call);
      next = row.element;
    }
    this.table.hidden = calls.length === 0;
    this.empty.hidden = calls.length > 0;
  }

  tick(now) {
    for (const row of this.#rows.values()) row.tick(now);
  }

  #add(call, before) {
    const row = new CallRow(this.desk);
    this.#rows.set(call.id, row);
    this.body.insertBefore(row.element, before);
    return row;
  }
}

class CallRow {
  #shown = "";

  constructor(desk) {
    this.desk = desk;
    this.element = document.getElementById("live-call").content.firstElementChild.cloneNode(true);
  }

  update(call) {
    this.call = call;
    const [words, kind] = STATES[call.state] ?? [call.state, "off"];
    const party = otherParty(call, NOBODYS);
    this.#text(".name", partyLabel(party));
    this.#text(".number", party?.name ? phone(party.number) : "");
    this.#text(".queue", this.desk.queueName(call.queue_id) ?? "–");
    this.#text(".pill", words);
    this.element.querySelector(".pill").className = `pill ${kind}`;
    const shown = JSON.stringify([call.version, Boolean(this.desk.line(call.account_id))]);
    if (shown === this.#shown) return; // else a click would miss a button that has just been replaced
    this.#shown = shown;
    this.#showLegs();
    this.#showOffers();
  }

  tick(now) {
    this.#text(".clock", duration((now - new Date(this.call.answered_at ?? this.call.started_at)) / 1000));
  }

  #text(selector, text) {
    const element = this.element.querySelector(selector);
    if (element.textContent !== text) element.textContent = text;
  }

  #showLegs() {
    const { call } = this;
    const legs = call.legs.filter((leg) => !["null", "fail"].includes(leg.state));
    const canDisconnect = call.actions.includes("disconnect-leg");
    this.element.querySelector(".legs").replaceChildren(...legs.map((leg) => this.#leg(leg, canDisconnect)));
  }

  #leg(leg, canDisconnect) {
    const item = document.createElement("li");
    const how = leg.role === "supervisor" ? "supervising" : leg.role === "caller" ? null : LEG_STATES[leg.state];
    const name = Object.assign(document.createElement("bdi"), { textContent: partyLabel(leg) });
    item.append(name, how ? ` (${how}) ` : " ");
    if (canDisconnect) {
      const asks = `Disconnect ${partyLabel(leg)} from this call?`;
      const button = this.#button({ label: "×", action: "disconnect-leg", body: { leg_id: leg.id }, asks });
      button.ariaLabel = `Disconnect ${partyLabel(leg)}`;
      button.title = button.ariaLabel;
      button.classList.add("quiet");
      item.append(button);
    }
    return item;
  }

  #showOffers() {
    const { call, desk } = this;
    const offers = callOffers(call, desk.can(call.account_id), desk.line(call.account_id));
    const actions = this.element.querySelector(".row-actions");
    const focused = actions.contains(document.activeElement) ? document.activeElement.textContent : null;
    actions.replaceChildren(...offers.map((offer) => this.#button(offer)));
    if (focused) [...actions.children].find((button) => button.textContent === focused)?.focus();
  }

  #button(offer) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: offer.label });
    button.addEventListener("click", () => (!offer.asks || confirm(offer.asks)) && this.#act(button, offer));
    return button;
  }

  async #act(button, offer) {
    button.disabled = true;
    button.ariaBusy = "true";
    this.#problem("");
    const settle = () => Object.assign(button, { disabled: false, ariaBusy: "false" });
    try {
      await this.desk.act(offer.path ?? `/calls/${this.call.id}/${offer.action}`, offer.body);
      setTimeout(settle, PATIENCE_MS); // the event that it causes replaces the buttons earlier
    } catch (problem) {
      settle();
      this.#problem(problem.detail);
    }
  }

  #problem(words) {
    const problem = this.element.querySelector(".error");
    problem.textContent = words;
    problem.hidden = !words;
  }
}

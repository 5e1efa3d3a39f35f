// One live call on the page: fills the template in components/call_card.html and keeps it up to date in place,
// so that focus and half-typed text survive every event.

import { company, isMuted, isMyPhoneRinging, isRingingHere, myExtension, otherParty } from "./calls.js";
import { forgetDraft } from "./drafts.js";
import { clock, duration, partyLabel, phone } from "./format.js";
import { coachModes, offerOf, SLOTS, transferModes } from "./offers.js";
import { Devices, Keypad, Panels, PartyPanel, Tags } from "./panels.js";

const STATE_NAMES = { initiated: "Dialling", alerting: "Ringing", connected: "On the line", held: "On hold", queued: "In the queue", parked: "Parked", ended: "Ended" };
const DIRECTIONS = { inbound: "Inbound", outbound: "Outbound", internal: "Internal" };
const LEG_STATES = { initiated: "(being called)", alerting: "(ringing)", hold: "(on hold)", queued: "(waiting)" };
const ROLES = { supervisor: "(supervising)" };
const PATIENCE_MS = 6000; // how long a button waits for the event that its click causes

export class CallCard {
  isFinished = false;
  #consultation = null; // "asked" for by an attended transfer, "begun" when the customer is on hold
  #pending = null; // {offer, version} of the click that has no event yet

  /** desk: {mine, region, extensions: Map, accounts, icons, directory(), otherCall(call), act(call, action, body)} */
  constructor(call, desk) {
    this.desk = desk;
    this.element = document.getElementById("call-card").content.firstElementChild.cloneNode(true);
    this.element.dataset.call = call.id;
    this.buttons = SLOTS.map((slot) => this.#addButton(slot));
    this.call = call;
    this.#preparePanels();
  }

  update(call) {
    const isNewer = call.version > this.call.version;
    this.call = call;
    if (isNewer) this.#problem("");
    if (this.#pending && call.version > this.#pending.version) this.#pending = null;
    const other = otherParty(call, this.desk.mine);
    const rings = isRingingHere(call, this.desk.mine);
    this.element.dataset.state = rings ? "ringing" : call.state;
    this.#text(".state-name", rings ? "Incoming call" : STATE_NAMES[call.state]);
    this.#text(".name", partyLabel(other));
    this.#text(".number", other?.name ? phone(other.number) : "");
    this.#company(call, rings);
    this.#facts(call);
    this.#show(".muted", isMuted(call, this.desk.mine));
    this.#show(".recording", call.recording.state !== "off");
    this.#text(".recording .words", call.recording.state === "paused" ? "Recording paused" : "Recording");
    this.#advise(call, rings);
    this.#buttons();
  }

  /** The call is over, or no longer here: says how, without anything left to press. */
  finish(call, words) {
    this.isFinished = true;
    this.update({ ...call, actions: [] });
    this.element.dataset.state = "over";
    this.#text(".state-name", words);
    this.panels.closeAll();
    forgetDraft(`transfer:${call.id}`);
    forgetDraft(`coach:${call.id}`);
  }

  /** Moves the clock to `now` (ms). */
  tick(now) {
    const { answered_at: answered, started_at: started, ended_at: ended } = this.call;
    const until = ended ? new Date(ended) : now;
    if (ended || !this.isFinished) this.#text(".clock", duration((until - new Date(answered ?? started)) / 1000));
  }

  /** What a key does: the same as the button, if the call allows it now. */
  press(action) {
    const button = this.buttons.find(({ element }) => !element.hidden && element.dataset.action === action);
    button?.element.click();
    return Boolean(button);
  }

  #text(selector, text) {
    const element = this.element.querySelector(selector);
    if (element.textContent !== text) element.textContent = text;
  }

  #show(selector, isShown, text) {
    const element = this.element.querySelector(selector);
    element.hidden = !isShown;
    if (text) element.textContent = text;
  }

  /** Who else is on the call, once it is more than one: whom I consult, and everybody in a conference. */
  #company(call, rings) {
    const others = company(call, this.desk.mine);
    const words = others.map((leg) => [partyLabel(leg), ROLES[leg.role] ?? LEG_STATES[leg.state]].filter(Boolean).join(" "));
    this.#show(".company", others.length > 1 && !rings, `With ${words.join(", ")}`);
  }

  #facts(call) {
    const line = this.desk.extensions.get(myExtension(call, this.desk.mine));
    const facts = [
      line && `${DIRECTIONS[call.direction]} on ${line.number} ${line.name}`,
      call.via && `via ${partyLabel(call.via)}`,
      `since ${clock(call.started_at)}`,
      call.queue_id && "from a queue",
      call.parked_at && `parked at ${call.parked_at}`,
      call.tags.length > 0 && `tagged ${call.tags.join(", ")}`,
    ];
    const spans = facts.filter(Boolean).map((fact) => Object.assign(document.createElement("span"), { textContent: fact }));
    this.element.querySelector(".facts-line").replaceChildren(...spans);
  }

  /** Says what has to be done on the phone, where there is no action for it. */
  #advise(call, rings) {
    if (this.#consultation && call.state === "held") this.#consultation = "begun";
    if (this.#consultation === "begun" && call.state === "connected") this.#consultation = null; // back with the customer
    let words = "";
    if (rings && !call.actions.includes("answer")) words = "Pick it up on your phone.";
    else if (this.#consultation && !call.actions.includes("complete-transfer")) words = "Finish the transfer on your phone.";
    this.#show(".advice", Boolean(words), words);
  }

  // ---- Buttons

  get #can() {
    return this.desk.accounts[this.call.account_id] ?? {};
  }

  #addButton(slot) {
    const element = document.createElement("button");
    element.type = "button";
    element.innerHTML = '<svg class="icon" aria-hidden="true"><use/></svg><span></span>';
    const button = { slot, element, offer: null };
    element.addEventListener("click", () => this.#press(button.offer));
    this.element.querySelector(".controls").append(element);
    return button;
  }

  #buttons() {
    const { mine } = this.desk;
    const around = {
      can: this.#can,
      line: myExtension(this.call, mine),
      leg: this.#myLeg()?.state,
      rings: isMyPhoneRinging(this.call, mine),
      asks: company(this.call, mine).length > 1 && !this.call.conference,
      other: this.desk.otherCall(this.call),
    };
    for (const button of this.buttons) {
      button.offer = offerOf(button.slot, this.call, around);
      button.element.hidden = !button.offer;
      if (button.offer) this.#dress(button.element, button.offer);
    }
    this.transfer.offer(this.call, this.#can);
    this.coach.offer(this.call, this.#can);
    this.tags.show(this.call);
  }

  #dress(element, offer) {
    const isPending = this.#pending?.offer.label === offer.label;
    element.dataset.action = offer.action;
    element.className = `control ${offer.kind ?? ""}`;
    element.ariaBusy = String(isPending);
    if (offer.opens) element.ariaExpanded = String(this.panels.isOpen(offer.opens));
    else element.removeAttribute("aria-expanded");
    element.querySelector("use").setAttribute("href", `${this.desk.icons}#${offer.icon}`);
    element.querySelector("span").textContent = isPending ? offer.busy : offer.label;
  }

  #press(offer) {
    if (offer.opens) this.panels.show(offer.opens, !this.panels.isOpen(offer.opens));
    else if (!offer.asks || confirm(offer.asks)) this.#act(offer);
  }

  /** Returns whether the server accepted it; else says why beside the call. */
  async #act(offer) {
    if (this.#pending) return false;
    const pending = { offer, version: this.call.version };
    this.#pending = pending;
    this.#problem("");
    this.#buttons();
    try {
      await this.desk.act(this.call, offer.action, offer.body);
    } catch (problem) {
      this.#settle(pending);
      this.#problem(problem.detail);
      return false;
    }
    setTimeout(() => this.#settle(pending), PATIENCE_MS);
    return true;
  }

  #settle(pending) {
    if (this.#pending !== pending) return;
    this.#pending = null;
    this.#buttons();
  }

  #problem(words) {
    this.#show(".problem", Boolean(words), words);
  }

  // ---- Panels

  #preparePanels() {
    const panel = (name) => this.element.querySelector(`[data-panel=${name}]`);
    this.transfer = new PartyPanel(panel("transfer"), this.call, this.desk, transferModes);
    this.coach = new PartyPanel(panel("coach"), this.call, this.desk, coachModes);
    this.keypad = new Keypad(panel("keypad"), (digits) => this.#digits(digits));
    this.devices = new Devices(panel("devices"), (id) => this.#choosePhone(id));
    this.tags = new Tags(panel("tags"), (body) => this.#act({ ...this.#opener("tags"), body }));
    this.panels = new Panels(this.element, (name, isShown) => this.#panelChanged(name, isShown));
    panel("transfer").hidden = !this.transfer.picker.hadDraft;
    panel("transfer").addEventListener("submit", (event) => this.#transfer(event));
    panel("coach").addEventListener("submit", (event) => this.#bringIn(event));
  }

  #panelChanged(name, isShown) {
    this.#buttons();
    if (!isShown) this.buttons.find(({ offer }) => offer?.opens === name)?.element.focus();
    else if (name === "transfer" || name === "coach") this[name].picker.input.focus();
    else if (name === "keypad") this.keypad.focus();
    else if (name === "tags") this.tags.load(this.call, this.#can);
    else this.devices.load(myExtension(this.call, this.desk.mine), this.#opener("devices")?.action === "move" ? this.#myLeg()?.device_id : null);
  }

  #myLeg() {
    return this.call.legs.find((leg) => this.desk.mine.has(leg.extension_id) && leg.state !== "null" && leg.state !== "fail");
  }

  async #digits(digits) {
    try {
      await this.desk.act(this.call, "dtmf", { digits });
    } catch (problem) {
      this.#problem(problem.detail);
    }
  }

  /** Answers there, or carries on there: what the button that opened the list was for. */
  async #choosePhone(deviceId) {
    const offer = this.#opener("devices");
    if (offer && (await this.#act({ ...offer, body: { device_id: deviceId } }))) this.panels.closeAll();
    this.#buttons();
  }

  #opener(panel) {
    return this.buttons.find(({ offer }) => offer?.opens === panel)?.offer;
  }

  async #transfer(event) {
    event.preventDefault();
    const { to, why } = this.transfer.picker.target;
    if (!to) return this.#problem(why);
    const offer = this.#opener("transfer");
    if (!offer) return this.#problem("This call can’t be handed over now.");
    if (!(await this.#act({ ...offer, ...this.#handover(to) }))) return undefined;
    this.#consultation = this.transfer.mode === "first" ? "asked" : null;
    this.transfer.picker.text = "";
    this.panels.closeAll();
    this.update(this.call);
    return undefined;
  }

  async #bringIn(event) {
    event.preventDefault();
    const { to, why } = this.coach.picker.target;
    const offer = this.#opener("coach");
    if (!to || !offer) return this.#problem(to ? "Nobody can be brought in now." : why);
    if (!(await this.#act({ ...offer, body: { mode: this.coach.mode, ...to } }))) return undefined;
    this.coach.picker.text = "";
    this.panels.closeAll();
    this.#buttons();
    return undefined;
  }

  /** Talking to them first is a command of its own where the phone system has one, and a kind of transfer elsewhere. */
  #handover(to) {
    const { mode } = this.transfer;
    if (mode !== "first") return { action: "transfer", body: { to, mode } };
    if (this.call.actions.includes("consult")) return { action: "consult", body: { to } };
    return { action: "transfer", body: { to, mode: "attended" } };
  }
}

// One live call on the page: fills the template in components/call_card.html and keeps it up to date in place,
// so that focus and half-typed text survive every event.

import { isRingingHere, myExtension, otherParty } from "./calls.js";
import { forgetDraft } from "./drafts.js";
import { clock, duration, partyLabel, phone } from "./format.js";
import { Picker } from "./picker.js";

// Each slot is one button, whose action depends on what the call allows now: hold turns into resume under the same finger.
const SLOTS = [
  { answer: { label: "Answer", busy: "Answering…", kind: "strong", icon: "phone" } },
  { reject: { label: "Reject", busy: "Rejecting…", icon: "close" } },
  { hold: { label: "Hold", busy: "Holding…", icon: "hold" }, resume: { label: "Resume", busy: "Resuming…", kind: "strong", icon: "resume" } },
  { mute: { label: "Mute", busy: "Muting…", icon: "mute" }, unmute: { label: "Unmute", busy: "Unmuting…", kind: "strong", icon: "unmute" } },
  { swap: { label: "Swap", busy: "Swapping…", icon: "swap" } },
  { "complete-transfer": { label: "Complete transfer", busy: "Transferring…", kind: "strong", icon: "check" } },
  { "cancel-transfer": { label: "Cancel transfer", busy: "Cancelling…", icon: "close" } },
  { transfer: { label: "Transfer", busy: "Transferring…", icon: "transfer" } },
  { recording: { label: "Record", busy: "Starting…", icon: "record" } },
  { park: { label: "Park", busy: "Parking…", icon: "park" } },
  { leave: { label: "Leave", busy: "Leaving…", icon: "leave" } },
  { hangup: { label: "Hang up", busy: "Hanging up…", kind: "end", icon: "hangup" } },
];
const STOP_RECORDING = { label: "Stop recording", busy: "Stopping…", icon: "stop" };
const STATE_NAMES = { initiated: "Dialling", alerting: "Ringing", connected: "On the line", held: "On hold", queued: "In the queue", parked: "Parked", ended: "Ended" };
const DIRECTIONS = { inbound: "Inbound", outbound: "Outbound", internal: "Internal" };
const PATIENCE_MS = 6000; // how long a button waits for the event that its click causes

export class CallCard {
  isFinished = false;
  #consultation = null; // "asked" for by an attended transfer, "begun" when the customer is on hold
  #pending = null; // {action, version} of the click that has no event yet

  /** desk: {mine, region, extensions: Map, icons, directory(), act(call, action, body)} */
  constructor(call, desk) {
    this.desk = desk;
    this.element = document.getElementById("call-card").content.firstElementChild.cloneNode(true);
    this.element.dataset.call = call.id;
    this.buttons = SLOTS.map((slot) => this.#addButton(slot));
    this.call = call;
    this.#prepareTransfer();
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
    this.#facts(call);
    this.#show(".recording", call.recording?.state === "on");
    this.#advise(call, rings);
    this.#buttons();
  }

  /** The call is over, or no longer here: says how, without anything left to press. */
  finish(call, words) {
    this.isFinished = true;
    this.update({ ...call, actions: [] });
    this.element.dataset.state = "over";
    this.#text(".state-name", words);
    this.element.querySelector(".transfer").hidden = true;
    forgetDraft(`transfer:${call.id}`);
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

  #facts(call) {
    const line = this.desk.extensions.get(myExtension(call, this.desk.mine));
    const facts = [
      line && `${DIRECTIONS[call.direction]} on ${line.number} ${line.name}`,
      call.via && `via ${partyLabel(call.via)}`,
      `since ${clock(call.started_at)}`,
      call.queue_id && "from a queue",
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

  #addButton(slot) {
    const element = document.createElement("button");
    element.type = "button";
    element.innerHTML = '<svg class="icon" aria-hidden="true"><use/></svg><span></span>';
    element.addEventListener("click", () => this.#press(element.dataset.action));
    this.element.querySelector(".controls").append(element);
    return { slot, element };
  }

  #buttons() {
    for (const { slot, element } of this.buttons) {
      const action = Object.keys(slot).find((name) => this.call.actions.includes(name));
      element.hidden = !action;
      if (action) this.#dress(element, action, this.#look(slot, action));
    }
  }

  #look(slot, action) {
    const isRecording = action === "recording" && this.call.recording.state === "on";
    return isRecording ? STOP_RECORDING : slot[action];
  }

  #dress(element, action, { label, busy, kind = "", icon }) {
    const isPending = this.#pending?.action === action;
    element.dataset.action = action;
    element.className = `control ${kind}`;
    element.ariaBusy = String(isPending);
    if (action === "transfer") element.ariaExpanded = String(!this.element.querySelector(".transfer").hidden);
    element.querySelector("use").setAttribute("href", `${this.desk.icons}#${icon}`);
    element.querySelector("span").textContent = isPending ? busy : label;
  }

  #press(action) {
    if (action === "transfer") this.#toggleTransfer();
    else if (action === "recording") this.#act(action, { action: this.call.recording.state === "on" ? "stop" : "start" });
    else this.#act(action);
  }

  /** Returns whether the server accepted it; else says why beside the call. */
  async #act(action, body = {}) {
    if (this.#pending) return false;
    const pending = { action, version: this.call.version };
    this.#pending = pending;
    this.#problem("");
    this.#buttons();
    try {
      await this.desk.act(this.call, action, body);
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

  // ---- The transfer panel

  #prepareTransfer() {
    const form = this.element.querySelector(".transfer");
    const input = form.querySelector("input[role=combobox]");
    input.id = `transfer-${this.call.id}`;
    form.querySelector(".picker label").htmlFor = input.id;
    const draft = `transfer:${this.call.id}`;
    this.picker = new Picker(form.querySelector(".picker"), { ...this.desk, draft });
    form.hidden = !this.picker.hadDraft;
    form.addEventListener("submit", (event) => this.#transfer(event));
    form.addEventListener("keydown", (event) => event.key === "Escape" && this.#toggleTransfer());
    form.querySelector("[data-cancels]").addEventListener("click", () => this.#toggleTransfer());
  }

  #toggleTransfer() {
    const form = this.element.querySelector(".transfer");
    form.hidden = !form.hidden;
    this.#buttons();
    if (form.hidden) this.buttons.find(({ element }) => element.dataset.action === "transfer")?.element.focus();
    else this.picker.input.focus();
  }

  async #transfer(event) {
    event.preventDefault();
    const { to, why } = this.picker.target;
    if (!to) return this.#problem(why);
    const mode = new FormData(event.target).get("mode");
    if (!(await this.#act("transfer", { to, mode }))) return undefined;
    this.picker.text = "";
    event.target.hidden = true;
    if (mode === "attended") this.#consultation = "asked";
    this.update(this.call);
    return undefined;
  }
}

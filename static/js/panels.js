// The panels of a call's card that open below its buttons: whom to hand over to or bring in, the keypad, which phone, tags.

import { get } from "./api.js";
import { Picker } from "./picker.js";

/** Shows one panel of a card at a time; Escape and the panel's own Cancel close it. */
export class Panels {
  constructor(root, onChange) {
    this.panels = new Map([...root.querySelectorAll("[data-panel]")].map((panel) => [panel.dataset.panel, panel]));
    this.onChange = onChange;
    for (const [name, panel] of this.panels) {
      panel.addEventListener("keydown", (event) => event.key === "Escape" && this.show(name, false));
      panel.querySelector("[data-cancels]").addEventListener("click", () => this.show(name, false));
    }
  }

  isOpen(name) {
    return !this.panels.get(name).hidden;
  }

  show(name, isShown = true) {
    for (const [each, panel] of this.panels) panel.hidden = each !== name || !isShown;
    this.onChange(name, isShown);
  }

  closeAll() {
    for (const panel of this.panels.values()) panel.hidden = true;
  }
}

/** Whom, and how: somebody to hand the call over to, or to bring in. */
export class PartyPanel {
  #modes = "";

  /** modesOf(call, can): the ways that there are, as [mode, words] */
  constructor(form, call, desk, modesOf) {
    Object.assign(this, { form, modesOf });
    const name = form.dataset.panel;
    const input = form.querySelector("input[role=combobox]");
    input.id = `${name}-${call.id}`;
    form.querySelector(".picker label").htmlFor = input.id;
    this.picker = new Picker(form.querySelector(".picker"), {
      ...desk,
      directory: () => desk.directory(call.account_id),
      draft: `${name}:${call.id}`,
    });
  }

  get mode() {
    return new FormData(this.form).get("mode");
  }

  /** Offers the ways that the phone system has; the one chosen stays chosen. */
  offer(call, can) {
    const modes = this.modesOf(call, can);
    if (modes.join() === this.#modes) return;
    this.#modes = modes.join();
    const chosen = modes.some(([mode]) => mode === this.mode) ? this.mode : modes[0]?.[0];
    const choices = modes.map(([mode, words]) => {
      const label = Object.assign(document.createElement("label"), { className: "choice" });
      const radio = Object.assign(document.createElement("input"), { type: "radio", name: "mode", value: mode, checked: mode === chosen });
      label.append(radio, ` ${words}`);
      return label;
    });
    const fieldset = this.form.querySelector("fieldset");
    fieldset.replaceChildren(fieldset.querySelector("legend"), ...choices);
  }
}

/** Sends digits as they are pressed or typed, one after another, so that none overtakes another. */
export class Keypad {
  #queue = Promise.resolve();

  /** send(digits): posts them */
  constructor(panel, send) {
    this.sent = panel.querySelector("output");
    const press = (digit) => {
      this.sent.textContent += digit;
      this.#queue = this.#queue.then(() => send(digit));
    };
    panel.addEventListener("click", (event) => event.target.dataset.digit && press(event.target.dataset.digit));
    panel.addEventListener("keydown", (event) => {
      if (/^[0-9*#]$/.test(event.key)) press(event.key);
    });
  }

  focus() {
    this.sent.textContent = "";
    this.sent.parentElement.querySelector("[data-digit]").focus();
  }
}

/** The user's phones: the call can be answered on one of them, or carried on at another. */
export class Devices {
  /** choose(deviceId): what is to be done with the chosen one */
  constructor(panel, choose) {
    this.list = panel.querySelector("ul");
    this.words = panel.querySelector(".hint");
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) choose(button.dataset.device);
    });
  }

  async load(extensionId, current) {
    this.#say("Looking for your phones…");
    try {
      const { results } = await get(`/extensions/${extensionId}/devices`);
      const others = results.filter((device) => device.device_id !== current);
      this.list.replaceChildren(...others.map((device) => this.#item(device)));
      this.words.textContent = others.length ? "Which phone?" : "Your phone system knows of no other phone of yours.";
      this.list.querySelector("button")?.focus();
    } catch (problem) {
      this.#say(problem.detail);
    }
  }

  #say(words) {
    this.words.textContent = words;
    this.list.replaceChildren();
  }

  #item(device) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "control", textContent: device.name || device.device_id });
    button.dataset.device = device.device_id;
    button.disabled = device.online === false;
    if (button.disabled) button.title = "It is switched off";
    item.append(button);
    return item;
  }
}

/** What the call is tagged with: from the phone system's own list where it has one, else in words of the reader's. */
export class Tags {
  #known = null; // the names on the phone system's list, once it has told them

  /** change(body): what is to be sent */
  constructor(form, change) {
    this.form = form;
    this.list = form.querySelector("ul");
    this.input = form.querySelector("input");
    this.words = form.querySelector(".hint");
    this.list.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) change(button.ariaPressed === "true" ? { remove: [button.textContent] } : { add: [button.textContent] });
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const tag = this.input.value.trim();
      if (tag) change({ add: [tag] });
      this.input.value = "";
    });
  }

  async load(call, can) {
    this.can = can;
    if (can.directory?.includes("tags")) {
      this.words.textContent = "Looking for your tags…";
      const answer = await get(`/accounts/${call.account_id}/tags`).catch((problem) => problem);
      this.words.textContent = answer.detail ?? (answer.results.length ? "" : "Your phone system has no tags yet.");
      this.#known = answer.results?.map(({ name }) => name) ?? [];
    }
    for (const part of this.form.querySelectorAll(".new")) part.hidden = this.#known !== null;
    this.show(call);
    (this.#known ? this.list.querySelector("button:enabled") : this.input)?.focus();
  }

  /** Tags that the call has are pressed; one that can't be taken away again stays so. */
  show(call) {
    if (!this.can) return;
    const names = new Set([...(this.#known ?? []), ...call.tags]);
    const focused = this.list.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.list.replaceChildren(...[...names].map((name) => this.#item(name, call.tags.includes(name))));
    if (focused) [...this.list.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
  }

  #item(name, isOn) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "control", textContent: name });
    button.ariaPressed = String(isOn);
    button.disabled = isOn && !this.can.tags?.includes("remove");
    item.append(button);
    return item;
  }
}

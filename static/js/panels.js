// The panels of a call's card that open below its buttons: handing over, the keypad, which phone.

import { get } from "./api.js";
import { transferModes } from "./offers.js";
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

export class TransferPanel {
  #modes = "";

  constructor(form, call, desk) {
    this.form = form;
    const input = form.querySelector("input[role=combobox]");
    input.id = `transfer-${call.id}`;
    form.querySelector(".picker label").htmlFor = input.id;
    this.picker = new Picker(form.querySelector(".picker"), {
      ...desk,
      directory: () => desk.directory(call.account_id),
      draft: `transfer:${call.id}`,
    });
  }

  get mode() {
    return new FormData(this.form).get("mode");
  }

  /** Offers the ways of handing over that the phone system has; the one chosen stays chosen. */
  offer(call, can) {
    const modes = transferModes(call, can);
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

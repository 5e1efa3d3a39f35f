// A box that takes a number or a colleague's name: the dial box and the transfer panel. An ARIA combobox with a list.

import { understand } from "./dial.js";
import { phone } from "./format.js";
import { keepDraft, saveDraft } from "./drafts.js";

const MOST_OPTIONS = 7;
let instances = 0;

export class Picker {
  #chosen = null;
  #options = [];
  #active = -1;

  /**
   * root       holds an input, a ul[role=listbox] and the element .reading, which says what was understood
   * directory  async () → extensions
   */
  constructor(root, { region, directory, draft, placeholder }) {
    Object.assign(this, { region, directory, draft });
    this.input = root.querySelector("input");
    this.list = root.querySelector("[role=listbox]");
    this.reading = root.querySelector(".reading");
    instances += 1;
    this.list.id = `picker-${instances}`;
    this.reading.id = `picker-${instances}-reading`;
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-describedby", this.reading.id);
    if (placeholder) this.input.placeholder = placeholder;
    this.hadDraft = keepDraft(this.input, draft);
    this.#listen();
    this.#read();
  }

  /** {to, label} ready for the API, or {why} in words. */
  get target() {
    const only = this.#options.length === 1 ? this.#options[0] : null;
    const { number, why } = understand(this.input.value, this.region);
    const extension = this.#chosen ?? (number ? null : only);
    if (extension) return { to: { extension_id: extension.id }, label: extension.name || extension.number };
    if (number) return { to: { number }, label: phone(number) };
    return { why: why || "Type a number or a name first." };
  }

  set text(text) {
    this.input.value = text;
    saveDraft(this.draft, text);
    this.#chosen = null;
    this.#close();
    this.#read();
  }

  #listen() {
    this.input.addEventListener("input", () => {
      this.#chosen = null;
      this.#read();
      this.#search();
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.#close());
    // Before the blur that the click causes.
    this.list.addEventListener("pointerdown", (event) => {
      const item = event.target.closest("[role=option]");
      event.preventDefault();
      if (item) this.#choose(Number(item.dataset.index));
    });
  }

  #read() {
    const { number, dropped, why } = understand(this.input.value, this.region);
    const isPlain = number === this.input.value.trim();
    if (this.#chosen) this.reading.textContent = this.#chosen.name;
    else if (number) this.reading.textContent = isPlain ? "" : [`Dials ${phone(number)}`, dropped].filter(Boolean).join("; ");
    else this.reading.textContent = this.#options.length ? "" : why;
  }

  async #search() {
    const typed = this.input.value.trim().toLowerCase();
    const all = typed ? await this.directory() : [];
    if (typed !== this.input.value.trim().toLowerCase()) return; // typed on while the directory was loading
    const matches = (extension) => `${extension.number} ${extension.name}`.toLowerCase().includes(typed);
    this.#options = all.filter(matches).slice(0, MOST_OPTIONS);
    this.#active = -1;
    this.#show();
    this.#read();
  }

  #show() {
    this.list.replaceChildren(...this.#options.map((extension, index) => this.#item(extension, index)));
    this.list.hidden = this.#options.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const active = this.list.children[this.#active];
    if (active) this.input.setAttribute("aria-activedescendant", active.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #item(extension, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.role = "option";
    item.dataset.index = index;
    item.ariaSelected = String(index === this.#active);
    const number = document.createElement("b");
    number.textContent = extension.number;
    const name = document.createElement("bdi");
    name.textContent = extension.name;
    const how = document.createElement("span");
    how.className = "how";
    how.textContent = howTheyAre(extension);
    item.append(number, name, how);
    return item;
  }

  #key(event) {
    const last = this.#options.length - 1;
    const step = { ArrowDown: this.#active < last ? this.#active + 1 : 0, ArrowUp: this.#active > 0 ? this.#active - 1 : last };
    if (event.key in step && !this.list.hidden) {
      event.preventDefault();
      this.#active = step[event.key];
      this.#show();
    } else if (event.key === "Enter" && this.#active >= 0) {
      event.preventDefault();
      this.#choose(this.#active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.#close();
    }
  }

  #choose(index) {
    this.#chosen = this.#options[index];
    this.input.value = this.#chosen.number; // dials the same if it has to be restored from the draft
    saveDraft(this.draft, this.input.value);
    this.#close();
    this.#read();
  }

  #close() {
    this.#active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/** What colleagues say of themselves, where the phone system tells: whether they take calls, and their note. */
function howTheyAre({ presence }) {
  return [presence?.available === false && "not available", presence?.note].filter(Boolean).join(" · ");
}

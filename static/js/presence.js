// Whether colleagues see the reader as available, and a note for them: beside each line whose phone system can set it.

import { get, put } from "./api.js";

export class Presence {
  known = {};

  /** item: the line's <li>; the form appears in it once the phone system has told how it stands */
  constructor(item) {
    this.path = `/extensions/${item.dataset.extension}/presence`;
    this.form = document.getElementById("presence").content.firstElementChild.cloneNode(true);
    this.button = this.form.querySelector("button");
    this.note = this.form.querySelector("input");
    this.error = this.form.querySelector(".error");
    this.note.ariaLabel = `Note for colleagues, on line ${item.querySelector("b").textContent}`;
    this.button.addEventListener("click", () => this.#change({ available: this.button.ariaPressed !== "true" }));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.note.blur(); // which is what saves it
    });
    this.note.addEventListener("change", () => this.#change({ note: this.note.value.trim() }));
    this.#load(item);
  }

  async #load(item) {
    try {
      this.show(await get(this.path));
      item.append(this.form);
    } catch {
      // The phone system doesn't say now: then there is nothing to show or change, and calls go on as ever.
    }
  }

  /** told: what is known anew; the rest stays as it was */
  show(told) {
    Object.assign(this.known, Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)));
    const { activity, available, note } = this.known;
    const isAvailable = available !== false;
    this.button.ariaPressed = String(isAvailable);
    this.button.querySelector(".words").textContent = isAvailable ? "Available" : "Not available";
    this.button.title = activity ? `Your phone system calls it “${activity}”` : "";
    if (document.activeElement !== this.note) this.note.value = note ?? "";
  }

  async #change(what) {
    this.button.disabled = true;
    try {
      this.show(await put(this.path, what));
      this.#say("");
    } catch (problem) {
      this.#say(problem.detail);
    } finally {
      this.button.disabled = false;
    }
  }

  #say(words) {
    this.error.textContent = words;
    this.error.hidden = !words;
  }
}

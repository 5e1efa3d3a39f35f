// A row of buttons, some of which first ask which of a few choices: why one pauses, with which skill one signs in.

export class ChoiceButtons {
  #offers = [];
  #opened = null; // the name of the offer whose choices are shown

  /**
   * root    holds .actions for the buttons and .choices-of for the choices
   * onPress (offer, body): a button without choices, or a choice, was pressed
   */
  constructor(root, onPress) {
    this.onPress = onPress;
    this.buttons = root.querySelector(".actions");
    this.choices = root.querySelector(".choices-of");
    this.buttons.addEventListener("click", ({ target }) => this.#press(target.closest("button")?.dataset.name));
    this.choices.addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    this.choices.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
  }

  /** offers: [{name, label, busy, kind, field, choices: [{code, name}], asks}]; pending: the name of the one under way */
  show(offers, pending = null) {
    this.#offers = offers;
    if (this.#opened && !offers.some(({ name }) => name === this.#opened)) this.#close();
    const kept = new Map([...this.buttons.children].map((button) => [button.dataset.name, button]));
    for (const [name, button] of kept) if (!offers.some((offer) => offer.name === name)) this.#drop(button);
    offers.forEach((offer, index) => {
      const button = kept.get(offer.name) ?? Object.assign(document.createElement("button"), { type: "button" });
      if (this.buttons.children[index] !== button) this.buttons.insertBefore(button, this.buttons.children[index] ?? null);
      this.#dress(button, offer, offer.name === pending);
    });
  }

  /** The focus stays among the buttons when the one that had it goes. */
  #drop(button) {
    const hadFocus = button === document.activeElement;
    button.remove();
    if (hadFocus) queueMicrotask(() => this.buttons.querySelector("button")?.focus());
  }

  #dress(button, offer, isPending) {
    button.dataset.name = offer.name;
    button.className = `button small ${offer.kind === "strong" ? "accent" : ""}`;
    button.ariaBusy = String(isPending);
    button.textContent = isPending ? offer.busy : offer.label;
    if (offer.choices.length) button.ariaExpanded = String(this.#opened === offer.name);
    else button.removeAttribute("aria-expanded");
  }

  #press(name) {
    const offer = this.#offers.find((each) => each.name === name);
    if (!offer) return;
    if (offer.choices.length === 0) this.onPress(offer, {});
    else if (this.#opened === name) this.#close();
    else this.#open(offer);
  }

  #open(offer) {
    this.#opened = offer.name;
    const buttons = offer.choices.map(({ code, name }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: name });
      button.dataset.code = code;
      return button;
    });
    this.choices.setAttribute("aria-label", offer.asks);
    this.choices.replaceChildren(...buttons);
    this.choices.hidden = false;
    this.#opener().ariaExpanded = "true";
    buttons[0].focus();
  }

  #close() {
    const opener = this.#opener();
    const hadFocus = this.choices.contains(document.activeElement);
    this.#opened = null;
    this.choices.hidden = true;
    if (opener) opener.ariaExpanded = "false";
    if (hadFocus) opener?.focus();
  }

  #opener() {
    return this.buttons.querySelector(`[data-name="${this.#opened}"]`);
  }

  #choose(button) {
    if (!button) return;
    const offer = this.#offers.find((each) => each.name === this.#opened);
    const { code } = button.dataset;
    this.#close();
    this.onPress(offer, code ? { [offer.field]: code } : {});
  }
}

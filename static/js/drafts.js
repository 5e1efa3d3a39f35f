// What was typed and not yet sent outlives a reload, a crash of the tab, and logging in again. One tab's own: sessionStorage.

const PREFIX = "draft:";

/** Restores `input` from its draft and keeps the draft up to date; returns whether there was one. */
export function keepDraft(input, name) {
  const kept = sessionStorage.getItem(PREFIX + name);
  if (kept !== null) input.value = kept;
  input.addEventListener("input", () => saveDraft(name, input.value));
  return kept !== null;
}

export function saveDraft(name, text) {
  if (text) sessionStorage.setItem(PREFIX + name, text);
  else sessionStorage.removeItem(PREFIX + name);
}

export function forgetDraft(name) {
  sessionStorage.removeItem(PREFIX + name);
}

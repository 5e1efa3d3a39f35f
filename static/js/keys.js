// Single-key shortcuts, documented in the page's own list. They can be turned off (WCAG 2.1.4) and never act while typing.

const ACTIONS = {
  a: ["answer"], h: ["hold", "resume"], m: ["mute", "unmute"], s: ["swap"], k: ["dtmf"], o: ["move"], p: ["park", "pickup"],
  t: ["transfer"], c: ["complete-transfer"], j: ["conference"], r: ["recording"], E: ["hangup"],
};
const SETTING = "shortcuts";

/** card(): the CallCard that keys act on, or undefined. */
export function listenForKeys({ card, dialBox, queues }) {
  const list = document.getElementById("shortcuts");
  const isOn = document.getElementById("shortcuts-on");
  isOn.checked = localStorage.getItem(SETTING) !== "off";
  isOn.addEventListener("change", () => localStorage.setItem(SETTING, isOn.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    if (!isOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    if (event.key === "/") dialBox.focus();
    else if (event.key === "q") queues.focus();
    else if (event.key === "?") list.showModal();
    else if (!ACTIONS[event.key]?.some((action) => card()?.press(action))) return;
    event.preventDefault();
  });
}

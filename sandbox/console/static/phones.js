// The phones of the company, and the customers at the other end. What can't be done now has no button.

import { button, digits, el } from "./dom.js";
import { drawLeg } from "./legs.js";
import { STATES, legsOf, named, others, stateOf } from "./names.js";

const TARGETS = [["divert_always", "Divert every call to"], ["divert_busy", "when busy"], ["divert_no_answer", "when unanswered"]];

export function drawPhones(bench) {
  return bench.users.map((user) =>
    el("article", { className: "phone", "aria-label": user.name },
      el("header", {}, el("span", { textContent: user.name }), el("span", { className: "soft", textContent: user.number })),
      drawAbsence(user),
      ...legsOf(bench.state.calls, user.id).map(({ call, leg }) => drawLeg(bench, user, call, leg)),
      drawDial(bench, user),
      bench.has("presence") ? drawSettings(bench, user) : null,
    ),
  );
}

export function drawOutside(bench) {
  const legs = legsOf(bench.state.calls, null);
  if (!legs.length) return [el("p", { className: "soft", textContent: "Nobody. Let a customer call, or call one from a phone." })];
  return legs.map(({ call, leg }) => {
    const does = (text, action) => button(text, `${leg.id} ${text}`, bench.run(() => bench.company.act(call, action, { leg: leg.id })), action === "answer" ? "primary" : "");
    return el("article", { className: `leg ${stateOf(call, leg)}` },
      el("span", { className: "who", textContent: named(leg) }),
      el("span", { className: "soft", textContent: `${STATES[stateOf(call, leg)]}: ${others(call, leg)}` }),
      el("div", { className: "buttons" },
        ["initiated", "alerting"].includes(leg.state) ? does("Customer answers", "answer") : null,
        does("Customer hangs up", "hangup"),
        call.conference ? does("Put out of the conference", "remove") : null,
      ),
    );
  });
}

/** Why this phone doesn't ring, if so. */
function drawAbsence(user) {
  const { dnd, divert_always, activity, note } = user.settings;
  const words = [];
  if (dnd) words.push("do not disturb");
  if (divert_always) words.push(`diverted to ${divert_always}`);
  if (!user.devices.some((each) => each.online)) words.push("every phone offline");
  if (activity !== "Available") words.push(activity);
  if (note) words.push(note);
  return words.length ? el("span", { className: "soft", textContent: words.join("; ") }) : null;
}

function drawDial({ company, run }, user) {
  const number = el("input", { placeholder: "06 8765 4321", inputMode: "tel", autocomplete: "off", data: { key: `${user.number} dial` } });
  const dial = run(() => company.post("/calls", { from_extension: user.number, to: digits(number.value) }));
  return el("div", { className: "row two" }, el("label", {}, "Dial", number), button("Call", `${user.number} call`, dial));
}

/** The user's own settings, and which of their phones are plugged in. */
function drawSettings({ company, run }, user) {
  const change = (values) => run(() => company.set(`extensions/${user.number}`, values))();
  const box = (text, checked, set) => {
    const input = el("input", { type: "checkbox", checked, data: { key: `${user.number} ${text}` }, on: { change: (event) => set(event.target.checked) } });
    return el("label", { className: "check" }, input, text);
  };
  const field = (name, text, placeholder, read) => {
    const input = el("input", { placeholder, autocomplete: "off", data: { key: `${user.number} ${name}` }, on: { change: (event) => change({ [name]: read(event.target.value) }) } });
    input.value = input.defaultValue = user.settings[name] ?? "";
    return el("label", {}, text, input);
  };
  return el("details", { data: { key: `${user.number} settings` } },
    el("summary", { textContent: "Settings" }),
    el("div", { className: "stack" },
      box("Do not disturb", user.settings.dnd, (dnd) => change({ dnd })),
      box("Voicemail", user.settings.voicemail, (voicemail) => change({ voicemail })),
      box("Call waiting", user.settings.call_waiting, (call_waiting) => change({ call_waiting })),
      box("Available", user.settings.available, (available) => change({ available })),
      field("activity", "Activity", "Available", (typed) => typed || "Available"),
      field("note", "Note", "none", (typed) => typed),
      ...TARGETS.map(([name, text]) => field(name, text, "nowhere", (typed) => digits(typed) || null)),
      ...user.devices.map((each) => box(`${each.name} plugged in`, each.online, (online) => run(() => company.set(`extensions/${user.number}/devices/${each.id}`, { online }))())),
    ),
  );
}

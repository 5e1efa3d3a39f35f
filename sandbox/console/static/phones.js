// The phones of the company, and the customers at the other end. What can't be done now has no button.

import { button, digits, el, readable } from "./dom.js";

const STATES = { initiated: "waiting to be picked up", alerting: "rings", connected: "talks", held: "on hold", waiting: "hears it ring" };

/** The leg's own state, except that a caller whom nobody has answered yet doesn't talk. */
function stateOf(call, leg) {
  return leg.state === "connected" && call.state === "alerting" ? "waiting" : leg.state;
}

/** "Jan Jansen, 06 1234 5678"; nobody's number when it is withheld. */
function named(party) {
  const number = party.number ? readable(party.number) : "withheld number";
  return party.name ? `${party.name}, ${number}` : number;
}

function others(call, leg) {
  const live = call.legs.filter((each) => each.state !== "ended" && each.role !== leg.role);
  return live.length ? live.map(named).join("; ") : named(leg.role === "caller" ? call.to : call.from);
}

/** Every live leg of this party: an extension's id, or null for people outside. */
function legsOf(calls, extensionId) {
  return calls.flatMap((call) =>
    call.legs.filter((leg) => leg.state !== "ended" && leg.extension_id === extensionId).map((leg) => ({ call, leg })),
  );
}

export function drawPhones(company, state, run) {
  const users = state.extensions.filter((each) => each.type === "user");
  return users.map((user) =>
    el("article", { className: "phone" },
      el("header", {}, el("span", { textContent: user.name }), el("span", { className: "soft", textContent: user.number })),
      ...legsOf(state.calls, user.id).map(({ call, leg }) => drawLeg(company, state, user, call, leg, run)),
      dialRow(company, user, run),
    ),
  );
}

export function drawOutside(company, state, run) {
  const legs = legsOf(state.calls, null);
  if (!legs.length) return [el("p", { className: "soft", textContent: "Nobody. Let a customer call, or call one from a phone." })];
  return legs.map(({ call, leg }) =>
    el("article", { className: `leg ${stateOf(call, leg)}` },
      el("span", { className: "who", textContent: named(leg) }),
      el("span", { className: "soft", textContent: `${STATES[stateOf(call, leg)]}: ${others(call, leg)}` }),
      el("div", { className: "buttons" },
        leg.state === "alerting" ? button("Customer answers", `${call.id} customer answers`, run(() => company.act(call, "answer")), "primary") : null,
        button("Customer hangs up", `${call.id} customer hangs up`, run(() => company.act(call, "hangup"))),
      ),
    ),
  );
}

/** One call as this phone has it. */
function drawLeg(company, state, user, call, leg, run) {
  const consultation = state.calls.find((each) => each.consultation_for === call.id);
  const does = (text, action, body = {}, className = "") =>
    button(text, `${call.id} ${user.number} ${action}`, run(() => company.act(call, action, { extension: user.number, ...body })), className);
  const rings = leg.state === "alerting" || leg.state === "initiated";
  const talks = leg.state === "connected" || leg.state === "held";
  const recording = call.recording ? ", recording" : "";
  return el("div", { className: `leg ${stateOf(call, leg)}` },
    el("span", { className: "who", textContent: others(call, leg) }),
    el("span", { className: "soft", textContent: (call.consultation_for ? "consultation, " : "") + STATES[stateOf(call, leg)] + recording }),
    el("div", { className: "buttons" },
      rings ? does("Answer", "answer", {}, "primary") : null,
      rings ? does("Reject", "reject") : does("Hang up", "hangup"),
      call.state === "connected" && talks ? does("Hold", "hold") : null,
      leg.state === "held" ? does("Resume", "resume") : null,
      consultation && leg.state === "held" ? does("* Finish transfer", "finish-transfer", {}, "primary") : null,
      consultation && leg.state === "held" ? does("# Cancel transfer", "cancel-transfer") : null,
    ),
    talks && call.answered_at && !consultation ? transferRow(company, user, call, run) : null,
  );
}

/** Where to, then blind or after asking. */
function transferRow(company, user, call, run) {
  const key = `${call.id} ${user.number} target`;
  const target = el("input", { placeholder: "1002", inputMode: "tel", autocomplete: "off", data: { key } });
  const transfer = (mode) => run(() => company.act(call, "transfer", { extension: user.number, to: digits(target.value), mode }));
  return el("div", { className: "row" },
    el("label", {}, "Transfer to", target),
    button("Blind", `${key} blind`, transfer("blind")),
    button("Ask first", `${key} attended`, transfer("attended")),
  );
}

function dialRow(company, user, run) {
  const number = el("input", { placeholder: "06 8765 4321", inputMode: "tel", autocomplete: "off", data: { key: `${user.number} dial` } });
  const dial = run(() => company.post("/calls", { from_extension: user.number, to: digits(number.value) }));
  return el("div", { className: "row two" }, el("label", {}, "Dial", number), button("Call", `${user.number} call`, dial));
}

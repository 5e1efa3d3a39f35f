// One call as one phone has it, with what that phone can do now.

import { button, choice, digits, el } from "./dom.js";
import { STATES, briefly, others, stateOf } from "./names.js";

const TALKING = ["connected", "held"];
const RINGING = ["initiated", "alerting"];

/** `bench`: the company, its state, `run` for listeners, and `has(feature)`. */
export function drawLeg(bench, user, call, leg) {
  const phone = { bench, user, call, leg, key: `${call.id} ${user.number}` };
  const parts = RINGING.includes(leg.state) ? drawRinging(phone) : drawTalking(phone);
  return el("div", { className: `leg ${stateOf(call, leg)}` },
    el("span", { className: "who", textContent: others(call, leg) }),
    el("span", { className: "soft", textContent: describe(bench, call, leg) }),
    ...parts,
  );
}

function describe(bench, call, leg) {
  const words = [call.consultation_for ? "consultation" : "", call.conference ? "conference" : "", leg.supervises ? `supervises (${leg.supervises})` : STATES[stateOf(call, leg)]];
  if (bench.has("devices") && leg.devices.length === 1) words.push(`on the ${leg.devices[0].toLowerCase()}`);
  if (leg.muted) words.push("muted");
  if (call.recording) words.push("recording");
  return words.filter(Boolean).join(", ");
}

/** A button that does one action of the control API with this phone. */
function does({ bench, user, call, key }, text, action, body = {}, className = "") {
  const act = bench.run(() => bench.company.act(call, action, { extension: user.number, ...body() }));
  return button(text, `${key} ${text}`, act, className);
}

function acts(phone) {
  return (text, action, body = {}, className = "") => does(phone, text, action, typeof body === "function" ? body : () => body, className);
}

function drawRinging(phone) {
  const { bench, leg, key } = phone;
  const act = acts(phone);
  const several = bench.has("devices") && leg.devices.length > 1;
  const forward = el("input", { placeholder: "1002", inputMode: "tel", autocomplete: "off", data: { key: `${key} forward` } });
  const colleague = choice(`${key} colleague`, colleagues(phone));
  const buttons = [act("Answer", "answer", {}, "primary"), act("Reject", "reject")];
  if (leg.state === "alerting" && bench.has("voicemail")) buttons.push(act("To voicemail", "forward", { to: "voicemail" }));
  const more = [];
  if (several) {
    more.push(buttonsOf(...leg.devices.flatMap((device) => [act(`Answer on ${device}`, "answer", { device }), act(`Ignore on ${device}`, "ignore", { device })])));
  }
  if (bench.has("forwarding")) {
    more.push(el("div", { className: "row two" }, el("label", {}, "Forward to", forward), act("Forward", "forward", () => ({ to: digits(forward.value) }))));
  }
  if (bench.has("pickup")) {
    more.push(el("div", { className: "row two" }, el("label", {}, "Colleague", colleague), act("picks up", "pick-up", () => ({ extension: colleague.value }))));
  }
  return [buttonsOf(...buttons), leg.state === "alerting" ? drawMore(key, more) : null];
}

function drawTalking(phone) {
  const { bench, call, leg } = phone;
  const act = acts(phone);
  const consultation = bench.state.calls.find((each) => each.consultation_for === call.id);
  const talks = TALKING.includes(leg.state) && leg.role !== "supervisor";
  const answered = talks && call.answered_at;
  const transfers = consultation && talks;
  const mayPark = !consultation && !call.consultation_for && !call.conference;
  return [
    buttonsOf(
      talks || leg.role === "supervisor" ? act("Hang up", "hangup") : null,
      answered && leg.state === "connected" ? act("Hold", "hold") : null,
      leg.state === "held" ? act("Resume", "resume") : null,
      answered && bench.has("muting") ? (leg.muted ? act("Unmute", "unmute") : act("Mute", "mute")) : null,
      answered && bench.has("parking") && mayPark ? act("Park", "park") : null,
      transfers ? act("* Finish transfer", "finish-transfer", {}, "primary") : null,
      transfers ? act("# Cancel transfer", "cancel-transfer") : null,
    ),
    answered ? drawOtherCalls(phone) : null,
    answered && !consultation ? drawTransfer(phone) : null,
    answered ? drawMore(phone.key, drawExtras(phone)) : null,
  ];
}

/** What this phone can do with another call that it talks on or holds. */
function drawOtherCalls(phone) {
  const { bench, user, call, leg } = phone;
  const act = acts(phone);
  const rows = bench.state.calls.filter((other) => other.id !== call.id && other.answered_at).flatMap((other) => {
    const own = other.legs.find((each) => each.extension_id === user.id && TALKING.includes(each.state) && each.role !== "supervisor");
    if (!own) return [];
    const who = others(other, own, briefly);
    return [
      leg.state === "connected" && own.state === "held" ? act(`Swap with ${who}`, "swap", { with: other.id }) : null,
      bench.has("conferences") ? act(`Conference with ${who}`, "conference", { with: other.id }) : null,
      act(`Connect with ${who}`, "transfer-to-call", { with: other.id }),
    ];
  });
  return rows.length ? buttonsOf(...rows) : null;
}

/** Where to, then blind or after asking. */
function drawTransfer(phone) {
  const key = `${phone.key} target`;
  const act = acts(phone);
  const target = el("input", { placeholder: "1002", inputMode: "tel", autocomplete: "off", data: { key } });
  const to = (mode) => () => ({ to: digits(target.value), mode });
  return el("div", { className: "stack" },
    el("div", { className: "row" },
      el("label", {}, "Transfer to", target),
      act("Blind", "transfer", to("blind")),
      act("Ask first", "transfer", to("attended")),
    ),
    phone.bench.has("voicemail") ? buttonsOf(act("Into their voicemail", "transfer", to("voicemail")), act("When they are free", "transfer", to("camp_on"))) : null,
  );
}

function drawExtras(phone) {
  const { bench, user, call, leg, key } = phone;
  const act = acts(phone);
  const keys = el("input", { placeholder: "1#", inputMode: "tel", autocomplete: "off", data: { key: `${key} keys` } });
  const supervisor = choice(`${key} supervisor`, colleagues(phone));
  const paused = call.recordings.some((each) => each.state === "paused");
  const elsewhere = user.devices.filter((each) => each.online && !leg.devices.includes(each.name));
  const extras = [
    buttonsOf(
      call.recording ? act("Stop recording", "stop-recording") : act("Record", "start-recording"),
      call.recording ? (paused ? act("Go on recording", "resume-recording") : act("Pause recording", "pause-recording")) : null,
    ),
    el("div", { className: "row two" }, el("label", {}, "Keys", keys), act("Press", "digits", () => ({ digits: keys.value }))),
  ];
  if (bench.has("devices")) {
    extras.push(buttonsOf(...elsewhere.map((each) => act(`Continue on the ${each.name.toLowerCase()}`, "move", { device: each.id }))));
  }
  if (bench.has("supervision")) {
    const mode = (name) => act(name, "supervise", () => ({ supervisor: supervisor.value, mode: name.toLowerCase() }));
    extras.push(el("div", { className: "stack" }, el("label", {}, "Supervisor", supervisor), buttonsOf(mode("Listen"), mode("Whisper"), mode("Barge"))));
  }
  return extras;
}

function colleagues({ bench, user }) {
  return bench.users.filter((each) => each.id !== user.id).map((each) => [each.number, each.name]);
}

function buttonsOf(...buttons) {
  return el("div", { className: "buttons" }, ...buttons);
}

function drawMore(key, parts) {
  return parts.length ? el("details", { data: { key: `${key} more` } }, el("summary", { textContent: "More" }), el("div", { className: "stack" }, ...parts)) : null;
}

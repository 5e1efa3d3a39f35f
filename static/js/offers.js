// What the buttons of a call's card offer now: from the call's own `actions`, and what its phone system can do. Pure.
//
// Each slot is one place on the card, whose button changes with the call: hold turns into resume under the same finger.
// An offer is {action, body, label, busy, icon, kind, opens, asks}: what to send, how it looks, the panel that it opens instead,
// and what to ask before.

const plain = {
  answer: { label: "Answer", busy: "Answering…", kind: "strong", icon: "phone" },
  "answer-on": { label: "Answer on…", busy: "Answering…", icon: "devices", opens: "devices" },
  reject: { label: "Reject", busy: "Rejecting…", icon: "close" },
  pickup: { label: "Pick up", busy: "Picking up…", kind: "strong", icon: "phone" },
  hold: { label: "Hold", busy: "Holding…", icon: "hold" },
  resume: { label: "Resume", busy: "Resuming…", kind: "strong", icon: "resume" },
  mute: { label: "Mute", busy: "Muting…", icon: "mute" },
  unmute: { label: "Unmute", busy: "Unmuting…", kind: "strong", icon: "unmute" },
  swap: { label: "Swap", busy: "Swapping…", icon: "swap" },
  "complete-transfer": { label: "Complete transfer", busy: "Transferring…", kind: "strong", icon: "check" },
  "cancel-transfer": { label: "Cancel transfer", busy: "Cancelling…", icon: "close" },
  conference: { label: "Join calls", busy: "Joining…", icon: "join" },
  transfer: { label: "Transfer", busy: "Transferring…", icon: "transfer", opens: "transfer" },
  dtmf: { label: "Keypad", icon: "keypad", opens: "keypad" },
  move: { label: "Other phone", busy: "Moving…", icon: "devices", opens: "devices" },
  supervise: { label: "Coach", busy: "Calling…", icon: "coach", opens: "coach" },
  tags: { label: "Tags", icon: "tag", opens: "tags" },
  park: { label: "Park", busy: "Parking…", icon: "park" },
  leave: { label: "Leave", busy: "Leaving…", icon: "leave" },
  block: { label: "Block caller", busy: "Blocking…", icon: "block", asks: "Block this caller? From now on their calls are refused, until an admin of the phone system lifts that." },
  hangup: { label: "Hang up", busy: "Hanging up…", kind: "end", icon: "hangup" },
};
const recordings = {
  start: { label: "Record", busy: "Starting…", icon: "record" },
  stop: { label: "Stop recording", busy: "Stopping…", icon: "stop" },
  pause: { label: "Pause recording", busy: "Pausing…", icon: "hold" },
  resume: { label: "Continue recording", busy: "Continuing…", icon: "record" },
  save: { label: "Keep recording", busy: "Keeping…", icon: "check" },
  discard: { label: "Discard recording", busy: "Discarding…", icon: "close", asks: "Throw away what was recorded of this call? It can’t be brought back." },
};
const RECORDING_NOW = { off: ["start"], on: ["stop", "pause", "save", "discard"], paused: ["stop", "resume", "save", "discard"] };

/** The slots of a card in their order; each is a list of names, of which at most one is offered at a time. */
export const SLOTS = [
  ["answer"], ["answer-on"], ["reject"], ["pickup"], ["hold", "resume"], ["mute", "unmute"], ["swap"],
  ["complete-transfer"], ["cancel-transfer"], ["conference"], ["transfer"], ["dtmf"], ["move"],
  ["recording:start", "recording:stop"], ["recording:pause", "recording:resume"], ["recording:save"], ["recording:discard"],
  ["park"], ["leave"], ["supervise"], ["tags"], ["block"], ["hangup"],
];

// How the reader's own leg must be: the call's `actions` say what some leg of it may do, be it a colleague's (cti/control/actions.py).
const ON_THE_CALL = ["connected", "hold"];
const MY_LEG = {
  ...Object.fromEntries(["mute", "unmute", "swap", "park", "leave", "move", "conference", "supervise"].map((name) => [name, ON_THE_CALL])),
  "complete-transfer": ON_THE_CALL,
  "cancel-transfer": ON_THE_CALL,
  transfer: [...ON_THE_CALL, "alerting"],
  hold: ["connected"],
  resume: ["hold"],
  dtmf: ["connected"],
};

/**
 * What a slot offers for `call`, or null.
 * can    the account's capabilities, as {group: [name, …]}
 * line   the id of the reader's extension that the call is on
 * leg    the state of the reader's own leg; undefined where the phone system shows none
 * rings  whether a phone of the reader's rings, and not only somebody else's
 * asks   whether the reader asks somebody about the call: a consultation, and no conference yet
 * other  another call of the reader's on the same account, or undefined
 */
export function offerOf(slot, call, around) {
  for (const name of slot) {
    const offer = name.startsWith("recording:") ? recording(name.slice(10), call, around) : action(name, call, around);
    if (offer) return offer;
  }
  return null;
}

function action(name, call, around) {
  const { line, leg, rings, other, asks } = around;
  if (leg && MY_LEG[name] && !MY_LEG[name].includes(leg)) return null;
  const isPossible = {
    answer: rings,
    reject: rings,
    pickup: call.state === "parked" && line,
    swap: other || asks,
    conference: other || asks,
    "complete-transfer": asks,
    "cancel-transfer": asks,
  }[name] ?? true;
  if (name === "answer-on") return answerOn(call, around);
  return isPossible && call.actions.includes(name) ? { action: name, body: bodyOf(name, call, line, other), ...plain[name] } : null;
}

/** A consultation is a part of the call that it is about: joining the two names that call itself. */
function bodyOf(name, call, line, other) {
  if (name === "pickup") return { extension_id: line };
  if (name === "conference") return { target_call_id: (other ?? call).id };
  return {};
}

/** Answering on another phone than the usual one, where the phone system tells them apart. */
function answerOn(call, { can, rings }) {
  const isPossible = rings && call.actions.includes("answer") && can.directory?.includes("devices");
  return isPossible ? { action: "answer", body: {}, ...plain["answer-on"] } : null;
}

function recording(variant, call, { can, leg }) {
  const isMineToDo = !leg || ON_THE_CALL.includes(leg);
  const isPossible = isMineToDo && call.actions.includes("recording") && RECORDING_NOW[call.recording.state].includes(variant);
  if (!isPossible || !can.recording?.includes(variant) || (variant === "save" && call.recording.saved)) return null;
  return { action: "recording", body: { action: variant }, ...recordings[variant] };
}

/** How a call can be handed over: [mode, words], where `first` means to talk to them before. One that rings can't wait for that. */
export function transferModes(call, can) {
  const modes = can.transfer ?? [];
  const talks = call.state !== "alerting";
  return [
    modes.includes("blind") && ["blind", "Hand over at once"],
    talks && (call.actions.includes("consult") || modes.includes("attended")) && ["first", "Talk to them first"],
    modes.includes("voicemail") && ["voicemail", "To their voicemail"],
    talks && modes.includes("camp_on") && ["camp_on", "When they are free"],
  ].filter(Boolean);
}

/** How a coach can be brought in: [mode, words]. */
export function coachModes(call, can) {
  const modes = can.supervise ?? [];
  return [
    modes.includes("whisper") && ["whisper", "They speak to me alone"],
    modes.includes("listen") && ["listen", "They only listen"],
    modes.includes("barge") && ["barge", "They speak to everybody"],
  ].filter(Boolean);
}

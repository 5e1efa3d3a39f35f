// Which calls there are and which of them are mine, from snapshots and events. Pure: no DOM, no clock, no network.
// `calls` is a Map of id → call as the API shows it; `mine` is a Set of the extension ids bound to this member.

const LEFT = new Set(["null", "fail", null]);

/** The calls with `call` added, unless a newer version of it is already known: late answers never turn a call back. */
export function withCall(calls, call) {
  const known = calls.get(call.id);
  if (known && known.version > call.version) return calls;
  return new Map(calls).set(call.id, call);
}

export function withCalls(calls, list) {
  return list.reduce(withCall, calls);
}

/** Every call event carries the whole call after it, so applying one is adding that call. */
export function withEvent(calls, event) {
  const { call } = event.data ?? {};
  return call ? withCall(calls, call) : calls;
}

function myLegs(call, mine) {
  return call.legs.filter((leg) => mine.has(leg.extension_id));
}

export function isMine(call, mine) {
  return myLegs(call, mine).length > 0 || mine.has(call.from?.extension_id) || mine.has(call.to?.extension_id);
}

/** Whether I am in the call now: one that I transferred or that a colleague answered lives on, but no longer here. */
export function isLive(call, mine) {
  if (call.state === "ended" || !isMine(call, mine)) return false;
  if (call.state === "parked") return true; // it waits for somebody to pick it up: who knows of it can
  const legs = myLegs(call, mine);
  return legs.length === 0 || legs.some((leg) => !LEFT.has(leg.state));
}

/** Newest first, so that a card never moves while its call lives. */
export function newestFirst(calls) {
  return [...calls].sort((a, b) => b.started_at.localeCompare(a.started_at) || b.id.localeCompare(a.id));
}

export function liveCalls(calls, mine) {
  return newestFirst([...calls.values()].filter((call) => isLive(call, mine)));
}

/** What I was in since `midnight` (a Date) and am no longer. */
export function finishedCalls(calls, mine, midnight) {
  const finished = [...calls.values()].filter((call) => isMine(call, mine) && !isLive(call, mine));
  return newestFirst(finished.filter((call) => new Date(call.started_at) >= midnight));
}

/** Who is at the other end, seen from me. */
export function otherParty(call, mine) {
  if (call.direction === "inbound") return call.from;
  if (call.direction === "outbound") return call.to;
  return mine.has(call.from?.extension_id) ? call.to : call.from;
}

/** Everybody else on the call, as its live legs, supervisors included: one is the usual case, more a consultation or conference. */
export function company(call, mine) {
  return call.legs.filter((leg) => !mine.has(leg.extension_id) && !LEFT.has(leg.state));
}

/** Whether I am muted, as opposed to somebody else on the call. */
export function isMuted(call, mine) {
  const legs = myLegs(call, mine).filter((leg) => !LEFT.has(leg.state));
  return legs.length > 0 ? legs.some((leg) => leg.muted) : call.muted && call.state !== "parked";
}

/** The id of the extension of mine that the call is on. */
export function myExtension(call, mine) {
  const legs = myLegs(call, mine);
  const leg = legs.find((each) => !LEFT.has(each.state)) ?? legs[0];
  return leg?.extension_id ?? [call.to, call.from].find((party) => mine.has(party?.extension_id))?.extension_id;
}

/** Rings here (or is just about to) and waits for me, as opposed to one that I dialled and that rings at the other end. */
export function isRingingHere(call, mine) {
  if (!["initiated", "alerting"].includes(call.state) || !isLive(call, mine)) return false;
  return call.direction === "internal" ? !mine.has(call.from?.extension_id) : call.direction === "inbound";
}

/** Whether a phone of mine rings, whatever else goes on: a colleague whom I consult rings on the same call. */
export function isMyPhoneRinging(call, mine) {
  const legs = myLegs(call, mine);
  return legs.some((leg) => leg.state === "alerting") || (legs.length === 0 && isRingingHere(call, mine));
}

/** How a finished call ended for me: missed | elsewhere | transferred | unanswered | failed | lost | done. */
export function outcome(call, mine) {
  const reason = myLegs(call, mine).at(-1)?.end_reason ?? call.end_reason;
  if (reason === "answered_elsewhere") return "elsewhere";
  if (reason === "transferred") return "transferred";
  if (call.state !== "ended") return call.answered_at ? "transferred" : "elsewhere";
  if (call.missed) return "missed";
  if (reason === "failed" || reason === "lost") return reason;
  return call.answered_at ? "done" : "unanswered";
}

/** Seconds until it ended or I left, or null for a call that nobody answered. */
export function talkSeconds(call, mine) {
  const until = myLegs(call, mine).at(-1)?.left_at ?? call.ended_at;
  if (!call.answered_at || !until) return null;
  return Math.max(0, Math.round((new Date(until) - new Date(call.answered_at)) / 1000));
}

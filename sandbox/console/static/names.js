// How calls, parties and states are put into words.

import { readable } from "./dom.js";

export const STATES = {
  initiated: "waiting to be picked up",
  alerting: "rings",
  queued: "waits in line",
  connected: "talks",
  held: "on hold",
  parked: "parked",
  voicemail: "in the voicemail box",
  waiting: "hears it ring",
  kept: "hears music",
};

/** The leg's own state, except that somebody with nobody at the other end doesn't talk. */
export function stateOf(call, leg) {
  if (leg.state !== "connected" || leg.role === "supervisor") return leg.state;
  if (call.conference) return leg.state;
  return { alerting: "waiting", queued: "queued", voicemail: "voicemail", held: "kept" }[call.state] ?? leg.state;
}

/** "Jan Jansen, 06 1234 5678"; nobody's number when it is withheld. */
export function named(party) {
  const number = party.number ? readable(party.number) : "withheld number";
  return party.name ? `${party.name}, ${number}` : number;
}

/** Their name alone, where there is one. */
export function briefly(party) {
  return party.name || named(party);
}

export function live(call) {
  return call.legs.filter((leg) => leg.state !== "ended");
}

/** Whom this leg talks with; whom it was meant for or came from as long as nobody is there. */
export function others(call, leg, name = named) {
  const found = live(call).filter((each) => each.id !== leg.id && each.role !== "supervisor" && (call.conference || each.role !== leg.role));
  return found.length ? found.map(name).join("; ") : name(leg.role === "caller" ? call.to : call.from);
}

/** Every live leg of this party: an extension's id, or null for people outside. */
export function legsOf(calls, extensionId) {
  return calls.flatMap((call) => live(call).filter((leg) => leg.extension_id === extensionId).map((leg) => ({ call, leg })));
}

/** "12 s", "3 min". */
export function duration(seconds) {
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

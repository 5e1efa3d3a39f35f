// The agent's desk: puts the event stream, the API and the page together.

import { get, getAll, post, serverNow } from "./api.js";
import { finishedCalls, isRingingHere, liveCalls, otherParty, outcome, withCall, withCalls, withEvent } from "./calls.js";
import { CallCard } from "./card.js";
import { partyLabel } from "./format.js";
import { listenForKeys } from "./keys.js";
import { showConnection } from "./connection.js";
import { announce, notify, offerNotifications, showRinging, withdraw } from "./notify.js";
import { Picker } from "./picker.js";
import { Presence } from "./presence.js";
import { QueueBar } from "./queue_bar.js";
import { EventSocket } from "./socket.js";
import { leadAmongTabs } from "./tabs.js";
import { outcomeInWords, Today } from "./today.js";

const PRESENCE_FOR_MS = 30_000; // how long what is known of colleagues is good enough
const GOODBYE_MS = 2500; // how long a finished call stays in sight

const data = JSON.parse(document.getElementById("agent-data").textContent);
const mine = new Set(data.extensions.map((extension) => extension.id));
const presences = new Map(); // extension id → Presence, where the phone system can set it
const cards = new Map(); // call id → CallCard, live and just finished
let calls = new Map();
let isLeader = false;
let colleagues = null;
let colleaguesAt = 0;

const desk = {
  mine,
  region: data.region,
  icons: data.icons,
  accounts: data.accounts,
  extensions: new Map(data.extensions.map((extension) => [extension.id, extension])),
  directory,
  otherCall: (call) => liveCalls(calls, mine).find((each) => each.id !== call.id && each.account_id === call.account_id && each.answered_at),
  act: (call, action, body) => send(`/calls/${call.id}/${action}`, body),
};

const queues = new QueueBar(document.getElementById("queues"), desk, tellIfSignedOut);
const today = new Today({ mine, icons: data.icons, onCall: callBack });
const dialBox = new Picker(document.getElementById("dial-to"), { ...desk, directory: () => directory(dialFrom().account_id), draft: "dial" });

// ---- From the server

const socket = new EventSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/events`,
  extensions: [...mine],
  onStart: load,
  onEvent: (event) => {
    if (event.type === "presence.changed") presences.get(event.data.extension_id)?.show(event.data);
    else if (event.data.queue_id) queues.receive(event);
    else take(withEvent(calls, event));
  },
  onStatus: showStatus,
  onRefused: () => get("/me").catch(tellIfSignedOut),
});

async function load() {
  const since = midnight().toISOString();
  const lists = [...mine].flatMap((extension) => [
    getAll("/calls", { state: "active", extension }), // may have begun yesterday
    getAll("/calls", { since, extension }),
  ]);
  const [loaded] = await Promise.all([Promise.all(lists).then((all) => all.flat()), queues.load()]);
  take(withCalls(calls, loaded)); // `calls` as it is by now: events came in while this was loading
}

async function send(path, body) {
  try {
    const call = await post(path, body);
    take(withCall(calls, call));
  } catch (problem) {
    tellIfSignedOut(problem);
    throw problem;
  }
}

/** The colleagues on one phone system, with how they are: asked again after a while. */
async function directory(account) {
  if (!colleagues || serverNow() - colleaguesAt > PRESENCE_FOR_MS) {
    colleagues = getAll("/extensions").then((all) => all.filter((extension) => !mine.has(extension.id)));
    colleaguesAt = serverNow();
  }
  try {
    return (await colleagues).filter((extension) => extension.account_id === account);
  } catch {
    colleagues = null; // the next keystroke tries again; a number can be typed meanwhile
    return [];
  }
}

function tellIfSignedOut(problem) {
  if (problem.isSignedOut) document.getElementById("signed-out").hidden = false;
}

// ---- To the page

function take(next) {
  const before = calls;
  calls = next;
  const live = liveCalls(calls, mine);
  for (const call of live) tellChange(before.get(call.id), call);
  for (const [id] of cards) if (!live.some((call) => call.id === id)) finish(id);
  showLive(live);
  for (const call of live) cards.get(call.id).update(call); // what one call offers depends on the others
  today.show(finishedCalls(calls, mine, midnight()).filter((call) => !cards.has(call.id)));
  showStill();
}

function showLive(live) {
  const container = document.getElementById("cards");
  let older = null;
  for (const call of [...live].reverse()) {
    let card = cards.get(call.id);
    if (!card || card.isFinished) {
      card?.element.remove(); // it had gone on without us, and is back
      card = new CallCard(call, desk);
      cards.set(call.id, card);
      container.insertBefore(card.element, older); // an event may bring a newer call before loading brings this one
    }
    older = card.element;
    card.update(call);
    card.tick(serverNow());
  }
}

function showStill() {
  document.getElementById("idle").hidden = cards.size > 0;
  const ringing = liveCalls(calls, mine).find((call) => isRingingHere(call, mine));
  showRinging(ringing ? partyLabel(otherParty(ringing, mine)) : null, data.ringing_icon);
}

function tellChange(before, call) {
  const rings = isRingingHere(call, mine);
  const rang = Boolean(before) && isRingingHere(before, mine);
  if (before?.state === call.state || (rings && rang)) return;
  const who = partyLabel(otherParty(call, mine));
  if (rings) {
    if (!isLeader) return;
    announce(`Incoming call from ${who}`, { urgent: true });
    notify(call.id, who, "is calling you");
  } else {
    withdraw(call.id);
    if (before) announce(`${who}: ${call.state}`);
  }
}

/** A call that is over stays in sight for a moment, then joins today's list. */
function finish(id) {
  const card = cards.get(id);
  const call = calls.get(id);
  if (card.isFinished) return;
  withdraw(id);
  const words = outcome(call, mine) === "done" ? "Ended" : outcomeInWords(call, mine);
  card.finish(call, words);
  card.tick(serverNow());
  announce(`${partyLabel(otherParty(call, mine))}: ${words}`);
  setTimeout(() => {
    const hadFocus = card.element.contains(document.activeElement);
    card.element.remove();
    if (cards.get(id) === card) cards.delete(id);
    if (hadFocus) document.getElementById("live").focus();
    take(calls);
  }, GOODBYE_MS);
}

function showStatus(status) {
  showConnection(status);
  if (status === "live") document.getElementById("signed-out").hidden = true;
}

function midnight() {
  return new Date(new Date(serverNow()).setHours(0, 0, 0, 0));
}

// ---- From the reader

document.getElementById("dial").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  const { to, why } = dialBox.target;
  if (!to) return showDialError(why);
  const from = dialFrom();
  button.disabled = true;
  showDialError("");
  try {
    await send("/calls", { account_id: from.account_id, from: { extension_id: from.id }, to });
    dialBox.text = "";
  } catch (problem) {
    showDialError(problem.detail);
  } finally {
    button.disabled = false;
  }
  return undefined;
});

/** The line to call from. */
function dialFrom() {
  return desk.extensions.get(document.getElementById("dial-from")?.value) ?? data.extensions[0];
}

function showDialError(words) {
  const error = document.getElementById("dial-error");
  error.textContent = words;
  error.hidden = !words;
}

/** Puts the number into the dial box rather than dialling: one more Enter is cheaper than a wrong call. */
function callBack(party) {
  dialBox.text = party.number;
  dialBox.input.focus();
}

function focusedCard() {
  const focused = document.activeElement?.closest("[data-call]");
  return cards.get(focused?.dataset.call) ?? cards.get(liveCalls(calls, mine)[0]?.id);
}

for (const { id, account_id: account } of data.extensions) {
  if (data.accounts[account]?.presence?.includes("set")) presences.set(id, new Presence(document.querySelector(`[data-extension="${id}"]`)));
}
listenForKeys({ card: focusedCard, dialBox: dialBox.input, queues });
offerNotifications(document.getElementById("offer-notifications"));
leadAmongTabs(`agent:${data.member_id}`, (leads) => (isLeader = leads));
setInterval(() => [...cards.values(), queues].forEach((each) => each.tick(serverNow())), 1000);
socket.open();

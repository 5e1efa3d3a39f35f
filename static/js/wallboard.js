// The supervisor's wallboard: every queue, its agents and callers, and the calls that are going on, live.

import { get, getAll, post, serverNow } from "./api.js";
import { newestFirst, withCall, withCalls, withEvent } from "./calls.js";
import { showConnection } from "./connection.js";
import { clock } from "./format.js";
import { LiveCalls } from "./live_calls.js";
import { QueueFeed } from "./queue_feed.js";
import { QueueTile } from "./queue_tile.js";
import { agentsOf, isWaiting, waitingCalls, withoutTheBusy } from "./queues.js";
import { EventSocket } from "./socket.js";

const FORGET_MS = 60_000; // how long a call that is over is kept, lest an older answer bring it back

const data = JSON.parse(document.getElementById("wallboard-data").textContent);
const tiles = new Map(); // queue id → QueueTile
let calls = new Map();
let lastLive = null;
let frame = null;

const desk = {
  can: (account) => data.accounts[account]?.can ?? {},
  accountName: (account) => (Object.keys(data.accounts).length > 1 ? data.accounts[account]?.name : null),
  line: (account) => data.extensions.find((extension) => extension.account_id === account),
  queueName: (id) => feed.board.queues.get(id)?.name,
  act: (path, body) => post(path, body).then(takeCall, tellIfSignedOut),
};
const feed = new QueueFeed({ queries: [{}], can: desk.can, onChange: showSoon });
const live = new LiveCalls(document.getElementById("live-calls"), desk);
const socket = new EventSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/events`,
  onStart: load,
  onEvent: (event) => (event.data.call ? take(withEvent(calls, event)) : feed.receive(event)),
  onStatus: showStatus,
  onRefused: () => get("/me").catch(tellIfSignedOut).catch(() => {}), // what else is wrong, the page says already
});

async function load() {
  const [active] = await Promise.all([getAll("/calls", { state: "active" }), feed.load()]);
  document.getElementById("loading").hidden = true;
  take(withCalls(calls, active));
}

function takeCall(call) {
  take(withCall(calls, call));
}

function take(next) {
  calls = next;
  showSoon();
}

/** Once a frame, however many events it brings; a tab that nobody looks at waits. */
function showSoon() {
  frame ??= requestAnimationFrame(show);
}

function show() {
  frame = null;
  const { board } = feed;
  const queues = [...board.queues.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  queues.forEach((queue, index) => showTile(board, queue, index));
  for (const [id, tile] of tiles) {
    if (board.queues.has(id)) continue;
    tile.element.remove();
    tiles.delete(id);
  }
  document.getElementById("no-queues").hidden = queues.length > 0 || !document.getElementById("loading").hidden;
  // Who waits is shown with the queue, where that is known.
  const others = [...calls.values()].filter((call) => call.state !== "ended" && !(isWaiting(call) && board.queues.has(call.queue_id)));
  live.show(newestFirst(others));
  tick();
}

function showTile(board, queue, index) {
  const container = document.getElementById("tiles");
  if (!tiles.has(queue.id)) tiles.set(queue.id, new QueueTile(desk));
  const tile = tiles.get(queue.id);
  if (container.children[index] !== tile.element) container.insertBefore(tile.element, container.children[index] ?? null);
  tile.update(queue, withoutTheBusy(agentsOf(board, queue.id), calls), waitingCalls(calls, queue.id));
}

function tick() {
  const now = serverNow();
  for (const each of [...tiles.values(), live]) each.tick(now);
}

function forget() {
  const before = serverNow() - FORGET_MS;
  const over = [...calls.values()].filter((call) => call.ended_at && new Date(call.ended_at) < before);
  for (const call of over) calls.delete(call.id);
}

/** What is shown while the line is down is as old as the line has been: the page says how old. */
function showStatus(status) {
  const stale = document.getElementById("stale");
  showConnection(status);
  if (status === "live") lastLive = null;
  else lastLive ??= serverNow();
  stale.hidden = lastLive === null;
  if (lastLive !== null) stale.querySelector("time").textContent = clock(lastLive);
  document.body.classList.toggle("is-stale", lastLive !== null);
  if (status === "live") document.getElementById("signed-out").hidden = true;
}

function tellIfSignedOut(problem) {
  if (problem.isSignedOut) document.getElementById("signed-out").hidden = false;
  throw problem;
}

setInterval(tick, 1000);
setInterval(forget, FORGET_MS);
socket.open();

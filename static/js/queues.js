// Which queues there are and how their agents are, from snapshots and events. Pure: no DOM, no clock, no network.
// A board is {queues: Map of id → queue as the API shows it, agents: Map of queue id → Map of extension id → agent}.

export const EMPTY_BOARD = { queues: new Map(), agents: new Map() };
const AGENT_FIELDS = ["state", "pause_code", "skill", "since", "name"];
const WORK = ["available", "busy", "wrap_up", "paused", "logged_out"]; // the order in which agents are shown

export function withQueue(board, queue) {
  return { ...board, queues: new Map(board.queues).set(queue.id, queue) };
}

/** All of a queue's agents, in place of those that were known. */
export function withAgents(board, queueId, list) {
  const known = new Map(list.map((agent) => [agent.extension_id ?? agent.vendor_extension_id, agent]));
  return { ...board, agents: new Map(board.agents).set(queueId, known) };
}

/** An event about a queue that isn't known changes nothing. */
export function withQueueEvent(board, event) {
  const { queue_id: id, extension_id: extension } = event.data ?? {};
  if (!board.queues.has(id)) return board;
  if (event.type === "queue.updated") return withQueue(board, counted(board.queues.get(id), event));
  if (event.type === "agent.state_changed" && extension) return withAgents(board, id, changed(agentsOf(board, id), event));
  return board;
}

function counted(queue, { data, occurred_at: at }) {
  const told = Object.entries(data.stats ?? {}).filter(([, value]) => value !== null);
  return { ...queue, stats: { ...queue.stats, ...Object.fromEntries(told) }, stats_at: at };
}

function changed(agents, { data, occurred_at: at }) {
  const before = agents.find((agent) => agent.extension_id === data.extension_id) ?? { extension_id: data.extension_id, name: "" };
  const told = Object.fromEntries(AGENT_FIELDS.map((field) => [field, data[field] ?? null]));
  const after = { ...before, ...told, since: told.since ?? at, name: told.name || before.name };
  return [...agents.filter((agent) => agent !== before), after];
}

/** A queue's agents: who works first, then by name. */
export function agentsOf(board, queueId) {
  const agents = [...(board.agents.get(queueId)?.values() ?? [])];
  return agents.sort((a, b) => WORK.indexOf(a.state) - WORK.indexOf(b.state) || a.name.localeCompare(b.name));
}

/** Who is on a call isn't available, though not every phone system says so. */
export function withoutTheBusy(agents, calls) {
  const talking = new Map();
  for (const call of calls.values()) {
    for (const leg of call.legs) if (["connected", "hold"].includes(leg.state)) talking.set(leg.extension_id, leg.joined_at ?? call.started_at);
  }
  const isBusy = (agent) => agent.state === "available" && talking.has(agent.extension_id);
  return agents.map((agent) => (isBusy(agent) ? { ...agent, state: "busy", since: talking.get(agent.extension_id) } : agent));
}

export function agentIn(board, queueId, extensionId) {
  return board.agents.get(queueId)?.get(extensionId);
}

/** Whether a call waits in a queue: also while it rings an agent. */
export function isWaiting(call) {
  return call.state === "queued" || (call.state === "alerting" && Boolean(call.queue_id) && !call.answered_at);
}

/** The calls that wait in a queue, the longest first. */
export function waitingCalls(calls, queueId) {
  const waiting = [...calls.values()].filter((call) => isWaiting(call) && call.queue_id === queueId);
  return waiting.sort((a, b) => a.started_at.localeCompare(b.started_at));
}

/** How many wait, as the phone system counts; where it doesn't tell, as many as we know of. */
export function waitingCount(queue, calls = []) {
  return queue.stats.waiting ?? calls.length;
}

/** Seconds that the first in line has waited by `now` (ms), or null when nobody does or nobody knows. */
export function longestWait(queue, calls, now) {
  if (waitingCount(queue, calls) === 0) return null;
  const { longest_wait_s: told } = queue.stats;
  if (told !== null && told !== undefined) return told + Math.max(0, (now - new Date(queue.stats_at)) / 1000);
  return calls.length ? (now - new Date(calls[0].started_at)) / 1000 : null;
}

/** Available and logged in: counted among the agents where their states are told, else as the phone system counts. */
export function staffing(queue, agents, can) {
  const { agents_available: available, agents_logged_in: loggedIn } = queue.stats;
  if (agents.length === 0 || (can.events?.includes("queues") && available !== null)) return { available, loggedIn };
  return {
    available: agents.filter((agent) => agent.state === "available").length,
    loggedIn: agents.filter((agent) => agent.state !== "logged_out").length,
  };
}

const STATES = {
  logged_out: ["Signed out", "off"],
  available: ["Available", "good"],
  busy: ["On a call", "busy"],
  wrap_up: ["Wrapping up", "warn"],
  paused: ["Paused", "warn"],
};

/** [words, the pill's class] for how an agent is in a queue. */
export function agentState(agent, queue) {
  const [words, kind] = STATES[agent.state] ?? [agent.state, "off"];
  const reason = agent.state === "paused" && agent.pause_code && nameOf(queue.pause_codes, agent.pause_code);
  return [reason ? `${words}: ${reason}` : words, kind];
}

function nameOf(choices, code) {
  return choices.find((choice) => choice.code === code)?.name ?? code;
}

const ACTIONS = {
  login: { label: "Sign in", busy: "Signing in…", kind: "strong" },
  "login-as": { action: "login", label: "Sign in as…", busy: "Signing in…", field: "skill", choices: "skills", asks: "With which skill" },
  resume: { label: "Resume", busy: "Resuming…", kind: "strong" },
  "end-wrap-up": { label: "Finish wrap-up", busy: "Finishing…", kind: "strong" },
  pause: { label: "Pause", busy: "Pausing…", field: "pause_code", choices: "pause_codes", asks: "Why" },
  logout: { label: "Sign out", busy: "Signing out…" },
};
const POSSIBLE = {
  logged_out: ["login", "login-as"],
  available: ["pause", "logout"],
  busy: ["pause", "logout"],
  wrap_up: ["end-wrap-up", "pause", "logout"],
  paused: ["resume", "logout"],
};

/** What the agent can do in the queue now: [{name, action, label, busy, kind, field, choices: [{code, name}], asks}]. */
export function queueOffers(agent, queue, can) {
  const offers = POSSIBLE[agent.state].map((name) => ({ name, action: name, ...ACTIONS[name] }));
  return offers
    .map((offer) => ({ ...offer, choices: choicesOf(offer, queue) }))
    .filter((offer) => can.queues?.includes(offer.action) && (offer.name !== "login-as" || offer.choices.length > 0));
}

/** Nobody has to give a reason. */
function choicesOf({ name, choices }, queue) {
  const all = queue[choices] ?? [];
  return name === "pause" && all.length ? [{ code: "", name: "Without a reason" }, ...all] : all;
}

const EVERYWHERE = {
  login: "Sign in to all",
  resume: "Resume in all",
  "end-wrap-up": "Finish wrap-up in all",
  pause: "Pause in all",
  logout: "Sign out of all",
};

/** What can be done in several queues at once, with the choices that all of those have. lists: the offers of each queue */
export function commonOffers(lists) {
  return Object.entries(EVERYWHERE).flatMap(([name, label]) => {
    const same = lists.flatMap((offers) => offers.filter((offer) => offer.name === name));
    if (same.length < 2) return [];
    const isEverywhere = (choice) => same.every((offer) => offer.choices.some(({ code }) => code === choice.code));
    return [{ ...same[0], label, choices: same[0].choices.filter(isEverywhere) }];
  });
}

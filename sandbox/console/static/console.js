// The console page: asks the control API twice a second how things stand, and draws what changed.

import { Company, send } from "./api.js";
import { button, choice, digits, el, readable, redraw } from "./dom.js";
import { drawOutside, drawPhones } from "./phones.js";
import { drawParked, drawQueues } from "./queues.js";
import { drawSettings } from "./settings.js";
import { drawTemplates, drawTopics } from "./templates.js";

const EVERY_MS = 500;
const LEDGER_SHOWN = 12;
const VENDORS = { kwebbl: "Kwebbl", ringcentral: "RingCentral", dstny: "Dstny", eq: "EQ", callgear: "CallGear" };
const byId = (id) => document.getElementById(id);

let slug = location.hash.slice(1);
let company = null;

/** A listener that does it, shows at once what came of it, and says what was refused. */
function run(act) {
  return async (event) => {
    event?.preventDefault();
    try {
      await act();
      byId("notice").hidden = true;
    } catch (error) {
      byId("notice").textContent = error.message;
      byId("notice").hidden = false;
    }
    await draw();
  };
}

function choose(name) {
  slug = name;
  company = new Company(name);
  history.replaceState(null, "", `#${name}`);
}

async function draw() {
  try {
    const state = await company.read();
    const deliveries = await company.newest(LEDGER_SHOWN);
    drawState(state, deliveries);
    say("connection", "live", false);
  } catch {
    say("connection", "the sandbox doesn't answer; trying again", true);
  }
}

function say(id, text, lost) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
  element.classList.toggle("lost", lost);
}

function drawState(state, deliveries) {
  const { calls, extensions, features } = state;
  const users = extensions.filter((each) => each.type === "user");
  const bench = { company, state, users, run, has: (feature) => features.includes(feature) };
  redraw(byId("lines"), [slug, extensions.map((each) => [each.external_number, each.name])], () => drawLines(extensions).concat(drawDirect(extensions)));
  redraw(byId("phones"), [calls, users, features], () => drawPhones(bench));
  redraw(byId("outside"), [slug, calls], () => drawOutside(bench));
  redraw(byId("queues"), [slug, calls, extensions.map((each) => each.queue)], () => drawQueues(bench));
  redraw(byId("parked"), [slug, calls], () => drawParked(bench));
  byId("templates-card").hidden = !state.topics;
  redraw(byId("topics"), state.topics, () => drawTopics(state.topics ?? []));
  redraw(byId("templates"), [slug, state.subscriptions], () => drawTemplates(state.topics ? state.subscriptions : []));
  byId("queues-card").hidden = !extensions.some((each) => each.queue);
  byId("parked-card").hidden = !bench.has("parking");
  redraw(byId("accidents"), slug, drawAccidents);
  redraw(byId("connect"), [state.base_url, state.connection, state.subscriptions], () => drawConnect(state));
  redraw(byId("ledger"), deliveries, () => deliveries.map(drawDelivery));
  for (const group of ["faults", "behaviour", "delivery", "dialect"]) {
    const change = (name, values) => run(() => company.set(name, values))();
    redraw(byId(group), [slug, state[group]], () => drawSettings(group, state[group], state.choices, change));
  }
  const { acknowledged, pending, failed, lost } = state.deliveries;
  say("counts", `${state.subscriptions.length} subscribed; ${acknowledged} acknowledged, ${pending} under way, ${failed} failed, ${lost} lost`, false);
  const { kind, started, planned, running } = state.traffic;
  say("progress", kind ? `${running ? "Plays" : "Played"} a ${kind}: ${started} of ${planned} calls` : "", false);
}

function drawLines(extensions) {
  const lines = extensions.filter((each) => each.external_number);
  return lines.map((line) => {
    const call = run(() => company.post("/calls", { ...inboundCaller(), to: line.external_number }));
    return button(`Customer calls ${readable(line.external_number)}, ${line.name}${line.queue ? " (queue)" : ""}`, `line ${line.number}`, call, "primary");
  });
}

/** Those who have no number outside, by their internal one. */
function drawDirect(extensions) {
  const inside = extensions.filter((each) => !each.external_number);
  if (!inside.length) return [];
  const who = choice("direct", inside.map((each) => [each.number, `${each.name}, ${each.number}`]));
  const call = run(() => company.post("/calls", { ...inboundCaller(), to: who.value }));
  return [el("div", { className: "row two" }, el("label", {}, "Put through to", who), button("Ring", "direct ring", call))];
}

function inboundCaller() {
  const form = new FormData(byId("inbound"));
  return { caller: digits(form.get("caller")), name: form.get("name"), anonymous: form.has("anonymous") };
}

function drawAccidents() {
  const accidents = [
    ["Expire access tokens", "/tokens/expire", {}],
    ["Revoke logins", "/tokens/revoke", {}],
    ["Drop subscriptions", "/subscriptions/drop", {}],
    ["Hold notifications for 30 s", "/webhooks/hold", { seconds: 30 }],
    ["Lose notifications for 30 s", "/webhooks/lose", { seconds: 30 }],
    ["Burst of 500 calls", "/burst", { calls: 500, events_per_second: 500 }],
  ];
  return accidents.map(([text, path, body]) => button(text, path, run(() => company.post(path, body))));
}

function drawConnect(state) {
  const facts = [
    ["Base URL", state.base_url],
    ...Object.entries(state.connection).filter(([, value]) => typeof value === "string").map(([name, value]) => [name.replaceAll("_", " "), value]),
    ...("redirect_uris" in state.connection ? [["redirect addresses", state.connection.redirect_uris.join(", ") || "any on loopback"]] : []),
    ...state.users.map((user) => [user.is_admin ? "Admin" : "User", `${user.email}, password ${user.password}`]),
  ];
  return facts.flatMap(([name, value]) => [el("dt", { textContent: name }), el("dd", {}, el("code", { textContent: value }))]);
}

function drawDelivery(delivery) {
  const how = delivery.state === "pending" && delivery.sent ? `retrying, ${delivery.sent} sent` : delivery.state;
  const status = delivery.status ? ` ${delivery.status}` : "";
  return el("li", {}, el("span", { textContent: delivery.event_type }), el("span", { className: delivery.state, textContent: how + status }));
}

async function start() {
  const companies = await send("GET", "/companies");
  const names = companies.map((each) => each.company);
  choose(names.includes(slug) ? slug : names[0]);
  const drawTabs = () =>
    redraw(byId("companies"), slug, () =>
      companies.map((each) => {
        const tab = button(`${each.name}, ${VENDORS[each.vendor] ?? each.vendor}`, each.company, run(async () => choose(each.company)));
        tab.addEventListener("click", drawTabs);
        tab.setAttribute("aria-pressed", each.company === slug);
        return tab;
      }),
    );
  drawTabs();
  byId("inbound").addEventListener("submit", (event) => event.preventDefault());
  byId("traffic").addEventListener("submit", run(() => company.post("/busy-day", Object.fromEntries(new FormData(byId("traffic"))))));
  byId("paste").addEventListener("submit", run(() => company.post("/vendor/paste-notification", Object.fromEntries(new FormData(byId("paste"))))));
  byId("stop-traffic").addEventListener("click", run(() => company.post("/traffic/stop")));
  byId("reset").addEventListener("click", run(() => company.post("/reset")));
  for (;;) {
    await draw();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

start();

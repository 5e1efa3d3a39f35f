// The accounts' pages: what they show of an account's health stays up to date, and slow buttons say what they wait for.

import { Feed } from "./accounts_feed.js";
import { localizeTimes } from "./page.js";
import { EventSocket } from "./socket.js";

const STATUS_EVENTS = ["account.status_changed", "subscription.status_changed"];
const SETTLE_MS = 200; // changes come in pairs: one look at the page shows both
const AGES_EVERY_MS = 10_000;
const WHEN_GONE = "/accounts?gone=yes"; // the list, which then says what happened
const REFRESH_EVERY_MS = 30_000; // token expiry, upkeep and last events change without an event of their own

const live = document.querySelector("[data-live-updates]");
const list = document.getElementById("deliveries");
const feed = list && new Feed(list);

// ---- Health

let settling = null;
let isLeaving = false; // a form is on its way, and going elsewhere would cancel it

function refreshSoon() {
  clearTimeout(settling);
  settling = setTimeout(refresh, SETTLE_MS);
}

/** Takes what has data-live from a fresh copy of the page. */
async function refresh() {
  const response = await fetch(live.dataset.liveUpdates, { credentials: "same-origin" }).catch(() => null);
  if (!response || isLeaving) return; // offline: the socket says so, and comes back
  if (response.status === 404) return location.replace(WHEN_GONE);
  if (response.redirected) return location.reload(); // logged out
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const renewed = fresh.getElementById(part.id);
    if (!renewed) continue;
    part.replaceChildren(...renewed.childNodes);
    part.toggleAttribute("data-live", renewed.hasAttribute("data-live")); // what can be typed into is left alone from then on
    localizeTimes(part);
  }
  showAges();
}

function showConnection(status) {
  const pill = document.getElementById("connection");
  pill.className = `pill ${status === "live" ? "good" : "warn"}`;
  pill.textContent = status === "live" ? "Live" : "Reconnecting…";
}

function announce({ type, data }) {
  if (type !== "account.status_changed") return;
  const words = data.account.status.replaceAll("_", " ");
  document.getElementById("announce").textContent = `${data.account.name}: ${words}. ${data.account.detail}`;
}

// ---- How long ago

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

function showAges() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const moment = new Date(element.dataset.since);
    const seconds = Math.min(0, (moment - Date.now()) / 1000);
    const [unit, size] = UNITS.find(([, length]) => -seconds >= length) ?? UNITS.at(-1);
    element.textContent = relative.format(Math.trunc(seconds / size), unit);
    element.title = moment.toLocaleString();
  }
}

function showLastEvent(moment) {
  for (const place of document.querySelectorAll(".last-event")) {
    const age = document.createElement("span");
    age.dataset.since = moment;
    place.replaceChildren(age);
  }
  showAges();
}

// ---- Forms on their way, and buttons that wait for a vendor

document.addEventListener("submit", ({ target: form, defaultPrevented }) => {
  if (defaultPrevented) return;
  isLeaving = true;
  if (!form.dataset.working) return;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  const words = document.createElement("p");
  words.className = "working";
  words.setAttribute("role", "status");
  words.textContent = form.dataset.working;
  form.append(words);
  form.addEventListener("submit", (again) => again.preventDefault());
});

addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload(); // come back to by the browser's button, still waiting
});

// ---- Start

showAges();
setInterval(showAges, AGES_EVERY_MS);

if (live) {
  setInterval(() => !document.hidden && refresh(), REFRESH_EVERY_MS);
  new EventSocket({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/events`,
    ...(feed ? { accounts: [feed.account] } : { types: STATUS_EVENTS }),
    onStart: async () => {
      refreshSoon();
      feed?.loadSoon();
    },
    onEvent: (event) => {
      if (STATUS_EVENTS.includes(event.type)) {
        announce(event);
        refreshSoon();
      } else {
        feed.loadSoon();
        showLastEvent(event.received_at);
      }
    },
    onStatus: showConnection,
    onRefused: refresh,
  }).open();
}

// The REST API as pages use it: session cookie, CSRF token, idempotency, and errors in words.

const ROOT = "/api/v1";
const LARGEST_PAGE = 200;

/** An answer that is not a success. `detail` is a sentence for the reader. */
export class Problem extends Error {
  constructor({ status, code, detail }) {
    super(detail);
    Object.assign(this, { status, code, detail });
  }

  get isSignedOut() {
    return this.code === "authentication_failed";
  }
}

let csrfToken = document.querySelector('meta[name="csrf-token"]')?.content;
let clockOffset = 0;

/** Now, in ms, by the server's clock: call times are its, and the reader's computer may be minutes off. */
export function serverNow() {
  return Date.now() + clockOffset;
}

export async function get(path, params = {}) {
  const query = new URLSearchParams(params).toString();
  return answer(await send(`${ROOT}${path}${query && `?${query}`}`, {}));
}

/** Every result of a list, page after page. */
export async function getAll(path, params = {}) {
  const results = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await get(path, { ...params, limit: LARGEST_PAGE, ...(cursor && { cursor }) });
    results.push(...page.results);
    cursor = page.next;
  }
  return results;
}

/** Posts once however often it is sent: one key for each call of this function, so a retry can't act twice. */
export function post(path, body = {}) {
  return change("POST", path, body, { "Idempotency-Key": randomKey() });
}

export function put(path, body) {
  return change("PUT", path, body);
}

async function change(method, path, body, headers = {}) {
  const attempt = () =>
    send(`${ROOT}${path}`, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken, ...headers },
      body: JSON.stringify(body),
    });
  const response = await attempt();
  if (response.status !== 403) return answer(response);
  // Logging in again, in this tab or another, replaces the token: with the new one it may be allowed.
  await renewToken();
  return answer(await attempt());
}

async function send(url, options) {
  const once = () => fetch(url, { credentials: "same-origin", ...options });
  let response;
  try {
    response = await once().catch(once);
  } catch {
    throw new Problem({ status: 0, code: "offline", detail: "The server can’t be reached. Check the connection and try again." });
  }
  const sent = Date.parse(response.headers.get("Date"));
  if (!Number.isNaN(sent)) clockOffset = Math.abs(sent - Date.now()) < 2000 ? 0 : sent - Date.now();
  return response;
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  const fallback = `The server answered ${response.status} without saying why.`;
  throw new Problem({ status: response.status, code: body?.code, detail: body?.detail || body?.title || fallback });
}

async function renewToken() {
  const page = new DOMParser().parseFromString(await (await send(location.pathname, {})).text(), "text/html");
  csrfToken = page.querySelector('meta[name="csrf-token"]').content;
}

// crypto.randomUUID() would need https.
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

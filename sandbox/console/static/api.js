// The control API of one company.

/** Sends a request; rejects with the sandbox's own words. */
export async function send(method, path, body) {
  const answer = await fetch(`/_control${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

export class Company {
  constructor(slug) {
    this.path = `/companies/${slug}`;
  }

  read() {
    return send("GET", this.path);
  }

  /** The last notifications, newest first. */
  async newest(count) {
    const { deliveries } = await send("GET", `${this.path}/ledger?newest=${count}`);
    return deliveries.reverse();
  }

  post(path, body) {
    return send("POST", this.path + path, body);
  }

  act(call, action, body) {
    return this.post(`/calls/${call.id}/${action}`, body);
  }

  set(group, values) {
    return send("PATCH", `${this.path}/${group}`, values);
  }
}

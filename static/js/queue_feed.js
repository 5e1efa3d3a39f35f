// Keeps a board (queues.js) up to date: loads it, takes events, and asks again where the phone system tells nothing by itself.

import { get, getAll } from "./api.js";
import { EMPTY_BOARD, withAgents, withQueue, withQueueEvent } from "./queues.js";

const ASK_EVERY_MS = 30_000;
const MOST_AT_ONCE = 10; // the phone system counts questions: the other queues have their turn next time

export class QueueFeed {
  board = EMPTY_BOARD;
  #turn = 0; // of the queue that is asked after first, the next time
  #meanwhile = null; // events that came while loading: what was loaded may be older than they

  /**
   * queries   which queues: each as GET /queues takes it
   * can       (account id) → its capabilities, as {group: [name, …]}
   * onChange  the board has changed
   */
  constructor({ queries, can, onChange }) {
    Object.assign(this, { queries, can, onChange });
    setInterval(() => !document.hidden && this.#askAgain(), ASK_EVERY_MS);
  }

  async load() {
    this.#meanwhile = [];
    const lists = await Promise.all(this.queries.map((query) => getAll("/queues", query)));
    let board = lists.flat().reduce(withQueue, EMPTY_BOARD);
    const queues = [...board.queues.values()].filter((queue) => this.#has(queue, "queues", "agents"));
    const agents = await Promise.all(queues.map(agentsAt));
    for (const [index, queue] of queues.entries()) {
      if (agents[index]) board = withAgents(board, queue.id, agents[index]);
    }
    const events = this.#meanwhile;
    this.#meanwhile = null;
    this.#take(events.reduce(withQueueEvent, board));
  }

  receive(event) {
    this.#meanwhile?.push(event);
    this.#take(withQueueEvent(this.board, event));
  }

  #take(board) {
    if (board === this.board) return;
    this.board = board;
    this.onChange(board);
  }

  #has(queue, group, name) {
    return Boolean(this.can(queue.account_id)[group]?.includes(name));
  }

  #askAgain() {
    const queues = [...this.board.queues.values()];
    const asked = [...queues.slice(this.#turn), ...queues.slice(0, this.#turn)].slice(0, MOST_AT_ONCE);
    this.#turn = queues.length ? (this.#turn + asked.length) % queues.length : 0;
    for (const queue of asked) {
      const isCounted = queue.stats.waiting !== null; // else its agents tell all that there is to know
      if (isCounted && !this.#has(queue, "events", "queues")) this.#ask(queue, statsAt, withQueue);
      if (this.#has(queue, "queues", "agents") && !this.#has(queue, "events", "agents")) {
        this.#ask(queue, agentsAt, (board, agents) => withAgents(board, queue.id, agents));
      }
    }
  }

  async #ask(queue, read, put) {
    const answer = await read(queue);
    if (answer) this.#take(put(this.board, answer));
  }
}

/** null where the phone system is away: what is known stays. */
async function agentsAt({ id }) {
  return get(`/queues/${id}/agents`).then(({ results }) => results, () => null);
}

async function statsAt({ id }) {
  return get(`/queues/${id}`).catch(() => null);
}
